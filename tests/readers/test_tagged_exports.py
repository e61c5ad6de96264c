"""Tagged text as databases really export it: other orders, other marks between records, notes behind names."""

from __future__ import annotations

from tests.readers.kit import understand

OVID = """ <1. >
 VN  - Ovid Technologies
 TI  - Lanterns at sea. [References].
 AU  - Noether, Emmy [Author, Reprint Author; E-mail: emmy@example.org]
 AU  - Curie, Marie 1,2,+
 AB  - We hang lanterns on buoys.
 SO  - Journal of Lamps. 12(3):1-9, March 2025.

 <241. >
 VN  - Ovid Technologies
 TI  - Ropes that shrink.
 AU  - Franklin, Rosalind
 IN  - (Franklin) A bay

       (Other) Another bay
 YR  - 2024
"""
TITLE_FIRST = """%T Lanterns at sea
%0 Journal Article
%A Noether, Emmy
%X We hang lanterns.


%T Ropes that shrink
%0 Journal Article
%A Franklin, Rosalind

%T Contents of this issue
%D 2021
"""
BOOK_LAST = """PMID- 1
OWN - NLM
TI  - Lanterns at sea
FAU - Noether, Emmy
SO  - J Lamps. 2025 Mar;1(2):3-4.

PMID- 2
STAT- Publisher
TI  - Lamps in the north
BTI - The Book of Lamps
FAU - Curie, Marie
AID - NBK1 [bookaccession]
"""
SOURCE_WITHIN = """OWN - ERIC
TI  - Lanterns at school
AU  - Noether, Emmy
JT  - Lamps
SO  - Lamps v1 n2 2025
DP  - 2025
PT  - Journal Articles

OWN - ERIC
TI  - Ropes at school
AU  - Franklin, Rosalind
JT  - Ropes Publishing
DP  - 2024
PT  - Books
"""


def told(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(paper.title, paper.authors) for paper in understand(text.encode(), "export.txt").papers]


def test_ovids_records_are_parted_however_their_number_is_written() -> None:
    assert told(OVID) == [
        ("Lanterns at sea.", ("Emmy Noether", "Marie Curie")),
        ("Ropes that shrink.", ("Rosalind Franklin",)),
    ]


def test_a_type_behind_the_title_begins_no_record_of_its_own() -> None:
    listing = understand(TITLE_FIRST.encode(), "export.enl")
    assert [(paper.title, paper.authors) for paper in listing.papers] == [
        ("Lanterns at sea", ("Emmy Noether",)),
        ("Ropes that shrink", ("Rosalind Franklin",)),
        ("Contents of this issue", ()),
    ]
    assert not listing.skipped


def test_a_book_at_pubmeds_end_lacks_no_source_line() -> None:
    assert [title for title, _ in told(BOOK_LAST)] == ["Lanterns at sea", "Lamps in the north"]


def test_a_source_line_within_records_ends_none() -> None:
    assert [title for title, _ in told(SOURCE_WITHIN)] == ["Lanterns at school", "Ropes at school"]


def test_authors_of_ris_stand_in_the_records_order_whatever_their_tags() -> None:
    text = "TY  - JOUR\nTI  - Lanterns\nA1  - Noether, Emmy\nAU  - Curie, Marie\nA1  - Franklin, Rosalind\nER  - \n"
    assert told(text) == [("Lanterns", ("Emmy Noether", "Marie Curie", "Rosalind Franklin"))]
