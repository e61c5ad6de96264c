"""E-mail over real sockets: what the server gets, and what each of its answers means."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.channels import Misconfigured, Permanent, SendError, Temporary, Unknown
from digestbot.channels.email import smtp
from digestbot.channels.email.transport import EmailChannel, mailbox, sender_of, wire_form
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from tests.servers.actions import CLOSE, STALL, Drip
from tests.servers.certificates import Certificate
from tests.servers.smtp import SmtpServer

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
HEAD = b'From: "Digest, daily" <digest@example.org>\nTo: ada@example.org\nMessage-ID: <k@x>\n\n'
Start = Callable[..., SmtpServer]


@contextmanager
def channel_to(url: str, timeout: float = 2.0) -> Iterator[EmailChannel]:
    settings = ChannelSettings(Path(), Secret(url), timeout=timeout, now=lambda: NOW)
    with EmailChannel(settings) as channel:
        yield channel


def send(channel: EmailChannel, address: str = "ada@example.org", body: bytes = b"Hello\n") -> str:
    to = Destination("email", {"address": address})
    return channel.send(Part("mail", "message/rfc822", HEAD + body), to, key="k").answer


def fail(server: SmtpServer, error: type[SendError], *, timeout: float = 2.0) -> Any:
    with channel_to(server.url(), timeout) as channel, pytest.raises(error) as caught:
        send(channel)
    # Exactly the class, apart from Temporary's own kind.
    assert caught.type is error or error is Temporary
    return caught.value


# what arrives


def test_the_message_arrives_with_a_date_and_its_envelope(smtp_server: Start) -> None:
    server = smtp_server()
    with channel_to(server.url()) as channel:
        assert send(channel) == "250 2.0.0 queued"
    (mail,) = server.mails
    assert (mail.sender, mail.recipient) == ("digest@example.org", "ada@example.org")
    date = b"Date: Sat, 21 Nov 2026 08:00:00 +0000\r\n"
    assert mail.data == date + HEAD.replace(b"\n", b"\r\n") + b"Hello\r\n"
    assert mail.options == f"SIZE={len(mail.data)}"


@pytest.mark.parametrize(
    ("extensions", "between"), [((), ()), (("PIPELINING",), ("RSET",))], ids=["one by one", "pipelined"]
)
def test_a_session_is_kept_between_messages(
    smtp_server: Start, extensions: tuple[str, ...], between: tuple[str, ...]
) -> None:
    server = smtp_server(extensions=extensions)
    with channel_to(server.url()) as channel:
        for _ in range(3):
            send(channel)
    (talk,) = server.talks
    verbs = [command.split()[0] for command, _ in talk.commands]
    assert verbs == ["ehlo", *[*between, "MAIL", "RCPT", "DATA"] * 3, "QUIT"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "MESSAGE"])
@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
def test_b17_a_refusal_leaves_nothing_behind_in_the_session(
    smtp_server: Start, step: str, extensions: tuple[str, ...]
) -> None:
    server = smtp_server({step: ["450 4.2.0 later"]}, extensions=extensions)
    with channel_to(server.url()) as channel:
        with pytest.raises(Temporary):
            send(channel, "bob@example.org")
        send(channel, "ada@example.org")
    assert [mail.recipient for mail in server.mails] == ["ada@example.org"]
    assert "RSET" in [command for command, _ in server.talks[0].commands]


def test_a_message_with_its_own_date_keeps_it() -> None:
    body = b"Subject: x\nDATE: Fri, 20 Nov 2026 08:00:00 +0000\n\nx"
    assert wire_form(body, NOW).lower().count(b"date:") == 1
    assert wire_form(b"Subject: x\n\nDate: in the text", NOW).startswith(b"Date: Sat, 21 Nov")


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (b"From: a@x.org\r\nTo: b@x.org", "a@x.org"),
        (b"To: b@x.org\r\nfrom:\r\n =?utf-8?q?B=C3=BC?=\r\n <a@x.org>\r\nCc: c@x.org", "a@x.org"),
        (b'From: "Doe, J <x@y>" <a@x.org>', "a@x.org"),
        (b"To: b@x.org\r\nX-From: c@x.org", ""),
    ],
)
def test_the_sender_is_the_one_in_the_from_header(header: bytes, address: str) -> None:
    assert sender_of(header) == address


def test_without_a_from_header_the_setting_is_the_sender(smtp_server: Start) -> None:
    server = smtp_server()
    with channel_to(server.url()) as channel:
        channel.send(
            Part("m", "message/rfc822", b"Subject: x\n\nx"), Destination("email", {"address": "a@b.org"}), key="k"
        )
    assert server.mails[0].sender == "digestbot@localhost"


@pytest.mark.parametrize(
    "body",
    [
        b".\n",
        b".hidden\n..twice\nend.\n",
        b"a\n.\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<x@example.org>\n",
        b"a\n.\r\nb\r.\rc\r\n.\nd\r.\r\n",
        b"no end of line",
        b"",
        b"\n\n\n",
    ],
)
def test_b25_dots_and_bare_line_ends_arrive_as_one_message(smtp_server: Start, body: bytes) -> None:
    server = smtp_server()
    with channel_to(server.url()) as channel:
        send(channel, body=body)
        send(channel)
    assert len(server.mails) == 2
    expected = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    arrived = server.mails[0].data.partition(b"\r\n\r\n")[2]
    assert arrived == (expected if expected.endswith(b"\r\n") or not expected else expected + b"\r\n")


@given(st.binary(max_size=200), st.lists(st.sampled_from([b"\n.", b"\r.", b"\r\n.", b".", b"\n"])))
def test_b25_no_body_can_end_the_message_early(text: bytes, joints: list[bytes]) -> None:
    wire = wire_form(HEAD + text + b"".join(joints), NOW)
    bare = wire.replace(b"\r\n", b"")
    assert b"\n" not in bare
    assert b"\r" not in bare


def test_b25_eight_bits_leave_only_where_they_are_taken(smtp_server: Start) -> None:
    body = "schön\n".encode()
    server = smtp_server()
    with channel_to(server.url()) as channel:
        send(channel, body=body)
    assert "BODY=8BITMIME" in server.mails[0].options
    assert body.strip() in server.mails[0].data
    old = smtp_server(extensions=())
    with channel_to(old.url()) as channel, pytest.raises(Permanent, match="7-bit"):
        send(channel, body=body)


def test_b18_a_message_larger_than_the_server_says_is_not_sent(smtp_server: Start) -> None:
    server = smtp_server(extensions=("SIZE 1000",))
    with channel_to(server.url()) as channel, pytest.raises(Permanent, match="takes 1000 bytes"):
        send(channel, body=b"x" * 1000)


# addresses


@pytest.mark.parametrize(
    "address",
    [
        "", "ada", "@example.org", "ada@", "ada@exa mple.org", "a b@example.org", "ada@example.org\r\nDATA",
        "ada@example.org\n", "<ada@example.org>", "Ada <ada@example.org>", "a@b@example.org", "a..b@example.org",
        ".a@example.org", "a@-", "a@example..org", "ada\0@example.org", "a,b@example.org", "a@xn--\ud800.org",
    ],
)  # fmt: skip
def test_b25_what_is_no_address_is_refused_before_the_server_sees_it(address: str) -> None:
    with pytest.raises(Permanent):
        mailbox(address)


def test_b24_an_international_domain_takes_its_ascii_form() -> None:
    assert mailbox("ada@bücher.example") == "ada@xn--bcher-kva.example"
    assert mailbox("ada@faß.example") == "ada@xn--fa-hia.example", "the older rules lead to another's domain"


def test_b24_a_local_part_outside_ascii_needs_smtputf8(smtp_server: Start) -> None:
    server = smtp_server()
    with channel_to(server.url()) as channel:
        send(channel, "adä@bücher.example")
        send(channel, "ada@example.org")
    assert [mail.recipient for mail in server.mails] == ["adä@xn--bcher-kva.example", "ada@example.org"]
    assert ["SMTPUTF8" in mail.options for mail in server.mails] == [True, False]
    old = smtp_server(extensions=("8BITMIME",))
    with channel_to(old.url()) as channel:
        with pytest.raises(Permanent, match="SMTPUTF8"):
            send(channel, "adä@example.org")
        send(channel, "ada@bücher.example")


# answers

REFUSALS = [
    ("b16", "CONNECT", "421 4.3.2 too busy", Temporary),
    ("b16", "CONNECT", "450 4.3.2 later", Temporary),
    ("b16", "CONNECT", "554 5.7.1 you are on a list", Misconfigured),
    ("b16", "EHLO", "421 4.3.2 too busy", Temporary),
    ("b16", "MAIL", "451 4.3.0 later", Temporary),
    ("b16", "RCPT", "450 4.2.0 greylisted", Temporary),
    ("b16", "DATA", "451 4.3.0 later", Temporary),
    ("b16", "MESSAGE", "451 4.7.1 greylisted", Temporary),
    ("b23", "MAIL", "421 4.7.0 too many connections", Temporary),
    ("b23", "RCPT", "452 4.5.3 daily quota", Temporary),
    ("b23", "MESSAGE", "421 4.7.0 quota", Temporary),
    ("b17", "RCPT", "550 5.1.1 no such user", Permanent),
    ("b17", "RCPT", "550 5.7.1 policy", Permanent),
    ("b17", "RCPT", "554 5.7.1 <ada@example.org>: Relay access denied", Misconfigured),
    ("b18", "MAIL", "552 5.3.4 too large", Permanent),
    ("b18", "DATA", "554 5.5.1 no", Permanent),
    ("b18", "MESSAGE", "552 5.3.4 too large", Permanent),
    ("b18", "MESSAGE", "554 5.7.1 spam", Permanent),
    ("b21", "MAIL", "530 5.7.0 log in first", Misconfigured),
    ("b21", "MAIL", "550 5.7.1 not your sender", Misconfigured),
    ("b21", "RCPT", "530 5.7.0 log in first", Misconfigured),
]


@pytest.mark.parametrize(("row", "step", "answer", "error"), REFUSALS)
@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
def test_each_refusal_is_told_in_the_servers_words(
    smtp_server: Start, row: str, step: str, answer: str, error: type[SendError], extensions: tuple[str, ...]
) -> None:
    reason = fail(smtp_server({step: answer}, extensions=extensions), error).reason
    assert answer in reason


def test_b18_only_a_missing_mailbox_counts_against_the_address(smtp_server: Start) -> None:
    assert fail(smtp_server({"RCPT": "550 5.1.1 no such user"}), Permanent).disables
    assert not fail(smtp_server({"RCPT": "550 5.7.1 policy"}), Permanent).disables
    assert not fail(smtp_server({"MESSAGE": "554 5.7.1 spam, see 5.1.1"}), Permanent).disables


def test_b16_a_greylisted_message_is_taken_later_on_the_same_session(smtp_server: Start) -> None:
    server = smtp_server({"RCPT": ["450 4.2.0 greylisted"]})
    with channel_to(server.url()) as channel:
        with pytest.raises(Temporary):
            send(channel)
        send(channel)
    assert (len(server.mails), len(server.talks)) == (1, 1)


def test_b17_one_refused_recipient_keeps_nobody_else_from_it(smtp_server: Start) -> None:
    server = smtp_server({"RCPT": {"bob@example.org": "550 5.1.1 no such user"}})
    with channel_to(server.url()) as channel:
        send(channel, "ada@example.org")
        with pytest.raises(Permanent, match="no such user"):
            send(channel, "bob@example.org")
        send(channel, "cy@example.org")
    assert [mail.recipient for mail in server.mails] == ["ada@example.org", "cy@example.org"]


@pytest.mark.parametrize(
    ("step", "action", "error"),
    [
        ("CONNECT", STALL, Temporary),
        ("CONNECT", CLOSE, Temporary),
        ("EHLO", CLOSE, Temporary),
        ("MAIL", STALL, Temporary),
        ("RCPT", CLOSE, Temporary),
        ("DATA", STALL, Temporary),
        ("DATA", CLOSE, Temporary),
        ("RCPT", Drip("250-and so on", 0.01, endless=True), Temporary),
        ("MESSAGE", CLOSE, Unknown),
        ("MESSAGE", STALL, Unknown),
        ("MESSAGE", Drip("250-and so on", 0.01, endless=True), Unknown),
        ("MESSAGE", "what?", Unknown),
        ("CONNECT", "SSH-2.0-OpenSSH", Misconfigured),
    ],
    ids=str,
)
def test_b19_before_the_final_dot_nothing_was_taken_after_it_nobody_knows(
    smtp_server: Start, monkeypatch: pytest.MonkeyPatch, step: str, action: Any, error: type[SendError]
) -> None:
    monkeypatch.setattr(smtp, "PATIENCE_AT_THE_END", 1)
    fail(smtp_server({step: action}), error, timeout=0.3)


def test_b19_the_last_answer_may_take_longer_than_the_others(smtp_server: Start) -> None:
    server = smtp_server({"MESSAGE": Drip("250 ok", 0.1)})
    with channel_to(server.url(), timeout=0.5) as channel:
        assert send(channel) == "250 ok"


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
def test_b22_a_server_that_drops_after_some_messages_costs_none(
    smtp_server: Start, extensions: tuple[str, ...]
) -> None:
    server = smtp_server(drop_after=3, extensions=extensions)
    with channel_to(server.url()) as channel:
        for number in range(10):
            send(channel, f"ada{number}@example.org")
    assert [mail.recipient for mail in server.mails] == [f"ada{n}@example.org" for n in range(10)]
    assert len(server.talks) == 4


@pytest.mark.parametrize("step", ["RSET", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("action", [CLOSE, "421 4.4.2 closing"], ids=str)
def test_b22_a_kept_session_that_ends_before_the_message_is_replaced(
    smtp_server: Start, step: str, action: Any
) -> None:
    server = smtp_server({step: [None, action]})
    with channel_to(server.url()) as channel:
        send(channel)
        send(channel)
    assert (len(server.mails), len(server.talks)) == (2, 2)


def test_b22_a_kept_session_that_ends_after_the_message_is_not_tried_again(smtp_server: Start) -> None:
    server = smtp_server({"MESSAGE": [None, CLOSE]})
    with channel_to(server.url()) as channel:
        send(channel)
        with pytest.raises(Unknown):
            send(channel)
    assert (len(server.mails), len(server.talks)) == (2, 1)


def test_b22_a_server_that_drops_every_session_is_tried_twice_only(smtp_server: Start) -> None:
    server = smtp_server({"MAIL": [None, CLOSE, CLOSE, CLOSE]})
    with channel_to(server.url()) as channel:
        send(channel)
        with pytest.raises(Temporary):
            send(channel)
    assert len(server.talks) == 2


def test_nobody_listening_is_temporary() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with channel_to(f"smtp://127.0.0.1:{taken.getsockname()[1]}") as channel, pytest.raises(Temporary):
            send(channel)


def test_an_unknown_host_is_temporary() -> None:
    with channel_to("smtps://nobody.invalid") as channel, pytest.raises(Temporary):
        send(channel)


# TLS and login


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_b20_inside_tls_the_login_and_the_mail_arrive(smtp_server: Start, trusted: Certificate, tls: str) -> None:
    server = smtp_server(tls=tls, certificate=trusted, users={"ada@example.org": "p@ss:ü/%"})
    with channel_to(server.url("ada@example.org", "p@ss:ü/%")) as channel:
        send(channel)
        send(channel)
    assert [(mail.tls, mail.user) for mail in server.mails] == [(True, "ada@example.org")] * 2
    assert all(secure for command, secure in server.talks[0].commands if command.startswith(("AUTH", "MAIL")))


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("kind", ["certificate", "wrong_host"])
def test_b20_a_certificate_that_is_not_trusted_gets_no_password(
    smtp_server: Start, request: pytest.FixtureRequest, tls: str, kind: str
) -> None:
    server = smtp_server(tls=tls, certificate=request.getfixturevalue(kind), users={"ada": "CANARY"})
    with channel_to(server.url("ada", "CANARY")) as channel, pytest.raises(Misconfigured, match="no secure"):
        send(channel)
    assert not any("AUTH" in command for talk in server.talks for command, _ in talk.commands)


@pytest.mark.parametrize(
    ("answers", "extensions", "error"),
    [
        ({}, (), Misconfigured),  # not offered: taken out on the way, or never there
        ({"STARTTLS": "454 4.7.0 not now"}, ("STARTTLS",), Temporary),
        ({"STARTTLS": "502 5.5.1 no"}, ("STARTTLS",), Misconfigured),
        ({"EHLO": "502 5.5.1 no"}, ("STARTTLS",), Misconfigured),
    ],
)
def test_b20_starttls_is_never_silently_dropped(
    smtp_server: Start, answers: Any, extensions: tuple[str, ...], error: type[SendError]
) -> None:
    server = smtp_server(answers, extensions=(*extensions, "AUTH PLAIN"))
    url = server.url().replace("smtp://", "smtp+starttls://ada:CANARY@")
    with channel_to(url) as channel, pytest.raises(error):
        send(channel)
    assert not any(command.startswith(("AUTH", "MAIL")) for command, _ in server.talks[0].commands)


@pytest.mark.parametrize("kind", ["certificate", "wrong_host"])
def test_a_certificate_of_the_houses_own_authority_is_told_as_such(
    smtp_server: Start, request: pytest.FixtureRequest, kind: str
) -> None:
    server = smtp_server(tls="implicit", certificate=request.getfixturevalue(kind))
    with channel_to(server.url()) as channel, pytest.raises(Misconfigured) as refused:
        send(channel)
    assert ("DIGESTBOT_CA_FILE" in refused.value.reason) == (kind == "certificate")
    assert ("another name" in refused.value.reason) == (kind == "wrong_host")
    assert "465" not in refused.value.reason


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtp"])
def test_talk_in_clear_with_a_port_that_takes_tls_is_told_at_once(
    smtp_server: Start, trusted: Certificate, scheme: str
) -> None:
    """Else both sides wait for the other to begin."""
    server = smtp_server(tls="implicit", certificate=trusted)
    url = server.url().replace("smtps://", f"{scheme}://")
    with channel_to(url, timeout=600) as channel, pytest.raises(Misconfigured, match=r"first byte.*smtps:"):
        send(channel)


def test_b20_tls_from_the_first_byte_where_there_is_none_is_misconfigured(smtp_server: Start) -> None:
    url = smtp_server().url().replace("smtp://", "smtps://")
    with channel_to(url) as channel, pytest.raises(Misconfigured, match="smtp\\+starttls"):
        send(channel)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, Misconfigured),
        ("535 5.7.8 wrong: {password} or {encoded}", Misconfigured),
        ("534 5.7.9 application password wanted", Misconfigured),
        ("454 4.7.0 later", Temporary),
        ("421 4.7.0 later", Temporary),
        (CLOSE, Temporary),
    ],
    ids=str,
)
@pytest.mark.parametrize("password", ["CANARY", "CANARYü"])
def test_b21_a_refused_login_stops_and_a_passing_fault_waits(
    smtp_server: Start, answer: Any, error: type[SendError], password: str
) -> None:
    encoded = base64.b64encode(f"\0ada\0{password}".encode()).decode()
    if isinstance(answer, str):
        answer = answer.format(password=password, encoded=encoded)
    server = smtp_server({"AUTH": answer}, users={"ada": "another"})
    with channel_to(server.url("ada", password)) as channel, pytest.raises(error) as caught:
        send(channel)
    assert password not in caught.value.reason
    assert encoded not in caught.value.reason


def test_b21_a_server_without_login_is_misconfigured(smtp_server: Start) -> None:
    with channel_to(smtp_server().url("ada", "CANARY")) as channel, pytest.raises(Misconfigured, match="no login"):
        send(channel)


def test_b20_a_plain_line_off_localhost_is_warned_of_once(
    smtp_server: Start, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = smtp_server()
    real = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda address, *rest, **more: real(("127.0.0.1", server.port), *rest, **more)
    )
    with channel_to(f"smtp://mail.example.org:{server.port}") as channel:
        send(channel)
        channel.close()
        send(channel)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "UNENCRYPTED" in caplog.text


def test_the_default_context_checks_certificates() -> None:
    context = ssl.create_default_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
