"""The pages by the keyboard alone, in a real browser: from paper to paper, opened, searched, and turned off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digestbot.model.papers import Paper
from tests.delivery.kit import NOW, deliver, mail_to, planned, subscribe
from tests.web.browser import WIDTHS, chromium, looked_at, window
from tests.web.kit import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of playwright's own loop


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def site(tmp_path: Path, serve: Callable[..., Served]) -> Served:
    """With three papers that have the site's own addresses, one that has none, and two public digests of papers."""
    for theme in ("default", "compact", "magazine"):
        subscribe(tmp_path, theme, f'name = "Of {theme}"\n{mail_to(["ada"])}', public="true", theme=f'"{theme}"')
    served = serve(PUBLIC_URL="http://localhost")
    planned(served.app, 3)
    planned(served.app, 2)
    deliver(served.app)
    papers = [Paper(title=f"Speech {n}", url=f"{served.url}/topics?{n}", published=NOW.date()) for n in (1, 2, 3)]
    served.app.store.merge([*papers, Paper(title="Speech without a link", published=NOW.date())], now=NOW)
    return served


def focused(page: Page) -> str:
    """The text of what has the focus."""
    return str(page.evaluate("document.activeElement.innerText")).strip()


def pressed(page: Page, keys: str) -> list[str]:
    """What has the focus after each key."""
    found = []
    for key in keys:
        page.keyboard.press(key)
        found.append(focused(page))
    return found


def test_search_results_are_gone_through_and_opened(browser: Browser, site: Served) -> None:
    with window(browser, "desktop") as page:
        page.goto(f"{site.url}/search?q=title:speech")
        bare = "Speech without a link"
        assert pressed(page, "jjjj") == [bare, "Speech 3", "Speech 2", "Speech 1"]
        assert pressed(page, "jkkkkj") == ["Speech 1", "Speech 2", "Speech 3", bare, bare, "Speech 3"]
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
        page.keyboard.press("o")
        page.wait_for_url("**/topics?3")


def test_each_theme_of_a_digest_and_the_lists_are_gone_through(browser: Browser, site: Served) -> None:
    with window(browser, "desktop") as page:
        page.goto(f"{site.url}/archive")
        assert pressed(page, "jjj") == ["Of compact", "Of default", "Of magazine"]
        page.keyboard.press("o")
        page.get_by_role("heading", name="Of magazine").wait_for()
        assert page.url == f"{site.url}/archive/magazine"
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Of magazine").wait_for()
        for theme in ("default", "compact", "magazine"):
            label = site.app.store.digests(theme)[0].slot.label
            page.goto(f"{site.url}/archive/{theme}/{label}")
            came = pressed(page, "jjjkk")
            assert [each.removeprefix("The paper number ") for each in came] == ["1", "2", "3", "2", "1"]
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_what_the_playground_found_is_gone_through_and_typing_stays_typing(browser: Browser, site: Served) -> None:
    with window(browser, "phone") as page:
        page.goto(f"{site.url}/playground")
        page.keyboard.press("/")
        page.keyboard.type("speech? OR j/k")
        assert page.get_by_label("Rules", exact=True).input_value() == "speech? OR j/k"
        assert page.locator("#keys").is_hidden()
        page.get_by_label("Rules", exact=True).fill("speech")
        page.get_by_text("4 papers in the last 8 weeks").wait_for()
        page.locator("h1").click()
        assert pressed(page, "j")[0].startswith("Speech")


def test_the_search_field_is_gone_to_from_every_page_but_no_form_is_left(browser: Browser, site: Served) -> None:
    with window(browser, "desktop") as page:
        page.goto(f"{site.url}/archive")
        page.keyboard.press("/")
        page.wait_for_url("**/search#q")
        page.wait_for_function("document.activeElement.id === 'q'")
        page.goto(f"{site.url}/search?q=speech")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        page.goto(f"{site.url}/preferences")
        page.keyboard.press("/")
        assert page.url == f"{site.url}/preferences"


def test_keys_of_the_browser_stay_its_own(browser: Browser, site: Served) -> None:
    with window(browser, "desktop") as page:
        page.goto(f"{site.url}/search?q=speech")
        before = focused(page)
        for key in ("Control+j", "Alt+j", "Meta+j", "Control+k", "Shift+J"):
            page.keyboard.press(key)
            assert focused(page) == before, key


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_help_line_is_shown_read_out_and_turns_the_keys_off(
    browser: Browser, site: Served, width: str, dark: bool
) -> None:
    label = site.app.store.digests("default")[0].slot.label
    with window(browser, width, dark=dark) as page:
        for what, path in {"digest": f"/archive/default/{label}", "search": "/search?q=speech"}.items():
            page.goto(site.url + path)
            line, status = page.locator("#keys"), page.locator("#keys [role=status]")
            page.keyboard.press("?")
            assert status.inner_text() == "j next, k previous, o open, / search, ? this line."
            looked_at(page, f"keys-{width}-{'dark' if dark else 'light'}-{what}")
            page.keyboard.press("Escape")
            assert line.is_hidden()
            keys = page.get_by_role("button", name="Keys")
            keys.click()
            assert keys.get_attribute("aria-expanded") == "true"
            page.get_by_role("button", name="Close").click()
            assert (line.is_hidden(), focused(page)) == (True, "Keys")
        page.keyboard.press("?")
        page.get_by_role("button", name="Turn off").click()
        assert status.inner_text() == "The keys are turned off."
        page.goto(f"{site.url}/archive/default/{label}")
        before = focused(page)
        assert pressed(page, "j?") == [before, before]
        assert page.locator("#keys").is_hidden()
        page.get_by_role("button", name="Keys").click()
        page.get_by_role("button", name="Turn on").click()
        page.reload()
        assert pressed(page, "j") == ["The paper number 1"]
