"""Sign-up with double opt-in, over a real server and a real mail server (FAULTS.md 66)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from digestbot.model.audit import Act
from digestbot.model.rate_limit import RateLimit
from digestbot.model.subscribers import Membership, Suppression
from digestbot.web import signup, throttle
from digestbot.web.throttle import Throttle, network, one_person
from tests.delivery.kit import NOW
from tests.servers.smtp import SmtpServer
from tests.web.kit import Served, link_in, path_of, text_of, wait_for

SCRIPT = "<script>alert(1)</script>\"'&{{7*7}}"


def test_who_signs_up_and_presses_the_button_in_the_mail_is_subscribed(served: Served) -> None:
    visitor = served.visitor()
    page = visitor.join("Ada@Example.org", topics=["multilingual"], every="weekly mon", at="09:30")
    assert page.status_code == 200
    assert "Check your mail" in page.text
    (mail,) = served.mails(1)
    assert (mail["To"], mail["Subject"]) == ("Ada@Example.org", "Please confirm your subscription")
    (record,) = served.app.store.subscribers()
    assert record.state is Membership.PENDING
    path = link_in(mail)
    assert "Yes, send me these" in visitor.get(path).text
    welcome = visitor.press(path)
    assert "You are subscribed" in welcome.text
    assert "Monday, 2 March 2026, 09:30" in welcome.text
    (record,) = served.app.store.subscribers()
    assert record.state is Membership.ACTIVE
    assert record.wants == {
        "name": "Ada",
        "timezone": "Europe/Berlin",
        "cadence": "weekly mon 09:30",
        "topics": ["multilingual"],
        "keywords": ["paper"],
        "first_run": "last 7 days",
        "to": [{"channel": "email", "address": "Ada@Example.org"}],
    }
    assert served.app.store.cursor(record.id) is not None
    assert [compiled.subscription.id for compiled in served.app.wants()] == [record.id]


@pytest.mark.usefixtures("each_store")
def test_who_agreed_and_when_is_in_the_audit_log(served: Served) -> None:
    """Consent is shown by the log: asked at one time, confirmed at another, once."""
    served.visitor().join("Ada@Example.org")
    path = link_in(served.mails(1)[0])
    served.clock.move(minutes=30)
    for _ in range(2):
        served.visitor().get(path)
    visitors = [served.visitor() for _ in range(6)]
    tokens = [visitor.get(path).text.split('name="form_token" value="')[1].split('"')[0] for visitor in visitors]
    with ThreadPoolExecutor(len(visitors)) as pool:
        sent = [
            pool.submit(each.http.post, path, data={"form_token": token})
            for each, token in zip(visitors, tokens, strict=True)
        ]
    assert {each.result().status_code for each in sent} == {200}
    log = served.app.store.audit("ada@example.org")
    assert [(each.who, each.act, each.at) for each in log] == [
        ("subscriber", Act.ASKED, NOW),
        ("subscriber", Act.CONFIRMED, NOW + timedelta(minutes=30)),
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_scanner_that_follows_the_link_confirms_nothing(served: Served, method: str) -> None:
    served.visitor().join()
    path = link_in(served.mails(1)[0])
    before = list(served.app.store.subscribers())
    for _ in range(3):
        assert httpx.request(method, served.url + path).status_code in (200, 405)
    assert list(served.app.store.subscribers()) == before
    assert before[0].state is Membership.PENDING


def test_the_mail_holds_nothing_that_a_stranger_wrote(served: Served) -> None:
    """Else the form would send anybody's words to anybody."""
    served.visitor().join(name="Buy now http://spam.example", rules="spam")
    (mail,) = served.mails(1)
    assert b"spam" not in served.smtp.mails[0].data.lower()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert text_of(mail).count("http") == 1
    html = mail.get_body(("html",))
    assert html is not None
    assert "Please confirm your subscription" in html.get_content()


