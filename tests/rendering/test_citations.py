"""A digest as BibTeX and RIS, read back by the project's own readers."""

from __future__ import annotations

import pytest

from digestbot.model.papers import Paper
from digestbot.model.partial_date import from_iso
from digestbot.rendering.citations import bibtex, ris
from tests.readers.kit import understand

PAPERS = [
    Paper(title=r"A & B: $\alpha$ in 50%", abstract="x_y {z} ~ ^", authors=("Ada Lovelace",), published=from_iso(day))
    for day in ("2026", "2026-05-03")
]


@pytest.mark.parametrize(("name", "text"), [("a.bib", bibtex(PAPERS)), ("a.ris", ris(PAPERS))])
def test_what_is_written_is_read_again(name: str, text: str) -> None:
    found = understand(text.encode(), name).papers
    assert [each.title for each in found] == ["A & B: α in 50%"] * 2
    assert [each.authors for each in found] == [("Ada Lovelace",)] * 2
    assert [str(each.published)[:4] for each in found] == ["2026", "2026"]


def test_no_two_entries_have_one_key_and_no_day_is_invented() -> None:
    assert bibtex(PAPERS).count("@misc{lovelace2026-2,") == 1
    assert ris(PAPERS).count("DA  - ") == 1
