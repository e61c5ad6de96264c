"""Which papers of a dump are one work, and what it knows then: decided over a catalogue, as literal values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from digestbot.model.papers import Paper
from digestbot.store.base import Merged
from digestbot.store.identity import id_keys, title_keys
from digestbot.store.merging import Merging, Work


class Shelf:
    """A catalogue of works that are in the log already, at the places 1, 2, ..."""

    def __init__(self, *papers: Paper) -> None:
        self.works = [
            Work(id_keys(each)[0], at, each, each, set(id_keys(each)), set(title_keys(each.title)))
            for at, each in enumerate(papers, 1)
        ]

    def by_id(self, key: str) -> Work | None:
        return next((read_anew(each) for each in self.works if key in each.ids), None)

    def by_title(self, folded: str) -> Sequence[Work]:
        return [read_anew(each) for each in self.works if folded in each.titles]

    def taken(self, key: str) -> bool:
        return any(each.key == key for each in self.works)


def read_anew(work: Work) -> Work:
    """A backend reads a work each time anew."""
    return replace(work, ids=set(work.ids), titles=set(work.titles), also_titles=[*work.also_titles])


def merged(shelf: Shelf, *papers: Paper) -> Merging:
    merging = Merging(shelf)
    for each in papers:
        merging.see(each)
    return merging


PREPRINT = Paper(title="Speech without words", ids={"arxiv": "2401.00001", "doi": "10.1/a"})
ARTICLE = Paper(title="Graphs without edges", ids={"arxiv": "2401.00002", "doi": "10.1/b"})


@pytest.mark.parametrize("known", [True, False], ids=["both are in the log", "both are of this dump"])
def test_one_wrong_id_welds_no_two_works_and_the_surest_decides_whose_it_is(known: bool) -> None:
    mixed = Paper(title="Speech without words", ids={"arxiv": "2401.00001", "doi": "10.1/b"}, upvotes=5)
    both = (PREPRINT, ARTICLE)
    merging = merged(Shelf(*both) if known else Shelf(), *(() if known else both), mixed)
    works = {each.key: each for each in merging.works()}
    assert all(each.into is None for each in works.values())
    assert works["arxiv:2401.00001"].paper.upvotes == 5
    if not known:
        assert works["arxiv:2401.00002"].paper == ARTICLE
    assert merging.counts() == (Merged(0, 1, 0) if known else Merged(2, 0, 1))


def test_an_id_of_another_work_clashes_with_those_of_the_work_that_the_surest_id_named() -> None:
    other = Paper(title="Graphs without edges", ids={"doi": "10.1/b"})
    mixed = Paper(title="Speech without words", ids={"arxiv": "2401.00001", "doi": "10.1/b"})
    assert [each.key for each in merged(Shelf(PREPRINT, other), mixed).works()] == ["arxiv:2401.00001"]


def test_a_work_of_the_same_title_stays_apart_where_its_ids_differ_from_the_papers_own() -> None:
    named = Paper(title="Speech, wordless", ids={"arxiv": "2401.00001"})
    titled = Paper(title="Speech without words", ids={"acl": "P1"})
    seen = Paper(title="Speech without words", ids={"arxiv": "2401.00001", "acl": "P9"})
    assert [each.key for each in merged(Shelf(named, titled), seen).works()] == ["arxiv:2401.00001"]


def test_works_that_a_paper_shows_to_be_one_lose_nothing_of_either() -> None:
    preprint = Paper(title="Speech without words", ids={"arxiv": "2401.00001"}, upvotes=3)
    article = Paper(title="Speech, and no words", ids={"doi": "10.1/a", "acl": "P1"}, abstract="We speak.")
    both = Paper(title="Speech, and no words", ids={"arxiv": "2401.00001", "doi": "10.1/a", "acl": "P1"})
    works = {each.key: each for each in merged(Shelf(preprint, article), both).works()}
    one = works["arxiv:2401.00001"]
    assert (one.into, works["doi:10.1/a"].into) == (None, "arxiv:2401.00001")
    assert (one.paper.abstract, one.paper.upvotes, one.paper.title) == ("We speak.", 3, "Speech without words")
    assert one.ids == {"arxiv:2401.00001", "doi:10.1/a", "acl:P1"}
    assert one.also_titles == ["Speech, and no words"]
    assert (one.takes_place, works["doi:10.1/a"].takes_place) == (True, False)


def test_the_one_logged_first_goes_on_whichever_id_is_the_surest() -> None:
    article = Paper(title="Speech, and no words", ids={"doi": "10.1/a"})
    preprint = Paper(title="Speech without words", ids={"arxiv": "2401.00001"})
    both = Paper(title="x", ids={"arxiv": "2401.00001", "doi": "10.1/a"})
    works = {each.key: each for each in merged(Shelf(article, preprint), both).works()}
    assert (works["doi:10.1/a"].into, works["arxiv:2401.00001"].into) == (None, "doi:10.1/a")


@pytest.mark.parametrize("scheme", ["issn", "eissn", "isbn", "EISSN"])
def test_papers_of_one_journal_or_book_are_not_one_work(scheme: str) -> None:
    one, other = (Paper(title=title, ids={scheme: "1234-5678"}) for title in ("Speech one here", "Graphs two here"))
    assert merged(Shelf(), one, other).counts() == Merged(new=2, updated=0, duplicate=0)


@pytest.mark.parametrize(
    ("ids", "one_work"),
    [
        ({"doi": "10.1/a"}, True),
        ({"doi": "10.1/zzz"}, False),  # the same title under another DOI
        ({"acl": "P1"}, True),  # of a scheme the work has none of
        ({"arxiv": "2401.00001", "doi": "10.1/zzz"}, True),  # the surest id decides
        ({}, True),
    ],
)
def test_a_title_makes_one_work_unless_the_ids_differ_within_a_scheme(ids: dict[str, str], one_work: bool) -> None:
    counts = merged(Shelf(PREPRINT), Paper(title="Speech without words", ids=ids)).counts()
    assert (counts.new, counts.duplicate + counts.updated) == ((0, 1) if one_work else (1, 0))


def test_the_same_title_by_other_authors_is_another_work() -> None:
    known = Paper(title="Speech without words", authors=("Ada Lovelace",), ids={"arxiv": "2401.00001"})
    theirs = Paper(title="Speech without words", authors=("Grace Hopper",))
    ours = Paper(title="Speech without words", authors=("A. Lovelace",))
    assert merged(Shelf(known), theirs, ours).counts() == Merged(new=1, updated=0, duplicate=1)


@pytest.mark.parametrize("scheme", ["dblp", "guid", "openreview", "hal", "ssrn", "pii"])
def test_a_preprint_and_its_article_may_have_an_id_each_of_a_scheme_that_gives_several(scheme: str) -> None:
    one, other = (Paper(title="Speech without words", ids={scheme: value}) for value in ("x", "y"))
    assert merged(Shelf(), one, other).counts() == Merged(new=1, updated=0, duplicate=1)


def only(merging: Merging) -> Work:
    (work,) = merging.works()
    return work


def test_a_new_work_says_all_by_its_paper_until_it_is_seen_again() -> None:
    once = only(merged(Shelf(), PREPRINT))
    assert (once.is_plain, once.takes_place, once.first, once.logged) == (True, True, None, None)
    assert (once.also_ids, once.also_titles) == ([], [])
    twice = only(merged(Shelf(), PREPRINT, Paper(title="Speech Lacking Words", ids={"doi": "10.1/a", "acl": "P1"})))
    assert (twice.is_plain, twice.takes_place) == (False, True)
    assert (twice.also_ids, twice.also_titles) == ([], ["Speech Lacking Words"])
    assert twice.titles == {"speech without words", "speech lacking words"}
    logged = only(merged(Shelf(PREPRINT), PREPRINT))
    assert (logged.is_plain, logged.takes_place, logged.first) == (False, False, 1)


def test_ids_that_a_paper_does_not_carry_itself_are_kept_beside_it() -> None:
    known = Paper(title="Speech without words", ids={"arxiv": "2401.00001", "openreview": "b"})
    again = Paper(title="Speech without words", ids={"arxiv": "2401.00001", "openreview": "a", "dblp": "c"})
    other = Paper(title="Speech without words", ids={"arxiv": "2401.00001", "dblp": "d"})
    assert only(merged(Shelf(known), again, other)).also_ids == ["dblp:d", "openreview:a"]


def test_a_title_that_names_no_work_is_not_learnt_for_another() -> None:
    again = Paper(title="Errata", ids=PREPRINT.ids)
    work = only(merged(Shelf(PREPRINT), again))
    assert (work.also_titles, work.titles) == ([], {"speech without words"})


def test_what_a_dump_taught_is_known_for_the_papers_after_it() -> None:
    """By an id, by a title, and by those of a work that turned out to be the same."""
    named = Paper(title="Speech, wordless", ids={"arxiv": "2401.00001", "acl": "P1"})
    by_id = Paper(title="A third title", ids={"acl": "P1"})
    by_title = Paper(title="Speech, wordless")
    assert merged(Shelf(), PREPRINT, named, by_id, by_title).counts() == Merged(new=1, updated=0, duplicate=3)
    assert merged(Shelf(PREPRINT), named, by_id, by_title).counts() == Merged(new=0, updated=1, duplicate=2)
    first, second = Paper(title="One title here", ids={"arxiv": "1"}), Paper(title="Another here", ids={"acl": "P1"})
    both = Paper(title="x", ids={"arxiv": "1", "acl": "P1"})
    merging = merged(Shelf(), first, second, both, Paper(title="y", ids={"acl": "P1"}), Paper(title="Another here"))
    assert merging.counts() == Merged(new=1, updated=0, duplicate=4)
    told = [(each.key, each.into, each.takes_place) for each in merging.works()]
    assert told == [("arxiv:1", None, True), ("acl:P1", "arxiv:1", False)]


def test_the_work_in_the_log_goes_on_though_a_new_one_has_the_surer_id() -> None:
    logged = Paper(title="Speech, and no words", ids={"doi": "10.1/a"})
    new = Paper(title="Speech without words", ids={"arxiv": "2401.00001"})
    merging = merged(Shelf(logged), new, Paper(title="x", ids={"arxiv": "2401.00001", "doi": "10.1/a"}))
    assert {each.key: each.into for each in merging.works()} == {"doi:10.1/a": None, "arxiv:2401.00001": "doi:10.1/a"}
    assert merging.counts() == Merged(new=0, updated=1, duplicate=1)


def test_a_work_whose_name_was_taken_once_gets_a_number() -> None:
    stranger = Paper(title="Speech without words", authors=("Grace Hopper",))
    ours = [Paper(title=stranger.title, authors=(name,)) for name in ("Ada Lovelace", "Emmy Noether")]
    first, second, third = (each.key for each in merged(Shelf(), stranger, *ours).works())
    assert (second, third) == (f"{first}~2", f"{first}~3")
    joined = Shelf(Paper(title="Speech without words", ids={"doi": "10.1/a"}))
    joined.works[0].ids.clear()
    joined.works[0].titles.clear()
    assert only(merged(joined, Paper(title="x", ids={"doi": "10.1/a"}))).key == "doi:10.1/a~2"


@pytest.mark.parametrize(
    ("title", "one_work"),
    [
        ("Speech without a word", True),
        ("Speech about four others", False),  # one of four words
        ("Speech without", True),  # two of three
        ("Speech without any of these words", True),  # three of six
        ("Speech without any of these", False),  # two of five
    ],
)
def test_what_a_feed_calls_the_same_is_one_work_where_a_title_may_be_mended(title: str, one_work: bool) -> None:
    known, seen = Paper(title="Speech without words", ids={"guid": "g"}), Paper(title=title, ids={"guid": "g"})
    assert merged(Shelf(known), seen).counts().new == (0 if one_work else 1)


@pytest.mark.parametrize(
    ("ids", "one_work"),
    [
        ({"acl": "P1", "pmid": "1"}, True),
        ({"acl": "P1", "pmid": "2"}, False),  # an id that is not sure, and others that differ
        ({"doi": "10.1/c", "pmid": "2"}, True),  # a sure one
    ],
)
def test_only_a_sure_id_makes_one_work_of_papers_whose_other_ids_differ(ids: dict[str, str], one_work: bool) -> None:
    known = Paper(title="Speech without words", ids={"acl": "P1", "pmid": "1", "doi": "10.1/c"})
    if "doi" not in ids:
        known = replace(known, ids={"acl": "P1", "pmid": "1"})
    assert merged(Shelf(known), Paper(title="Graphs", ids=ids)).counts().new == (0 if one_work else 1)


def test_a_title_of_two_works_joins_only_the_one_whose_authors_it_shares() -> None:
    ada = Paper(title="Speech without words", authors=("Ada Lovelace",), ids={"doi": "10.1/a"})
    eve = Paper(title="Speech without words", authors=("Eve Noether",), ids={"doi": "10.1/b"})
    seen = Paper(title="Speech without words", authors=("Eve Noether",), upvotes=4)
    works = [each for each in merged(Shelf(ada, eve), seen).works() if each.takes_place]
    assert [(each.key, each.paper.upvotes) for each in works] == [("doi:10.1/b", 4)]


def test_an_id_and_a_title_may_show_two_works_to_be_one_and_a_third_by_other_authors_stays() -> None:
    by_id = Paper(title="Speech, wordless", ids={"arxiv": "2401.00001"}, authors=("Ada Lovelace",))
    by_title = Paper(title="Speech without words", ids={"acl": "P1"}, authors=("A. Lovelace",))
    stranger = Paper(title="Speech without words", ids={"acl": "P2"}, authors=("Eve Noether",))
    seen = Paper(title="Speech without words", ids={"arxiv": "2401.00001"})
    works = {each.key: each.into for each in merged(Shelf(by_id, stranger, by_title), seen).works()}
    assert works == {"arxiv:2401.00001": None, "acl:P1": "arxiv:2401.00001"}
