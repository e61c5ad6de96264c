"""The tree of topics as pages: walked from the areas down, counted, and handed on to the sign-up."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digestbot.bootstrap import App
from digestbot.matching.topic_counts import TopicCounts
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.web.topic_numbers import TopicCounter, recent
from tests.delivery.kit import NOW
from tests.web.kit import Served, Visitor, wait_for

NASTY = Paper(title="Galaxies <b>and</b> their stars", abstract="Galaxies.", url="javascript:alert(1)")
SPIRAL = Paper(title="Spiral galaxies and their stars", url="https://example.org/spiral")


def store(served: Served, *papers: Paper) -> None:
    served.app.store.merge(papers, now=NOW)


def counted(visitor: Visitor, path: str) -> str:
    """The page, when there are numbers in it."""
    wait_for(lambda: "is being counted" not in visitor.get(path).text, 60)
    return visitor.get(path).text


def test_the_tree_is_walked_from_the_areas_to_a_topic_with_its_papers(served: Served) -> None:
    store(served, SPIRAL, Paper(title="Bread"))
    visitor = served.visitor()
    areas = visitor.get("/topics").text
    assert "Physics and astronomy" in areas
    assert 'href="/topics/astronomy"' in areas
    page = counted(visitor, "/topics/astronomy")
    assert "<strong>1 paper</strong> in the last 8 weeks." in page
    assert '<a href="https://example.org/spiral" rel="noreferrer">Spiral galaxies and their stars</a>' in page
    assert '<a href="/topics/physics">Physics and astronomy</a>' in page
    assert re.search(r'href="/topics/galaxies">.*</a></span> <span class="hint">1 paper</span>', page)
    assert visitor.get("/topics/no-such").status_code == 404


def test_a_topic_is_handed_on_to_the_sign_up_and_nothing_that_is_none(served: Served) -> None:
    visitor = served.visitor()
    assert 'href="/?topics=astronomy"' in visitor.get("/topics/astronomy").text
    form = visitor.get("/?topics=astronomy&topics=no-such&topics=galaxies").text
    assert re.findall(r'value="([a-z-]+)" checked', form) == ["astronomy", "galaxies"]
    assert "no-such" not in form


def test_every_topic_can_be_chosen_once(served: Served) -> None:
    form = served.visitor().get("/").text
    offered = re.findall(r'name="topics" value="([a-z0-9-]+)"', form)
    assert sorted(offered) == sorted(served.app.topics)


def test_what_a_stranger_wrote_is_text_and_leads_nowhere_it_should_not(served: Served) -> None:
    store(served, NASTY)
    page = counted(served.visitor(), "/topics/galaxies")
    assert "Galaxies &lt;b&gt;" in page
    assert "javascript:" not in page
    assert "<b>" not in page


def test_no_page_waits_for_the_numbers_and_each_is_shown_without_them(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, count = threading.Event(), TopicCounts.add

    def slow(self: TopicCounts, papers: Sequence[Paper], today: date) -> None:
        assert go_on.wait(60)
        count(self, papers, today)

    monkeypatch.setattr(TopicCounts, "add", slow)
    store(served, SPIRAL)
    visitor = served.visitor()
    for _ in range(2):
        areas, page = visitor.get("/topics").text, visitor.get("/topics/galaxies").text
        assert "is being counted" in areas
        assert "is being counted" in page
        assert 'href="/topics/astronomy"' in areas
        assert not re.search(r"\d papers?<", areas + page)
    go_on.set()
    assert "<strong>1 paper</strong> in the last 8 weeks." in counted(visitor, "/topics/galaxies")


def test_papers_that_come_in_are_counted_after_a_while_and_no_sooner(served: Served) -> None:
    visitor = served.visitor()
    assert "<strong>0 papers</strong>" in counted(visitor, "/topics/galaxies")
    store(served, SPIRAL)
    known = served.server.site.topic_counter.known()
    assert "<strong>0 papers</strong>" in visitor.get("/topics/galaxies").text
    assert served.server.site.topic_counter.known() is known
    served.clock.now += timedelta(minutes=11)
    visitor.get("/topics/galaxies")
    wait_for(lambda: "<strong>1 paper</strong>" in visitor.get("/topics/galaxies").text)


class Settling(threading.Event):
    """Notes in `order` that somebody waits until all has settled."""

    def __init__(self, order: list[str]) -> None:
        super().__init__()
        self.order = order

    def wait(self, timeout: float | None = None) -> bool:
        self.order.append("waited")
        return super().wait(timeout)


def test_nothing_is_counted_before_the_process_is_through_with_its_first_round(served: Served) -> None:
    order: list[str] = []

    def app() -> App:
        if threading.current_thread().name == "topics":
            order.append("looked")
        return served.app

    settled = Settling(order)
    counter = TopicCounter(app, settled)
    store(served, SPIRAL)
    with counter:
        settled.set()
        counter.looked_at()
        wait_for(lambda: counter.known() is not None)
    assert order[:2] == ["waited", "looked"]


def logged(place: int, published: date, came: datetime = NOW) -> LoggedPaper:
    return LoggedPaper(place, f"w{place}", came, Paper(title="A paper", published=published))


def test_papers_are_of_the_last_weeks_by_their_own_days_and_all_that_there_are_of_these() -> None:
    today = date(2026, 3, 2)
    some = [logged(n, today - timedelta(days=n)) for n in range(60)]
    papers, days = recent(some, today, whole=True)
    assert (days, [each.sequence for each in papers]) == (56, list(range(55, -1, -1)))
    # Of 30 that are counted at most the oldest day may lack some: 30 days are four weeks and two days.
    papers, days = recent(some, today, whole=True, most=30)
    assert (days, len(papers), papers[0].sequence) == (28, 28, 27)
    papers, days = recent(some, today, whole=True, most=3)
    assert (days, [each.sequence for each in papers]) == (3, [2, 1, 0])


def test_of_days_before_the_first_that_is_looked_through_nothing_is_said() -> None:
    today = date(2026, 3, 2)
    came = datetime(2026, 2, 10, tzinfo=UTC)
    some = [logged(7, date(2026, 1, 30), came), logged(8, date(2026, 2, 10), came), logged(9, date(2026, 2, 17))]
    papers, days = recent(some, today, whole=False)
    assert (days, [each.sequence for each in papers]) == (14, [9])
    assert recent(some, today, whole=True)[1] == 56


def test_the_numbers_stand_beside_the_topics_of_the_sign_up_once_they_are_counted(served: Served) -> None:
    store(served, SPIRAL)
    visitor = served.visitor()
    assert "papers of the last" not in visitor.get("/").text
    counted(visitor, "/topics")
    form = visitor.get("/").text
    assert "The numbers are papers of the last 8 weeks." in form
    assert re.search(r'value="galaxies">[^\n]*</label> <span class="many">1</span></li>', form)
    assert re.search(r'value="natural-language-processing">[^\n]*</label> <span class="many">0</span></li>', form)


def test_a_taxonomy_of_ones_own_is_the_one_that_is_shown(served: Served, tmp_path: Path) -> None:
    (tmp_path / "subscriptions").mkdir(exist_ok=True)
    (tmp_path / "subscriptions" / "topics.toml").write_text('[bread]\ntitle = "Bread"\nkeywords = ["bread"]\n')
    served.current.reload()
    page = served.visitor().get("/topics").text
    assert 'href="/topics/bread"' in page
    assert "astronomy</a>" not in page
