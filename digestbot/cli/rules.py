"""`check`, `match`, `explain` and `backtest`: the rules, tried and explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

import click

from digestbot.app import App
from digestbot.cli.terminal import bold, complain, faint, out, out_json, progress, say, warn
from digestbot.core.digests import DigestRecord
from digestbot.core.errors import Problem, UsageError
from digestbot.core.papers import LoggedPaper, Paper
from digestbot.dispatch import hand_slot, pending
from digestbot.matching.advice import advise
from digestbot.matching.base import Reason
from digestbot.matching.engine import PAPERS_AT_ONCE, Engine
from digestbot.matching.evaluate import Evaluator, FoldedPaper
from digestbot.matching.ranking import find, rank
from digestbot.rules.ast import And, Node, Or, Rule
from digestbot.rules.parser import parse
from digestbot.subscribers.files import Want

TOP_HITS = 10
# `check` looks at so many stored papers: enough to know a rule by, few enough to be quick.
NEWEST = 5000


@click.command()
@click.pass_obj
def check(home: str | None) -> int:
    """Settings, subscriptions, topics, templates: every problem at once.

    Each with its file, its line and a way out. Ends with 2 when there is a problem; a warning is none.
    """
    with App.open(home, read_only=True) as app:
        folder = app.folder
        problems = [*folder.problems, *app.unreachable(), *app.template_problems(), *_source_problems(app)]
        stored = app.store.window(max(0, app.store.head() - NEWEST), app.store.head())
        rules = [(f"subscriptions/{want.subscription.id}.toml", want.rule.rule) for want in folder.wants]
        advice = advise(rules, [each.paper for each in stored], today=app.clock().date())
    for problem in problems:
        complain(str(problem))
    for warning in [*folder.warnings, *advice]:
        warn(str(warning))
    right = f"{len(folder.wants)} of {len(folder.ids)} subscriptions are right"
    say(f"{right}, {len(folder.topics)} topics")
    return 2 if problems else 0


def _source_problems(app: App) -> Sequence[Problem]:
    from digestbot.harvest import sources

    try:
        sources(app.settings)
    except UsageError as error:
        return error.problems
    return ()


@click.command()
@click.argument("rule")
@click.option("--dump", "dumps", multiple=True, metavar="DUMP", help="Look in this dump, not in the store.")
@click.option("--json", "as_json", is_flag=True, help="One paper a line, as JSON, with its reasons.")
@click.pass_obj
def match(home: str | None, rule: str, dumps: tuple[str, ...], as_json: bool) -> int:
    """Papers that answer a rule, with the words that matched; over the store, or over dumps."""
    with App.open(home, read_only=True) as app:
        parsed = parse(rule, app.topics)
        today = app.clock().date()
        evaluator = Evaluator(parsed, today)
        engine = Engine.build([(rule, parsed.root)])
        papers = _dumped(dumps) if dumps else (each.paper for each in app.store.window(0, app.store.head()))
        count = read = 0
        with progress(batched(papers), "matching") as batches:
            for batch in batches:
                read += len(batch)
                for index in engine.match(batch, today=today).by_rule().get(rule, ()):
                    count += 1
                    _show(batch[index], evaluator.reasons(batch[index]), as_json=as_json)
    say(f"{count} of {read} papers match")
    return 0


def batched(papers: Iterable[Paper]) -> Iterator[list[Paper]]:
    """The papers in lists as long as the engine likes them, so that an archive is never whole in memory."""
    papers = iter(papers)
    while batch := list(islice(papers, PAPERS_AT_ONCE)):
        yield batch


def _dumped(names: Iterable[str]) -> Iterator[Paper]:
    from digestbot.listing import open_listing
    from digestbot.sources.files import read_dumps

    for name in names:
        for dump in read_dumps(name):
            with dump.open() as stream:
                yield from (piece for piece in open_listing(stream, dump.name) if isinstance(piece, Paper))


def _show(paper: Paper, reasons: Sequence[Reason], *, as_json: bool) -> None:
    if as_json:
        shown = [
            {"rule": each.rule, "field": each.field, "text": each.text, "start": each.start, "end": each.end}
            for each in reasons
        ]
        out_json({**paper.to_json(), "reasons": shown})
        return
    title, at = "", 0
    for each in sorted(reasons, key=lambda each: each.start or 0):
        if each.field == "title" and each.start is not None and each.end is not None and each.start >= at:
            title += paper.title[at : each.start] + bold(paper.title[each.start : each.end])
            at = each.end
    out(title + paper.title[at:])
    words = dict.fromkeys(f"{each.text} ({each.field})" for each in reasons)
    out(faint("    " + (", ".join(words) or "by what it does not have")))


@click.command()
@click.argument("paper")
@click.argument("subscription")
@click.pass_obj
def explain(home: str | None, paper: str, subscription: str) -> int:
    """Why a paper was, or was not, sent to a subscription.

    PAPER is an id (arXiv, DOI) or its whole title. Says of each part of the rules whether the paper answers
    it, and what the ledger and the caps say.
    """
    with App.open(home, read_only=True) as app:
        (want,) = app.wants([subscription])
        logged = app.store.find(paper)
        if logged is None:
            raise UsageError(Problem(f"no paper {paper!r} in the store", way_out="name its id or its whole title"))
        now = app.clock()
        out(bold(logged.paper.title))
        out(f"in the paper log at {logged.sequence}, {logged.logged_at:%d %b %Y %H:%M} UTC")
        out("rules:")
        folded = FoldedPaper(logged.paper)
        for line in _parts(want.rule.rule.text, want.rule.rule.root, folded, now.date(), 1):
            out(line)
        out("ledger:")
        for line in _ledger(app, want, logged):
            out(f"  {line}")
    return 0


def _parts(text: str, node: Node, paper: FoldedPaper, today: date, depth: int) -> Iterator[str]:
    """A line for each part of a rule: whether the paper answers it, the part, and the words that did."""
    evaluator = Evaluator(Rule(text, node), today)
    answers = evaluator.matches(paper)
    groups = isinstance(node, And | Or)
    head = ("all of" if isinstance(node, And) else "any of") if groups else text[node.span.start : node.span.end]
    words = "" if groups else ", ".join(dict.fromkeys(f"{r.text} ({r.field})" for r in evaluator.reasons(paper)))
    mark = "yes" if answers else "no "
    yield f"{'  ' * depth}{mark}  {head}{faint(f'   {words}') if words else ''}"
    if isinstance(node, And | Or):
        for child in node.rules:
            yield from _parts(text, child, paper, today, depth + 1)


def _ledger(app: App, want: Want, logged: LoggedPaper) -> Iterator[str]:
    """What the ledger says of a paper and a subscription: sent, carried, pending, or passed by."""
    subscription = want.subscription
    for record in app.store.digests(subscription.id):
        papers = app.store.logged([entry.sequence for entry in record.entries])
        if any(each.key == logged.key for each in papers.values()):
            states = ", ".join(f"{d.destination.name}: {d.state}" for d in app.store.deliveries(digest=record.key))
            yield f"in the digest {record.key}: {states}"
            return
    now = app.clock()
    record = pending(want, app.store, hand_slot(subscription, app.store.head(), now), now)
    yield _prospect(record, logged, subscription.max_entries)


def _prospect(record: DigestRecord, logged: LoggedPaper, cap: int) -> str:
    if logged.sequence in {entry.sequence for entry in record.entries}:
        return "in no digest yet; the next one will have it"
    if logged.sequence in record.carry:
        return f"over the cap of {cap} entries; carried to the digest after the next"
    if logged.sequence <= record.window.after:
        return "in no digest: it came before the stretch of the log that the next one covers"
    return "in no digest; the rules leave it out of the next one"


@click.command()
@click.argument("subscription")
@click.pass_obj
def backtest(home: str | None, subscription: str) -> int:
    """What a subscription would have sent over the stored history.

    Hits per week (by the paper's date, or when it came in), the top hits, and the parts of the rules that
    never fire or nearly always do.
    """
    with App.open(home, read_only=True) as app:
        (want,) = app.wants([subscription])
        papers = list(app.store.window(0, app.store.head()))
        with progress([papers], "matching") as batches:
            found = [each for batch in batches for each in find(want.rule, batch, today=app.clock().date())]
    out(f"{len(found)} of {len(papers)} papers match")
    weeks = Counter(_monday(each.logged) for each in found)
    for monday, count in sorted(weeks.items()):
        out(f"  week of {monday.isoformat()}  {count:5}  {'#' * min(count, 60)}")
    out("top hits:")
    for each in rank(found, want.subscription.order)[:TOP_HITS]:
        out(f"  {each.logged.paper.title}{faint('  ' + ', '.join(each.words[:5]))}")
    fired = Counter(label for each in found for label in each.labels)
    for clause in want.rule.clauses:
        if not fired[clause.label]:
            warn(f"{clause.label} never fires")
        elif len(papers) >= TOP_HITS and fired[clause.label] > 0.3 * len(papers):
            warn(f"{clause.label} answers {fired[clause.label]} of {len(papers)} papers")
    return 0


def _monday(logged: LoggedPaper) -> date:
    day = logged.paper.published or logged.logged_at.date()
    return day - timedelta(days=day.weekday())
