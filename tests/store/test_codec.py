"""Records go to JSON and come back equal, whatever is in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.model.digests import (
    Counts,
    DigestRecord,
    DigestVerdict,
    EntryRecord,
    Highlight,
    Likened,
    Slot,
    Trend,
    Window,
)
from digestbot.model.errors import StoreError
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.subscribers import Membership, SubscriberRecord, Suppression
from digestbot.model.subscriptions import Destination
from digestbot.store import codec

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
COUNT = st.integers(0, 2**40)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=ZONES)
DESTINATIONS = st.builds(Destination, TEXT, st.dictionaries(TEXT, TEXT, max_size=3), st.none() | TEXT)
DELIVERIES = st.builds(
    Delivery,
    id=TEXT,
    digest=TEXT,
    subscription=TEXT,
    destination=DESTINATIONS,
    state=st.sampled_from(DeliveryState),
    planned_at=TIMES,
    attempts=COUNT,
    parts_sent=COUNT,
    not_before=st.none() | TIMES,
    lease_until=st.none() | TIMES,
    fence=COUNT,
    cause=st.none() | st.sampled_from(Cause),
    reason=st.none() | TEXT,
    answer=st.none() | TEXT,
    possible_duplicate=st.booleans(),
    done_at=st.none() | TIMES,
)
ENTRIES = st.builds(
    EntryRecord,
    COUNT,
    st.lists(TEXT, max_size=2).map(tuple),
    st.lists(TEXT, max_size=2).map(tuple),
    st.lists(st.builds(Highlight, TEXT, COUNT, COUNT), max_size=2).map(tuple),
    st.booleans(),
    st.floats(0, 1e9),
)
DIGESTS = st.builds(
    DigestRecord,
    key=TEXT,
    subscription=TEXT,
    name=TEXT,
    slot=st.builds(Slot, TEXT, st.dates(), TIMES, st.booleans()),
    opened_at=TIMES,
    window=st.builds(Window, COUNT, COUNT),
    verdict=st.sampled_from(DigestVerdict),
    entries=st.lists(ENTRIES, max_size=3).map(tuple),
    sections=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
    counts=st.builds(Counts, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT),
    carry=st.lists(COUNT, max_size=3).map(tuple),
    brief=st.booleans(),
    trend=st.lists(st.builds(Trend, TEXT, TEXT, COUNT, st.floats(0, 1e9)), max_size=3).map(tuple),
)


@given(DELIVERIES)
def test_a_delivery_comes_back_equal(delivery: Delivery) -> None:
    assert codec.to_delivery(orjson.loads(orjson.dumps(codec.from_delivery(delivery)))) == delivery


@given(DIGESTS)
def test_a_digest_comes_back_equal(record: DigestRecord) -> None:
    assert codec.to_digest(orjson.loads(orjson.dumps(codec.from_digest(record)))) == record


AT, WRITTEN = datetime(2026, 3, 2, 8, 0, 1, 5, UTC), "2026-03-02T08:00:01.000005+00:00"
"""What is written stands in people's stores: each record by its literal JSON."""
TO = Destination("email", {"address": "ada@example.org"}, "plain")
TO_JSON = {"channel": "email", "options": {"address": "ada@example.org"}, "theme": "plain"}


def test_a_delivery_as_it_is_written() -> None:
    fresh = Delivery("d1", "lab/x", "lab", TO, DeliveryState.PLANNED, AT)
    written = {
        "id": "d1", "digest": "lab/x", "subscription": "lab", "destination": TO_JSON, "state": "planned",
        "planned_at": WRITTEN, "attempts": 0, "parts_sent": 0, "not_before": None, "lease_until": None, "fence": 0,
        "cause": None, "reason": None, "answer": None, "possible_duplicate": False, "done_at": None,
    }  # fmt: skip
    later = {
        "attempts": 2, "parts_sent": 1, "not_before": WRITTEN, "lease_until": WRITTEN, "fence": 3, "cause": "no answer",
        "reason": "no answer came", "answer": "250 ok", "possible_duplicate": True, "done_at": WRITTEN,
    }  # fmt: skip
    tried = replace(fresh, attempts=2, parts_sent=1, not_before=AT, lease_until=AT, fence=3, cause=Cause.NO_ANSWER,
                    reason="no answer came", answer="250 ok", possible_duplicate=True, done_at=AT)  # fmt: skip
    for delivery, data in ((fresh, written), (tried, written | later)):
        assert codec.from_delivery(delivery) == data
        assert codec.to_delivery(data) == delivery


