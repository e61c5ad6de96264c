"""What DIGESTBOT_SMTP_URL may say, and that no error shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.channels import Misconfigured
from digestbot.channels.email.smtp_url import SmtpServer, parse_smtp_url
from digestbot.model.secret import Secret


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp+starttls://ada:pw@mail.example.org:2525",
            SmtpServer("starttls", "mail.example.org", 2525, "ada", Secret("pw")),
        ),
        ("smtp+starttls://mail.example.org", SmtpServer("starttls", "mail.example.org", 587)),
        ("smtps://mail.example.org", SmtpServer("tls", "mail.example.org", 465)),
        ("smtp://localhost", SmtpServer("plain", "localhost", 25)),
        ("smtp://[::1]:26/", SmtpServer("plain", "::1", 26)),
        (
            "smtps://ada%40example.org:p%40ss%3A%2F%23%25+%C3%BC@mail.example.org",
            SmtpServer("tls", "mail.example.org", 465, "ada@example.org", Secret("p@ss:/#%+ü")),
        ),
        ("smtp://ada:pw@127.0.0.2:25", SmtpServer("plain", "127.0.0.2", 25, "ada", Secret("pw"))),
        ("smtps://bücher.example", SmtpServer("tls", "xn--bcher-kva.example", 465)),
    ],
)
def test_urls_that_are_right(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(Secret(url)) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org:587",
        "http://mail.example.org",
        "smtp+starttls://",
        "smtps://ada:CANARY@mail.example.org:notaport",
        "smtps://ada:CANARY#x@mail.example.org:465",
        "smtps://ada:CAN/ARY@mail.example.org:465",
        "smtps://ada:CAN[ARY@mail.example.org:465",
        "smtps://ada:CANARY%ff@mail.example.org",
        "smtps://ada@mail.example.org",
        "smtps://:CANARY@mail.example.org",
        "smtps://mail.example.org/CANARY",
        "smtps://mail.example.org:0",
        "smtps://mail..example.org",
        f"smtps://{'a' * 64}.org",
        "smtps://ada:CANARY\udcff@mail.example.org",
    ],
)
def test_urls_that_are_wrong_are_refused_unseen(url: str) -> None:
    with pytest.raises(Misconfigured, match="DIGESTBOT_SMTP_URL") as caught:
        parse_smtp_url(Secret(url))
    assert "CANARY" not in caught.value.reason
    assert "ARY@" not in caught.value.reason


def test_b20_a_password_over_a_plain_line_is_refused_off_localhost() -> None:
    with pytest.raises(Misconfigured, match="clear text"):
        parse_smtp_url(Secret("smtp://ada:pw@mail.example.org:25"))


def reason(url: str) -> str | None:
    try:
        parse_smtp_url(Secret(url))
    except Misconfigured as error:
        return error.reason
    return None


@given(st.text())
def test_any_other_text_is_a_server_or_a_clear_no(text: str) -> None:
    for url in (text, f"smtp://{text}", f"smtps://ada:{text}@h"):
        refused = reason(url)
        assert refused is None or "DIGESTBOT_SMTP_URL" in refused
