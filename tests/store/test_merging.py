"""Which papers of a dump are one work, and what it knows then: decided over a catalogue, as literal values."""

from __future__ import annotations

from collections.abc import Sequence

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
        return next((each for each in self.works if key in each.ids), None)

    def by_title(self, folded: str) -> Sequence[Work]:
        return [each for each in self.works if folded in each.titles]

    def taken(self, key: str) -> bool:
        return any(each.key == key for each in self.works)


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


def test_works_that_a_paper_shows_to_be_one_lose_nothing_of_either() -> None:
    preprint = Paper(title="Speech without words", ids={"arxiv": "2401.00001"}, upvotes=3)
    article = Paper(title="Speech, and no words", ids={"doi": "10.1/a", "acl": "P1"}, abstract="We speak.")
    both = Paper(title="Speech, and no words", ids={"arxiv": "2401.00001", "doi": "10.1/a"})
    works = {each.key: each for each in merged(Shelf(preprint, article), both).works()}
    one = works["arxiv:2401.00001"]
    assert (one.into, works["doi:10.1/a"].into) == (None, "arxiv:2401.00001")
    assert (one.paper.abstract, one.paper.upvotes, one.paper.title) == ("We speak.", 3, "Speech without words")
    assert one.ids == {"arxiv:2401.00001", "doi:10.1/a", "acl:P1"}
    assert one.also_titles[0] == "Speech, and no words"


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
