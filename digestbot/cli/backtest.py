"""`backtest`: what a subscription would have sent over the stored history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import click

from digestbot.bootstrap import App
from digestbot.cli.progress import PaperBar
from digestbot.cli.terminal import faint, out, warn
from digestbot.matching.advice import NEARLY_EVERYTHING
from digestbot.matching.batches import batched
from digestbot.matching.ranking import RankedMatch, rank
from digestbot.matching.stretch import find
from digestbot.model.papers import LoggedPaper
from digestbot.subscribers.files import CompiledSubscription

TOP_HITS = 10


@click.command()
@click.argument("subscription")
@click.pass_obj
def backtest(home: str | None, subscription: str) -> int:
    """What a subscription would have sent over the stored history.

    Hits per week (by the paper's date, or when it came in), the top hits, and the parts of the rules that
    never fire or nearly always do.
    """
    with App.open(home, read_only=True) as app:
        (compiled,) = app.wants([subscription])
        papers = 0
        found: list[RankedMatch] = []
        with PaperBar("matching", app.store.head()) as bar:
            for batch in batched(bar.over(app.store.window(0, app.store.head()))):
                papers += len(batch)
                found += _found(compiled, batch, app.clock().date())
    _tell_hits(compiled, found, papers)
    _tell_rules(compiled, found, papers)
    return 0


def _found(compiled: CompiledSubscription, batch: list[LoggedPaper], today: date) -> Iterator[RankedMatch]:
    """What is found, without the abstracts, so that a long history fits in memory."""
    for each in find(compiled.rule, batch, today=today):
        yield replace(each, logged=replace(each.logged, paper=replace(each.logged.paper, abstract=None)))


def _tell_hits(compiled: CompiledSubscription, found: list[RankedMatch], papers: int) -> None:
    out(f"{len(found)} of {papers} papers match")
    weeks = Counter(_monday(each.logged) for each in found)
    for monday, count in sorted(weeks.items()):
        out(f"  week of {monday.isoformat()}  {count:5}  {'#' * min(count, 60)}")
    out("top hits:")
    for each in rank(found, compiled.subscription.order)[:TOP_HITS]:
        out(f"  {each.logged.paper.title}{faint('  ' + ', '.join(each.words[:5]))}")


def _tell_rules(compiled: CompiledSubscription, found: list[RankedMatch], papers: int) -> None:
    fired = Counter(label for each in found for label in each.labels)
    for clause in compiled.rule.clauses:
        if not fired[clause.label]:
            warn(f"{clause.label} never fires")
        elif papers >= TOP_HITS and fired[clause.label] > NEARLY_EVERYTHING * papers:
            warn(f"{clause.label} answers {fired[clause.label]} of {papers} papers")


def _monday(logged: LoggedPaper) -> date:
    day = logged.paper.published or logged.logged_at.date()
    return day - timedelta(days=day.weekday())
