"""Likes in a real browser, with and without scripts, on a phone: a library uploaded, previewed, kept, and taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digestbot.model.feedback import Feedback, Liking
from tests.delivery.kit import NOW
from tests.web.browser import chromium, looked_at, window
from tests.web.kit import Served, link_in, path_of
from tests.web.test_browser import pictured
from tests.web.test_likes import BIB, record, stock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of playwright's own loop
SLOW = 60_000
"""Milliseconds: whoever reads a library gives way to all."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def site(serve: Callable[..., Served]) -> Served:
    """Its links lead where a browser reaches it."""
    served = serve(PUBLIC_URL="http://localhost")
    stock(served)
    return served


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of two papers on glass."""
    path = tmp_path / "my library.bib"
    path.write_bytes(BIB)
    return path


def look(page: Page, name: str, *, script: bool) -> None:
    if script:
        looked_at(page, f"likes-{name}")
    else:
        pictured(page, f"likes-plain-{name}")


def found(page: Page) -> None:
    """The preview is there, with what is like the library."""
    page.get_by_text("Like “Furnaces for amber glass”").first.wait_for(timeout=SLOW)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_library_is_uploaded_previewed_kept_and_taken_out(
    browser: Browser, site: Served, library: Path, script: bool
) -> None:
    with window(browser, "phone", script=script) as page:
        page.set_default_timeout(SLOW)
        page.goto(f"{site.url}/")
        page.locator("summary", has_text="More:").click()
        page.get_by_label("Your library").set_input_files(library)
        page.get_by_label("About so many a week").fill("2")
        page.get_by_role("button", name="Preview what would have come").click()
        found(page)
        look(page, "1-previewed", script=script)
        assert page.get_by_label("my library.bib").is_checked()
        assert not list(site.app.store.subscribers())

        page.get_by_label("E-mail address").fill("ada@example.org")
        page.get_by_role("button", name="Subscribe").first.click()
        page.get_by_role("heading", name="Check your mail").wait_for()
        page.goto(site.url + link_in(site.mails(1)[0]))
        page.get_by_text("my library.bib").wait_for()
        look(page, "2-confirm", script=script)
        page.get_by_role("button", name="Yes, send me these").click()
        assert record(site).wants["like"] == {"library": "my library.bib", "per_week": 2}
        assert len(site.app.store.library(record(site).id)) == 2

        link = page.get_by_role("link", name="Your preferences").get_attribute("href")
        page.goto(f"{site.url}{path_of(link or '')}")
        page.get_by_label("Papers you like").fill("2402.00001\n2401.00003")
        page.get_by_role("button", name="Preview what would have come").click()
        found(page)
        look(page, "3-preferences", script=script)
        page.get_by_label("my library.bib").uncheck()
        page.get_by_label("Papers you like").fill("2401.00003")
        page.get_by_role("button", name="Save preferences").click()
        page.get_by_text("Saved.").wait_for()
        assert record(site).wants["like"] == {"papers": ["2401.00003"], "per_week": 2}
        assert site.app.store.library(record(site).id) == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_the_playground_tries_rules_and_likes_and_carries_them_on(
    browser: Browser, site: Served, library: Path, script: bool
) -> None:
    with window(browser, "phone", script=script) as page:
        page.set_default_timeout(SLOW)
        page.goto(f"{site.url}/playground")
        page.get_by_label("Rules", exact=True).fill("songbirds")
        page.locator("summary", has_text="What you like").click()
        page.get_by_label("In your own words").fill("viscosity of silica")
        if script:
            page.get_by_text("120 papers in the last 8 weeks").wait_for()
            page.get_by_role("heading", name="Like what you like").wait_for()
        page.get_by_label("Your library").set_input_files(library)
        page.get_by_role("button", name="Try these rules").click()
        found(page)
        look(page, "4-playground", script=script)
        page.get_by_role("button", name="Subscribe with these rules").click()
        page.get_by_role("heading", name="Research papers, read for you").wait_for()
        assert page.get_by_label("Rules", exact=True).input_value() == "songbirds"
        assert page.get_by_label("In your own words").input_value() == "viscosity of silica"
        assert page.get_by_label("my library.bib").is_checked()
        look(page, "5-carried", script=script)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_file_that_is_wrong_or_too_large_is_told(
    browser: Browser, site: Served, tmp_path: Path, script: bool
) -> None:
    large, broken = tmp_path / "large.bib", tmp_path / "broken.bib"
    large.write_bytes(bytes(17 * 1024 * 1024))
    broken.write_bytes(b"@article{one, title = {Never closed")
    with window(browser, "phone", script=script) as page:
        page.set_default_timeout(SLOW)
        page.goto(f"{site.url}/")
        page.get_by_label("Your library").set_input_files(broken)
        page.get_by_role("button", name="Preview what would have come").click()
        alert = page.get_by_role("alert")
        alert.wait_for()
        assert "broken.bib" in alert.inner_text()
        assert "line 1" in alert.inner_text()
        look(page, "6-broken", script=script)
        page.get_by_label("Your library").set_input_files(large)
        if script:
            assert "16 MB at most" in str(page.locator("#upload").evaluate("each => each.validationMessage"))
        else:
            page.get_by_role("button", name="Preview what would have come").click()
            page.get_by_role("heading", name="Too much").wait_for()
            assert "a file may have 16 MB" in page.locator("main").inner_text()


def test_what_was_pressed_is_taken_back_in_preferences(browser: Browser, site: Served) -> None:
    path = site.subscribe()
    site.app.store.put_opinions([Feedback(record(site).id, 1, Liking.MORE, NOW)])
    with window(browser, "phone") as page:
        page.goto(site.url + path)
        looked_at(page, "likes-7-said")
        page.get_by_role("button", name="Take back: Glass paper amber 0").click()
        page.get_by_text("Taken back").wait_for()
        assert [each.liking for each in site.app.store.opinions(record(site).id)] == [Liking.NONE]
