"""Preferences: changed, paused, moved, taken along and forgotten, by the link in each mail."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import Paper
from digestbot.model.subscribers import Membership, SubscriberRecord, Suppression
from digestbot.model.subscriptions import LikeSpec
from digestbot.subscribers.exporting import of_person
from tests.delivery.kit import NOW
from tests.web.kit import Served, link_in, path_of, read, send_digest, text_of

WISHES = {"name": "Ada", "every": "daily", "at": "08:00", "timezone": "UTC", "rules": "paper"}


def record(served: Served) -> SubscriberRecord:
    (found,) = served.app.store.subscribers()
    return found


def test_what_is_saved_is_what_the_next_digest_is_made_by(served: Served) -> None:
    path = served.subscribe(topics=["multilingual"])
    visitor = served.visitor()
    page = visitor.get(path)
    assert 'value="multilingual" checked' in page.text
    assert "<option selected>Europe/Berlin</option>" in page.text
    new = {"name": "Ada L.", "every": "weekly fri", "at": "17:30", "timezone": "Asia/Tokyo", "rules": "one\ntwo"}
    saved = visitor.send(path, {**new, "topics": ["speech", "audio"], "exclude": "three"})
    assert "Saved." in saved.text
    (compiled,) = served.app.wants()
    assert (compiled.subscription.name, compiled.subscription.timezone) == ("Ada L.", "Asia/Tokyo")
    assert compiled.subscription.cadence.text == "weekly fri 17:30"
    assert compiled.subscription.spec.topics == ("speech", "audio")
    assert compiled.subscription.spec.keywords == ("one", "two")
    assert compiled.subscription.spec.exclude == ("three",)
    assert served.app.store.audit("ada@example.org")[-1].act.value == "changed"


def test_what_the_form_cannot_say_is_kept(served: Served) -> None:
    """An imported subscriber has a cron line, a query and other destinations' options."""
    wants = {
        "name": "Imported",
        "cadence": "15 6 * * 2",
        "query": "title:survey",
        "require": ["speech"],
        "max_entries": 7,
        "timezone": "US/Pacific",
        "to": [{"channel": "email", "address": "imp@example.org", "theme": "compact"}],
    }
    served.app.store.put_subscribers([SubscriberRecord("s-1", Membership.ACTIVE, wants, NOW, NOW)])
    path = path_of(served.server.site.links.preferences("s-1", "imp@example.org", NOW))
    visitor = served.visitor()
    assert "As it is: 15 6 * * 2" in visitor.get(path).text
    visitor.send(path, {**WISHES, "every": "kept", "rules": "", "timezone": "US/Pacific"})
    kept = record(served).wants
    assert {key: kept[key] for key in wants if key != "name"} == {key: wants[key] for key in wants if key != "name"}


def test_a_link_is_good_for_half_a_year_and_a_fresh_one_is_mailed(served: Served) -> None:
    path = served.subscribe()
    served.clock.move(days=180, hours=1)
    visitor = served.visitor()
    page = visitor.get(path)
    assert (page.status_code, "Have a fresh link mailed to you" in page.text) == (404, True)
    assert "Check your mail" in visitor.send("/preferences", {"address": "ADA@example.org"}).text
    mail = served.mails(2)[-1]
    assert mail["Subject"] == "The link to your preferences"
    assert "Your preferences" in visitor.get(link_in(mail)).text


def test_asking_for_a_link_tells_nobody_who_is_subscribed(served: Served) -> None:
    served.subscribe()
    served.app.store.suppress([Suppression("gone@example.org", "complaint", NOW)])
    served.clock.move(hours=2)
    pages = {
        served.visitor().send("/preferences", {"address": name}).text.replace(name, "-")
        for name in ("ada@example.org", "nobody@example.org", "gone@example.org")
    }
    assert len(pages) == 1
    assert "a mail with the link is on its way there. If none do, nothing is sent" in pages.pop()
    assert [mail["To"] for mail in served.mails(2)] == ["ada@example.org"] * 2


def test_a_pending_one_has_no_preferences_yet(served: Served) -> None:
    served.visitor().join()
    served.mails(1)
    path = path_of(served.server.site.links.preferences(record(served).id, "ada@example.org", NOW))
    assert served.visitor().get(path).status_code == 404


