"""Every renderer of the same digests, byte for byte as it was last looked at."""

from __future__ import annotations

import json

import pytest

from tests.rendering.making import CASES, CROWDS
from tests.rendering.regenerate import GOLDEN, summed, written


@pytest.mark.parametrize("case", CASES)
def test_every_face_is_as_in_the_golden_folder(case: str) -> None:
    now = dict(written(CASES[case]()))
    assert now.keys() == {path.name for path in (GOLDEN / case).iterdir()}
    for name, body in now.items():
        assert body.decode() == (GOLDEN / case / name).read_bytes().decode(), (
            f"{case}/{name}: if that is meant, run python -m tests.rendering.regenerate"
        )


@pytest.mark.parametrize("case", CROWDS)
def test_every_face_of_a_crowd_is_as_its_golden_hashes_say(case: str) -> None:
    now, before = json.loads(summed(CROWDS[case]())), json.loads((GOLDEN / f"{case}.json").read_bytes())
    assert now.keys() == before.keys()
    for name in now:
        assert now[name] == before[name], f"{case}, {name}: if that is meant, run python -m tests.rendering.regenerate"
