"""`explain`: why a paper was, or was not, sent to a subscription."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.cli import completing
from digestbot.cli.terminal import Paged, bold, faint, out
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:  # the command imports what it needs when it runs
    from digestbot.matching.folded_paper import FoldedPaper
    from digestbot.matching.taste import Taste
    from digestbot.model.digests import DigestRecord, EntryRecord
    from digestbot.model.papers import LoggedPaper
    from digestbot.rules.ast import Node
    from digestbot.subscribers.compiled import CompiledSubscription


@click.command(cls=Paged)
@click.argument("paper")
@click.argument("subscription", shell_complete=completing.subscriptions)
@click.pass_obj
def explain(home: str | None, paper: str, subscription: str) -> int:
    """Why a paper was, or was not, sent to a subscription.

    PAPER is an id (arXiv, DOI) or its whole title. Says of each part of the rules whether the paper answers
    it, and what the ledger and the caps say.
    """
    from digestbot.matching.folded_paper import FoldedPaper
    from digestbot.subscribers.compiled import NOTHING
    from digestbot.subscribers.taste import liked_by

    with App.open(home, read_only=True) as app:
        (compiled,) = app.wants([subscription])
        logged = app.store.find(paper)
        if logged is None:
            raise UsageError(Problem(f"no paper {paper!r} in the store", way_out="name its id or its whole title"))
        now = app.clock()
        out(bold(logged.paper.title))
        out(f"in the paper log at {logged.sequence}, {logged.logged_at:%d %b %Y %H:%M} UTC")
        if compiled.rule is not NOTHING:
            out("rules:")
            folded = FoldedPaper(logged.paper)
            for line in _parts(compiled.rule.rule.text, compiled.rule.rule.root, folded, now.date(), 1):
                out(line)
            for line in _score(compiled, folded, now.date()):
                out(line)
            for line in _rising(app, compiled, logged, now.date()):
                out(line)
        for line in _taste(liked_by(compiled.subscription, app.store), logged):
            out(line)
        for line in _likeness(app, compiled, logged):
            out(line)
        out("ledger:")
        for line in _ledger(app, compiled, logged):
            out(f"  {line}")
    return 0


def _parts(text: str, node: Node, paper: FoldedPaper, today: date, depth: int) -> Iterator[str]:
    """A line for each part of a rule: whether the paper answers it, the part, and the words that did."""
    from digestbot.matching.evaluate import Evaluator
    from digestbot.rules.ast import And, Or, Rule

    evaluator = Evaluator(Rule(text, node), today)
    answers = evaluator.matches(paper)
    groups = isinstance(node, And | Or) and bool(node.rules)
    head = ("all of" if isinstance(node, And) else "any of") if groups else text[node.span.start : node.span.end]
    words = "" if groups else ", ".join(dict.fromkeys(f"{r.text} ({r.field})" for r in evaluator.reasons(paper)))
    mark = "yes" if answers else "no "
    yield f"{'  ' * depth}{mark}  {head}{faint(f'   {words}') if words else ''}"
    if isinstance(node, And | Or):
        for child in node.rules:
            yield from _parts(text, child, paper, today, depth + 1)


def _score(compiled: CompiledSubscription, paper: FoldedPaper, today: date) -> Iterator[str]:
    """What each term adds to the score, by which the papers of a digest are ordered; nothing where none was found."""
    from digestbot.matching.evaluate import Evaluator
    from digestbot.matching.own_terms import OwnTerms

    evaluator = Evaluator(compiled.rule.rule, today)
    terms = OwnTerms(evaluator).told(paper) if evaluator.matches(paper) else []
    if terms:
        yield f"score: {sum(each.score for each in terms):.3f}, the sum of"
        for each in terms:
            places = ", ".join(f"{count} x {field}" for field, count in each.places)
            yield f"  {each.score:.3f}  {each.term}{faint(f'   {places}')}"


def _rising(app: App, compiled: CompiledSubscription, logged: LoggedPaper, today: date) -> Iterator[str]:
    """What a paper had gained when its digest was made, or would count as now, where that makes the order."""
    from digestbot.digests.due import covered
    from digestbot.digests.pipeline import upvotes_before
    from digestbot.matching.ranking import rise
    from digestbot.model.subscriptions import SortOrder

    if compiled.subscription.order is not SortOrder.TRENDING:
        return
    record, entry = _weighed(app, compiled, logged)
    if record is None:
        cursor = app.store.cursor(compiled.subscription.id)
        after, day, when = covered(compiled.subscription, cursor) if cursor else 0, today, "now"
    else:
        after, day, when = record.window.after, record.slot.day, f"in the digest {record.key}"
        logged = app.store.logged([entry.sequence])[entry.sequence] if entry else logged
    before, upvotes = upvotes_before(app.store, after).get(logged.key, 0), logged.paper.upvotes or 0
    yield (
        f"trending, {when}: {upvotes} upvotes, {before} when the digest before it was made: {upvotes - before:+} "
        f"in its time, {rise(logged.paper, before, day):.2f} for its age"
    )


def _weighed(
    app: App, compiled: CompiledSubscription, logged: LoggedPaper
) -> tuple[DigestRecord | None, EntryRecord | None]:
    """The digest that has the paper, with its entry, or the one that weighed it as it is and left it out."""
    record, entry = _shown(app, compiled, logged)
    if record is None:
        past = app.store.digests(compiled.subscription.id)
        record = next((each for each in past if each.window.after < logged.sequence <= each.window.upto), None)
    return record, entry


def _taste(liked: Taste, logged: LoggedPaper) -> Iterator[str]:
    """What the readers' own answers ("more like this") do to the paper's place in the order; nothing without any."""
    weights = liked.because(logged.paper)
    if weights:
        yield f"taste (what readers said of other papers): its score times {liked.factor(logged.paper):.2f}"
        yield from (f"  {weight:+.2f}  {name}" for name, weight in weights)


def _likeness(app: App, compiled: CompiledSubscription, logged: LoggedPaper) -> Iterator[str]:
    """How like the paper is to what is liked: as its digest was made, or as the next one would be."""
    from digestbot.digests import hand_slot, pending
    from digestbot.matching.like.cut import DaySpan
    from digestbot.matching.like.past import measured_by
    from digestbot.rendering.wording import lacks

    if compiled.subscription.like is None:
        return
    from digestbot.digests.likes import likes_of  # and numpy with it

    record, entry = _shown(app, compiled, logged)
    if record is None:
        now = app.clock()
        record = pending(compiled, app.store, hand_slot(compiled.subscription, app.store.head(), now), now)
    window = list(app.store.window(record.window.after, record.window.upto))
    taste = likes_of(app.store).taste(compiled, record.window.after, window)
    how, cut = taste.likeness(logged.paper), taste.likened.cut
    score, near, words = how.score, how.near.title if how.near else "", how.words
    if entry is not None and entry.likeness is not None and record.likened is not None:  # as it was then
        score, near, words, cut = entry.likeness, entry.near, entry.words, record.likened.cut
    told = record.likened or taste.likened
    yield f"likeness: {score:.3f}, {'above' if score > cut else 'not above'} the cut of {cut:.3f}, which about"
    yield f"  {told.per_week} papers a week passed ({measured_by(told.past, DaySpan(told.weeks, told.dated))})"
    if logged.paper in taste.known:
        yield "  it is liked itself, and so it is no news"
    if near:
        yield f"  nearest to {near!r}"
    yield f"  words in common: {', '.join(words) or 'none'}"
    if not logged.paper.abstract:
        yield "  it has no abstract, and scores low for lack of words"
    yield from (f"  {each}" for each in lacks(told))


def _shown(
    app: App, compiled: CompiledSubscription, logged: LoggedPaper
) -> tuple[DigestRecord | None, EntryRecord | None]:
    """The digest that has the paper, and its entry."""
    if logged.key not in app.store.delivered(compiled.subscription.id):
        return None, None  # without the papers of all its digests being read
    for record in app.store.digests(compiled.subscription.id):
        papers = app.store.logged([entry.sequence for entry in record.entries])
        for entry in record.entries:
            if papers[entry.sequence].key == logged.key:
                return record, entry
    return None, None


def _ledger(app: App, compiled: CompiledSubscription, logged: LoggedPaper) -> Iterator[str]:
    """What the ledger says of a paper and a subscription: sent, carried, pending, or passed by."""
    from digestbot.digests import hand_slot, pending

    subscription = compiled.subscription
    record, _ = _shown(app, compiled, logged)
    if record is not None:
        states = ", ".join(f"{d.destination.name}: {d.state}" for d in app.store.deliveries(digest=record.key))
        yield f"in the digest {record.key}: {states}"
        return
    yield from _let_go(app.store.digests(subscription.id), logged)
    now = app.clock()
    record = pending(compiled, app.store, hand_slot(subscription, app.store.head(), now), now)
    yield _prospect(record, logged, subscription.max_entries)


def _let_go(records: Sequence[DigestRecord], logged: LoggedPaper) -> Iterator[str]:
    """Where it waited, and which digest let it go."""
    waits = False
    for record in records:
        if waits and logged.sequence not in record.carry:
            yield f"it waited, and the digest {record.key} let it go (waiting_days, carry)"
        elif not waits and logged.sequence in record.carry:
            yield f"it waits since the digest {record.key}, which had no room for it"
        elif record.counts.let_go and record.window.after < logged.sequence <= record.window.upto:
            yield f"not among the best of the digest {record.key}, which let the others go (carry = false)"
        waits = logged.sequence in record.carry


def _prospect(record: DigestRecord, logged: LoggedPaper, cap: int) -> str:
    if logged.sequence in {entry.sequence for entry in record.entries}:
        return "in no digest yet; the next one will have it"
    if logged.sequence in record.carry:
        return f"over the cap of {cap} entries; it waits for a digest after the next"
    if logged.sequence <= record.window.after:
        return "in no digest: it came before the stretch of the log that the next one covers"
    if logged.paper.baseline:
        return "in no digest: its source held it when it was first read, and begins with what comes after (first_run)"
    what = "neither the rules nor likeness bring it" if record.likened else "the rules leave it out of the next one"
    return f"in no digest; {what}"