class TestAddress:
    """A change of address."""

    def test_the_new_address_confirms_it_and_the_old_one_is_told(self, served: Served) -> None:
        path = served.subscribe()
        visitor = served.visitor()
        assert "Check your mail" in visitor.send(f"{path}/address", {"address": "new@example.org"}).text
        mail = served.mails(2)[-1]
        assert mail["To"] == "new@example.org"
        assert "ada@" not in text_of(mail), "a stranger may have written a wrong address"
        confirm = link_in(mail)
        visitor.get(confirm)
        assert record(served).addresses == ("ada@example.org",)
        assert "Address changed" in visitor.press(confirm).text
        assert record(served).addresses == ("new@example.org",)
        told = served.mails(3)[-1]
        assert told["To"] == "ada@example.org"
        assert "operator@example.org" in text_of(told)
        assert visitor.get(confirm).status_code == 404, "once"
        for left_behind in (path, link_in(read(served.smtp.mails[0].data))):
            assert visitor.get(left_behind).status_code == 404, "whoever reads the old mailbox changes nothing more"

    def test_only_the_address_changes(self, served: Served) -> None:
        path = served.subscribe()
        kept = record(served)
        to = [*({**each, "theme": "compact"} for each in kept.wants["to"]), {"channel": "file", "path": "out"}]
        served.app.store.put_subscribers([replace(kept, wants={**kept.wants, "to": to})])
        visitor = served.visitor()
        visitor.send(f"{path}/address", {"address": "New@example.org"})
        visitor.press(link_in(served.mails(2)[-1]))
        assert record(served).wants["to"] == [{**to[0], "address": "New@example.org"}, to[1]]

    def test_to_one_that_is_subscribed_its_own_preferences_are_mailed(self, served: Served) -> None:
        path = served.subscribe()
        served.subscribe("grace@example.org")
        served.clock.move(hours=2)
        visitor = served.visitor()
        assert "Check your mail" in visitor.send(f"{path}/address", {"address": "GRACE@example.org"}).text
        mail = served.mails(3)[-1]
        assert mail["Subject"] == "You are subscribed already"
        assert "grace@example.org" in visitor.get(link_in(mail)).text

    @pytest.mark.parametrize("how", ["suppressed", "taken", "too late", "left"])
    def test_what_stands_in_the_way_is_not_told(self, served: Served, how: str) -> None:
        path = served.subscribe()
        visitor = served.visitor()
        visitor.send(f"{path}/address", {"address": "new@example.org"})
        confirm = link_in(served.mails(2)[-1])
        if how == "suppressed":
            served.app.store.suppress([Suppression("new@example.org", "bounced", NOW)])
        elif how == "taken":
            wants = {"keywords": ["x"], "to": [{"channel": "email", "address": "NEW@example.org"}]}
            served.app.store.put_subscribers([SubscriberRecord("s-1", Membership.ACTIVE, wants, NOW, NOW)])
        elif how == "too late":
            served.clock.move(days=1, seconds=1)
        else:
            visitor.send(path, {"do": "leave"}, "/leave/" + visitor.get(path).text.split("/leave/")[1].split('"')[0])
        assert visitor.get(confirm).status_code == 404
        assert served.app.store.subscribers(address="ada@example.org")

    def test_a_suppressed_one_gets_no_mail_and_the_same_page(self, served: Served) -> None:
        path = served.subscribe()
        served.app.store.suppress([Suppression("gone@example.org", "complaint", NOW)])
        page = served.visitor().send(f"{path}/address", {"address": "gone@example.org"})
        assert "Check your mail" in page.text
        served.no_mail_waits()
        served.mails(1)


def test_everything_kept_can_be_taken_along(served: Served) -> None:
    path = served.subscribe(name="Ada <3")
    answer = served.visitor().get(f"{path}/export")
    assert answer.headers["content-disposition"].startswith("attachment;")
    said = json.loads(answer.content)
    (subscription,) = said["subscriptions"]
    assert (subscription["wants"]["name"], subscription["state"]) == ("Ada <3", "active")
    assert [each["act"] for each in said["audit"]] == ["asked to join", "confirmed"]
    assert said == json.loads(json.dumps(of_person(served.app.store, "ada@example.org"))), "as the command line has it"


