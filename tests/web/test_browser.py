"""The whole way in a real browser, with and without scripts, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from digestbot.model.subscribers import Membership
from tests.web.browser import WIDTHS, chromium, looked_at, window
from tests.web.kit import Served, link_in, path_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of playwright's own loop


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def site(serve: Callable[..., Served]) -> Served:
    """Its links lead where a browser reaches it: to no proxy, and without https."""
    return serve(PUBLIC_URL="http://localhost")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_sign_up_confirm_change_pause_and_leave(browser: Browser, site: Served, width: str, script: bool) -> None:
    name = f"{width}-{'script' if script else 'plain'}"
    with window(browser, width, script=script) as page:

        def look(step: str) -> None:
            if script:
                looked_at(page, f"{name}-{step}")
            else:
                pictured(page, f"{name}-{step}")

        page.goto(f"{site.url}/")
        look("1-sign-up")
        sign_up(page, script=script)
        page.get_by_role("heading", name="Check your mail").wait_for()
        look("2-check-mail")

        page.goto(site.url + link_in(site.mails(1)[0]))
        page.get_by_role("term").filter(has_text="Topics").wait_for()
        look("3-confirm")
        page.get_by_role("button", name="Yes, send me these").click()
        page.get_by_role("heading", name="You are subscribed").wait_for()
        look("4-welcome")
        (record,) = site.app.store.subscribers()
        assert record.state is Membership.ACTIVE
        assert record.wants["timezone"] == ("Asia/Tokyo" if script else "Europe/Lisbon")

        link = page.get_by_role("link", name="Your preferences").get_attribute("href")
        preferences = f"{site.url}{path_of(link or '')}"
        page.goto(preferences)
        look("5-preferences")
        page.get_by_label("How often").select_option("weekly fri")
        page.get_by_label("Rules", exact=True).fill("title:(broken")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("this bracket is never closed").first.wait_for()
        look("6-wrong")
        page.get_by_label("Rules", exact=True).fill("title:survey")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved.").wait_for()
        (record,) = site.app.store.subscribers()
        assert (record.wants["cadence"], record.wants["keywords"]) == ("weekly fri 08:00", ["title:survey"])

        until = (site.clock.now.date() + timedelta(days=9)).isoformat()
        page.get_by_label("Until").fill(until)
        page.get_by_role("button", name="Pause", exact=True).click()
        page.get_by_text(f"Paused until {until}").wait_for()
        look("7-paused")
        (compiled,) = site.app.wants()
        assert compiled.subscription.paused_until == date.fromisoformat(until)

        page.get_by_role("button", name="Unsubscribe").click()
        page.get_by_role("heading", name="You are unsubscribed").wait_for()
        look("8-left")
        assert site.app.store.suppressions(["ada@example.org"])
        page.goto(preferences)
        page.get_by_role("button", name="Come back").wait_for()
        look("9-gone")


def sign_up(page: Page, *, script: bool) -> None:
    """Fill the form as a person would: with scripts the zone is guessed, topics are found, rules are checked."""
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.locator("summary", has_text="More:").click()
    page.get_by_label("Name", exact=True).fill("Papers for Ada")
    page.get_by_label("How often").select_option("weekdays")
    if script:
        page.get_by_label("Find a topic").fill("multiling")
        page.locator("input[value=multilingual]").check()
        page.get_by_text("1 chosen.").wait_for()
        page.get_by_label("Find a topic").fill("")
        page.get_by_label("Rules", exact=True).fill("title:(broken")
        page.get_by_text("Line 1, column 7: this bracket is never closed").wait_for()
    else:
        page.get_by_label("Time zone").select_option("Europe/Lisbon")
        page.locator("summary", has_text="Artificial intelligence").click()
        page.locator("input[value=multilingual]").check()
    page.get_by_label("Rules", exact=True).fill('"low-resource translation"')
    page.get_by_role("button", name="Subscribe").first.click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_three_inputs_lead_from_the_first_page_to_confirmed(browser: Browser, site: Served, script: bool) -> None:
    with window(browser, "phone", script=script) as page:
        page.goto(f"{site.url}/")
        page.get_by_label("E-mail address").fill("ada@example.org")
        interests = page.get_by_label("Interests")
        if script:
            interests.press_sequentially("low-res")
            page.get_by_role("button", name="Multilingual models and low-resource languages").click()
            assert interests.input_value() == "Multilingual models and low-resource languages, "
            interests.press_sequentially("glosses")
            looked_at(page, "three-inputs")
        else:
            interests.fill("multilingual, glosses")
        page.get_by_role("button", name="Subscribe").first.click()
        page.get_by_role("heading", name="Check your mail").wait_for()
        page.goto(site.url + link_in(site.mails(1)[0]))
        page.get_by_role("button", name="Yes, send me these").click()
        page.get_by_role("heading", name="You are subscribed").wait_for()
    (record,) = site.app.store.subscribers()
    assert (record.state, record.wants["topics"], record.wants["keywords"]) == (
        Membership.ACTIVE,
        ["multilingual"],
        ["glosses"],
    )


def pictured(page: Page, name: str) -> None:
    """Without scripts nothing in the page can be asked but where it lies."""
    from tests.web.browser import SHOTS

    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    box = page.locator("main").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert page.viewport_size is not None
    assert box["x"] + box["width"] <= page.viewport_size["width"]


@pytest.mark.parametrize("width", WIDTHS)
def test_in_the_dark_every_page_can_be_read(browser: Browser, site: Served, width: str) -> None:
    path = site.subscribe()
    paths = {
        "sign-up": "/",
        "topics": "/topics",
        "topic": "/topics/astronomy",
        "ask": "/preferences",
        "preferences": path,
        "address": f"{path}/address",
        "forget": f"{path}/forget",
        "no-link": "/leave/x",
        "nowhere": "/nowhere",
    }
    with window(browser, width, dark=True) as page:
        for name, at in paths.items():
            page.goto(site.url + at)
            looked_at(page, f"dark-{width}-{name}")


def test_all_can_be_done_with_the_keyboard(browser: Browser, site: Served) -> None:
    with window(browser, "desktop") as page:
        page.goto(f"{site.url}/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "To the content"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "address"
        page.keyboard.type("ada@example.org")
        page.locator("summary", has_text="More:").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Rules", exact=True).focus()
        page.keyboard.type("survey")
        page.get_by_label("E-mail address").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Check your mail").wait_for()


def test_what_is_wrong_is_seen_first(browser: Browser, site: Served) -> None:
    """Somebody who hears the page hears what is wrong before the form again."""
    with window(browser, "phone") as page:
        page.goto(f"{site.url}/")
        page.get_by_label("E-mail address").fill("ada@example.org")
        page.get_by_role("button", name="Subscribe").click()
        alert = page.get_by_role("alert")
        alert.wait_for()
        assert "Choose a topic" in alert.inner_text()
        assert alert.evaluate("each => each === document.activeElement")
        looked_at(page, "phone-nothing-chosen")
