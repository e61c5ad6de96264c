"""Search over the stored papers in the rule language, page by page, under addresses that can be passed on."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from digestbot.matching.search.ranked import plain_words
from digestbot.model.errors import RuleError
from digestbot.rules.combine import Combined, combine
from digestbot.rules.folding import words as folded
from digestbot.web.answers import SearchResult
from digestbot.web.forms import Filled
from digestbot.web.request_context import RequestContext, page, too_often
from digestbot.web.rules_check import LONGEST_RULES
from digestbot.web.site import Site

ON_A_PAGE = 20
LONGEST_NAMED = 500  # characters of an id, an address or a title
LAST_PAGE = 10**6


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [page(site, "/search", show, pool=site.pools.costly)]


def show(context: RequestContext) -> Response:
    """``GET /search?q=...&page=2``: what fits plain words, the best first, or answers a rule, the newest first.

    With ``how=rule`` plain words are a rule, too. ``like=12`` asks for papers like the one at that place of the
    log, or with that id, address or title.
    """
    site, asked = context.site, context.request.query_params
    query = asked.get("q", "").strip()
    filled = Filled(rules=query)
    if not query:
        return _like(context, asked.get("like", ""))
    if len(query) > LONGEST_RULES:
        filled.object_to("q", f"This is too long: leave {LONGEST_RULES:,} characters at most.")
        return context.show("search.html", 422, filled=filled, look=None)
    words = plain_words(query)
    ranked = bool(words) and asked.get("how") != "rule"
    try:
        rule = _any_of(words) if ranked else combine(query=query, taxonomy=site.app.topics)
    except RuleError as error:
        for each in error.problems:
            where = f"Column {each.column}: " if each.column else ""
            filled.object_to("q", f"{where}{each.message}{f' ({each.way_out})' if each.way_out else ''}")
        return context.show("search.html", 422, filled=filled, look=None)
    now = site.app.clock()
    if site.looks.too_often(context.network, now):
        raise too_often()
    gone, number = context.gone.is_set, number_of(asked.get("page", ""))
    if ranked:
        look = site.papers.rank(words, rule, now.date(), gone, page=number)
    else:
        look = site.papers.look(rule, now.date(), gone, page=number)
    as_rule, as_words = {"q": query, "how": "rule"}, {"q": query}
    told = as_rule if words and not ranked else as_words
    return _shown(context, filled, look, told, (as_rule if ranked else as_words) if words else None)


def _like(context: RequestContext, asked: str) -> Response:
    """Papers like the one at a place of the log, or of that name; the bare page where none is there."""
    site, now, filled = context.site, context.site.app.clock(), Filled(rules="")
    logged = site.papers.named(asked[:LONGEST_NAMED])
    words = plain_words(" ".join(folded(logged.paper.title).split)) if logged else ()
    if logged is None or not words:
        return context.show("search.html", filled=filled, look=None)
    if site.looks.too_often(context.network, now):
        raise too_often()
    number = number_of(context.request.query_params.get("page", ""))
    look = site.papers.rank(logged, _any_of(words), now.date(), context.gone.is_set, page=number)
    return _shown(context, filled, look, {"like": asked[:LONGEST_NAMED]}, None, logged.paper.title)


def _any_of(words: Sequence[str]) -> Combined:
    return combine(query=" OR ".join(f'"{each}"' for each in words))


def _shown(
    context: RequestContext,
    filled: Filled,
    look: SearchResult,
    told: dict[str, str],
    otherwise: dict[str, str] | None,
    like: str = "",
) -> Response:
    """A page of what was found; ``told`` asks for it again, ``otherwise`` in the other way."""

    def address(page: int | None, asked: dict[str, str] = told) -> str:
        return f"{context.site.base}/search?{urlencode({**asked, **({'page': page} if page else {})})}"

    return context.show(
        "search.html", filled=filled, look=look, first=(look.number - 1) * ON_A_PAGE, address=address, like=like,
        entries=[(each, address(None, {"like": str(at)})) for each, at in zip(look.entries, look.places, strict=True)],
        other_way=address(None, otherwise) if otherwise else "",
    )  # fmt: skip


def number_of(written: str, pages: int = LAST_PAGE) -> int:
    """The page asked for, from 1; the nearest there is."""
    return min(max(1, int(written)), pages) if written.isascii() and written.isdigit() and len(written) < 9 else 1
