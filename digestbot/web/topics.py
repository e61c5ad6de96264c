"""The tree of topics to walk through: what stands under each, how many papers it finds, and the newest of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.bootstrap import App
from digestbot.matching.topic_counts import TopicCounts
from digestbot.rendering.links import web_link
from digestbot.rules.topics import Topics
from digestbot.web.request_context import RequestContext, page
from digestbot.web.site import Site

MOST = 2_000
"""So many of the newest papers are counted: a second's work, once for all visitors."""
FRESH = timedelta(minutes=10)
"""So long a count stands, however many papers come in."""


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic as the pages list it, with those right under it."""

    name: str
    title: str
    papers: int
    under: Sequence[TopicLine] = ()


class NewestTopicCounts:
    """What the topics find among the newest papers, counted anew when papers have come in."""

    def __init__(self, app: Callable[[], App]) -> None:
        """`app` gives the parts as they are now."""
        self._app = app
        self._lock = threading.Lock()
        self._known: tuple[Topics, int, datetime, TopicCounts] | None = None

    def now(self) -> TopicCounts:
        """The counts. Raises StoreError, and UsageError when the topics cannot be read."""
        app = self._app()
        store, topics, now = app.store, app.topics, app.clock()
        with self._lock:
            head = store.head()
            if self._known is not None:
                of, upto, at, counts = self._known
                if of is topics and (upto == head or timedelta(0) <= now - at < FRESH):
                    return counts
            newest = {each.key: each.paper for each in store.window(max(0, head - MOST), head)}
            counts = TopicCounts(topics, topics)
            counts.add(list(newest.values()), now.date())
            self._known = topics, head, now, counts
            return counts


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    counts = NewestTopicCounts(lambda: site.app)

    def areas(context: RequestContext) -> Response:
        """``GET /topics``: the areas of science, with the fields in each."""
        topics, found = site.app.topics, counts.now()
        tops = [name for depth, name in topics.outline() if depth == 0]
        lines = [_line(name, topics, found, _under(name, topics)) for name in tops]
        return context.show("topics.html", lines=lines, asked=found.asked)

    def topic(context: RequestContext) -> Response:
        """``GET /topics/astronomy``: one topic."""
        topics, name = site.app.topics, context.request.path_params["name"]
        if name not in topics:
            raise HTTPException(404)
        found = counts.now()
        example = found[name].example
        return context.show(
            "topic.html",
            topic=_line(name, topics, found),
            above=[(each, topics.title(each)) for each in topics.part_of(name)],
            lines=[_line(each, topics, found, _under(each, topics)) for each in _under(name, topics)],
            example=example,
            link=web_link(example.link) if example else None,
            asked=found.asked,
        )

    return [page(site, "/topics", areas), page(site, "/topics/{name}", topic)]


def _line(name: str, topics: Topics, found: TopicCounts, under: Sequence[str] = ()) -> TopicLine:
    below = [_line(each, topics, found) for each in under]
    return TopicLine(name, topics.title(name), found[name].papers, below)


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
