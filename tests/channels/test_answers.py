"""What a webhook's answer means, apart from any wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.channels import Permanent, Temporary
from digestbot.channels.answers import HttpAnswer, refusal, retry_after

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
DAY = 86_400


def asked(header: str | None, body: bytes = b"") -> float | None:
    headers = {} if header is None else {"retry-after": header}
    wait = retry_after(HttpAnswer(429, headers, body), NOW)
    return None if wait is None else wait.total_seconds()


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("120", b"", 120),
        (" 0 ", b"", 0),
        ("1.5", b"", 1.5),
        ("Sat, 21 Nov 2026 08:01:00 GMT", b"", 60),
        ("Saturday, 21-Nov-26 08:01:00 GMT", b"", 60),
        ("Sat Nov 21 08:01:00 2026", b"", 60),
        ("Sat, 21 Nov 2026 07:00:00 GMT", b"", 0),
        ("Sat, 21 Nov 2036 08:00:00 GMT", b"", DAY),
        ("Sat, 21 Nov 99999 08:00:00 GMT", b"", None),
        ("999999999", b"", DAY),
        ("9" * 400, b"", DAY),
        ("-5", b"", None),
        ("soon", b"", None),
        ("inf", b"", None),
        ("nan", b"", None),
        ("", b"", None),
        (None, b"", None),
        (None, b'{"retry_after": 0.65}', 0.65),
        (None, b'{"retry_after": "2"}', 2),
        (None, b'{"retry_after": 64}', 64),
        (None, b'{"retry_after": -1}', None),
        (None, b'{"retry_after": 1e999}', None),
        (None, b'{"retry_after": NaN}', None),
        (None, b'{"retry_after": true}', None),
        (None, b'{"retry_after": null}', None),
        (None, b"[1]", None),
        (None, b"\xff<html>", None),
        (None, b"[" * 60_000, None),
        ("1", b'{"retry_after": 1.7}', 1.7),
        ("5", b'{"retry_after": 0.2}', 5),
    ],
)
def test_c26_every_form_of_retry_after_is_read_and_bounded(
    header: str | None, body: bytes, seconds: float | None
) -> None:
    assert asked(header, body) == seconds


@given(st.text(), st.binary())
def test_c26_no_retry_after_breaks_anything(header: str, body: bytes) -> None:
    wait = asked(header, body)
    assert wait is None or 0 <= wait <= DAY


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 520, 599])
def test_c27_what_may_pass_is_temporary(status: int) -> None:
    error = refusal(HttpAnswer(status, {"retry-after": "3"}, b""), "webhook lab", NOW)
    assert isinstance(error, Temporary)
    assert error.retry_after == timedelta(seconds=3)
    assert f"webhook lab answered {status}" in error.reason


@pytest.mark.parametrize(
    ("status", "gone"),
    [(400, False), (401, True), (403, True), (404, True), (405, False), (410, True), (413, False), (422, False)],
)
def test_c28_what_is_gone_disables_and_what_is_wrong_fails(status: int, gone: bool) -> None:
    error = refusal(HttpAnswer(status, {}, b""), "webhook lab", NOW)
    assert isinstance(error, Permanent)
    assert error.disables is gone


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ({"location": "https://evil.example/CANARY?x=CANARY"}, "evil.example"),
        ({"location": "https://u:CANARY@evil.example/"}, "evil.example"),
        ({"location": "/CANARY"}, "another path"),
        ({"location": "http://[CANARY"}, "unclear"),
        ({}, "another path"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_c31_a_redirect_is_permanent_and_names_the_host_only(
    status: int, headers: Mapping[str, str], host: str
) -> None:
    error = refusal(HttpAnswer(status, headers, b""), "webhook lab", NOW)
    assert isinstance(error, Permanent)
    assert not error.disables
    assert host in error.reason
    assert "CANARY" not in error.reason
