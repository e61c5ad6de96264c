"""The mail server's budget in one process: a daemon or a send by hand keeps to it as workers do."""

from __future__ import annotations

from pathlib import Path

import pytest

from digestbot.model.causes import Cause
from tests.delivery.kit import Clock, configure, deliver, mail_to, open_app, planned, states, subscribe
from tests.servers.watched import Watched


def sent(home: Path, people: int, **settings: object) -> Watched:
    """The server, after so many mails were sent."""
    with Watched() as server:
        configure(home, SMTP_URL=server.url(host="127.0.0.1"), **settings)
        subscribe(home, "daily", mail_to(f"r{n}" for n in range(people)))
        with open_app(home, Clock()) as app:
            planned(app)
            deliver(app)
            assert states(app) == {"sent": people}
    assert len(server.mails) == people
    return server


def test_mails_keep_to_the_pace_of_the_server(tmp_path: Path) -> None:
    begun = sorted(sent(tmp_path, 31, SMTP_RATE=20).begun)
    assert begun[-1] - begun[0] >= 1.4  # thirty intervals of 50 ms
    assert all(later - earlier > 0.8 for earlier, later in zip(begun, begun[20:], strict=False))


@pytest.mark.parametrize(("limit", "most"), [({"SMTP_CONNECTIONS": 1}, 1), ({"SMTP_CONNECTIONS": 2}, 2), ({}, 4)])
def test_no_more_mails_are_under_way_than_the_server_takes_at_once(
    tmp_path: Path, limit: dict[str, object], most: int
) -> None:
    assert sent(tmp_path, 60, **limit).most == most


def test_told_to_stop_a_mail_does_not_wait_for_its_turn(tmp_path: Path) -> None:
    with Watched() as server:
        configure(tmp_path, SMTP_URL=server.url(host="127.0.0.1"), SMTP_RATE=0.01)
        subscribe(tmp_path, "daily", mail_to(["ada", "bob", "cy"]))
        with open_app(tmp_path, Clock()) as app:
            planned(app)
            for _, outcome in app.dispatcher.run():
                assert outcome.cause in (Cause.ANSWERED, Cause.STOPPED, None)
                app.stopping.set()  # the second would have its turn in a hundred seconds
            assert states(app)["sent"] == len(server.mails) == 1
            assert set(states(app)) <= {"sent", "planned", "deferred"}  # nothing is in doubt