def test_one_address_gets_one_mail_an_hour_however_it_is_spelt(served: Served) -> None:
    """FAULTS.md 66: one address a thousand times, ``a+1@`` and capitals are one person."""
    answers = set()
    for number in range(15):
        spelt = ["ada@example.org", "ADA@Example.org", f"ada+{number}@example.org"][number % 3]
        page = served.visitor().join(spelt)
        answers.add(page.text.replace(spelt, "-"))
    assert len(answers) == 1
    served.no_mail_waits()
    served.mails(1)
    served.clock.move(hours=1, seconds=1)
    served.visitor().join("ada+x@example.org")
    served.mails(2)


def test_a_restart_does_not_let_a_second_mail_out(serve: Callable[..., Served], tmp_path: Path) -> None:
    first = serve(tmp_path / "a")
    first.visitor().join()
    first.mails(1)
    first.server.site.throttle = Throttle()
    first.visitor().join()
    first.no_mail_waits()
    first.mails(1)


def test_a_flood_from_one_network_is_stopped_and_another_goes_on(serve: Callable[..., Served]) -> None:
    served = serve(TRUSTED_PROXIES="127.0.0.1")
    ours = served.visitor(headers={"X-Forwarded-For": "192.0.2.1"})
    codes = [ours.join(f"a{number}@example.org").status_code for number in range(throttle.PER_NETWORK.most + 3)]
    assert codes == [200] * throttle.PER_NETWORK.most + [429] * 3
    others = served.visitor(headers={"X-Forwarded-For": "192.0.2.2"})
    assert others.join("b@example.org").status_code == 200
    served.mails(throttle.PER_NETWORK.most + 1)


def test_an_untrusted_proxy_is_not_believed(serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "PER_NETWORK", RateLimit(2, throttle.EVERY))
    served = serve(TRUSTED_PROXIES="10.0.0.1")
    codes = [
        served.visitor(headers={"X-Forwarded-For": f"192.0.2.{n}"}).join(f"a{n}@example.org").status_code
        for n in range(3)
    ]
    assert codes == [200, 200, 429]


