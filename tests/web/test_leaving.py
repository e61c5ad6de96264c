"""Leaving: by one POST from a mail provider, by the page, and by no look at it (FAULTS.md 64, 65, 75, 76)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from digestbot.digests import due_turns, hand_slot, open_digest
from digestbot.model.causes import Cause
from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import StoreError
from digestbot.model.papers import Paper
from digestbot.model.secret import Secret
from digestbot.model.subscribers import UNSUBSCRIBED, Membership, Suppression
from digestbot.platform.links import Purpose, Tokens
from tests.delivery.kit import NOW, deliver, mail_to, papers, subscribe
from tests.web.kit import SECRET, Served, path_of, send_digest, text_of

BODY = {"List-Unsubscribe": "One-Click"}


def one_click(mail: EmailMessage) -> str:
    """The address that a mail provider takes out of the headers, by RFC 8058; its path."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    addresses = re.findall(r"<([^<>]+)>", mail["List-Unsubscribe"])
    (url,) = (each for each in addresses if each.startswith("https://"))
    return path_of(url)


@pytest.fixture
def left(served: Served) -> tuple[Served, EmailMessage]:
    """A subscriber who got a digest."""
    served.subscribe()
    return served, send_digest(served)


@pytest.mark.usefixtures("each_store")
@pytest.mark.parametrize("encoding", ["urlencoded", "multipart", "with a line break"])
def test_a_mail_provider_unsubscribes_by_what_the_mail_that_came_says(
    left: tuple[Served, EmailMessage], encoding: str
) -> None:
    served, mail = left
    body: dict[str, Any] = (
        {"files": {"List-Unsubscribe": (None, "One-Click")}} if encoding == "multipart" else {"data": BODY}
    )
    if encoding == "with a line break":
        kind = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
        body = {"content": b"List-Unsubscribe=One-Click\r\n", "headers": kind}
    for _ in range(2):
        answer = httpx.post(served.url + one_click(mail), **body, follow_redirects=False)
        assert (answer.status_code, answer.history, "set-cookie" in answer.headers) == (200, [], False)
    (gone,) = served.app.store.suppressions(["ada@example.org"]).values()
    assert gone.reason == UNSUBSCRIBED
    assert "one-click" in gone.evidence
    (record,) = served.app.store.subscribers()
    assert record.state is Membership.LEFT
    assert served.app.members.wants() == []
    assert [each.act.value for each in served.app.store.audit("ada@example.org")] == [
        "asked to join",
        "confirmed",
        "left",
    ]


def test_a_subscription_in_a_file_is_left_as_well(serve: Callable[..., Served], tmp_path: Path) -> None:
    subscribe(tmp_path, "lab", mail_to(["ada", "bob"]))
    served = serve(tmp_path)
    app = served.app
    app.store.register(["lab"], now=NOW)
    app.store.merge(papers(1), now=NOW)
    (compiled,) = app.wants()
    open_digest(compiled, app.store, hand_slot(compiled.subscription, 1, NOW), NOW)
    deliver(app)
    mails = {mail["To"]: mail for mail in served.mails(2)}
    assert httpx.post(served.url + one_click(mails["ada@example.org"]), data=BODY).status_code == 200
    app.store.merge(papers(1, first=5), now=NOW)
    open_digest(compiled, app.store, hand_slot(compiled.subscription, 2, NOW), NOW)
    outcomes = {delivery.destination.name: outcome for delivery, outcome in deliver(app)}
    assert outcomes["email bob@example.org"].state is DeliveryState.SENT
    dropped = outcomes["email ada@example.org"]
    assert (dropped.state, dropped.cause) == (DeliveryState.DROPPED, Cause.UNSUBSCRIBED)
    served.mails(3)


