"""Digests in a real browser: light and dark, on a phone and at a desk, read by whoever has no mouse and no eyes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digestbot.channels.renderers import write
from digestbot.model.digests import Digest
from tests.rendering.making import CHAT, TREND, crowd, digest, eleven, templates
from tests.rendering.test_words import LINKED
from tests.web.browser import chromium, faults, reflows, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of playwright's own loop
HOUSE = templates()
THEMES = ("default", "compact", "magazine")
OF_MAILS = ("region", "landmark-one-main", "landmark-unique")
"""What axe asks of a page of the web, and of no mail."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def opened(page: Page, folder: Path, of: Digest, name: str, theme: str) -> None:
    (part,) = write(name, of, replace(CHAT, theme=theme), LINKED, templates=HOUSE).parts
    file = folder / part.name
    file.write_bytes(part.body)
    page.goto(file.as_uri())


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("theme", THEMES)
def test_everybody_can_read_it(browser: Browser, tmp_path: Path, theme: str, dark: bool) -> None:
    """Contrast, headings, names of links: what axe finds with the list of contents open; and nothing is too wide."""
    with window(browser, "phone", dark=dark) as page:
        for name in ("html", "archive"):
            opened(page, tmp_path, digest(*eleven().sections, trend=TREND), name, theme)
            page.locator("summary").click()
            found = [each for each in faults(page) if name == "archive" or not each.startswith(OF_MAILS)]
            assert found == [], f"{theme} {name}"
            reflows(page, f"{theme} {name}")


@pytest.mark.parametrize("theme", THEMES)
def test_the_list_of_contents_is_reached_and_opened_without_a_mouse(
    browser: Browser, tmp_path: Path, theme: str
) -> None:
    focused = "document.activeElement.innerText"
    with window(browser, "phone") as page:
        opened(page, tmp_path, crowd(24), "archive", theme)
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == "Skip to the papers"
        assert page.get_by_role("navigation", name="Contents").count() == 1
        links = page.get_by_role("navigation").get_by_role("link")
        assert links.all_inner_texts() == ["Topic topic:multilingual", "Topic topic:translation", "Topic query"]
        page.locator("summary").focus()
        page.keyboard.press("Enter")
        lines = page.locator(".titles a")
        assert lines.count() == 24
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == lines.first.inner_text()
        assert {round(each["height"]) for n in range(24) if (each := lines.nth(n).bounding_box())} == {24}
        lines.last.press("Enter")
        assert page.locator(":target").inner_text().endswith("23")


@pytest.mark.parametrize("theme", THEMES)
def test_a_phones_first_screen_has_papers_and_twenty_are_short(browser: Browser, tmp_path: Path, theme: str) -> None:
    with window(browser, "phone") as page:
        page.set_viewport_size({"width": 375, "height": 812})
        opened(page, tmp_path, crowd(20), "html", theme)
        (first, *_) = page.locator("h2:has(a), h3").all()
        box = first.bounding_box()
        assert box is not None
        assert box["y"] < 300
        assert page.evaluate("document.documentElement.scrollHeight") < 5500