@pytest.mark.parametrize("flood", ["10.0.{0}.{1}", "2001:db8:{0}:{1}::5", "2001:db8:{0}::{1}"])
def test_j87_a_flood_from_everywhere_slows_its_own_neighbourhoods_and_shuts_out_nobody(flood: str) -> None:
    throttled = Throttle()
    clients = [flood.format(n % 20, n // 20) for n in range(throttle.IN_ALL.most)]
    assert not any(throttled.busy(each, NOW) for each in clients)
    assert all(throttled.busy(each, NOW) for each in clients)
    for stranger in ("10.9.9.9", "2001:db8:ff::1", "192.0.2.1"):
        busy = [throttled.busy(stranger, NOW) for _ in range(throttle.CROWDED.most + 1)]
        assert busy == [False] * throttle.CROWDED.most + [True]
    assert not throttled.busy(clients[0], NOW + timedelta(hours=1))


def test_nobody_gets_a_mail_every_hour_that_they_never_asked_for() -> None:
    throttled = Throttle()
    asked = [throttled.may_have(f"ada+{n}@example.org", NOW + timedelta(minutes=15 * n)) for n in range(4 * 23)]
    assert asked.count(True) == throttle.PER_ADDRESS_A_DAY.most
    assert throttled.may_have("ada@example.org", NOW + timedelta(hours=24))


def test_a_throttle_forgets_the_oldest_before_it_takes_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_REMEMBERED", 10)
    throttled = Throttle()
    assert all(throttled.may_have(f"{n}@example.org", NOW) for n in range(1000))
    assert len(throttled._mails) == 10


def test_a_clock_set_back_locks_nobody_out() -> None:
    throttled = Throttle()
    assert throttled.may_have("a@x.org", NOW)
    assert throttled.may_have("a@x.org", NOW - timedelta(days=1))


def test_who_is_one_person_and_one_network() -> None:
    assert {one_person(each) for each in ("a@x.org", "A@X.org", "a+b@x.org", "ａ@x.org")} == {"a@x.org"}
    assert one_person("a.d.a+1@googlemail.com") == one_person("ada@gmail.com")
    assert one_person("ada@b\u00fccher.example") == one_person("ada@xn--bcher-kva.example")
    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2::9") != network("2001:db8:1:3::9")
    assert network("::ffff:192.0.2.1") == network("192.0.2.1")


@pytest.mark.parametrize("reason", ["unsubscribed", "complaint", "bounced"])
def test_a_suppressed_address_gets_the_same_page_and_no_mail(served: Served, reason: str) -> None:
    """FAULTS.md 75: it stays suppressed until somebody releases it."""
    served.app.store.suppress([Suppression("ada@example.org", reason, NOW)])
    suppressed, new = served.visitor().join("ada@example.org"), served.visitor().join("new@example.org")
    assert suppressed.text.replace("ada@", "-@") == new.text.replace("new@", "-@")
    assert suppressed.status_code == new.status_code == 200
    served.no_mail_waits()
    (mail,) = served.mails(1)
    assert mail["To"] == "new@example.org"
    assert served.app.store.suppressions(["ada@example.org"])


@pytest.mark.parametrize("spelt", ["ada@xn--bcher-kva.example", "ada@bu\u0308cher.example", "ADA@B\u00dcCHER.EXAMPLE"])
def test_a_suppressed_domain_has_no_other_spelling(served: Served, spelt: str) -> None:
    served.app.store.suppress([Suppression("ada@b\u00fccher.example", "complaint", NOW)])
    assert "Check your mail" in served.visitor().join(spelt).text
    served.no_mail_waits()
    served.mails(0)


def test_a_known_address_gets_the_same_page_and_a_link_to_its_preferences(served: Served) -> None:
    served.subscribe("ada@example.org")
    served.clock.move(hours=2)
    known, new = served.visitor().join("ada@example.org"), served.visitor().join("new@example.org")
    assert known.text.replace("ada@", "-@") == new.text.replace("new@", "-@")
    mails = {mail["To"]: mail for mail in served.mails(3)[1:]}
    assert mails["ada@example.org"]["Subject"] == "You are subscribed already"
    assert "Your preferences" in served.visitor().get(link_in(mails["ada@example.org"])).text
    assert {each.state for each in served.app.store.subscribers(address="ada@example.org")} == {Membership.ACTIVE}


def test_no_answer_tells_by_its_time_what_was_done(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signup, "STEADY", 0.5)
    served.app.store.suppress([Suppression("gone@example.org", "complaint", NOW)])
    taken = []
    for address in ("gone@example.org", "new@example.org", "new@example.org"):
        visitor = served.visitor()
        visitor.get("/")
        begun = time.monotonic()
        visitor.join(address)
        taken.append(time.monotonic() - begun)
    assert min(taken) >= 0.5
    assert max(taken) - min(taken) < 0.3


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"address": "no address"}, "This is no e-mail address"),
        ({"address": "a@b\r\nBcc: all@example.org"}, "This is no e-mail address"),
        ({"address": "a" * 300 + "@example.org"}, "This is no e-mail address"),
        ({"rules": "good\n  title:(broken"}, "Line 2, column 9: this bracket is never closed"),
        ({"rules": ""}, "Choose a topic, or write a rule"),
        ({"topics": ["nowhere"]}, "not there any more"),
        ({"every": "hourly"}, "Choose how often"),
        ({"at": "25:00"}, "Write the time as 08:00"),
        ({"timezone": "../../etc/passwd"}, "Choose a time zone of the list"),
        ({"rules": "\n".join(f"rule{n}" for n in range(60))}, "too many rules"),
        ({"exclude": '"'}, "Line 1, column 1"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    served: Served, spec: dict[str, str], said: str
) -> None:
    page = served.visitor().join(**{"address": "ada@example.org", "name": "Ada Kept", **spec})
    assert page.status_code == 422
    assert said in page.text
    assert 'aria-invalid="true"' in page.text or "topics" in spec or spec == {"rules": ""}
    assert "Ada Kept" in page.text, "what was typed is not lost"
    assert list(served.app.store.subscribers()) == []
    served.no_mail_waits()
    served.mails(0)


