"""Every real dump is read as its description says: how many papers, their titles in order, their abstracts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from digestbot.model.errors import DumpError
from digestbot.readers.text.markup import readable
from tests.readers.kit import understand

DUMPS = Path(__file__).parents[3] / "shared" / "dumps"
DESCRIPTION = DUMPS / "expected.json"
EXPECTED: list[dict[str, Any]] = json.loads(DESCRIPTION.read_text("utf-8")) if DESCRIPTION.exists() else []

# Holding no papers is fine for what says so itself, and an error for what is another thing.
REFUSED = {"malformed/bzz-labels-not-papers.json", "malformed/jabref-RisCorrupted.ris"}


def dump(file: str) -> bytes:
    data = (DUMPS / file).read_bytes()
    return gzip.decompress(data) if file.endswith(".gz") else data


@pytest.mark.skipif(not EXPECTED, reason="the real dumps are not in ../shared/dumps")
@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["file"])
def test_a_real_dump_is_read_as_described(expected: dict[str, Any]) -> None:
    if expected["file"] in REFUSED:
        with pytest.raises(DumpError, match=r"again|formats"):
            understand(dump(expected["file"]), expected["file"])
        return
    listing = understand(dump(expected["file"]), expected["file"])
    assert sum(paper.abstract is not None for paper in listing.papers) == expected["with_abstract"]
    titles = expected.get("titles") or [paper["title"] for paper in expected.get("papers", ())]
    assert [paper.title for paper in listing.papers] == [readable(title) for title in titles if title]
    assert len(listing.papers) + sum(piece.kind != "furniture" for piece in listing.skipped) >= expected["records"]
