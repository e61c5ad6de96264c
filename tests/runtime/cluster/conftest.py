"""What the tests of the cluster share."""

from __future__ import annotations

import pytest

pytest.importorskip("procrastinate", reason='workers need: pip install "digestbot[postgres]"')
