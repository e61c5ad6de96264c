"""The line of facts under a title: what the paper tells, in one order."""

from __future__ import annotations

from datetime import date

from digestbot.model.digests import Section
from digestbot.model.papers import Paper
from digestbot.rendering.view import view
from tests.rendering.making import ENVELOPE, digest, entry


def facts(paper: Paper) -> tuple[str, ...]:
    (shown,) = view(digest(Section("all", "All", (entry(1, paper, ("all",)),))), ENVELOPE).entries
    return shown.meta


def test_the_journal_stands_between_who_wrote_it_and_when() -> None:
    paper = Paper(
        title="A", authors=("Ada King",), organization="ACME", journal="Acta *Arctica*", published=date(2025, 3, 4)
    )
    assert facts(paper) == ("Ada King", "ACME", "Acta *Arctica*", "4 Mar")


def test_without_a_journal_nothing_stands_for_it() -> None:
    assert facts(Paper(title="A", authors=("Ada King",))) == ("Ada King",)
