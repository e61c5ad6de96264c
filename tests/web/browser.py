"""A real browser over the pages: Debian's Chromium, driven by Playwright, judged by axe-core."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = {"phone": (360, 740), "desktop": (1280, 900)}
SHOTS = os.environ.get("DIGESTBOT_SHOTS")
"""A folder that gets a picture of each page, to be looked at."""
_TOO_WIDE = """
all => all.filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))
"""
_NARROWEST = 320  # CSS pixels: https://www.w3.org/WAI/WCAG22/Understanding/reflow


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; the test is left out, saying why, where it or its driver is not installed."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Browser, width: str, *, script: bool = True, dark: bool = False) -> Iterator[Page]:
    """A window of its own, cookies and all, in a browser whose clock is in Tokyo."""
    across, down = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": across, "height": down},
        java_script_enabled=script,
        timezone_id="Asia/Tokyo",
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    try:
        yield page
        # A page that was refused on purpose says so in the console too.
        assert [each for each in heard if "Failed to load resource" not in each] == []
    finally:
        context.close()


def looked_at(page: Page, name: str) -> None:
    """The page fits its window and the narrowest, axe finds nothing in it; its picture is kept where one is wanted."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    across = page.viewport_size["width"] if page.viewport_size else 0
    box = page.locator("body").bounding_box()
    assert box is not None
    assert box["width"] <= across
    wide = (
        "els => els.filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.pot, .skip')).length"
    )
    if _scripts(page):
        assert page.locator("body *").evaluate_all(wide) == 0, f"{name}: something is wider than the window"
        assert faults(page) == [], name
        reflows(page, name)


def reflows(page: Page, name: str) -> None:
    """In the narrowest window nobody has to scroll sideways."""
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": _NARROWEST, "height": before["height"]})
    assert page.evaluate("document.documentElement.scrollWidth") <= _NARROWEST, f"{name} is too wide at {_NARROWEST} px"
    page.set_viewport_size(before)


def _scripts(page: Page) -> bool:
    return page.locator("html").get_attribute("data-scripts") != "off" and bool(page.evaluate("1"))


def faults(page: Page) -> list[str]:
    """What axe-core finds, of whatever weight."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    found: dict[str, Any] = axe.Axe().run(page).response
    return [
        f"{each['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