@pytest.mark.usefixtures("each_store")
def test_who_leaves_between_plan_and_send_gets_nothing(left: tuple[Served, EmailMessage]) -> None:
    """FAULTS.md 76."""
    served, mail = left
    app = served.app
    (compiled,) = app.wants()
    app.store.merge(papers(1, first=9), now=NOW)
    assert open_digest(compiled, app.store, hand_slot(compiled.subscription, app.store.head(), NOW), NOW)
    assert httpx.post(served.url + one_click(mail), data=BODY).status_code == 200
    ((_, outcome),) = deliver(app)
    assert (outcome.state, outcome.cause) == (DeliveryState.DROPPED, Cause.UNSUBSCRIBED)
    served.mails(2)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_scanner_changes_nothing(left: tuple[Served, EmailMessage], method: str) -> None:
    """FAULTS.md 65: programs follow every link of a mail."""
    served, mail = left
    before = list(served.app.store.subscribers())
    paths = {path_of(url) for url in re.findall(r"https://digest\.example\.org[^\s>\"]*", text_of(mail))}
    assert one_click(mail) in paths, "the link stands in the text too"
    for path in paths:
        assert httpx.request(method, served.url + path).status_code in (200, 405)
    assert httpx.request(method, served.url + one_click(mail)).status_code == 200
    assert list(served.app.store.subscribers()) == before
    assert served.app.store.suppressions() == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": {"List-Unsubscribe": "one-click"}},
        {"data": {"List-Unsubscribe": "No"}},
        {"data": {"do": "leave"}},
        {"data": {**BODY, "more": "x"}},
        {"json": BODY},
        {"content": b"List-Unsubscribe=One-Click"},
        {"content": b"\xff\xfe", "headers": {"content-type": "multipart/form-data; boundary=x"}},
    ],
)
def test_any_other_body_changes_nothing(left: tuple[Served, EmailMessage], body: dict[str, object]) -> None:
    served, mail = left
    answer = httpx.post(served.url + one_click(mail), **body)  # type: ignore[arg-type]
    assert answer.status_code in (400, 403)
    assert "Nothing was changed" in answer.text
    assert served.app.store.suppressions() == {}


def test_a_link_of_nobody_gets_the_same_yes(left: tuple[Served, EmailMessage]) -> None:
    """Else a mail provider would try for days, and a stranger learn who is subscribed."""
    served, mail = left
    tokens = served.server.site.tokens
    unknown = tokens.sign(Purpose.LEAVE, "web-nobody", "0" * 24)
    forged = one_click(mail)[:-2] + "xx"
    answers = [httpx.post(f"{served.url}{path}", data=BODY) for path in (f"/leave/{unknown}", forged, "/leave/x")]
    assert {(each.status_code, each.text) for each in answers} == {(200, "You are unsubscribed.\n")}
    assert served.app.store.suppressions() == {}


