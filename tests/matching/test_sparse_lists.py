"""Lists under keys: the same whatever was laid end to end and whatever came late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from random import Random

import pytest

from digestbot.matching.batch.sparse_lists import Lists


@pytest.mark.parametrize("width", [1, 2])
def test_rows_are_found_under_their_keys_however_they_came(width: int) -> None:
    random = Random(width)
    rows = [(random.randrange(40), *random.choices(range(-5, 5), k=width)) for _ in range(500)]

    def filed(begin: int) -> Sequence[Sequence[int]]:
        return [*zip(*rows[begin:], strict=True)]

    lists, some_came_late = Lists(width), False
    for upto in (100, 105, 105, 111, 300, 301, 500):
        lists.catch_up(upto, lambda begin, upto=upto: [each[: upto - begin] for each in filed(begin)])  # type: ignore[misc]  # bound at once
        some_came_late |= bool(lists.late)
        expected: defaultdict[int, list[int]] = defaultdict(list)
        for key, *row in rows[:upto]:
            expected[key] += row
        found: defaultdict[int, list[int]] = defaultdict(list)
        for key, some in lists.under(range(60)):
            found[key] += some
        assert found == expected
    assert some_came_late
    assert not lists.late  # the last step brought more than may stay beside


def test_keys_that_are_added_while_they_are_looked_up_are_taken_too() -> None:
    lists = Lists(1)
    lists.catch_up(3, lambda _: ([0, 1, 2], [1, 2, 3]))
    keys = [0]
    for _, some in lists.under(keys):
        keys.extend(some)
    assert keys == [0, 1, 2, 3]
