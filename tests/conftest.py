"""What all tests share: the scripted servers."""

from __future__ import annotations

import os

pytest_plugins = ["tests.servers.fixtures"]

# The scripted servers are on this machine, where webhooks and sources may lead only when it is said.
os.environ["DIGESTBOT_ALLOW_NETWORKS"] = "127.0.0.1,::1"
