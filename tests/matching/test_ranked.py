"""Search by plain words: the best paper first, by BM25."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from digestbot.matching.search.inverted_index import InvertedIndex
from digestbot.matching.search.ranked import RankedSearch, plain_words
from digestbot.matching.search.recent_index import RecentIndex
from digestbot.model.papers import LoggedPaper, Paper

AT = datetime(2026, 1, 1, tzinfo=UTC)


def logged(*papers: Paper) -> list[LoggedPaper]:
    return [LoggedPaper(at, str(at), AT, each) for at, each in enumerate(papers, 1)]


def best(query: str, *papers: Paper) -> list[str]:
    recent = RecentIndex().with_later(logged(*papers), len(papers))
    return [each.logged.paper.title for each in recent.rank(RankedSearch(plain_words(query)))]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("speech recognition", ("speech", "recognition")),
        ("What is speech recognition?", ("speech", "recognition")),
        ("the", ("the",)),
        ("GPT-4 and C++", ("gpt", "4", "c++")),
        ("glass glass", ("glass",)),
        ("don't panic, please!", ("don", "t", "panic", "please")),
    ],
)
def test_plain_words_are_told_from_a_rule(query: str, words: tuple[str, ...]) -> None:
    assert set(plain_words(query)) <= set(words)
    assert plain_words(query)


@pytest.mark.parametrize(
    "query",
    [
        '"a b"',
        "title:glass",
        "glass OR tin",
        "NOT tin",
        "-tin",
        "quanti*",
        "(glass)",
        "/a/",
        "=RAG",
        "a^2",
        "~LLM",
        "upvotes>=3",
    ],
)
def test_what_has_something_of_the_language_is_a_rule(query: str) -> None:
    assert plain_words(query) == ()


def test_more_of_the_words_and_rarer_ones_come_first() -> None:
    papers = [
        Paper(title="Glass", abstract="A common word in common papers."),
        Paper(title="Glass and viscosity", abstract="Both words."),
        Paper(title="Viscosity", abstract="The rare one."),
        *(Paper(title=f"Glass again {n}", abstract="It is about glass.") for n in range(9)),
    ]
    found = best("viscosity of glass", *papers)
    assert found[:2] == ["Glass and viscosity", "Viscosity"]
    assert len(found) == len(papers)


def test_a_plural_and_a_hyphen_find_what_they_find_in_a_rule() -> None:
    assert best("pretrained networks", Paper(title="A pre-trained network"), Paper(title="None")) == [
        "A pre-trained network"
    ]


def test_of_equals_the_newest_is_first() -> None:
    papers = [Paper(title=f"Glass {n}", published=date(2026, 1, n)) for n in (2, 9, 5)]
    assert best("glass", *papers) == ["Glass 9", "Glass 5", "Glass 2"]


def test_nothing_in_common_is_not_found() -> None:
    assert best("silica", Paper(title="Speech")) == []
    assert best("silica") == []


def test_an_index_in_pieces_ranks_as_one() -> None:
    papers = [Paper(title=f"Glass {'viscosity ' * (n % 3)}", abstract=f"Paper {n}") for n in range(30)]
    whole, pieces = RankedSearch(("glass", "viscosity")), RankedSearch(("glass", "viscosity"))
    every = logged(*papers)
    whole.look_in(InvertedIndex(every), np.ones(30, np.bool_))
    for start in range(0, 30, 7):
        some = every[start : start + 7]
        pieces.look_in(InvertedIndex(some), np.ones(len(some), np.bool_))
    assert pieces.best() == whole.best()


def test_papers_like_a_paper_share_its_rarest_words() -> None:
    asked = Paper(title="Viscosity of molten glass", abstract="We study silica in furnaces.")
    papers = [Paper(title="Speech", abstract="We study it."), Paper(title="Silica", abstract="Molten in furnaces.")]
    recent = RecentIndex().with_later(logged(*papers), 2)
    assert [each.logged.paper.title for each in recent.rank(RankedSearch.like(asked))] == ["Silica"]