def test_done_is_said_only_when_it_is_stored(
    left: tuple[Served, EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    served, mail = left

    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(served.app.store, "suppress", fail)
        answer = httpx.post(served.url + one_click(mail), data=BODY)
        assert answer.status_code == 503
        page = served.visitor().press(one_click(mail), do="leave")
        assert (page.status_code, "Not done" in page.text) == (503, True)
    assert served.app.store.suppressions() == {}
    assert httpx.post(served.url + one_click(mail), data=BODY).status_code == 200
    assert served.app.store.suppressions()


def test_the_page_unsubscribes_and_takes_it_back(left: tuple[Served, EmailMessage]) -> None:
    served, mail = left
    visitor, path = served.visitor(), one_click(mail)
    assert "No more mail from here" in visitor.get(path).text
    assert "You are unsubscribed" in visitor.press(path, do="leave").text
    assert served.app.store.suppressions(["ada@example.org"])
    assert "Nothing is sent to you" in visitor.get(path).text
    assert "Welcome back" in visitor.press(path, do="return").text
    assert served.app.store.suppressions() == {}
    (record,) = served.app.store.subscribers()
    assert record.state is Membership.ACTIVE
    assert served.app.store.audit("ada@example.org")[-1].act.value == "released"


def test_what_others_suppressed_no_link_takes_back(left: tuple[Served, EmailMessage]) -> None:
    """FAULTS.md 75: a complaint stays until the operator releases it."""
    served, mail = left
    served.app.store.suppress([Suppression("ada@example.org", "complaint", NOW)])
    page = served.visitor().get(one_click(mail))
    assert "Come back" not in page.text
    assert "operator@example.org" in page.text
    visitor = served.visitor()
    answer = visitor.send("/preferences", {"do": "return"}, one_click(mail))
    assert answer.status_code == 400
    assert served.app.store.suppressions(["ada@example.org"])


def test_the_mail_names_both_ways_out_and_the_readers_own_preferences(left: tuple[Served, EmailMessage]) -> None:
    served, mail = left
    ways = re.findall(r"<([^<>]+)>", mail["List-Unsubscribe"])
    assert [urlsplit(each).scheme for each in ways] == ["https", "mailto"]
    by_mail = urlsplit(ways[1])
    assert by_mail.path == "operator@example.org"
    word, token = unquote(by_mail.query.removeprefix("subject=")).split(" ")
    assert (word, f"/leave/{token}") == ("unsubscribe", path_of(ways[0]))
    shown = re.findall(r"https://digest\.example\.org(/preferences/\S+)", text_of(mail))
    assert "Your preferences" in served.visitor().get(shown[0]).text
    html = mail.get_body(("html",))
    assert html is not None
    assert shown[0] in html.get_content()


def test_a_mail_written_again_is_the_same_to_the_byte(left: tuple[Served, EmailMessage]) -> None:
    served, _ = left
    (delivery,) = served.app.store.deliveries()
    first = served.app.writer.write(delivery).parts[0].body
    served.clock.move(days=1)
    served.app.__dict__.pop("writer")
    assert served.app.writer.write(delivery).parts[0].body == first


def test_without_https_there_is_no_one_click_but_the_other_ways(serve: Callable[..., Served]) -> None:
    """RFC 8058 wants https."""
    served = serve(PUBLIC_URL="http://digest.example.org")
    served.subscribe()
    mail = send_digest(served)
    assert mail["List-Unsubscribe-Post"] is None
    assert mail["List-Unsubscribe"].startswith("<mailto:")
    assert "/preferences/" in text_of(mail)


class TestTokens:
    """FAULTS.md 64."""

    @pytest.fixture
    def token(self, left: tuple[Served, EmailMessage]) -> str:
        return one_click(left[1]).rsplit("/", 1)[1]

    def test_altered_cut_or_foreign_ones_all_get_one_page(self, left: tuple[Served, EmailMessage], token: str) -> None:
        served, _ = left
        site = served.server.site
        words = site.tokens.read(Purpose.LEAVE, token, NOW)
        assert words is not None
        others = Tokens([Secret("a secret of somebody else")])
        wrong = [
            *(token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(0, len(token), 7)),
            token[: len(token) // 2],
            token[:-1],
            token + "=",
            token.replace(".", ""),
            "a.b.c",
            "x" * 5000,
            "%00",
            "é",
            others.sign(Purpose.LEAVE, *words),
            site.tokens.sign(Purpose.CONFIRM, *words),
            site.tokens.sign(Purpose.LEAVE, *words, until=NOW - timedelta(seconds=1)),
        ]
        pages = [served.visitor().get(f"/leave/{each}") for each in wrong]
        assert {(each.status_code, each.text) for each in pages} == {(404, pages[0].text)}
        assert "This link does not work" in pages[0].text

    def test_one_of_another_purpose_opens_no_preferences(self, left: tuple[Served, EmailMessage], token: str) -> None:
        assert left[0].visitor().get(f"/preferences/{token}").status_code == 404

    def test_a_new_key_keeps_old_links_working_while_the_old_is_listed(
        self, serve: Callable[..., Served], tmp_path: Path
    ) -> None:
        old = Tokens([Secret(SECRET)]).sign(Purpose.LEAVE, "lab", "0" * 24)
        both = serve(tmp_path / "a", SECRET=f"a new key of enough characters,{SECRET}")
        assert both.visitor().get(f"/leave/{old}").status_code == 200
        assert both.server.site.tokens.sign(Purpose.LEAVE, "lab", "0" * 24) != old
        new = serve(tmp_path / "b", SECRET="a new key of enough characters")
        assert new.visitor().get(f"/leave/{old}").status_code == 404

    def test_it_names_no_address_and_cannot_be_counted_up(self, token: str, left: tuple[Served, EmailMessage]) -> None:
        words = left[0].server.site.tokens.read(Purpose.LEAVE, token, NOW)
        assert words is not None
        assert re.fullmatch(r"web-[a-z2-7]{16}", words[0])
        assert "ada" not in "".join(words)
        other = left[0].server.site.links.leave_token(words[0], "bob@example.org")
        assert left[0].visitor().get(f"/leave/{other}").text.count("ada@example.org") == 0


def test_a_pause_until_a_day_makes_no_digest_and_loses_none(left: tuple[Served, EmailMessage]) -> None:
    served, mail = left
    app, visitor = served.app, served.visitor()
    path = re.findall(r"https://digest\.example\.org(/preferences/\S+)", text_of(mail))[0]
    assert "Choose a day from tomorrow on" in visitor.send(path, {"until": "2026-03-02"}, f"{path}/pause").text
    assert "Paused until 2026-03-10" in visitor.send(path, {"until": "2026-03-10"}, f"{path}/pause").text
    app.store.merge([Paper(title="The paper of the pause")], now=NOW)
    (compiled,) = app.wants()
    noons = [NOW + timedelta(days=day, hours=4) for day in range(10)]
    due = [bool(due_turns(compiled, app.store, noon)) for noon in noons]
    assert due == [False] * 8 + [True] * 2  # on the 10th, at its usual time
    assert not due_turns(compiled, app.store, NOW + timedelta(days=8, hours=-2))
    assert "Digests come again" in visitor.send(path, {}, f"{path}/resume").text
    (compiled,) = app.wants()
    assert due_turns(compiled, app.store, noons[1])
