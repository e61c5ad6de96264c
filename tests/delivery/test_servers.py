"""The dispatcher over real sockets: scripted SMTP and HTTP servers as the far side, the ledger in between."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.delivery.notices import operator
from digestbot.model.deliveries import DeliveryState
from tests.delivery.kit import (
    Clock,
    FakedApp,
    by_name,
    configure,
    copies,
    deliver,
    mail_to,
    open_app,
    planned,
    post_to,
    states,
    subscribe,
)  # fmt: skip
from tests.servers.actions import CLOSE
from tests.servers.http import HttpServer, Reply
from tests.servers.smtp import SmtpServer

Start = Callable[..., SmtpServer]


def mails(home: Path, server: SmtpServer, people: int, clock: Clock) -> FakedApp:
    configure(home, SMTP_URL=server.url(host="127.0.0.1"))
    subscribe(home, "all", mail_to(f"r{n}" for n in range(people)))
    app = open_app(home, clock)
    planned(app)
    return app


@pytest.mark.parametrize(
    "script",
    [
        {"CONNECT": ["421 4.3.2 shutting down"]},
        {"RCPT": {"r2@example.org": ["450 4.2.1 try later"]}},
        {"RCPT": {"r2@example.org": ["451 4.7.1 greylisted", "451 4.7.1 greylisted"]}},
        {"MAIL": [None, None, "421 4.7.0 too many messages"]},
        {"MESSAGE": ["452 4.3.1 disk full"]},
    ],
)
def test_b16_b23_what_the_server_puts_off_arrives_later_and_the_others_go_on(
    tmp_path: Path, smtp_server: Start, script: dict[str, object]
) -> None:
    server, clock = smtp_server(script), Clock()
    with mails(tmp_path, server, 8, clock) as app:
        deliver(app)
        assert states(app)["sent"] >= 7 - ("CONNECT" in script)
        for _ in range(3):
            clock.move(minutes=10)
            deliver(app)
        assert states(app) == {"sent": 8}
    assert set(copies(server.mails).values()) == {1}


@pytest.mark.parametrize(
    ("script", "reason", "gone"),
    [
        ({"RCPT": {"r2@example.org": "550 5.1.1 no such user"}}, "5.1.1 no such user", True),
        ({"MESSAGE": {"r2@example.org": "552 5.3.4 too large"}}, "552 5.3.4 too large", False),
        ({"MESSAGE": {"r2@example.org": "554 5.7.1 spam"}}, "554 5.7.1 spam", False),
    ],
)
def test_b17_b18_one_refused_for_good_is_not_tried_again_and_keeps_its_reason(
    tmp_path: Path, smtp_server: Start, script: dict[str, object], reason: str, gone: bool
) -> None:
    server, clock = smtp_server(script), Clock()
    with mails(tmp_path, server, 8, clock) as app:
        deliver(app)
        clock.move(days=1)
        deliver(app)
        assert states(app) == {"sent": 7, "failed": 1}
        failed = by_name(app)["email r2@example.org"]
        assert reason in (failed.answer or "")
        # A refused message counts nothing against the address: its next digest is tried.
        assert failed.gone == gone
        planned(app)
        deliver(app)
        assert by_name(app)["email r2@example.org"].state is (DeliveryState.HELD if gone else DeliveryState.FAILED)


def test_b19_no_answer_after_the_message_is_unknown_and_comes_again_as_the_same(
    tmp_path: Path, smtp_server: Start
) -> None:
    server, clock = smtp_server({"MESSAGE": [CLOSE]}), Clock()
    with mails(tmp_path, server, 1, clock) as app:
        ((_, outcome),) = deliver(app)
        assert outcome.state is DeliveryState.UNKNOWN
        clock.move(minutes=1)
        ((_, outcome),) = deliver(app)
        assert (outcome.state, outcome.possible_duplicate) == (DeliveryState.SENT, True)
    assert copies(server.mails) == {"r0@example.org": 2}
    ids = {re.search(rb"(?m)^Message-ID: (.*)\r$", mail.data)[1] for mail in server.mails}  # type: ignore[index]
    assert len(ids) == 1


def test_b21_a_wrong_password_is_refused_once_for_a_hundred_mails(tmp_path: Path, smtp_server: Start) -> None:
    server, clock = smtp_server(users={"me": "right"}), Clock()
    configure(tmp_path, SMTP_URL=server.url("me", "wrong", host="127.0.0.1"))
    subscribe(tmp_path, "all", mail_to(f"r{n}" for n in range(100)))
    with open_app(tmp_path, clock) as app:
        planned(app)
        deliver(app)
        assert len(server.talks) == 1
        assert "wrong" not in "".join(each.reason or "" for each in app.store.deliveries()).replace("wrong user", "")
    configure(tmp_path, SMTP_URL=server.url("me", "right", host="127.0.0.1"))
    clock.move(minutes=6)
    with open_app(tmp_path, clock) as app:
        deliver(app)
        assert states(app) == {"sent": 100}
    assert set(copies(server.mails).values()) == {1}


def test_b22_a_server_that_drops_every_hundred_messages_costs_none_and_doubles_none(
    tmp_path: Path, smtp_server: Start
) -> None:
    server, clock = smtp_server(drop_after=100), Clock()
    with mails(tmp_path, server, 450, clock) as app:
        deliver(app)
        clock.move(minutes=10)
        deliver(app)
        assert states(app) == {"sent": 450}
    assert set(copies(server.mails).values()) == {1}
    assert len(server.talks) <= 8, "connections are kept"


def hooks(home: Path, server: HttpServer, *names: str) -> None:
    configure(home, **{f"TO_{name.upper()}": server.url(f"/{name}") for name in names})
    subscribe(home, "all", "".join(post_to("webhook", name) for name in names))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429, {"Retry-After": "3600"}),
        Reply(429, {"Retry-After": "Mon, 02 Mar 2026 09:00:00 GMT"}),
        Reply(429, body=b'{"retry_after": 3600.0}'),
        Reply(503, {"Retry-After": "3600"}),
    ],
)
def test_c26_the_time_a_server_names_is_waited_for_by_every_post_to_it_and_by_nobody_else(
    tmp_path: Path, http_server: HttpServer, reply: Reply
) -> None:
    clock = Clock()
    http_server.script("/lab", reply, Reply())
    hooks(tmp_path, http_server, "lab", "club")
    with open_app(tmp_path, clock) as app:
        planned(app)
        deliver(app)
        planned(app, 1)
        deliver(app)
    clock.move(minutes=59)
    with open_app(tmp_path, clock) as app:
        deliver(app)
        paths = [request.path for request in http_server.requests]
        assert paths.count("/lab") == 1
        assert paths.count("/club") == 2
        clock.move(minutes=2)
        deliver(app)
        assert states(app) == {"sent": 4}


@pytest.mark.parametrize("headers", [{"Retry-After": "-5"}, {"Retry-After": "soon"}, {}, {"Retry-After": "99999999"}])
def test_c26_a_time_that_is_none_or_too_far_is_bounded(
    tmp_path: Path, http_server: HttpServer, headers: dict[str, str]
) -> None:
    clock = Clock()
    http_server.script("/lab", Reply(429, headers))
    hooks(tmp_path, http_server, "lab")
    with open_app(tmp_path, clock) as app:
        planned(app)
        deliver(app)
        (delivery,) = app.store.deliveries()
        assert delivery.not_before is not None
        assert timedelta(seconds=5) <= delivery.not_before - clock.now <= timedelta(days=1, minutes=1)


@pytest.mark.parametrize("reply", [Reply(500), Reply(502), Reply(503), Reply(504), Reply(close="before")])
def test_c27_what_passes_is_tried_again_under_the_same_id(
    tmp_path: Path, http_server: HttpServer, reply: Reply
) -> None:
    clock = Clock()
    http_server.script("/lab", reply, Reply())
    hooks(tmp_path, http_server, "lab")
    with open_app(tmp_path, clock) as app:
        planned(app)
        deliver(app)
        clock.move(minutes=1)
        deliver(app)
        assert states(app) == {"sent": 1}
        assert {request.headers["webhook-id"] for request in http_server.requests} == {app.store.deliveries()[0].id}


def test_c28_an_archived_channel_is_called_once_and_told_to_the_operator(
    tmp_path: Path, http_server: HttpServer
) -> None:
    clock = Clock()
    http_server.script("/lab", *[Reply(410, body=b"channel_is_archived")] * 9)
    configure(tmp_path, TO_LAB=http_server.url("/lab"), TO_OPS=http_server.url("/ops"), OPERATOR="ops")
    subscribe(tmp_path, "all", post_to("slack", "lab"))
    with open_app(tmp_path, clock) as app:
        for _ in range(3):
            planned(app)
            deliver(app)
            clock.move(days=1)
        assert [request.path for request in http_server.requests] == ["/lab"]
        assert states(app) == {"failed": 1, "held": 2}


def test_c33_an_unknown_post_comes_again_under_its_id(tmp_path: Path, http_server: HttpServer) -> None:
    clock = Clock()
    http_server.script("/lab", Reply(close="after"), Reply())
    hooks(tmp_path, http_server, "lab")
    with open_app(tmp_path, clock) as app:
        planned(app)
        ((_, outcome),) = deliver(app)
        assert outcome.state is DeliveryState.UNKNOWN
        clock.move(minutes=1)
        deliver(app)
    first, second = http_server.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


@pytest.mark.parametrize(
    ("written", "kind"),
    [("ops@example.org", "email"), ("ops", "slack"), ("club", "discord"), ("other", "webhook"), ("unset", "webhook")],
)
def test_the_operator_is_an_address_or_a_destination_known_by_its_url(written: str, kind: str) -> None:
    from digestbot.model.secret import Secret

    urls = {"ops": "https://hooks.slack.com/x", "club": "https://discord.com/api/x", "other": "https://example.org"}
    assert operator(written, lambda name: Secret(urls[name]) if name in urls else None).channel == kind
