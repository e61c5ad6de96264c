"""Rules looked at before they are kept: each line's mistakes, with line and column, while one types."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from digestbot.model.errors import Problem, RuleError
from digestbot.rules.combine import combine, keyword_place
from digestbot.rules.topics import Topics
from digestbot.web.request_context import RequestContext, page
from digestbot.web.site import Site

MOST_RULES = 50
LONGEST_RULES = 5_000  # characters, all together


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [page(site, "/rules/check", check)]


def check(context: RequestContext) -> Response:
    """``GET /rules/check?rules=...``, one rule a line: ``{"problems": [...]}``, each with ``line``, ``column``,
    ``message`` and ``way_out``.
    """
    problems = wrong_with(context.request.query_params.get("rules", ""), context.site.app.topics)
    told = [
        {"line": each.line, "column": each.column, "message": each.message, "way_out": each.way_out}
        for each in problems
    ]
    return JSONResponse({"problems": told})


def lines_of(text: str) -> list[tuple[int, str]]:
    """The rules in a box, one a line, with the numbers of their lines; empty lines hold none."""
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def wrong_with(text: str, topics: Topics) -> Sequence[Problem]:
    """What is wrong with the rules in a box; lines count from 1 in the whole box, columns in their line."""
    lines = lines_of(text)
    if len(lines) > MOST_RULES or len(text) > LONGEST_RULES:
        hint = f"leave {MOST_RULES} lines and {LONGEST_RULES:,} characters at most"
        return [Problem("these are too many rules for one box", way_out=hint)]
    if not lines:
        return []
    try:
        combine(keywords=[rule for _, rule in lines], taxonomy=topics)
    except RuleError as error:
        raw, places = text.splitlines(), {keyword_place(at): number for at, (number, _) in enumerate(lines)}
        return [_in_box(each, places[each.place], raw) if each.place in places else each for each in error.problems]
    return []


def _in_box(problem: Problem, number: int, raw: Sequence[str]) -> Problem:
    """A problem of the rule on a line of the box where it stands in it."""
    indent = len(raw[number - 1]) - len(raw[number - 1].lstrip())
    return Problem(problem.message, None, number, (problem.column or 1) + indent, problem.way_out)
