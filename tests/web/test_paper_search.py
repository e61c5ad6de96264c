"""The playground and the search: rules over the stored papers, as one types them, without scripts, in bounded time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.bootstrap import App
from digestbot.model.papers import Paper
from digestbot.platform.settings import Settings
from digestbot.web import paper_search, site
from tests.delivery.kit import NOW
from tests.web.kit import Served, wait_for

TODAY = NOW.date()
NASTY = Paper(title="<script>alert(1)</script> quantum speech", abstract="An <img src=x onerror=alert(1)> speech")


def store(served: Served, *papers: Paper) -> None:
    served.app.store.merge(papers, now=NOW)


def speech(number: int, weeks: int = 0) -> Paper:
    return Paper(title=f"Speech number {number}", abstract="It is about it.", published=TODAY - timedelta(weeks=weeks))


def test_a_rule_shows_what_it_would_have_found_week_by_week_with_its_words(served: Served) -> None:
    store(served, *(speech(n) for n in range(3)), speech(3, weeks=2), speech(4, weeks=20), Paper(title="Vision"))
    page = served.visitor().get("/playground?rules=speech").text
    assert "<strong>4 papers in the last 8 weeks</strong>, 5 among the newest 6" in " ".join(page.split())
    assert re.search(r'aria-label="[^"]*16 Feb: 1, 23 Feb: 0, 2 Mar: 3"', page)
    assert page.count("<mark>Speech</mark>") == 5
    assert "Vision" not in page


def test_the_papers_are_ready_before_anybody_asks(
    serve: Callable[..., Served], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_search, "WORTH_WARMING", 1)
    with App(Settings(home=tmp_path)) as app:
        app.store.merge([speech(1)], now=NOW)
    served = serve(tmp_path)
    wait_for(lambda: "warming" not in {each.name for each in threading.enumerate()})
    monkeypatch.setattr(served.app.store, "window", lambda *_: pytest.fail("asked for only now"))
    assert "1 paper<" in served.visitor().get("/search?q=speech").text


def test_papers_that_come_in_later_are_found_too_and_a_changed_one_once(served: Served) -> None:
    store(served, speech(1))
    visitor = served.visitor()
    assert "1 paper<" in visitor.get("/search?q=speech").text
    store(served, speech(2), Paper(title="Speech number 1", upvotes=7))
    assert "2 papers<" in visitor.get("/search?q=speech").text
    assert "1 paper<" in visitor.get("/search?q=speech upvotes>=7").text


def test_a_mistake_is_told_with_its_line_and_column_and_a_way_out(served: Served) -> None:
    page = served.visitor().http.get("/playground", params={"rules": "speech\ntilte:graph"})
    assert page.status_code == 422
    assert "Line 2, column 1" in page.text
    assert "did you mean `title:`?" in page.text
    found = served.visitor().http.get("/playground/found", params={"rules": "(speech"})
    assert (found.status_code, found.text.strip()) == (200, "")
    search = served.visitor().http.get("/search", params={"q": "(speech"})
    assert search.status_code == 422
    assert "Column 1" in search.text


def test_what_else_the_rules_would_find_and_what_was_hardly_meant_is_told(served: Served) -> None:
    store(served, Paper(title="Large language models on farms"), Paper(title="An LLM at sea"), speech(1))
    found = " ".join(served.visitor().get("/playground/found?rules=LLM").text.split())
    assert "`LLM` is also written &#34;large language model&#34;: 1 paper more" in found
    assert "(to find both: `~LLM`)" in found
    assert "the operator is OR" in served.visitor().get("/playground/found?rules=(a or b)").text
    quiet = served.visitor().get("/playground/found?rules=~LLM").text
    assert "also written" not in quiet
    assert "2 among the newest 3" in " ".join(quiet.split())


def test_a_stored_script_is_shown_as_text(served: Served) -> None:
    store(served, NASTY)
    for path in ("/playground?rules=speech", "/playground/found?rules=speech", "/search?q=speech"):
        page = served.visitor().get(path).text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_the_search_goes_page_by_page_the_newest_first(served: Served) -> None:
    store(served, *(speech(n, weeks=n) for n in range(45)))
    visitor = served.visitor()
    first, third, beyond = (visitor.http.get("/search", params={"q": "speech", "page": n}) for n in ("1", "3", "999"))
    assert [len(re.findall('class="paper"', each.text)) for each in (first, third)] == [20, 5]
    assert first.text.index("number 0<") < first.text.index("number 1<")
    assert third.text == beyond.text
    assert 'rel="next"' in first.text
    assert 'rel="next"' not in third.text
    assert visitor.http.get("/search", params={"q": "speech", "page": "-1; drop"}).text == first.text


def test_a_rule_that_takes_too_long_is_given_up_and_that_is_said(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_search, "PATIENCE", -1.0)
    store(served, *(speech(n) for n in range(9)))
    for path in ("/search?q=title:speech", "/playground?rules=speech"):
        assert "older papers were not looked at" in served.visitor().get(path).text


def test_who_asks_without_end_has_to_wait(served: Served) -> None:
    visitor = served.visitor()
    answers = [visitor.get("/playground/found?rules=x").status_code for _ in range(site.LOOKS + 1)]
    assert answers == [200] * site.LOOKS + [429]
    assert visitor.get("/search?q=x").status_code == 429
    served.clock.move(minutes=2)
    assert visitor.get("/search?q=x").status_code == 200


def test_rules_that_are_too_large_are_refused(served: Served) -> None:
    visitor = served.visitor()
    assert visitor.http.get("/search", params={"q": "x " * 3000}).status_code == 422
    assert visitor.http.get("/playground", params={"rules": "x\n" * 60}).status_code == 422


def test_rules_that_were_tried_are_taken_along_to_the_sign_up(served: Served) -> None:
    page = served.visitor().http.get("/playground", params={"rules": 'low "resource"'}).text
    assert 'name="rules" value="low &#34;resource&#34;"' in page
    assert (
        ">low &#34;resource&#34;</textarea>" in served.visitor().http.get("/", params={"rules": 'low "resource"'}).text
    )


def test_pages_under_a_path_lead_to_each_other_there(serve: Callable[..., Served]) -> None:
    served = serve(PUBLIC_URL="https://example.org/papers")
    store(served, *(speech(n) for n in range(30)))
    assert 'href="/papers/search?q=speech&amp;page=2"' in served.visitor().get("/search?q=speech").text


def found_titles(text: str) -> list[str]:
    return re.findall(r'<h3 dir="auto">(?:<a [^>]*>)?(.*?)(?:</a>)?</h3>', text)


def test_plain_words_are_ranked_and_a_rule_is_exact_and_each_says_so(served: Served) -> None:
    both = Paper(title="Glass in furnaces", abstract="Molten glass flows.", published=TODAY - timedelta(weeks=9))
    one = Paper(title="A furnace", abstract="It is hot.", published=TODAY)
    store(served, both, one, *(speech(n) for n in range(9)))
    visitor = served.visitor()
    ranked = visitor.http.get("/search", params={"q": "molten glass, furnaces?"}).text
    assert [re.sub("<[^>]+>", "", each) for each in found_titles(ranked)] == ["Glass in furnaces", "A furnace"]
    assert "Ranked by how well they fit these words" in ranked
    (way,) = re.findall(
        r'href="([^"]*how=rule[^"]*)"', visitor.http.get("/search", params={"q": "glass furnaces"}).text
    )
    exact = visitor.http.get(way.replace("&amp;", "&")).text
    assert len(found_titles(exact)) == 1
    assert "Exactly these words" in exact
    rule = visitor.http.get("/search", params={"q": "glass AND furnace"}).text
    assert len(found_titles(rule)) == 1
    assert "Ranked" not in rule


def test_papers_like_this_one_from_any_paper_found(served: Served) -> None:
    glass = [Paper(title=f"Glass {n}", abstract=f"Molten glass in furnace {n} of silica.") for n in range(3)]
    store(served, *glass, *(speech(n) for n in range(9)))
    visitor = served.visitor()
    for path in ("/search?q=silica", "/playground?rules=silica"):
        place = re.findall(r'href="([^"]*/search\?like=\d+)"', visitor.get(path).text)[0]
        like = visitor.http.get(place).text
        assert len(found_titles(like)) == 2, "not itself, and nothing of speech"
        assert "by the words they share" in like
    for wrong in ("/search?like=999", "/search?like=x", "/search?like=-1"):
        assert visitor.get(wrong).status_code == 200
