"""Further kinds of dumps, in the layouts that their makers document: each told apart and read to the last field.

The files in `kinds` are small and of our own writing; `expected.json` says what is in each, absent fields left out.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from digestbot.model.errors import DumpError
from tests.readers.kit import understand

KINDS = Path(__file__).parent / "kinds"
EXPECTED: dict[str, dict[str, Any]] = json.loads((KINDS / "expected.json").read_text("utf-8"))
# What is the reader's own doing: where it comes from, and the number of names.
LEFT_OUT = ("source", "author_count")


def test_every_file_is_described() -> None:
    assert EXPECTED.keys() == {path.name for path in KINDS.iterdir()} - {"expected.json"}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_further_kind_is_read_as_described(name: str) -> None:
    data, expected = (KINDS / name).read_bytes(), EXPECTED[name]
    if "refused" in expected:
        with pytest.raises(DumpError, match=r"no papers|no whole paper"):
            understand(data, name)
        return
    listing = understand(data, name)
    assert listing.format == expected["format"]
    told = [{key: value for key, value in paper.to_json().items() if value} for paper in listing.papers]
    assert [{key: paper[key] for key in paper if key not in LEFT_OUT} for paper in told] == expected["papers"]
    assert not listing.incomplete


@pytest.mark.parametrize("name", [name for name, each in EXPECTED.items() if "refused" not in each])
def test_a_further_kind_cut_in_half_loses_no_paper_in_silence(name: str) -> None:
    """What is left is read, or said to be broken; nothing is invented."""
    whole = (KINDS / name).read_bytes()
    titles = {paper["title"] for paper in EXPECTED[name]["papers"]}
    with suppress(DumpError):
        listing = understand(whole[: len(whole) // 2], name)
        assert listing.incomplete or all(any(t.startswith(p.title) for t in titles) for p in listing.papers)
