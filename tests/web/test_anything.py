"""Anything at all over HTTP: every route, with any method, words, body and tokens, is answered, never with 500."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.platform.links import Links
from digestbot.store.base import Store
from digestbot.web.routes import build
from tests.delivery.kit import NOW, mail_to, planned, subscribe
from tests.web.kit import Served, Visitor, path_of

METHODS = ("GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
KINDS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/json",
    "text/html; charset=none",
    "",
)
NAMES = (
    *("rules", "q", "page", "state", "done", "do", "id", "liking", "password", "address", "name", "timezone"),
    *("every", "at", "topics", "exclude", "until", "sure", "website", "List-Unsubscribe"),
)
RULES = (
    "speech",
    '"a b"~3',
    "/[a-z]+/",
    "NOT x",
    "topic:multilingual",
    "tilte:x",
    "((((",
    "upvotes>=5",
    "age<3",
    "=",
    "a*",
)
MEMBER = "grace@example.org"


def there(store: Store) -> None:
    """One who has joined and one who asks to, whatever became of them before."""
    wants = {"keywords": ["paper"], "to": [{"channel": "email", "address": MEMBER}]}
    store.release([MEMBER, "b@x.org"])
    states = {"joined": Membership.ACTIVE, "asks": Membership.PENDING}
    store.put_subscribers([SubscriberRecord(name, state, wants, NOW, NOW) for name, state in states.items()])


words = st.one_of(
    st.sampled_from(
        (
            *RULES,
            "daily",
            "kept",
            "08:00",
            "UTC",
            "yes",
            "leave",
            "return",
            "9999-12-31",
            "2026-W53-7",
            MEMBER,
            "1",
            "-1",
            "9" * 30,
            "all",
            "open",
            "more",
            "retry",
            "One-Click",
            "\0",
            "..",
            "%00",
            "é" * 9,
        )
    ),
    st.text(st.characters(codec="utf-8"), max_size=40),
)
segments = words.map(lambda each: quote(each or "x", safe=""))


@pytest.fixture
def fuzzed(tmp_path: Path, serve: Callable[..., Served]) -> tuple[Served, Visitor, list[str]]:
    """A site with everything in it, an operator who is logged in, and the paths of all its routes."""
    subscribe(tmp_path, "open", mail_to(["ada"]), public="true")
    served = serve(OPERATOR_PASSWORD="correct horse battery")
    planned(served.app)
    visitor = served.visitor()
    visitor.press("/operator/login", password="correct horse battery")
    served.server.site.looks.too_often = lambda *_: False  # type: ignore[method-assign]  # else most were refused
    app = build(served.server.site)
    routes = app._app.routes  # type: ignore[attr-defined]  # the guard hands on to what has them
    return served, visitor, sorted({each.path for each in routes} - {"/operator/logout"})


def tokens(links: Links, label: str) -> tuple[str, ...]:
    """Links that are good."""
    made = (
        *(links.confirm(name, MEMBER, NOW) for name in ("web-none", "asks")),
        *(links.preferences(name, MEMBER, NOW) for name in ("web-none", "joined")),
        links.new_address("joined", MEMBER, "b@x.org", NOW),
        links.leave("joined", MEMBER),
        links.leave("open", "ada@example.org"),
        links.archive("open"),
        *links.opinions("open", 1),
        *links.opinions("open", 999),
    )
    return (*(path_of(each).rsplit("/", 1)[1] for each in made), label, "open", "feed.atom")


@given(st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_brings_a_fault(fuzzed: tuple[Served, Visitor, list[str]], data: st.DataObject) -> None:
    served, visitor, paths = fuzzed
    site = served.server.site
    there(served.app.store)
    label = served.app.store.digests("open")[0].slot.label
    known = st.sampled_from(tokens(site.links, label)) | segments
    path = re.sub(r"\{\w+\}", lambda _: data.draw(known), data.draw(st.sampled_from(paths)))
    fields = data.draw(st.lists(st.tuples(st.sampled_from(NAMES), words), max_size=5))
    method = data.draw(st.sampled_from(METHODS))
    ours = re.search(r'name="form_token" value="([^"]+)"', visitor.get("/preferences").text)
    assert ours is not None
    form = dict([*fields, ("form_token", ours[1])])
    body = data.draw(st.sampled_from(("form", "raw", "none")))
    request = visitor.http.build_request(
        method,
        path,
        params=dict(data.draw(st.lists(st.tuples(st.sampled_from(NAMES), words), max_size=3))),
        **(
            {"data": form}
            if body == "form"
            else {"content": data.draw(st.binary(max_size=200))}
            if body == "raw"
            else {}
        ),
        headers={"Content-Type": data.draw(st.sampled_from(KINDS))} if body == "raw" else {},
    )
    answer = visitor.http.send(request)
    assert answer.status_code < 500, (method, path, answer.text)
    location = answer.headers.get("location", "/")
    assert location.startswith("/"), location
    assert not location.startswith("//")


@pytest.mark.parametrize(
    "path",
    ["/archive/", "/playground/", "//evil.example", "/operator/login?next=https://evil.example", "/\\evil.example"],
)
def test_no_page_leads_to_another_site(fuzzed: tuple[Served, Visitor, list[str]], path: str) -> None:
    served, visitor, _ = fuzzed
    answer = visitor.http.get(served.url + path, headers={"Host": "evil.example"}, follow_redirects=False)
    assert "evil.example" not in answer.headers.get("location", "")


def test_settings_that_lack_the_secret_while_pages_are_served_are_told_on_pages_that_stand(
    serve: Callable[..., Served],
) -> None:
    """As a file of the operator's that cannot be read: 503 and the log, and what needs no secret goes on."""
    site = serve(OPERATOR_PASSWORD="correct horse battery")
    site.app.settings = replace(site.app.settings, secrets=())
    site.app.__dict__.pop("links", None)
    visitor = site.visitor()
    answered = {path: visitor.get(path) for path in ("/", "/operator/login", "/leave/x", "/archive", "/none")}
    assert [each.status_code for each in answered.values()] == [503, 503, 503, 200, 404]
    assert "try again in a few minutes" in answered["/"].text
