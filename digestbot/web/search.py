"""Search over the stored papers in the rule language, page by page, under addresses that can be passed on."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.errors import RuleError
from digestbot.rules.combine import combine
from digestbot.web.forms import Filled
from digestbot.web.paper_search import entries
from digestbot.web.request_context import RequestContext, page
from digestbot.web.rules_check import LONGEST_RULES
from digestbot.web.site import Site

ON_A_PAGE = 20


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [page(site, "/search", show, pool=site.pools.costly)]


def show(context: RequestContext) -> Response:
    """``GET /search?q=...&page=2``: the papers that answer the rule, the newest first."""
    site, asked = context.site, context.request.query_params
    query, now = asked.get("q", "").strip(), site.app.clock()
    filled = Filled(rules=query)
    if not query:
        return context.show("search.html", filled=filled, look=None)
    if len(query) > LONGEST_RULES:
        filled.object_to("q", f"This is too long: leave {LONGEST_RULES:,} characters at most.")
        return context.show("search.html", 422, filled=filled, look=None)
    try:
        rule = combine(query=query, taxonomy=site.app.topics)
    except RuleError as error:
        for each in error.problems:
            where = f"Column {each.column}: " if each.column else ""
            filled.object_to("q", f"{where}{each.message}{f' ({each.way_out})' if each.way_out else ''}")
        return context.show("search.html", 422, filled=filled, look=None)
    if site.looks.too_often(context.network, now):
        return context.show("slowly.html", 429)
    look = site.papers.look(rule, now.date(), context.gone.is_set)
    pages = max(1, -(-len(look.found) // ON_A_PAGE))
    number = number_of(asked.get("page", ""), pages)
    first = (number - 1) * ON_A_PAGE
    shown = entries(rule, look.found[first : first + ON_A_PAGE], now.date())

    def address(other: int) -> str:
        return f"{site.base}/search?{urlencode({'q': query, 'page': other})}"

    return context.show(
        "search.html", filled=filled, look=look, entries=shown, first=first, number=number, pages=pages, address=address
    )


def number_of(written: str, pages: int) -> int:
    """The page asked for, from 1; the nearest there is."""
    return min(max(1, int(written)), pages) if written.isascii() and written.isdigit() and len(written) < 9 else 1
