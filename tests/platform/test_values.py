"""What each kind of setting takes and what it refuses, by values, and the way out that it tells."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digestbot.model.secret import Secret
from digestbot.platform.settings import kinds
from digestbot.platform.settings.kinds import Kind, choice, is_url, is_web, listener, matching, number, secret, several

TAKEN: list[tuple[Kind[Any], str, object]] = [
    (kinds.TEXT, "x", "x"),
    (kinds.FILE, "a/b", Path("a/b")),
    (kinds.FILES, "a, b,", (Path("a"), Path("b"))),
    *((kinds.DNS_NAME, each, each) for each in ("s1", "lists.example.org", "a-b.c")),
    (kinds.NETWORKS, "10.0.0.0/8, ::1,10.1.2.3/8", ("10.0.0.0/8", "::1", "10.1.2.3/8")),
    (kinds.STRETCH, "3 days", timedelta(days=3)),
    (kinds.STRETCH, "12 hours", timedelta(hours=12)),
    *((kinds.RATE, text, value) for text, value in (("20", 20.0), ("0.5", 0.5), (".5", 0.5), ("99999", 99_999.0))),
    (kinds.RATE, "007.25", 7.25),
    (kinds.RATE, "0.05", 0.05),
    (kinds.SECRETS, "one, two", (Secret("one"), Secret("two"))),
    (kinds.NAMES, " a ,b,, ", ("a", "b")),
    (kinds.NAMES, "", ()),
    *(
        (kinds.TOKEN_URL, each, each)
        for each in ("https://x.example/token", "http://localhost:99/t", "http://127.0.0.1/t")
    ),
    *((kinds.HOST, each, each) for each in ("digest.example.org", "d", "[IPv6:::1]")),
    *((kinds.PROXY, each, each) for each in ("env", "http://host:3128", "https://u:p@host:3128")),
    *((kinds.WEB_URL, each, each) for each in ("https://x.org/a?b=c#d", "http://x.org:8080")),
    *((kinds.PAGES_URL, each, each) for each in ("https://digest.example.org", "http://x.org/sub")),
    *((kinds.PLAIN_URL, each, each) for each in ("http://localhost:11434/v1", "https://x.org")),
    *((kinds.MAIL_SERVER, each, each) for each in ("smtp+starttls://u:p@h:587", "smtps://h", "smtp://localhost:25")),
    *((kinds.MAILBOX, each, each) for each in ("imaps://u:p@h/INBOX", "Maildir/x")),
    *((kinds.RETURN_ADDRESS, each, each) for each in ("bounce@example.org", "a1234567890.-_@x.org", "b@x")),
    (kinds.BEARER, "tk_!~", "tk_!~"),
    (kinds.HEADERS, '{"X-Key": "a b"}', '{"X-Key": "a b"}'),
    (kinds.HEADERS, "{}", "{}"),
    *(
        (kinds.DESTINATION, each, each)
        for each in ("https://x.org/hook", "http://192.168.1.4/h", "tgram://1:x/ü", "mailto://u:p@x")
    ),
    *(
        (kinds.SOURCE, each, each)
        for each in ("https://x.org/f", "imaps://u:p@h", "a" * 16, "Z9" * 32)
    ),
    (choice("resend", "hold"), "hold", "hold"),
    (number("[1-9]", "write 1 to 9"), "7", 7),
    *((listener(":8080"), each, each) for each in (":8080", "8080", "127.0.0.1:65535", "[::1]:1")),
    (matching("a+", "write a"), "aaa", "aaa"),
]  # fmt: skip
REFUSED: list[tuple[Kind[Any], str]] = [
    (kinds.TEXT, ""),
    (kinds.FILES, " , "),
    *((kinds.DNS_NAME, each) for each in ("", "a..b", ".a", "a.", "a_b", "a b")),
    *((kinds.NETWORKS, each) for each in ("", ",", "x", "10.0.0.0/33", "10.0.0.1, x")),
    *((kinds.STRETCH, each) for each in ("", "3", "soon", "0 days")),
    *((kinds.RATE, each) for each in ("0", "0.0", "", ".", "-1", "1e3", "100000", "x", "1.")),
    (kinds.SECRETS, " , "),
    *((kinds.TOKEN_URL, each) for each in ("http://x.example/t", "ftp://localhost/t", "https://", "x")),
    *((kinds.HOST, each) for each in ("", "-x", ".x", "a b", "[x]", "a_b")),
    *((kinds.PROXY, each) for each in ("socks5://host:1080", "envy", "host:3128", "http://")),
    *((kinds.WEB_URL, each) for each in ("ftp://x.org", "x.org", "https://", "https://x.org/a b", "https://x.org/<a>")),
    *((kinds.WEB_URL, f"https://x.org/{each}") for each in ("\\", '"', "\u200b")),
    *((kinds.PAGES_URL, f"https://x.org/{each}") for each in ("?a", "#a", "a b")),
    *((kinds.PLAIN_URL, each) for each in ("ftp://x.org", "https://u@x.org", "https://x.org/?a", "https://x.org/#a")),
    *((kinds.PLAIN_URL, f"https://x.org/{each}") for each in ("\\", "ü", " ")),
    *((kinds.MAIL_SERVER, each) for each in ("smtp://", "imap://h", "h:25", "smtp://h:0", "smtp://h:70000")),
    *((kinds.MAILBOX, each) for each in ("imap://h", "https://h", "imaps://")),
    *((kinds.RETURN_ADDRESS, each) for each in ("a" * 15 + "@x.org", "@x.org", "a b@x.org", "a@", "a@x..org")),
    *((kinds.BEARER, each) for each in ("", "a b", "ü", "a\n")),
    *((kinds.HEADERS, each) for each in ("", "[]", "3", '{"X": 1}')),
    *(
        (kinds.DESTINATION, each)
        for each in ("http://", "https://x.org/ü", "x", "http:x", "tgram://", "TGRAM://x", "a b://c")
    ),
    *((kinds.SOURCE, each) for each in ("ftp://x.org", "imap://h", "a" * 15, "a" * 65, "a-" * 10)),
    (choice("resend", "hold"), "held"),
    *((number("[1-9]", "write 1 to 9"), each) for each in ("0", "10", "", "x")),
    *((listener(":8080"), each) for each in ("", ":65536", "x", "a b:80", ":100000", "80x")),
    (matching("a+", "write a"), "aab"),
]


@pytest.mark.parametrize(("kind", "text", "value"), TAKEN)
def test_what_is_taken_and_what_is_made_of_it(kind: Kind[Any], text: str, value: object) -> None:
    found = kind.make(text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_what_is_refused(kind: Kind[Any], text: str) -> None:
    assert kind.make(text) is None


@pytest.mark.parametrize(
    ("url", "schemes", "right"),
    [
        ("https://x.org", ["https"], True),
        ("https://x.org:1", ["http", "https"], True),
        ("https://x.org", ["http"], False),
        ("https:///x", ["https"], False),
        ("https://x.org:0", ["https"], False),
        ("https://x.org:x", ["https"], False),
        ("https://[::1", ["https"], False),
    ],
)
def test_a_url_has_a_host_and_one_of_these_schemes(url: str, schemes: list[str], right: bool) -> None:
    assert is_url(url, *schemes) is right


def test_a_url_of_the_web_and_words_between_commas() -> None:
    assert [is_web(each) for each in ("https://x.org", "http://x.org", "imaps://x.org")] == [True, True, False]
    assert several(" a, ,b ,") == ["a", "b"]


def test_only_secrets_are_not_shown_and_a_secret_of_a_kind_is_judged_as_that_kind_is() -> None:
    hidden = secret(kinds.WEB_URL)
    assert (hidden.secret, kinds.WEB_URL.secret, kinds.SECRETS.secret) == (True, False, True)
    assert (hidden.make("https://x.org"), hidden.make("x")) == (Secret("https://x.org"), None)
    assert (hidden.hint, hidden.fault) == ("write the whole https:// URL", "is no URL")
    assert (kinds.TEXT.fault, choice("a", "b").hint) == ("is not understood", "write one of a, b")
    assert listener("127.0.0.1:8080").hint == "write 127.0.0.1:8080"
