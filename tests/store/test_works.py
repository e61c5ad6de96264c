"""Works without a store: each once, by ids, version aside, and by folded title."""

from __future__ import annotations

import pytest

from digestbot.model.papers import Paper
from digestbot.store.works import Works


@pytest.mark.parametrize(
    "other",
    [
        Paper(title="Something else", ids={"arxiv": "2401.00001v3"}),
        Paper(title="Something else", ids={"doi": "10.48550/arXiv.2401.00001"}),
        Paper(title="a study of PRE-TRAINING."),
        Paper(title="A study of pretraining", authors=("A. Lovelace",)),
    ],
)
def test_one_work_is_known_by_id_and_by_title(other: Paper) -> None:
    works = Works([Paper(title="A study of pre-training", ids={"arxiv": "2401.00001"}, authors=("Ada Lovelace",))])
    assert other in works
    assert not works.add(other)
    assert len(works) == 1


@pytest.mark.parametrize(
    "other",
    [
        Paper(title="A study of training"),
        Paper(title="A study of pre-training", authors=("Grace Hopper",)),
        Paper(title="Preface"),
    ],
)
def test_another_work_is_another(other: Paper) -> None:
    works = Works([Paper(title="A study of pre-training", authors=("Ada Lovelace",)), Paper(title="Preface", url="u")])
    assert other not in works
    assert works.add(other)


def test_what_is_told_twice_is_merged() -> None:
    works = Works([Paper(title="A study of things"), Paper(title="A study of things", abstract="Whole.")])
    assert [each.abstract for each in works.papers] == ["Whole."]


def test_an_id_met_later_joins_the_work() -> None:
    works = Works([Paper(title="A study of things"), Paper(title="A study of things", ids={"doi": "10.1/x"})])
    assert Paper(title="Renamed since then", ids={"doi": "10.1/X"}) in works
