"""Taking up changed files: a whole new set of parts, and whatever any of them has open is closed in the end."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from digestbot.runtime.reloader import Reloader
from tests.delivery.kit import Clock, configure, mail_to, open_app, subscribe


def test_the_channels_of_every_set_are_closed_when_the_process_ends(tmp_path: Path) -> None:
    configure(tmp_path, SMTP_URL="smtp://127.0.0.1:9")
    subscribe(tmp_path, "all", mail_to(["ada"]))
    closed: list[str] = []
    with open_app(tmp_path, Clock()) as app:
        current = Reloader(app)
        for name in ("first", "second"):
            channel = current.app.channel("email")
            channel.close = partial(closed.append, name)  # type: ignore[method-assign]
            assert current.reload() == []
        assert closed == ["first", "second"]
        third = current.app.channel("email")
        third.close = partial(closed.append, "third")  # type: ignore[method-assign]
        assert current.app is not app
    assert closed == ["first", "second", "third"]


def test_what_is_wrong_now_leaves_the_set_of_before(tmp_path: Path) -> None:
    configure(tmp_path, SMTP_URL="smtp://127.0.0.1:9")
    subscribe(tmp_path, "all", mail_to(["ada"]))
    with open_app(tmp_path, Clock()) as app:
        current = Reloader(app)
        configure(tmp_path, SMTP_URL="smtp://127.0.0.1:9", STORE="tinydb:elsewhere")
        (problem,) = current.reload()
        assert problem.place == "DIGESTBOT_STORE"
        assert current.app is app
