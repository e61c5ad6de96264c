"""How two sightings of one work become one."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from digestbot.model.papers import Paper, merge, visible_change
from tests.model.whole import value_of

KEPT = ("title", "source", "kind", "more_authors", "baseline")
"""What stays as a paper was first seen."""

RICH = Paper(
    title="A Paper",
    abstract="All of it.",
    authors=("Ada Lovelace", "Emmy Noether"),
    organization="A Lab",
    journal="A Journal of Things",
    upvotes=5,
    published=date(2026, 1, 2),
    categories=("cs.CL", "cs.LG"),
    ids={"arxiv": "2601.00001"},
    url="https://example.org/1",
    source="arxiv",
)


def test_a_poorer_dump_never_empties_a_field() -> None:
    assert merge(RICH, Paper(title="A paper")) is RICH


def test_gaps_are_filled_and_upvotes_refreshed() -> None:
    poor = Paper(title="A Paper", author_count=2, upvotes=1, source="daily-papers")
    merged = merge(poor, RICH)
    assert merged.authors == RICH.authors
    assert merged.upvotes == 5
    assert merged.journal == RICH.journal
    assert merged.ids == RICH.ids
    assert merged.source == "daily-papers"
    assert visible_change(poor, merged)


@pytest.mark.parametrize(
    ("known", "seen", "kept"),
    [
        ("An excerpt …", "An excerpt and the rest of it.", "An excerpt and the rest of it."),
        ("The whole.", "Another, longer abstract of it.", "The whole."),
        ("The whole, longer.", "An excerpt …", "The whole, longer."),
    ],
)
def test_a_whole_abstract_replaces_an_excerpt_and_nothing_else(known: str, seen: str, kept: str) -> None:
    merged = merge(Paper(title="A", abstract=known), Paper(title="A", abstract=seen))
    assert merged.abstract == kept


def test_a_new_url_is_no_change_that_a_rule_can_see() -> None:
    assert not visible_change(Paper(title="A"), Paper(title="A", url="https://example.org"))


def test_json_and_back_is_the_same_paper() -> None:
    assert Paper.from_json(RICH.to_json()) == RICH


def test_json_leaves_no_field_of_a_paper_out() -> None:
    """A field that was added to Paper, and forgotten in to_json or from_json, comes back empty here."""
    for name in (each.name for each in fields(Paper) if each.name not in ("title", "author_count", "more_authors")):
        some = Paper(title="A", **{name: value_of(name)})
        assert getattr(Paper.from_json(some.to_json()), name) == value_of(name), name


def test_a_poorer_dump_empties_no_field_and_a_richer_one_fills_each() -> None:
    for name in (each.name for each in fields(Paper) if each.name not in KEPT):
        some = Paper(title="A", **{name: value_of(name)})
        assert merge(some, Paper(title="A")) is some, name
        assert getattr(merge(Paper(title="A"), some), name) == value_of(name), name


def test_the_journal_first_told_stays_and_a_rule_sees_it_come() -> None:
    known, seen = Paper(title="A", journal="Acta"), Paper(title="A", journal="Acta Things")
    assert merge(known, seen) is known
    assert visible_change(Paper(title="A"), known)


def test_a_paper_of_an_older_store_has_no_journal() -> None:
    older = {name: value for name, value in RICH.to_json().items() if name != "journal"}
    assert Paper.from_json(older) == replace(RICH, journal=None)


def test_the_link_is_the_url_else_what_an_id_gives() -> None:
    assert RICH.link == "https://example.org/1"
    assert Paper(title="A", ids={"arxiv": "2601.1"}).link == "https://arxiv.org/abs/2601.1"
    assert Paper(title="A", ids={"doi": "10.1/x"}).link == "https://doi.org/10.1/x"
    assert Paper(title="A").link is None


def test_a_list_of_authors_that_breaks_off_has_no_number() -> None:
    """Not even in the store: names with a number of null are such a list."""
    paper = Paper(title="A", authors=("Ada", "Bob", "et al."))
    assert (paper.authors, paper.author_count, paper.more_authors) == (("Ada", "Bob"), None, True)
    assert paper.to_json()["author_count"] is None
    assert Paper.from_json(paper.to_json()) == paper
    assert Paper(title="A", authors=("Ada", "et al."), author_count=64).author_count == 64


@pytest.mark.parametrize(
    ("known", "seen", "names", "count"),
    [
        (("Ada", "et al."), ("Ada", "Bob", "Cyd"), 3, 3),
        (("Ada", "Bob"), ("Ada", "et al."), 2, 2),
        (("Ada", "Bob", "et al."), ("Ada", "Bob"), 2, 2),
        (("Ada",), ("Ada", "Bob", "et al."), 2, None),
    ],
)
def test_whole_lists_of_authors_win_over_those_that_break_off(
    known: tuple[str, ...], seen: tuple[str, ...], names: int, count: int | None
) -> None:
    merged = merge(Paper(title="A", authors=known), Paper(title="A", authors=seen))
    assert (len(merged.authors), merged.author_count, merged.more_authors) == (names, count, count is None)


def test_a_stated_number_stays_beside_names_that_break_off() -> None:
    merged = merge(Paper(title="A", author_count=64), Paper(title="A", authors=("Ada", "et al.")))
    assert (merged.authors, merged.author_count) == (("Ada",), 64)


@pytest.mark.parametrize(
    ("known", "seen", "expected"),
    [
        (Paper(title="A", author_count=2), Paper(title="A", authors=("Ada", "Bob", "Eve")), 3),
        (Paper(title="A", author_count=64), Paper(title="A", authors=("Ada", "Bob")), 2),
        (Paper(title="A", author_count=2), Paper(title="A", authors=("Ada", "Bob", "et al.")), 2),
        (Paper(title="A", author_count=1), Paper(title="A", authors=("Ada", "Bob", "et al.")), None),
        (Paper(title="A"), Paper(title="A", author_count=7), 7),
        (Paper(title="A", author_count=5), Paper(title="A", author_count=7), 5),
    ],
)
def test_a_stated_number_of_authors_gives_way_to_names_alone(known: Paper, seen: Paper, expected: int | None) -> None:
    assert merge(known, seen).author_count == expected


def test_the_feed_that_gave_a_title_corrects_it_and_nobody_else_does() -> None:
    known = Paper(title="Speach", ids={"guid": "g"})
    assert merge(known, Paper(title="Speech", ids={"guid": "g"})).title == "Speech"
    assert merge(known, Paper(title="Speach", ids={"guid": "g"})) is known
    assert merge(known, Paper(title="Speech", ids={"guid": "h"})) is known
    assert merge(Paper(title="Speach"), Paper(title="Speech")).title == "Speach"


def test_another_id_is_a_change_that_a_rule_can_see_but_not_what_a_feed_calls_it() -> None:
    one = Paper(title="A", ids={"guid": "g"})
    assert not visible_change(one, replace(one, ids={"guid": "h"}))
    assert visible_change(one, replace(one, ids={"guid": "g", "doi": "10.1/a"}))


def test_only_names_with_a_number_that_is_null_are_a_list_that_breaks_off() -> None:
    said = {"title": "A", "authors": ["Ada"]}
    assert not Paper.from_json(said).more_authors
    assert [Paper.from_json(said | {"author_count": each}).more_authors for each in (None, 1)] == [True, False]
    assert not Paper.from_json({"title": "A", "author_count": None}).more_authors