def test_what_was_sent_and_said_of_it_is_taken_along(served: Served) -> None:
    path = served.subscribe()
    send_digest(served)
    (subscriber,) = served.app.store.subscribers()
    served.app.store.put_opinions([Feedback(subscriber.id, 1, Liking.MORE, NOW)])
    said = json.loads(served.visitor().get(f"{path}/export").content)
    (digest,) = said["digests"]
    assert digest["papers"]
    assert [each["to"] for each in digest["deliveries"]] == ["ada@example.org"]
    assert [each["said"] for each in said["subscriptions"][0]["opinions"]] == [Liking.MORE]


@pytest.mark.usefixtures("each_store")
def test_forgotten_means_that_no_file_of_the_store_has_the_address(served: Served) -> None:
    path = served.subscribe("Ada.Lovelace@example.org", name="Countess")
    send_digest(served)
    visitor = served.visitor()
    assert "Yes, forget me" in visitor.send(f"{path}/forget", {}).text
    assert record(served)
    assert "It is done" in visitor.send(f"{path}/forget", {"sure": "yes"}).text
    assert list(served.app.store.subscribers()) == []
    assert visitor.get(path).status_code == 404
    for file in served.app.settings.home.rglob("*"):
        if file.is_file():
            assert b"lovelace" not in file.read_bytes().lower(), file
            assert b"Countess" not in file.read_bytes(), file
    served.clock.move(hours=3)
    visitor.join("ada.lovelace@example.org")
    served.no_mail_waits()
    served.mails(2)
    assert served.app.store.suppressions(["ada.lovelace@example.org"])
    (digest,) = served.app.store.digests()
    assert "Countess" not in str(digest)
    assert "lovelace" not in str(served.app.store.deliveries()).lower()


@pytest.mark.usefixtures("each_store")
def test_who_moved_is_forgotten_at_the_old_addresses_too(served: Served) -> None:
    path = served.subscribe("Lovelace@example.org")
    send_digest(served)
    for name, mails in (("Byron@example.org", 2), ("ada@example.org", 4)):
        visitor = served.visitor()
        visitor.send(f"{path}/address", {"address": name})
        moved = visitor.press(link_in(served.mails(mails + 1)[-1]))
        served.mails(mails + 2)
        path = path_of(re.search(r'href="([^"]*/preferences/[^"]+)"', moved.text)[1])  # type: ignore[index]
    log = [each["who"] + each["act"] for each in json.loads(served.visitor().get(f"{path}/export").content)["audit"]]
    assert log == [f"subscriber{act}" for act in ("asked to join", "confirmed", *["changed its address"] * 2)]
    assert "It is done" in served.visitor().send(f"{path}/forget", {"sure": "yes"}).text
    kept = f"{served.app.store.audit()} {served.app.store.deliveries()}".lower()
    for name in ("lovelace", "byron", "ada@"):
        assert name not in kept
        assert served.app.store.suppressions([f"{name.strip('@')}@example.org"])
        files = [each for each in served.app.settings.home.rglob("*") if each.is_file()]
        assert not [each for each in files if name.encode() in each.read_bytes().lower()]


def test_whoever_is_subscribed_at_an_old_address_now_is_not_forgotten_with_it(served: Served) -> None:
    path = served.subscribe("lovelace@example.org")
    visitor = served.visitor()
    visitor.send(f"{path}/address", {"address": "ada@example.org"})
    moved = visitor.press(link_in(served.mails(2)[-1]))
    served.mails(3)
    served.clock.move(hours=2)
    served.subscribe("lovelace@example.org")
    path = path_of(re.search(r'href="([^"]*/preferences/[^"]+)"', moved.text)[1])  # type: ignore[index]
    assert "It is done" in visitor.send(f"{path}/forget", {"sure": "yes"}).text
    assert record(served).addresses == ("lovelace@example.org",)
    assert list(served.app.store.suppressions(["lovelace@example.org", "ada@example.org"])) == ["ada@example.org"]