LIKENED = Likened(0.5, 7, 30, 31, 2.0, dated=True, liked=3, bare=1, unknown=2, left=4)
PLAIN = DigestRecord(
    "lab/x", "lab", "The lab", Slot("x", date(2026, 3, 2), AT, by_hand=True), AT, Window(3, 9), DigestVerdict.SEND
)
PLAIN_JSON = {
    "key": "lab/x", "subscription": "lab", "name": "The lab",
    "slot": {"label": "x", "day": "2026-03-02", "at": WRITTEN, "by_hand": True}, "opened_at": WRITTEN,
    "window": {"after": 3, "upto": 9}, "verdict": "send", "entries": [], "sections": [],
    "counts": {"read": 0, "found": 0, "already_sent": 0, "carried_in": 0, "left_out": 0, "shown": 0,
               "waiting_shown": 0, "let_go": 0, "expired": 0},
    "carry": [], "brief": False, "trend": [],
}  # fmt: skip
ENTRY = {
    "sequence": 4,
    "rules": ["like"],
    "words": ["a"],
    "highlights": [["title", 0, 2]],
    "carried": True,
    "score": 1.5,
}
FULL = replace(
    PLAIN,
    entries=(
        EntryRecord(4, ("like",), ("a",), (Highlight("title", 0, 2),), True, 1.5),
        EntryRecord(4, ("like",), ("a",), (Highlight("title", 0, 2),), True, 1.5, 0.0, "Near", "It says."),
    ),
    sections=(("like", "Like"),),
    counts=Counts(1, 2, 3, 4, 5, 6, 7, 8, 9),
    carry=(7, 8),
    brief=True,
    trend=(Trend("like", "Like", 2, None),),
    likened=LIKENED,
    gists=False,
)
FULL_JSON = PLAIN_JSON | {
    "entries": [ENTRY, ENTRY | {"likeness": 0.0, "near": "Near", "gist": "It says."}],
    "sections": [["like", "Like"]],
    "counts": {"read": 1, "found": 2, "already_sent": 3, "carried_in": 4, "left_out": 5, "shown": 6,
               "waiting_shown": 7, "let_go": 8, "expired": 9},
    "carry": [7, 8], "brief": True, "trend": [["like", "Like", 2, None]],
    "likened": {"cut": 0.5, "per_week": 7, "past": 30, "upto": 31, "weeks": 2.0, "dated": True, "liked": 3, "bare": 1,
                "unknown": 2, "left": 4},
    "gists": False,
}  # fmt: skip


@pytest.mark.parametrize(("record", "data"), [(PLAIN, PLAIN_JSON), (FULL, FULL_JSON)], ids=["plain", "full"])
def test_a_digest_as_it_is_written(record: DigestRecord, data: dict[str, Any]) -> None:
    assert codec.from_digest(record) == data
    assert codec.to_digest(data) == record


def test_a_digest_is_written_with_the_entries_that_another_had_spelled() -> None:
    assert codec.from_digest(FULL, [ENTRY])["entries"] == [ENTRY]
    assert codec.from_digest(FULL, [])["entries"] == []


def test_a_digest_of_an_older_store_has_what_was_not_kept_then() -> None:
    older = {name: value for name, value in FULL_JSON.items() if name not in ("brief", "trend", "likened", "gists")}
    older["entries"] = [{name: value for name, value in ENTRY.items() if name != "score"}]
    entry = replace(FULL.entries[0], score=0.0)
    assert codec.to_digest(older) == replace(FULL, brief=False, trend=(), likened=None, gists=True, entries=(entry,))


def test_a_subscriber_as_it_is_written() -> None:
    record = SubscriberRecord("sub-1", Membership.PENDING, {"name": "Ada"}, AT, AT + timedelta(seconds=1), 7)
    data = {
        "id": "sub-1", "state": "pending", "wants": {"name": "Ada"}, "added_at": WRITTEN,
        "changed_at": "2026-03-02T08:00:02.000005+00:00", "revision": 7,
    }  # fmt: skip
    assert codec.from_subscriber(record) == data
    assert codec.to_subscriber(data) == record


def test_addresses_are_written_folded() -> None:
    suppressed = Suppression("Ada@Example.org", "bounced", AT, "550 no")
    data = {"address": "ada@example.org", "reason": "bounced", "since": WRITTEN, "evidence": "550 no"}
    assert codec.from_suppression(suppressed) == data
    assert codec.to_suppression(data) == replace(suppressed, address="ada@example.org")
    entry = AuditEntry(AT, "operator ada", Act.REMOVED, "Ada@Example.org", "why", "d1", "a1")
    noted = {
        "id": "a1", "at": WRITTEN, "who": "operator ada", "act": "removed", "about": "ada@example.org",
        "detail": "why", "reference": "d1",
    }  # fmt: skip
    assert codec.from_audit(entry) == noted
    assert codec.to_audit(noted) == replace(entry, about="ada@example.org")


def test_an_opinion_as_it_is_written() -> None:
    data = {"id": "lab/4", "subscription": "lab", "place": 4, "liking": "less", "at": WRITTEN}
    assert codec.from_opinion(Feedback("lab", 4, Liking.LESS, AT)) == data
    assert codec.to_opinion(data) == Feedback("lab", 4, Liking.LESS, AT)


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ({"a\0": ["b\0", ("c\ud800", 1), None, True]}, {"a\ufffd": ["b\ufffd", ["c\ufffd", 1], None, True]}),
        ({"a": "plain \U0001f600"}, {"a": "plain \U0001f600"}),
        ({"a": "\\u0000"}, {"a": "\\u0000"}),
    ],
)
def test_what_no_store_can_hold_is_replaced(value: dict[str, Any], clean: dict[str, Any]) -> None:
    assert codec.storable(value) == (clean, orjson.dumps(clean))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(StoreError, match="a record cannot be stored"):
        codec.storable({"a": 2**70})


def test_times_come_back_in_utc() -> None:
    berlin = datetime(2026, 7, 1, 10, 0, tzinfo=timezone(timedelta(hours=2)))
    assert codec.to_time(codec.from_time(berlin)).tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(StoreError, match="without a time zone"):
        codec.from_time(datetime(2026, 1, 1))


@given(
    st.recursive(
        st.text() | st.integers(-(2**62), 2**62), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_whatever_text_becomes_storable_and_stays_so(value: object) -> None:
    clean, encoded = codec.storable({"value": value})
    assert orjson.loads(encoded) == clean
    assert codec.storable(clean) == (clean, encoded)
