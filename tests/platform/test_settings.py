"""What holds where the operator set nothing: written down here, for people rely on it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from digestbot.platform.settings import load_settings


def test_defaults_that_decide_what_leaves(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert settings.max_lateness == timedelta(days=3)
    assert (settings.on_unknown, settings.concurrency) == ("resend", 4)
    assert (settings.smtp_rate, settings.smtp_connections, settings.listen, settings.operator) == (None,) * 4
    assert settings.store.reveal() == "tinydb:data"
