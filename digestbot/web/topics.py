"""The tree of topics to walk through: what stands under each, how many papers it finds, and the newest of them.

The numbers are there when they have been counted; no page waits for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.matching.topic_counts import TopicCounts
from digestbot.rendering.links import web_link
from digestbot.rules.topics import Topics
from digestbot.web.request_context import RequestContext, page
from digestbot.web.site import Site


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic as the pages list it, with those right under it; how many ``papers`` it finds, where that is known."""

    name: str
    title: str
    papers: int | None
    under: Sequence[TopicLine] = ()


def routes(site: Site) -> list[Route]:
    """The routes of this room."""

    def areas(context: RequestContext) -> Response:
        """``GET /topics``: the areas of science, with the fields in each."""
        topics, numbers = site.app.topics, site.topic_counter.looked_at()
        found = numbers.counts if numbers else None
        tops = [name for depth, name in topics.outline() if depth == 0]
        lines = [_line(name, topics, found, _under(name, topics)) for name in tops]
        return context.show("topics.html", lines=lines, numbers=numbers)

    def topic(context: RequestContext) -> Response:
        """``GET /topics/astronomy``: one topic."""
        topics, name = site.app.topics, context.request.path_params["name"]
        if name not in topics:
            raise HTTPException(404)
        numbers = site.topic_counter.looked_at()
        found = numbers.counts if numbers else None
        example = found[name].example if found else None
        return context.show(
            "topic.html",
            topic=_line(name, topics, found),
            above=[(each, topics.title(each)) for each in topics.part_of(name)],
            lines=[_line(each, topics, found, _under(each, topics)) for each in _under(name, topics)],
            example=example,
            link=web_link(example.link) if example else None,
            numbers=numbers,
        )

    return [page(site, "/topics", areas), page(site, "/topics/{name}", topic)]


def _line(name: str, topics: Topics, found: TopicCounts | None, under: Sequence[str] = ()) -> TopicLine:
    below = [_line(each, topics, found) for each in under]
    return TopicLine(name, topics.title(name), found[name].papers if found else None, below)


def _under(name: str, topics: Topics) -> list[str]:
    return [each for each in topics.includes(name) if each in topics]


@dataclass(frozen=True, slots=True)
class Group:
    """Topics under one heading: name, title and depth of each."""

    title: str
    topics: Sequence[tuple[str, str, int]]


def grouped(topics: Topics) -> list[Group]:
    """The taxonomy as the form shows it: a topic that includes others heads them; each stands once."""
    lines = [(name, topics.title(name), depth) for depth, name in topics.outline()]
    starts = [at for at, (_, _, depth) in enumerate(lines) if depth == 0]
    trees = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    alone = [tree[0] for tree in trees if len(tree) == 1]
    groups = [Group(tree[0][1], tree) for tree in trees if len(tree) > 1]
    return [*groups, *([Group("More", alone)] if alone else [])]
