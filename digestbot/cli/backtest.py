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
from digestbot.matching.ranking import PaperMatch, rank, scored
from digestbot.matching.stretch import Stretch
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
        answers: list[PaperMatch] = []
        with PaperBar("matching", app.store.head()) as bar:
            for batch in batched(bar.over(app.store.window(0, app.store.head()))):
                papers += len(batch)
                answers += _answers(compiled, batch, app.clock().date())
    _tell_hits(compiled, answers, papers)
    _tell_rules(compiled, answers, papers)
    return 0


def _answers(compiled: CompiledSubscription, batch: list[LoggedPaper], today: date) -> Iterator[PaperMatch]:
    """The answers without what only a digest shows, so that those of a long history fit in memory."""
    for each in Stretch(batch).answers(compiled.rule, 0, (), today):
        kept = {(reason.rule, reason.field, reason.text.casefold()): reason for reason in each.reasons}
        logged = replace(each.logged, paper=replace(each.logged.paper, abstract=None))
        yield replace(each, logged=logged, reasons=tuple(kept.values()))


def _tell_hits(compiled: CompiledSubscription, answers: list[PaperMatch], papers: int) -> None:
    out(f"{len(answers)} of {papers} papers match")
    weeks = Counter(_monday(each.logged) for each in answers)
    for monday, count in sorted(weeks.items()):
        out(f"  week of {monday.isoformat()}  {count:5}  {'#' * min(count, 60)}")
    out("top hits:")
    for each in rank(scored(compiled.rule, answers), compiled.subscription.order)[:TOP_HITS]:
        out(f"  {each.logged.paper.title}{faint('  ' + ', '.join(each.words[:5]))}")


def _tell_rules(compiled: CompiledSubscription, answers: list[PaperMatch], papers: int) -> None:
    fired = Counter(label for each in answers for label in each.labels)
    for clause in compiled.rule.clauses:
        if not fired[clause.label]:
            warn(f"{clause.label} never fires")
        elif papers >= TOP_HITS and fired[clause.label] > NEARLY_EVERYTHING * papers:
            warn(f"{clause.label} answers {fired[clause.label]} of {papers} papers")


def _monday(logged: LoggedPaper) -> date:
    day = logged.paper.published or logged.logged_at.date()
    return day - timedelta(days=day.weekday())
