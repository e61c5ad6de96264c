"""The operator's pages: behind one password, few tries, and a cookie that nobody forges, fixes or keeps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from digestbot.model.audit import Act
from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import UsageError
from digestbot.platform.links import Purpose
from digestbot.runtime.commands import CommandHandler
from digestbot.web import login, throttle
from tests.delivery.kit import mail_to, planned, subscribe
from tests.web.kit import Served, Visitor, wait_for

PASSWORD = "correct horse battery"
PAGES = ("", "/subscribers", "/digests", "/deliveries", "/sources", "/outbox")


@pytest.fixture
def site(tmp_path: Path, serve: Callable[..., Served]) -> Served:
    """A site with an operator, and a digest whose two mails are planned."""
    subscribe(tmp_path, "all", mail_to(["ada", "bob"]))
    served = serve(OPERATOR_PASSWORD=PASSWORD)
    planned(served.app)
    return served


def logged_in(site: Served) -> Visitor:
    visitor = site.visitor()
    assert "Overview" in visitor.press("/operator/login", password=PASSWORD).text
    return visitor


def test_without_a_password_there_are_no_such_pages(served: Served) -> None:
    for path in (*PAGES, "/login", "/digests/all/x"):
        assert served.visitor().get(f"/operator{path}").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_every_page_wants_the_login(site: Served, path: str) -> None:
    answer = site.visitor().get(f"/operator{path}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/operator/login")
    assert logged_in(site).get(f"/operator{path}").status_code == 200


def test_the_cookie_is_for_these_pages_alone_and_out_of_reach(site: Served) -> None:
    visitor = site.visitor(headers={"X-Forwarded-Proto": "https"})
    page = visitor.get("/operator/login")
    form = {"form_token": page.text.split('name="form_token" value="')[1].split('"')[0], "password": PASSWORD}
    cookie = page.headers["set-cookie"].split(";")[0]  # the wire is http here: no client would send it back
    answer = visitor.http.post("/operator/login", data=form, headers={"Cookie": cookie})
    assert (answer.status_code, answer.headers["location"]) == (303, "/operator")
    (ours,) = (each for each in answer.headers.get_list("set-cookie") if each.startswith(login.COOKIE))
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/operator"} <= set(ours.split("; "))


def test_a_wrong_password_opens_nothing_and_after_some_nobody_may_try(site: Served) -> None:
    visitor = site.visitor()
    answers = [visitor.press("/operator/login", password=f"wrong {n}").status_code for n in range(throttle.TRIES + 1)]
    assert answers == [403] * throttle.TRIES + [429]
    assert visitor.press("/operator/login", password=PASSWORD).status_code == 429
    assert visitor.get("/operator").status_code == 303
    site.clock.move(minutes=16)
    assert visitor.press("/operator/login", password=PASSWORD).status_code == 200


@pytest.fixture
def flooded(site: Served, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """Wrong passwords from many networks, as many as go unslowed; the visitor of each has a network of its own."""
    monkeypatch.setattr(throttle, "SLOW", 0.0)

    def flood() -> list[int]:
        strangers = (from_network(site, f"203.0.{n}.1") for n in range(throttle.STRANGERS // throttle.TRIES + 1))
        return [
            stranger.press("/operator/login", password="wrong").status_code
            for stranger in strangers
            for _ in range(throttle.TRIES)
        ]

    return flood


def from_network(site: Served, client: str) -> Visitor:
    return site.visitor(headers={"X-Forwarded-For": client})


def test_j87_a_flood_of_wrong_passwords_locks_out_nobody_else(site: Served, flooded: Callable[[], list[int]]) -> None:
    within, outside = from_network(site, "192.0.2.1"), from_network(site, "192.0.2.2")
    within.press("/operator/login", password=PASSWORD)
    assert set(flooded()) == {403}
    assert within.get("/operator").status_code == 200, "who is logged in goes on"
    slow = site.server.site.logins.wait
    now = site.clock()
    assert slow("198.51.100.9", None, now) == throttle.SLOW
    known = from_network(site, "192.0.2.1")
    assert "Overview" in known.press("/operator/login", password=PASSWORD).text
    assert "Overview" in outside.press("/operator/login", password=PASSWORD).text, "a stranger is slow, and comes in"


def test_j87_strangers_are_slow_after_a_flood_and_who_is_known_is_not(
    site: Served, flooded: Callable[[], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = from_network(site, "192.0.2.1")
    here.press("/operator/login", password=PASSWORD)
    flooded()
    monkeypatch.setattr(throttle, "SLOW", 30.0)
    wait, now = site.server.site.logins.wait, site.clock()
    assert wait("203.0.113.77", None, now) == 30.0
    assert wait("192.0.2.1", None, now) == 0.0
    assert wait("203.0.113.77", "a known browser", now) == 0.0
    site.clock.move(minutes=16)
    assert wait("203.0.113.77", None, site.clock()) == 0.0


@pytest.mark.parametrize(
    ("guesses", "same", "other"),
    [
        ("2001:db8:1:2::{:x}", "2001:db8:1:2:ffff::1", "2001:db8:1:3::1"),
        ("2001:db8:1:2:{:x}::1", "2001:db8:1:2::", "2001:db8:2:2::1"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8"),
    ],
)
def test_j87_who_has_a_whole_network_has_no_more_tries_and_takes_none_of_the_next_one(
    site: Served, guesses: str, same: str, other: str
) -> None:
    codes = [
        from_network(site, guesses.format(n)).press("/operator/login", password="wrong").status_code
        for n in range(throttle.TRIES + 1)
    ]
    assert codes == [403] * throttle.TRIES + [429]
    assert from_network(site, same).press("/operator/login", password=PASSWORD).status_code == 429
    assert "Overview" in from_network(site, other).press("/operator/login", password=PASSWORD).text


def test_j87_a_known_browser_is_let_in_from_a_network_that_guesses(site: Served) -> None:
    """The office's other computer tries until nobody of the network may; the operator's browser was there before."""
    ours, theirs = from_network(site, "192.0.2.1"), from_network(site, "192.0.2.1")
    ours.press("/operator/login", password=PASSWORD)
    ours.send("/operator", {}, "/operator/logout")
    codes = [theirs.press("/operator/login", password="wrong").status_code for _ in range(throttle.TRIES + 1)]
    assert codes[-1] == 429
    assert theirs.press("/operator/login", password=PASSWORD).status_code == 429
    assert "Overview" in ours.press("/operator/login", password=PASSWORD).text
    forged = from_network(site, "192.0.2.1")
    forged.http.cookies.set(login.KNOWN_COOKIE, "forged")
    assert forged.press("/operator/login", password=PASSWORD).status_code == 429


def test_a_login_ends_by_time_by_word_and_with_the_password(site: Served) -> None:
    visitor = logged_in(site)
    stolen = visitor.http.cookies[login.COOKIE]
    site.clock.move(hours=7)
    assert visitor.get("/operator").status_code == 200
    site.clock.move(hours=2)
    assert visitor.get("/operator").status_code == 303
    visitor = logged_in(site)
    stolen = visitor.http.cookies[login.COOKIE]
    assert "Password" in visitor.send("/operator", {}, "/operator/logout").text
    thief = site.visitor(cookies={login.COOKIE: stolen})
    assert thief.get("/operator").status_code == 303
    visitor = logged_in(site)
    site.app.settings = replace(site.app.settings, operator_password=site.app.settings.secrets[0])
    assert visitor.get("/operator").status_code == 303


def test_no_cookie_is_made_by_anybody_else_or_known_before_the_login(site: Served) -> None:
    visitor = site.visitor(cookies={login.COOKIE: "fixed"})
    visitor.press("/operator/login", password=PASSWORD)
    own = {each.value or "" for each in visitor.http.cookies.jar if each.name == login.COOKIE and each.value != "fixed"}
    assert len(own) == 1
    tokens = site.server.site.tokens
    for forged in (
        "fixed",
        own.pop()[:-3] + "abc",
        tokens.sign(Purpose.OPERATOR, "word", "mark"),
        tokens.sign(Purpose.LEAVE, "all", "0"),
        "",
    ):
        assert site.visitor(cookies={login.COOKIE: forged}).get("/operator").status_code == 303


def test_no_form_of_another_site_is_taken(site: Served) -> None:
    visitor = logged_in(site)
    (one, _) = site.app.store.deliveries()
    answer = visitor.http.post("/operator/outbox", data={"do": "drop", "id": one.id})
    assert answer.status_code == 403
    assert visitor.http.post("/operator/logout").status_code == 403
    assert {each.state for each in site.app.store.deliveries()} == {DeliveryState.PLANNED}
    assert visitor.get("/operator").status_code == 200


def test_the_outbox_is_decided_about_and_the_audit_log_knows(site: Served) -> None:
    visitor = logged_in(site)
    one, two = site.app.store.deliveries()
    page = visitor.send("/operator/outbox", {"do": "hold", "id": [one.id, two.id]}, "/operator/outbox").text
    assert "They are held." in page
    assert [each.state for each in site.app.store.deliveries()] == [DeliveryState.HELD] * 2
    visitor.send("/operator/outbox", {"do": "retry", "id": one.id}, "/operator/outbox")
    visitor.send("/operator/outbox", {"do": "drop", "id": two.id}, "/operator/outbox")
    assert [each.state for each in site.app.store.deliveries()] == [DeliveryState.PLANNED, DeliveryState.DROPPED]
    assert {each.who for each in site.app.store.audit() if each.act in (Act.REPLAYED, Act.DECIDED)} == {
        "operator on the web"
    }
    assert "Tick what you mean" in visitor.send("/operator/outbox", {"do": "hold"}, "/operator/outbox").text
    assert "no delivery" in visitor.send("/operator/outbox", {"do": "hold", "id": "zz"}, "/operator/outbox").text
    assert visitor.send("/operator/outbox", {"do": "burn", "id": one.id}, "/operator/outbox").status_code == 400


def test_where_a_daemon_does_the_orders_it_is_the_one_that_does_this(site: Served) -> None:
    visitor, desk, over = logged_in(site), CommandHandler(site.current), threading.Event()
    one, _ = site.app.store.deliveries()

    def attend() -> None:
        with desk.attended():
            attended.set()
            while not over.is_set():
                desk.decide()
                over.wait(0.02)

    attended = threading.Event()
    thread = threading.Thread(target=attend)
    thread.start()
    try:
        wait_for(attended.is_set)
        page = visitor.send("/operator/outbox", {"do": "hold", "id": one.id}, "/operator/outbox").text
        assert "They are held." in page
        assert site.app.store.deliveries()[0].state is DeliveryState.HELD
        assert "no delivery" in visitor.send("/operator/outbox", {"do": "hold", "id": "zz"}, "/operator/outbox").text
    finally:
        over.set()
        thread.join()


def test_subscribers_are_found_by_address_and_shown_as_text(site: Served) -> None:
    site.subscribe("eve@example.org", name="<script>alert(1)</script>")
    visitor = logged_in(site)
    assert "eve@example.org" in visitor.get("/operator/subscribers").text
    for wanted, there in (("EVE@example.org", True), ("eve@", True), ("nobody", False), ("'\"><", False)):
        page = visitor.http.get("/operator/subscribers", params={"q": wanted}).text
        assert ("/operator/subscribers/web-" in page) is there
    (record,) = site.app.store.subscribers()
    page = visitor.get(f"/operator/subscribers/{record.id}").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert visitor.get("/operator/subscribers/none").status_code == 404


def test_digests_and_deliveries_and_what_was_sent_are_shown(site: Served) -> None:
    visitor = logged_in(site)
    (record,) = site.app.store.digests()
    assert record.key in visitor.get("/operator/digests").text
    page = visitor.get(f"/operator/digests/{record.key}").text
    assert "The paper number 1" in page
    assert "email ada@example.org" in page
    assert visitor.get("/operator/digests/all/none").status_code == 404
    assert "email bob@example.org" in visitor.get("/operator/deliveries?state=planned").text
    assert "There is none." in visitor.get("/operator/deliveries?state=failed").text
    list(site.app.dispatcher.run())
    assert 'aria-label="2 Mar: 2"' in visitor.get("/operator").text


def test_a_wrong_sources_file_is_told(site: Served, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("[[nonsense", encoding="utf-8")
    assert "sources.toml" in logged_in(site).get("/operator/sources").text


def test_a_password_that_is_soon_guessed_is_refused_at_the_start(serve: Callable[..., Served]) -> None:
    with pytest.raises(UsageError, match="OPERATOR_PASSWORD is too short"):
        serve(OPERATOR_PASSWORD="short")
