"""The sentences around the papers, to the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from digestbot.model.digests import Counts, EntryRecord, Likened
from digestbot.model.papers import Paper
from digestbot.model.partial_date import PartialDate
from digestbot.rendering import wording


@pytest.mark.parametrize(
    ("day", "written", "long", "short"),
    [
        (date(2025, 3, 5), "5 March 2025", "Wednesday, 5 March 2025", "5 Mar"),
        (date(2024, 12, 31), "31 December 2024", "Tuesday, 31 December 2024", "31 Dec 2024"),
        (date(2026, 1, 4), "4 January 2026", "Sunday, 4 January 2026", "4 Jan 2026"),
        (PartialDate(2025, 3), "March 2025", "Saturday, March 2025", "March 2025"),
        (PartialDate(2024), "2024", "Monday, 2024", "2024"),
    ],
)
def test_days(day: date, written: str, long: str, short: str) -> None:
    assert (wording.day(day), wording.long_day(day), wording.short_day(day, 2025)) == (written, long, short)


def test_every_month_and_weekday_has_its_name() -> None:
    assert [wording.short_day(date(2025, month, 1), 2025) for month in range(1, 13)] == [
        "1 Jan", "1 Feb", "1 Mar", "1 Apr", "1 May", "1 Jun", "1 Jul", "1 Aug", "1 Sep", "1 Oct", "1 Nov", "1 Dec",
    ]  # fmt: skip
    assert [wording.long_day(date(2025, 3, day)).partition(",")[0] for day in range(3, 10)] == [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]  # fmt: skip


def test_numbers() -> None:
    assert [wording.number_of(each, "paper") for each in (0, 1, 2, 1234)] == [
        "no papers",
        "1 paper",
        "2 papers",
        "1,234 papers",
    ]
    assert [wording.mean(each) for each in (0.0, 4.0, 4.25, 4.46, 99.94, 100.0, 100.5, 1234.4)] == [
        "0", "4", "4.2", "4.5", "99.9", "100", "100", "1,234",
    ]  # fmt: skip
    assert wording.upvotes(1234) == "▲ 1,234"


@pytest.mark.parametrize(
    ("names", "most", "listed"),
    [
        ([], 3, ""),
        (["A"], 3, "A"),
        (["A", "B"], 3, "A and B"),
        (["A", "B", "C"], 3, "A, B and C"),
        (["A", "B", "C", "D"], 3, "A, B and 2 others"),
    ],
)
def test_lists(names: list[str], most: int, listed: str) -> None:
    assert wording.listed(names, most) == listed


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ""),
        ({"author_count": 1}, "1 author"),
        ({"author_count": 1234}, "1,234 authors"),
        ({"authors": ("Ada", "Eve")}, "Ada and Eve"),
        ({"authors": ("Ada", "Eve", "Bo")}, "Ada, Eve and Bo"),
        ({"authors": ("Ada", "Eve", "Bo", "Cy")}, "Ada, Eve and 2 others"),
        ({"authors": ("Ada", " ", "Eve")}, "Ada, Eve and 1 other"),
        ({"authors": ("Ada", "Eve", "et al.")}, "Ada, Eve et al."),
        ({"authors": ("Ada", "Eve", "Bo", "et al.")}, "Ada, Eve et al."),
        ({"authors": ("Ada",), "author_count": 3}, "Ada and 2 others"),
        ({"authors": ("Ada", "Eve", "Bo"), "author_count": 5}, "Ada, Eve and 3 others"),
        ({"authors": ("Ada", "Eve"), "author_count": 1}, "Ada and Eve"),
        ({"authors": ("a" * 90,)}, f"{'a' * 79}…"),
    ],
)
def test_authors(fields: dict[str, Any], told: str) -> None:
    assert wording.authors(Paper(title="A", **fields)) == told


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (Counts(), "No new papers came in for this digest."),
        (Counts(read=3, found=2, already_sent=2), "Everything that matched has been sent to you before."),
        (Counts(read=1), "The one new paper did not match this time."),
        (Counts(read=1234), "None of the 1,234 new papers matched this time."),
        (Counts(read=3, found=2, already_sent=1), "None of the 3 new papers matched this time."),
    ],
)
def test_why_a_digest_is_empty(counts: Counts, said: str) -> None:
    assert wording.nothing(counts) == said


@pytest.mark.parametrize(
    ("counts", "count", "lead", "closing"),
    [
        (
            Counts(read=9, found=1, shown=1),
            "1 new paper",
            "1 new paper among 9 read.",
            "9 new papers read, 1 of them yours.",
        ),
        (
            Counts(read=0, found=2, shown=2),
            "2 new papers",
            "2 new papers.",
            "No new papers read, 2 of them yours.",
        ),
        (
            Counts(read=2345, found=1300, already_sent=4, shown=7, let_go=9),
            "7 new papers",
            "The best 7 of 1,296 new papers among 2,345 read.",
            "2,345 new papers read, 1,300 of them yours: 7 shown, 4 sent to you before, 1,280 kept for later, "
            "9 let go.",
        ),
        (
            Counts(read=5, found=6, carried_in=4, shown=4, waiting_shown=2, expired=1),
            "2 new papers",
            "2 new papers among 5 read; 2 of 4 from earlier days below.",
            "5 new papers read, 2 of them yours. 4 had waited: 2 shown, 1 still waiting, "
            "1 let go after waiting too long.",
        ),
        (
            Counts(read=5, found=2, carried_in=2, shown=2, waiting_shown=2),
            "2 papers that waited",
            "No new papers among 5 read; 2 from earlier days below.",
            "5 new papers read, 0 of them yours. 2 had waited: 2 shown.",
        ),
        (
            Counts(read=5, found=2, already_sent=1, carried_in=1, shown=1, waiting_shown=1),
            "1 paper that waited",
            "No new papers among 5 read; 1 from earlier days below.",
            "5 new papers read, 1 of them yours: 0 shown, 1 sent to you before. 1 had waited: 1 shown.",
        ),
    ],
)
def test_what_a_digest_holds(counts: Counts, count: str, lead: str, closing: str) -> None:
    assert (wording.count(counts), wording.lead(counts), wording.closing(counts)) == (count, lead, closing)


@pytest.mark.parametrize(
    ("near", "words", "said"),
    [
        ("Glass", ("kiln", "kiln", "fire"), "Like “Glass”: kiln, fire"),
        ("", ("kiln",), "Like what you like: kiln"),
        ("Glass", (), "Like “Glass”"),
        ("a" * 130, (), f"Like “{'a' * 119}…”"),
        ("", ("a" * 90,), f"Like what you like: {'a' * 79}…"),
    ],
)
def test_why_a_paper_is_there_that_no_rule_found(near: str, words: tuple[str, ...], said: str) -> None:
    assert wording.like(EntryRecord(1, (), words, near=near)) == said


def test_what_a_model_wrote_is_told_once() -> None:
    ours, its = EntryRecord(1, ()), EntryRecord(2, (), gist="x")
    assert wording.by_model([ours]) == ""
    said = "What begins with “AI:” was written by a language model, not by the authors."
    assert wording.by_model([ours, its]) == said


WELL = Likened(0.5, 7, 100, 100, 1.0, dated=True, liked=3, bare=0, unknown=0)
BASE = "By likeness about 7 papers a week, good ones or not"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, f"{BASE}."),
        ({"left": 1234}, f"{BASE}; 1,234 more passed and had no room."),
        ({"past": 99}, f"{BASE}; there are only 99 earlier papers to measure by."),
        ({"past": 99, "weeks": 1.5}, f"{BASE}; there are only 99 earlier papers to measure by."),
        ({"past": 9, "weeks": 0.5, "dated": False}, f"{BASE}; there are only 9 earlier papers to measure by."),
        ({"past": 1, "dated": False}, f"{BASE}; there is only 1 earlier paper to measure by."),
        ({"weeks": 0.5}, f"{BASE}; there are only 100 earlier papers of 4 days to measure by."),
        ({"weeks": 0.01}, f"{BASE}; there are only 100 earlier papers of 1 day to measure by."),
        ({"weeks": 0.5, "dated": False}, f"{BASE}."),
        ({"bare": 1}, f"{BASE}; 1 paper you like is known without an abstract."),
        ({"bare": 2, "unknown": 1},
         f"{BASE}; 1 paper you like is not known here; 2 papers you like are known without an abstract."),
        ({"liked": 0, "unknown": 2}, f"{BASE}; nothing is known of what you like, so that nothing can be like it;"
                                     " 2 papers you like are not known here."),
        ({"liked": 0}, f"{BASE}."),
    ],
)  # fmt: skip
def test_what_likeness_lacks(fields: dict[str, Any], said: str) -> None:
    assert wording.likened(replace(WELL, **fields)) == said


def test_whoever_likes_nothing_reads_nothing_of_it() -> None:
    assert wording.likened(None) == ""


def test_how_it_is_changed_or_stopped_and_where_the_rest_is() -> None:
    told = "You receive this as “Lab”. To change or stop it"
    assert wording.change_or_stop("Lab", None) == f"{told}, ask whoever sends it to you."
    assert wording.change_or_stop("Lab", "https://x") == f"{told}:"
    own = "You receive this because you subscribed with this address. To change, pause or stop it:"
    assert wording.change_or_stop("Lab", "https://x", own=True) == own
    assert wording.rest(1) == "1 paper waits for a later digest: see it, or have it sent now"
    assert wording.rest(1234) == "1,234 papers wait for later digests: see them, or have them sent now"
    whole = "the whole as text (to a mail it is attached) has them all"
    assert wording.no_room(1, None) == f"And 1 more paper: {whole}."
    assert wording.no_room(2, "https://x") == f"And 2 more papers: {whole}, and so have its pages:"
