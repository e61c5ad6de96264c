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

# The description has two titles of this page misread; the page itself is right.
MISREAD = {"Î²": "β", "Î¼": "μ"}

# Where the description counts otherwise than what the file holds: papers (None: as described), abstracts, why.
COUNTED_OTHERWISE = {
    "arxiv_list_html/q-fin-new.html": (
        None,
        13,
        "16 counts paragraphs, of which those of the three replacements are empty; for the mailing of the same day "
        "(arxiv_mail/q-fin-new-2023-03-17.txt) the description has 13",
    ),
    "ris/litstudy-example.ris": (
        25,
        25,
        "25 whole records stand in it, from TY to ER; a carriage return before each but the first hides their TY lines "
        "from a parser that ends lines at line feeds alone: 24 papers would be lost",
    ),
    "datacite/fatcat-datacite_1k.jsonl.gz": (
        None,
        577,
        "627 counts lists of descriptions that have members; 36 of those hold blanks alone, 14 a series or contents",
    ),
    "malformed/bbt-mendeley-idiocy.bib": (
        None,
        313,
        "313 of the 512 entries have an abstract; 280 counts each of the 451 keys once, by the last entry that has it",
    ),
}


def told(title: str) -> str:
    for wrong, right in MISREAD.items():
        title = title.replace(wrong, right)
    return readable(title)


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
    papers, abstracts, _ = COUNTED_OTHERWISE.get(expected["file"], (None, expected["with_abstract"], ""))
    assert sum(paper.abstract is not None for paper in listing.papers) == abstracts
    if papers is not None:
        assert len(listing.papers) == papers
        return
    titles = expected.get("titles") or [paper["title"] for paper in expected.get("papers", ())]
    assert [paper.title for paper in listing.papers] == [told(title) for title in titles if title]
    assert len(listing.papers) + sum(piece.kind != "furniture" for piece in listing.skipped) >= expected["records"]
