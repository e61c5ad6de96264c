"""So many within a while: each on its instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digestbot.model.rate_limit import RateLimit

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ages", "reached"),
    [
        ([], False),
        ([0], False),
        ([0, 0], True),
        ([9, 0], True),
        ([10, 0], False),
        ([10, 9, 0], True),
        ([99, 10, 0], False),
        ([-5, 0], False),
        ([5, -5], True),
    ],
)
def test_two_in_ten_minutes(ages: list[int], reached: bool) -> None:
    done = [NOW - each * MINUTE for each in ages]
    assert RateLimit(2, 10 * MINUTE).reached(done, NOW) is reached


def test_whoever_keeps_to_it_never_does_more_in_any_stretch() -> None:
    limit = RateLimit(3, 10 * MINUTE)
    done: list[datetime] = []
    for at in (NOW + each * MINUTE / 4 for each in range(400)):
        if not limit.reached(done, at):
            done.append(at)
    assert len(done) == 30
    assert all(later - earlier >= limit.within for earlier, later in zip(done, done[3:], strict=False))
