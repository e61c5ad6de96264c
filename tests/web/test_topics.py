"""The tree of topics as pages: walked from the areas down, counted, and handed on to the sign-up."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from digestbot.model.papers import Paper
from tests.delivery.kit import NOW
from tests.web.kit import Served

NASTY = Paper(title="Galaxies <b>and</b> their stars", abstract="Galaxies.", url="javascript:alert(1)")
SPIRAL = Paper(title="Spiral galaxies and their stars", url="https://example.org/spiral")


def store(served: Served, *papers: Paper) -> None:
    served.app.store.merge(papers, now=NOW)


def test_the_tree_is_walked_from_the_areas_to_a_topic_with_its_papers(served: Served) -> None:
    store(served, SPIRAL, Paper(title="Bread"))
    visitor = served.visitor()
    areas = visitor.get("/topics").text
    assert "Physics and astronomy" in areas
    assert 'href="/topics/astronomy"' in areas
    page = visitor.get("/topics/astronomy").text
    assert "<strong>1 paper</strong> of the newest 2" in page
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
    page = served.visitor().get("/topics/galaxies").text
    assert "javascript:" not in page
    assert "<b>" not in page


def test_papers_that_come_in_are_counted_after_a_while_and_no_sooner(served: Served) -> None:
    visitor = served.visitor()
    assert "<strong>0 papers</strong>" in visitor.get("/topics/galaxies").text
    store(served, SPIRAL)
    assert "<strong>0 papers</strong>" in visitor.get("/topics/galaxies").text
    served.clock.now += timedelta(minutes=11)
    assert "<strong>1 paper</strong>" in visitor.get("/topics/galaxies").text


def test_a_taxonomy_of_ones_own_is_the_one_that_is_shown(served: Served, tmp_path: Path) -> None:
    (tmp_path / "subscriptions").mkdir(exist_ok=True)
    (tmp_path / "subscriptions" / "topics.toml").write_text('[bread]\ntitle = "Bread"\nkeywords = ["bread"]\n')
    served.current.reload()
    page = served.visitor().get("/topics").text
    assert 'href="/topics/bread"' in page
    assert "astronomy</a>" not in page
