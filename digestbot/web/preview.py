"""What wishes would have brought in the last weeks, tried on the stored papers before anybody relies on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from digestbot.model.errors import Problem, UsageError
from digestbot.model.papers import Paper
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.rendering.wording import lacks
from digestbot.rules.combine import Combined
from digestbot.subscribers.compiled import CompiledSubscription
from digestbot.subscribers.records import RecordCompiler
from digestbot.web.answers import LikesQuestion, LikesResult, SearchResult
from digestbot.web.paper_search import PATIENCE, weeks
from digestbot.web.request_context import RequestContext, too_often

WEEKS = 8
SHOWN = 10
_FINDING = ("topics", "keywords", "query")


@dataclass(frozen=True, slots=True)
class FoundByRules:
    """What rules found: how many in the last weeks, week by week, the newest of them, and what there is to tell."""

    look: SearchResult
    recent: int
    weeks: object
    advice: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Preview:
    """What rules and topics found, and what came besides by likeness; None of what nobody asked for.

    ``lacks`` says what is missing for likeness to be told well.
    """

    rules: FoundByRules | None
    likes: LikesResult | None
    lacks: Sequence[str] = ()


def of(context: RequestContext, wants: Mapping[str, Any], liked: Sequence[Paper] = ()) -> Preview:
    """What a record with these wants would have brought; ``liked`` are papers that it likes besides those it names.

    Raises StoreError, Busy, and the answer to whoever asks too often.
    """
    site, now = context.site, context.site.app.clock()
    if site.looks.too_often(context.network, now):
        raise too_often()
    record = SubscriberRecord("preview", Membership.ACTIVE, wants, now, now)
    compiled, problems = RecordCompiler(site.app.topics).read([record])
    if not compiled:
        raise UsageError(*problems)  # whoever asks has checked them
    today = now.date()
    since = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    told = not wants.get("topics")  # a topic's own rule is nothing that its reader can change
    rules = _by_rules(context, compiled[0].rule, since, today, told=told) if any(map(wants.get, _FINDING)) else None
    likes = _by_likeness(context, compiled[0], liked, since, today)
    return Preview(rules, likes, lacks(likes.likened) if likes else ())


def _by_rules(context: RequestContext, rule: Combined, since: date, today: date, *, told: bool) -> FoundByRules:
    site, gone = context.site, context.gone.is_set
    look = site.papers.look(rule, today, gone, on_a_page=SHOWN)
    days = look.days or {}
    recent = sum(many for day, many in days.items() if day >= since)
    advice = site.papers.advice(rule, site.app.topics.synonyms, look, today, gone) if told else ()
    return FoundByRules(look, recent, weeks(days, today, WEEKS), advice)


def _by_likeness(
    context: RequestContext, compiled: CompiledSubscription, liked: Sequence[Paper], since: date, today: date
) -> LikesResult | None:
    spec = compiled.subscription.like
    if spec is None:
        return None
    site = context.site
    named = [site.app.store.find(each) for each in spec.papers]
    question = LikesQuestion(
        liked=[*(each.paper for each in named if each), *liked],
        about=spec.about or "",
        per_week=spec.per_week,
        unknown=sum(each is None for each in named),
        rule=compiled.rule.rule.root,
        allowed=compiled.allowed,
        since=since,
        today=today,
        patience=PATIENCE,
        shown=SHOWN,
    )
    return site.papers.likes(question, context.gone.is_set)