def test_a_script_in_a_name_is_text_wherever_it_is_shown(served: Served) -> None:
    visitor = served.visitor()
    broken = visitor.join(name=SCRIPT, rules=f'title:"{SCRIPT}')
    preferences = served.subscribe("ada@example.org", name=SCRIPT)
    confirm = visitor.get(link_in(served.mails(1)[0]))
    pages = [broken, confirm, visitor.get(preferences), visitor.get(f"{preferences}/forget")]
    for page in pages:
        assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in pages[2].text
    assert b"<script" not in served.smtp.mails[0].data


def test_a_program_that_fills_every_field_gets_nothing_sent(served: Served) -> None:
    assert "Check your mail" in served.visitor().join(website="http://spam.example").text
    served.no_mail_waits()
    served.mails(0)


def test_a_confirmation_is_good_for_a_week_and_then_forgotten(served: Served) -> None:
    served.visitor().join()
    path = link_in(served.mails(1)[0])
    served.clock.move(days=7, seconds=1)
    page = served.visitor().get(path)
    assert page.status_code == 404
    assert "This link does not work" in page.text
    served.clock.move(days=2)
    served.server.site.letters.waiting.set()
    wait_for(lambda: not list(served.app.store.subscribers()))


def test_confirming_twice_changes_nothing_more(served: Served) -> None:
    served.subscribe()
    path = link_in(served.mails(1)[0])
    before = list(served.app.store.subscribers())
    served.clock.move(hours=1)
    assert "You are subscribed" in served.visitor().get(path).text
    assert list(served.app.store.subscribers()) == before


def test_a_letter_that_is_refused_for_good_is_not_tried_again(
    serve: Callable[..., Served], smtp_server: Callable[..., SmtpServer]
) -> None:
    served = serve(smtp=smtp_server({"RCPT": "550 5.1.1 no such user"}))
    served.visitor().join()
    served.no_mail_waits()
    assert sum(command.startswith("RCPT") for talk in served.smtp.talks for command, _ in talk.commands) == 1


def test_the_links_lead_to_the_public_address_whatever_host_was_asked(served: Served) -> None:
    """Else a forged Host header would send people with their tokens elsewhere."""
    served.visitor(headers={"Host": "evil.example"}).join()
    (mail,) = served.mails(1)
    assert "https://digest.example.org/confirm/" in text_of(mail)
    assert "evil" not in text_of(mail)
    assert path_of("https://digest.example.org/a?b") == "/a"


@pytest.mark.parametrize(
    ("interests", "topics", "keywords"),
    [
        ("multilingual, spike sorting", ["multilingual"], ["spike sorting"]),
        ('"Language agents: planning, tools, several models at work", RL', ["agents"], ["RL"]),
        ("my.bib", [], ["my.bib"]),
    ],
)
def test_interests_are_topics_by_their_titles_and_else_words(
    served: Served, interests: str, topics: list[str], keywords: list[str]
) -> None:
    assert served.visitor().join(interests=interests, rules="").status_code == 200
    (record,) = served.app.store.subscribers()
    assert (list(record.wants.get("topics", [])), list(record.wants.get("keywords", []))) == (topics, keywords)


def test_interests_join_the_topics_and_rules_that_were_chosen_below(served: Served) -> None:
    served.visitor().join(
        interests="multilingual, glosses", rules="glosses\nsurvey", topics=["astronomy", "multilingual"]
    )
    (record,) = served.app.store.subscribers()
    assert record.wants["topics"] == ["multilingual", "astronomy"]
    assert record.wants["keywords"] == ["glosses", "survey"]


def test_interests_that_are_no_rule_are_told_at_their_field(served: Served) -> None:
    answer = served.visitor().join(interests="title:(broken", rules="")
    assert answer.status_code == 422
    assert 'id="interests-wrong"' in answer.text
    assert "this bracket is never closed" in answer.text
    assert list(served.app.store.subscribers()) == []