def test_who_has_left_finds_the_way_back_at_the_old_link(served: Served) -> None:
    path = served.subscribe()
    visitor = served.visitor()
    leave = "/leave/" + visitor.get(path).text.split("/leave/")[1].split('"')[0]
    assert "You are unsubscribed" in visitor.send(path, {"do": "leave"}, leave).text
    assert "Come back" in visitor.get(path).text
    for _ in range(3):
        assert "Welcome back" in visitor.send(path, {"do": "return"}, leave).text
    assert [each.act.value for each in served.app.store.audit("ada@example.org")][2:] == ["left", "released"]
    assert "Save" in visitor.get(path).text


@pytest.mark.parametrize("until", ["yesterday", "2026-02-30", "0001-01-01", "2026-03-02"])
def test_a_pause_ends_on_a_day_to_come(served: Served, until: str) -> None:
    path = served.subscribe()
    page = served.visitor().send(path, {"until": until}, f"{path}/pause")
    assert (page.status_code, "Choose a day from tomorrow on" in page.text) == (422, True)
    assert re.search(f'<input type="date"[^>]* value="{until}"', page.text), "what was written is kept"


def test_a_pause_without_end_holds_until_it_is_ended(served: Served) -> None:
    path = served.subscribe()
    visitor = served.visitor()
    assert "no digests come" in visitor.send(path, {"until": ""}, f"{path}/pause").text
    (compiled,) = served.app.wants()
    assert compiled.subscription.rests(NOW + timedelta(days=400))
    visitor.send(path, {}, f"{path}/resume")
    (compiled,) = served.app.wants()
    assert not compiled.subscription.rests(NOW)
    visitor.send(path, {"until": "2026-04-01"}, f"{path}/pause")
    (compiled,) = served.app.wants()
    assert compiled.subscription.paused_until == date(2026, 4, 1)


def test_what_is_liked_is_named_by_id_address_or_title_and_kept(served: Served) -> None:
    served.app.store.merge(
        [Paper(title="On molten glass", ids={"arxiv": "2401.00001"}), Paper(title="Birds, their flocks")], now=NOW
    )
    path = served.subscribe(topics=["multilingual"])
    visitor = served.visitor()
    wrong = visitor.send(path, {**WISHES, "rules": "", "liked": "2401.00001\n9999.99999"})
    assert wrong.status_code == 422
    assert "Papers you like: Line 2: no paper of ours is called 9999.99999" in wrong.text
    liked = "https://arxiv.org/abs/2401.00001v2\nbirds, their flocks"
    saved = visitor.send(path, {**WISHES, "rules": "", "liked": liked, "about": "kilns & <furnaces>"})
    assert "Saved." in saved.text
    (compiled,) = served.app.wants()
    assert compiled.subscription.like == LikeSpec(tuple(liked.splitlines()), None, "kilns & <furnaces>", 5)
    shown = visitor.get(path).text
    assert "kilns &amp; &lt;furnaces&gt;" in shown
    assert "birds, their flocks" in shown
    visitor.send(path, {**WISHES, "liked": "", "about": ""})
    (compiled,) = served.app.wants()
    assert compiled.subscription.like is None
    assert "like" not in record(served).wants


def test_one_may_sign_up_for_what_one_likes_alone(served: Served) -> None:
    served.app.store.merge([Paper(title="On molten glass")], now=NOW)
    assert served.visitor().join(rules="", liked="Nothing of the kind").status_code == 422
    assert served.visitor().join(rules="", liked="on molten glass").status_code == 200
    assert record(served).wants["like"] == {"papers": ["on molten glass"]}


def test_what_the_form_cannot_say_of_likes_is_kept(served: Served) -> None:
    path = served.subscribe(topics=["multilingual"])
    kept = record(served)
    likes = {"about": "glass", "per_week": 12}
    served.app.store.put_subscribers([replace(kept, wants={**kept.wants, "like": likes})])
    served.visitor().send(path, {**WISHES, "about": "tin"})
    assert record(served).wants["like"] == {"about": "tin", "per_week": 12}
