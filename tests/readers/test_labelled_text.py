"""Text that labels what it says."""

from __future__ import annotations

from tests.readers.kit import understand

TWO = """Title: Reading Slowly
PDF: https://arxiv.org/pdf/2512.23380
Summary: We read.
And: we write.
---
Title: Reading $\\alpha$ Fast
PDF: https://arxiv.org/pdf/2512.23381v2
Authors: Ann Lee, Bo Day
Published: 2026-01-02
Upvotes: 1,204
Summary: Others did.
---
"""


def test_labels_lines_that_go_on_and_rulers() -> None:
    listing = understand(TWO.encode(), "dump.txt")
    first, second = listing.papers
    assert (listing.format, first.title, first.abstract) == (
        "labelled-text",
        "Reading Slowly",
        "We read. And: we write.",
    )
    assert (first.ids, first.url) == ({"arxiv": "2512.23380"}, "https://arxiv.org/pdf/2512.23380")
    assert (second.title, second.authors, second.upvotes) == ("Reading α Fast", ("Ann Lee", "Bo Day"), 1204)
    assert str(second.published) == "2026-01-02"
    assert not listing.skipped


def test_bold_labels_and_several_dumps_one_after_the_other() -> None:
    bold = "1. **Title:** Bold Moves\n   **Abstract:** Yes.\n\n2. **Title:** Bolder\n   **Abstract:** No.\n"
    listing = understand((bold + TWO).encode(), "dump.txt", "labelled-text")
    assert [paper.title for paper in listing.papers] == ["Bold Moves", "Bolder", "Reading Slowly", "Reading α Fast"]


def test_an_entry_cut_off_is_told() -> None:
    for cut in ("PDF: https://arxiv.org/pdf/2512.23381", "Others"):
        listing = understand(TWO[: TWO.index(cut) + 4].encode(), "dump.txt")
        assert [paper.title for paper in listing.papers] == ["Reading Slowly"]
        assert [(piece.kind, piece.line) for piece in listing.skipped] == [("incomplete", 6)]
