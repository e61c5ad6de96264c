"""Dates that are known to the year or to the month."""

from __future__ import annotations

import pickle
from datetime import date

import pytest

from digestbot.model.papers import Paper, merge
from digestbot.model.partial_date import PartialDate, exactness, from_iso, refines


@pytest.mark.parametrize("text", ["2026", "2026-05", "2026-05-03", "0999"])
def test_what_is_written_is_read_again(text: str) -> None:
    day = from_iso(text)
    assert day.isoformat() == str(day) == text
    assert pickle.loads(pickle.dumps(day)) == day


def test_a_year_stands_for_its_first_day_and_is_not_that_day() -> None:
    assert date(2025, 12, 31) < PartialDate(2026) <= date(2026, 1, 1)
    assert PartialDate(2026) != date(2026, 1, 1)
    assert date(2026, 1, 1) != PartialDate(2026)
    assert PartialDate(2026, 1) != PartialDate(2026)
    assert len({PartialDate(2026), PartialDate(2026), PartialDate(2026, 1), date(2026, 1, 1)}) == 3


def test_exactness_and_what_refines_what() -> None:
    year, month, day = PartialDate(2026), PartialDate(2026, 5), date(2026, 5, 3)
    assert [exactness(each) for each in (year, month, day)] == [1, 2, 3]
    assert refines(year, month)
    assert refines(month, day)
    assert not refines(day, month)
    assert not refines(PartialDate(2025), month)


@pytest.mark.parametrize("text", ["2026-13", "26", "May 2026", "", "2026-02-30"])
def test_what_is_no_date_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_iso(text)


def test_a_paper_keeps_its_date_as_exact_as_it_is_told_and_a_finer_one_takes_over() -> None:
    paper = Paper(title="A", published=PartialDate(2026))
    assert paper.to_json()["published"] == "2026"
    assert Paper.from_json(paper.to_json()) == paper
    finer = merge(paper, Paper(title="A", published=date(2026, 5, 3)))
    assert finer.published == date(2026, 5, 3)
    assert merge(finer, paper) is finer
    assert merge(paper, Paper(title="A", published=PartialDate(2025, 5))) is paper
