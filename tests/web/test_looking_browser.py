"""Playground, search, archive, opinions and the operator's pages in a real browser, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digestbot.model.papers import Paper
from tests.delivery.kit import NOW, deliver, mail_to, planned, subscribe
from tests.web.browser import WIDTHS, chromium, looked_at, window
from tests.web.kit import Served, path_of, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of playwright's own loop
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def site(tmp_path: Path, serve: Callable[..., Served]) -> Served:
    """With papers, a public digest that was sent, and one that waits."""
    subscribe(tmp_path, "open", mail_to(["ada"]), public="true")
    served = serve(PUBLIC_URL="http://localhost", OPERATOR_PASSWORD=PASSWORD)
    planned(served.app, 30)
    deliver(served.app)
    planned(served.app, 2)
    served.app.store.merge([Paper(title="Speech for <b>all</b>", published=NOW.date())], now=NOW)
    return served


@pytest.mark.parametrize("width", WIDTHS)
def test_what_rules_would_have_found_shows_while_they_are_typed(browser: Browser, site: Served, width: str) -> None:
    with window(browser, width) as page:
        page.goto(f"{site.url}/playground")
        page.get_by_label("Rules", exact=True).press_sequentially("speech")
        page.get_by_text("1 paper in the last 8 weeks").wait_for()
        assert page.locator("#found mark").all_inner_texts() == ["Speech"]
        looked_at(page, f"{width}-playground")
        page.get_by_label("Rules", exact=True).press_sequentially("\ntilte:x")
        page.get_by_text("Line 2, column 1").wait_for()
        page.locator("#found").wait_for(state="hidden")
        page.goto(f"{site.url}/")
        page.locator("summary", has_text="More:").click()
        page.get_by_label("Rules", exact=True).fill("speech")
        page.get_by_text("1 paper in the last 8 weeks").wait_for()
        looked_at(page, f"{width}-sign-up-found")


def test_without_scripts_the_buttons_do_the_same(browser: Browser, site: Served) -> None:
    with window(browser, "phone", script=False) as page:
        page.goto(f"{site.url}/playground")
        page.get_by_label("Rules", exact=True).fill("speech")
        page.get_by_role("button", name="Try").click()
        page.get_by_text("1 paper in the last 8 weeks").wait_for()
        page.get_by_role("button", name="Subscribe with these rules").click()
        assert page.get_by_label("Rules", exact=True).input_value() == "speech"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_can_be_read_by_everybody(browser: Browser, site: Served, width: str, dark: bool) -> None:
    links, slot = site.server.site.links, site.app.store.digests("open")[0].slot.label
    paths = {
        "search": "/search?q=paper",
        "search-wrong": "/search?q=(paper",
        "playground": "/playground?rules=paper",
        "archive": "/archive",
        "archive-list": "/archive/open",
        "archive-digest": f"/archive/open/{slot}",
        "mine": path_of(links.archive("open")),
        "opinion": path_of(links.opinions("open", 1)[0]),
        "login": "/operator/login",
    }
    inside = ("", "subscribers", "digests", f"digests/open/{slot}", "deliveries", "sources", "outbox")
    with window(browser, width, dark=dark) as page:
        name = f"{width}-{'dark' if dark else 'light'}"
        for what, path in paths.items():
            page.goto(site.url + path)
            looked_at(page, f"{name}-{what}")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("heading", name="Overview").wait_for()
        for path in inside:
            page.goto(f"{site.url}/operator/{path}".rstrip("/"))
            faults_only_inside(page, f"{name}-operator-{path.replace('/', '-')}")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_numbers_of_topics_can_be_read_by_everybody(browser: Browser, site: Served, width: str, dark: bool) -> None:
    site.app.store.merge([Paper(title=f"Galaxies and stars {n}", published=NOW.date()) for n in range(1_200)], now=NOW)
    site.visitor().get("/topics")
    wait_for(lambda: site.server.site.topic_counter.known() is not None, 60)
    with window(browser, width, dark=dark) as page:
        for what in ("topics", "topics/astronomy"):
            page.goto(f"{site.url}/{what}")
            page.get_by_text("the last 8 weeks").wait_for()
            looked_at(page, f"{width}-{'dark' if dark else 'light'}-{what.replace('/', '-')}")
        page.goto(f"{site.url}/?topics=galaxies")
        page.get_by_text("The numbers are papers of the last 8 weeks.").wait_for()
        line = page.locator("li", has=page.locator("input[value=galaxies]"))
        assert line.locator(".many").inner_text() == "1,200"
        looked_at(page, f"{width}-{'dark' if dark else 'light'}-sign-up-numbers")


def faults_only_inside(page: Page, name: str) -> None:
    """Tables may be wider than a desk: they scroll by themselves."""
    from tests.web.browser import SHOTS, faults, reflows

    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert faults(page) == [], name
    reflows(page, name)


def test_on_a_phone_each_row_of_a_table_names_what_it_holds(browser: Browser, site: Served) -> None:
    with window(browser, "phone") as page:
        page.goto(f"{site.url}/operator/login")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("heading", name="Overview").wait_for()
        page.goto(f"{site.url}/operator/outbox")
        state = page.locator("td", has=page.locator(".state")).first
        assert state.evaluate("each => getComputedStyle(each, '::before').content") == '"State"'
        page.get_by_label("All of these").check()
        ticked = page.locator("input[name=id]").evaluate_all("all => all.map(each => each.checked)")
        assert ticked
        assert all(ticked)


def test_an_opinion_is_pressed_and_taken_back(browser: Browser, site: Served) -> None:
    with window(browser, "phone") as page:
        page.goto(site.url + path_of(site.server.site.links.opinions("open", 1)[1]))
        assert site.app.store.opinions("open") == []
        page.get_by_role("button", name="Less like this").click()
        page.get_by_text("Kept: it has its part").wait_for()
        looked_at(page, "phone-opinion-kept")
        page.get_by_role("button", name="Take it back").click()
        page.get_by_text("counts no more").wait_for()
        assert [each.liking.value for each in site.app.store.opinions("open")] == ["none"]


def test_the_operator_holds_a_delivery(browser: Browser, site: Served) -> None:
    with window(browser, "desktop") as page:
        page.goto(f"{site.url}/operator/outbox")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="Outbox").click()
        page.get_by_role("checkbox", name="ada@example.org").check()
        page.get_by_role("button", name="Hold").click()
        page.get_by_text("They are held.").wait_for()
        page.get_by_role("button", name="Log out").click()
        page.get_by_role("heading", name="For the operator").wait_for()
