"""The playground: rules tried on the stored papers while one types them, before anybody subscribes to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.errors import Problem
from digestbot.rules.combine import combine
from digestbot.web.answers import SearchResult
from digestbot.web.forms import Filled
from digestbot.web.paper_search import weeks
from digestbot.web.request_context import RequestContext, page
from digestbot.web.rules_check import lines_of, wrong_with
from digestbot.web.site import Site

WEEKS = 8
SHOWN = 10


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    pool = site.pools.costly
    return [page(site, "/playground", show, pool=pool), page(site, "/playground/found", found, pool=pool)]


def show(context: RequestContext) -> Response:
    """The box, and what the rules in the address find: it works without scripts, and can be passed on."""
    filled = Filled(rules=context.request.query_params.get("rules", ""))
    for problem in wrong_with(filled.rules, context.site.app.topics):
        where = f"Line {problem.line}, column {problem.column}: " if problem.line else ""
        filled.object_to("rules", f"{where}{problem.message}{f' ({problem.way_out})' if problem.way_out else ''}")
    tried = _tried(context, filled.rules) if not filled.wrong else None
    if isinstance(tried, Response):
        return tried
    return context.show("playground.html", 422 if filled.wrong else 200, filled=filled, tried=tried)


def found(context: RequestContext) -> Response:
    """``GET /playground/found?rules=...``: the same without the page around it; empty while the rules are wrong."""
    rules = context.request.query_params.get("rules", "")
    tried = None if wrong_with(rules, context.site.app.topics) else _tried(context, rules)
    return tried if isinstance(tried, Response) else context.show("found.html", tried=tried)


@dataclass(frozen=True, slots=True)
class PlaygroundResult:
    """What rules found: how many in the last weeks, week by week, the newest of them, and what there is to tell."""

    look: SearchResult
    recent: int
    weeks: object
    advice: Sequence[Problem]


def _tried(context: RequestContext, written: str) -> PlaygroundResult | Response | None:
    rules = [rule for _, rule in lines_of(written)]
    if not rules:
        return None
    site = context.site
    now = site.app.clock()
    if site.looks.too_often(context.network, now):
        return context.show("slowly.html", 429)
    rule, today = combine(keywords=rules, taxonomy=site.app.topics), now.date()
    look = site.papers.look(rule, today, context.gone.is_set, on_a_page=SHOWN)
    days = look.days or {}
    since = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    recent = sum(many for day, many in days.items() if day >= since)
    advice = site.papers.advice(rule, site.app.topics.synonyms, look, today, context.gone.is_set)
    return PlaygroundResult(look, recent, weeks(days, today, WEEKS), advice)
