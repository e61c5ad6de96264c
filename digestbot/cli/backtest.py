"""`backtest`: what a subscription would have sent over the stored history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.cli import completing
from digestbot.cli.progress import PaperBar
from digestbot.cli.terminal import Paged, faint, out, warn

if TYPE_CHECKING:  # the command imports what it needs when it runs
    from digestbot.matching.ranking import RankedMatch
    from digestbot.model.papers import LoggedPaper
    from digestbot.subscribers.compiled import CompiledSubscription

TOP_HITS = 10


@click.command(cls=Paged)
@click.argument("subscription", shell_complete=completing.subscriptions)
@click.pass_obj
def backtest(home: str | None, subscription: str) -> int:
    """What a subscription would have sent over the stored history.

    Hits per week (by the paper's date, or when it came in), the top hits, and the parts of the rules that
    never fire or nearly always do. What would come by likeness ([like]) is told apart.
    """
    from digestbot.matching.batches import batched

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
        if compiled.subscription.like is not None:
            _tell_likes(app, compiled, {each.logged.key for each in found})
    return 0


def _found(compiled: CompiledSubscription, batch: list[LoggedPaper], today: date) -> Iterator[RankedMatch]:
    """What is found, without the abstracts, so that a long history fits in memory."""
    from digestbot.matching.stretch import find

    for each in find(compiled.rule, batch, today=today):
        each.evidence.told()  # while the abstract is there
        yield replace(each, logged=replace(each.logged, paper=replace(each.logged.paper, abstract=None)))


def _tell_hits(compiled: CompiledSubscription, found: list[RankedMatch], papers: int) -> None:
    from digestbot.matching.ranking import rank

    out(f"{len(found)} of {papers} papers match")
    _tell_weeks(each.logged for each in found)
    out("top hits:")
    for each in rank(found, compiled.subscription.order)[:TOP_HITS]:
        out(f"  {each.logged.paper.title}{faint('  ' + ', '.join(each.words[:5]))}")


def _tell_weeks(found: Iterable[LoggedPaper]) -> None:
    for monday, count in sorted(Counter(map(_monday, found)).items()):
        out(f"  week of {monday.isoformat()}  {count:5}  {'#' * min(count, 60)}")


def _tell_likes(app: App, compiled: CompiledSubscription, ruled: Set[str]) -> None:
    """What passes the cut that all of the stored papers tell, besides what the rules find."""
    from digestbot.digests.likes import likes_of  # and numpy with it
    from digestbot.matching.like.past import MOST
    from digestbot.rendering.wording import lacks

    head = app.store.head()
    papers = list(app.store.window(max(0, head - MOST), head))
    taste, found = likes_of(app.store).tried(compiled, papers, app.clock().date(), ruled)
    out(f"besides, {len(found)} of the newest {len(papers)} papers are like what is liked, about")
    out(f"  {taste.likened.per_week} a week asked for:")
    _tell_weeks(each for each, _ in found)
    out("nearest:")
    for each, entry in found[:TOP_HITS]:
        out(f"  {each.paper.title}{faint(f'  like {entry.near!r}: ' + ', '.join(entry.words[:5]))}")
    for lack in lacks(taste.likened):
        warn(f"[like]: {lack}")


def _tell_rules(compiled: CompiledSubscription, found: list[RankedMatch], papers: int) -> None:
    from digestbot.matching.advice import NEARLY_EVERYTHING

    fired = Counter(label for each in found for label in each.labels)
    for clause in compiled.rule.clauses:
        if not fired[clause.label]:
            warn(f"{clause.label} never fires")
        elif papers >= TOP_HITS and fired[clause.label] > NEARLY_EVERYTHING * papers:
            warn(f"{clause.label} answers {fired[clause.label]} of {papers} papers")


def _monday(logged: LoggedPaper) -> date:
    day = logged.paper.published or logged.logged_at.date()
    return day - timedelta(days=day.weekday())
