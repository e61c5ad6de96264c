"""The archive: public digests for everybody, as pages and as a feed; others behind their subscriber's link."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest

from digestbot.digests import hand_slot, open_digest
from digestbot.model.digests import DigestVerdict, Window
from digestbot.model.papers import Paper
from digestbot.platform.links import Purpose
from digestbot.web.archive import IN_THE_FEED
from tests.delivery.kit import mail_to, planned, subscribe
from tests.web.kit import Served, path_of


@pytest.fixture
def filled(tmp_path: Path, serve: Callable[..., Served]) -> Served:
    """A public subscription and one that is not, a digest of each."""
    subscribe(tmp_path, "open", f'name = "Open <b>papers"\n{mail_to(["ada"])}', public="true")
    subscribe(tmp_path, "closed", mail_to(["bob"]))
    served = serve()
    planned(served.app)
    return served


def test_public_digests_are_there_for_everybody_and_others_are_not(filled: Served) -> None:
    visitor = filled.visitor()
    index = visitor.get("/archive").text
    assert "Open &lt;b&gt;papers" in index
    assert "closed" not in index
    listed = visitor.get("/archive/open").text
    titles = re.findall(r'<span class="hint first" dir="auto">([^<]+)</span>', listed)
    assert titles == ["The paper number 1, and more"]
    path = f"/archive/open/{filled.app.store.digests('open')[0].slot.label}"
    assert f'href="{path}"' in listed
    page = visitor.get(path)
    assert "The paper number 1" in page.text
    assert "ada@example.org" not in page.text
    policy = page.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "form-action 'none'"} <= set(policy)
    assert re.findall(r"<script[^>]*", page.text) == re.findall(
        r'<script src="/static/keys\.js\?[0-9a-f]{12}[^>]*', page.text
    )
    assert page.text.count("<script") == 1
    for other in ("/archive/closed", "/archive/closed/feed.atom", "/archive/none", "/archive/open/none"):
        assert visitor.get(other).status_code == 404
    label = filled.app.store.digests("closed")[0].slot.label
    assert visitor.get(f"/archive/closed/{label}").status_code == 404


def test_each_paper_of_a_digest_leads_to_papers_like_it(filled: Served) -> None:
    visitor = filled.visitor()
    page = visitor.get(f"/archive/open/{filled.app.store.digests('open')[0].slot.label}").text
    places = [each.sequence for each in filled.app.store.digests("open")[0].entries]
    assert places
    for place in places:
        assert f'href="https://digest.example.org/search?like={place}"' in page
    found = visitor.get(f"/search?like={places[0]}").text
    assert "Papers like <strong" in found
    assert "Papers like <strong" in visitor.http.get("/search", params={"like": "The paper number 1"}).text


def test_the_feed_is_one_that_readers_read_and_is_sent_anew_only_when_it_changed(filled: Served) -> None:
    visitor = filled.visitor()
    answer = visitor.get("/archive/open/feed.atom")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert (feed.feed.title, len(feed.entries)) == ("Open <b>papers", 3)
    links = {each.rel: each.href for each in feed.feed.links}
    assert links["self"] == "https://digest.example.org/archive/open/feed.atom"
    assert links["alternate"] == "https://digest.example.org/archive/open"
    again = visitor.http.get("/archive/open/feed.atom", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    planned(filled.app)
    new = visitor.http.get("/archive/open/feed.atom", headers={"If-None-Match": answer.headers["etag"]})
    assert (new.status_code, len(feedparser.parse(new.content).entries)) == (200, 6)


def test_quiet_days_are_no_digests_and_hide_none(filled: Served) -> None:
    app, visitor = filled.app, filled.visitor()
    (compiled,) = app.wants(("open",))
    last = app.store.digests("open")[-1]
    for _ in range(IN_THE_FEED + 1):
        filled.clock.move(days=1)
        slot = hand_slot(compiled.subscription, app.store.head(), app.clock())
        quiet = replace(
            last, key=f"open/{slot.label}", slot=slot, verdict=DigestVerdict.NOTHING_NEW, sections=(), entries=()
        )
        window = Window(app.store.head(), app.store.head())
        assert app.store.open_digest(replace(quiet, window=window), [])
    assert "The last one: 2 March 2026" in visitor.get("/archive").text
    assert visitor.get("/archive/open").text.count('<li><a href="/archive/open/') == 1
    assert "Older" not in visitor.get("/archive/open").text
    assert len(feedparser.parse(visitor.get("/archive/open/feed.atom").content).entries) == 3


def test_a_page_of_the_archive_looks_as_the_mails_do_and_leads_back(
    tmp_path: Path, serve: Callable[..., Served]
) -> None:
    subscribe(tmp_path, "plain", mail_to(["ada"]), public="true")
    subscribe(tmp_path, "fine", mail_to(["bob"]), public="true", theme='"magazine"')
    served = serve()
    planned(served.app)
    pages = {}
    for name in ("plain", "fine"):
        label = served.app.store.digests(name)[0].slot.label
        pages[name] = served.visitor().get(f"/archive/{name}/{label}").text
        assert f'href="https://digest.example.org/archive/{name}"' in pages[name]
        assert "@example.org" not in pages[name]
    assert ("pad cover" in pages["fine"], "pad cover" in pages["plain"]) == (True, False)


def test_a_digest_leads_to_the_one_before_and_the_one_after_past_quiet_days(filled: Served) -> None:
    app, visitor = filled.app, filled.visitor()
    (compiled,) = app.wants(("open",))
    first = app.store.digests("open")[-1]
    slots = [first.slot]
    for number in range(1, 13):  # every second day is quiet
        filled.clock.move(days=1)
        slot = hand_slot(compiled.subscription, app.store.head(), app.clock())
        slots.append(slot)
        window = Window(app.store.head(), app.store.head())
        kept = replace(first, key=f"open/{slot.label}", slot=slot, window=window)
        quiet = replace(kept, verdict=DigestVerdict.NOTHING_NEW, sections=(), entries=())
        assert app.store.open_digest(quiet if number % 2 else kept, [])

    def ways(slot: int) -> list[tuple[str, str]]:
        page = visitor.get(f"/archive/open/{slots[slot].label}").text
        return re.findall(r'href="https://digest.example.org(/[^"]*)"[^>]*>(Previous digest|Next digest)<', page)

    before, after = "Previous digest", "Next digest"
    assert ways(0) == [(f"/archive/open/{slots[2].label}", after)] * 2
    assert ways(2) == [(f"/archive/open/{slots[0].label}", before), (f"/archive/open/{slots[4].label}", after)] * 2
    assert ways(12) == [(f"/archive/open/{slots[10].label}", before)] * 2


def test_public_digests_lead_to_the_sign_up_with_their_topics_and_no_rules(
    tmp_path: Path, serve: Callable[..., Served]
) -> None:
    subscribe(tmp_path, "open", mail_to(["ada"]), public="true", topics='["astronomy", "galaxies"]')
    subscribe(tmp_path, "closed", mail_to(["bob"]))
    served = serve()
    planned(served.app)
    visitor, to = served.visitor(), "/?topics=astronomy&amp;topics=galaxies"
    label = served.app.store.digests("open")[0].slot.label
    assert f'href="{to}"' in visitor.get("/archive").text
    assert f'href="{to}"' in visitor.get("/archive/open").text
    assert f'href="https://digest.example.org{to}"' in visitor.get(f"/archive/open/{label}").text
    mine = path_of(served.server.site.links.archive("closed"))
    assert ">Subscribe</a>" not in visitor.get(mine).text.partition("<main")[2]
    own = visitor.get(f"{mine}/{served.app.store.digests('closed')[0].slot.label}")
    assert own.status_code == 200
    assert "Subscribe" not in own.text


def test_a_subscriber_reads_the_own_digests_by_the_link_of_the_preferences(served: Served) -> None:
    path = served.subscribe("ada@example.org")
    app, visitor = served.app, served.visitor()
    (compiled,) = app.wants()
    mine = path_of(served.server.site.links.archive(compiled.subscription.id))
    assert f"https://digest.example.org{mine}" in visitor.get(path).text
    assert "No digest yet" in visitor.get(mine).text
    assert visitor.get(f"{mine}/feed.atom").status_code == 404
    app.store.merge([Paper(title="A paper of ours", published=app.clock().date())], now=app.clock())
    slot = hand_slot(compiled.subscription, app.store.head(), app.clock())
    assert open_digest(compiled, app.store, slot, app.clock()) is not None
    assert slot.label in visitor.get(mine).text
    assert "A paper of ours</a>" in visitor.get(f"{mine}/{slot.label}").text
    assert len(feedparser.parse(visitor.get(f"{mine}/feed.atom").content).entries) == 1


def test_a_link_is_good_for_its_own_subscription_alone_and_as_long_as_there_is_one(filled: Served) -> None:
    links, visitor = filled.server.site.links, filled.visitor()
    mine = path_of(links.archive("closed"))
    assert visitor.get(mine).status_code == 200
    label = filled.app.store.digests("closed")[0].slot.label
    assert visitor.get(f"{mine}/{label}").status_code == 200
    assert visitor.get(path_of(links.archive("gone"))).status_code == 404
    assert visitor.get(mine[:-1] + ("A" if mine[-1] != "A" else "B")).status_code == 404
    forged = links.tokens.sign(Purpose.PREFERENCES, "closed")
    assert visitor.get(f"/mine/{forged}").status_code == 404


def test_whoever_left_reads_no_more(served: Served) -> None:
    path = served.subscribe("ada@example.org")
    (compiled,) = served.app.wants()
    mine = path_of(served.server.site.links.archive(compiled.subscription.id))
    served.visitor().press(f"{path}/forget", sure="yes")
    assert served.visitor().get(mine).status_code == 404
