"""What all tests share: the scripted servers."""

from __future__ import annotations

pytest_plugins = ["tests.servers.fixtures"]
