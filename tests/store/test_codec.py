"""Records go to JSON and come back equal, whatever is in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, EntryRecord, Highlight, Slot, Trend, Window
from digestbot.model.errors import StoreError
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
