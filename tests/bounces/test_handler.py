"""Mail that came back: from a digest that really left to what it brings about. Section H of the faults, 73 to 76."""

from __future__ import annotations

import email
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from digestbot.bounces import read
from digestbot.bounces.handler import BounceHandler, BounceVerdict
from digestbot.bounces.mailbox import Maildir
from digestbot.model.audit import Act
from digestbot.model.causes import Cause
from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import StoreError
from digestbot.model.soft_bounces import IN_A_ROW
from digestbot.model.subscribers import Membership
from digestbot.platform.links import Tokens
from digestbot.platform.links.returns import Returns
from tests.bounces import messages
from tests.bounces.messages import postfix
from tests.delivery.kit import NOW, Clock, FakedApp, configure, deliver, mail_to, open_app, papers, planned, subscribe
from tests.servers.smtp import Mail, SmtpServer

SECRET = "a-secret-of-many-characters"
GIVEN = {"who": "operator ada", "token": "t", "reason": "asked", "evidence": ""}


class Post:
    """A newsletter with a real mail server: digests leave, and come back as `write` says."""

    def __init__(self, home: Path, server: SmtpServer, **settings: object) -> None:
        base = {"SMTP_URL": server.url(host="127.0.0.1"), "MAIL_FROM": "digest@example.org", "SECRET": SECRET}
        configure(home, **{**base, "BOUNCE_ADDRESS": "bounce@example.org", **settings})
        self.home, self.server, self.clock = home, server, Clock(NOW)
        self.app: FakedApp = open_app(home, self.clock)
        given = {**GIVEN, "consent": "by letter", "wants": {"query": "the OR paper", "cadence": "instant"}}
        self.app.administration.carry_out("add", {**given, "address": "Ada@Example.org"})

    def send(self) -> Mail:
        """A digest leaves; the mail that arrived."""
        planned(self.app, 1)
        deliver(self.app)
        return self.server.mails[-1]

    @property
    def reader(self) -> BounceHandler:
        secrets = self.app.settings.secrets
        return BounceHandler(self.app.store, Returns(secrets), Tokens(secrets))

    def back(self, raw: bytes) -> BounceVerdict:
        return self.reader.take(raw, self.clock())

    def suppressed(self) -> dict[str, str]:
        return {name: each.reason for name, each in self.app.store.suppressions().items()}

    def acts(self) -> list[Act]:
        return [each.act for each in self.app.store.audit("ada@example.org")]


@pytest.fixture
def post(tmp_path: Path, smtp_server: Callable[..., SmtpServer], each_store: str) -> Iterator[Callable[..., Post]]:
    with ExitStack() as stack:

        def start(answers: object = None, **settings: object) -> Post:
            found = Post(tmp_path, smtp_server(answers), **settings)
            stack.enter_context(found.app)
            return found

        yield start


def quoted(mail: Mail) -> str:
    return mail.data.decode().replace("\r\n", "\n")


def headers_only(mail: Mail) -> str:
    """What a gateway leaves of it: neither our header nor the Return-Path."""
    kept = [f"{name}: {value}" for name, value in email.message_from_bytes(mail.data).items() if name[:2] != "X-"]
    return "\n".join(kept) + "\n\n"


def test_h73_a_mailbox_that_is_no_more_is_suppressed_with_its_evidence(post: Callable[..., Post]) -> None:
    here = post()
    mail = here.send()
    assert mail.sender.startswith("bounce+")
    assert mail.recipient == "ada@example.org"
    verdict = here.back(postfix(headers_only(mail), to=mail.sender))
    assert (verdict.act, verdict.address, verdict.suppressed) == (Act.HARD_BOUNCE, "ada@example.org", True)
    (kept,) = here.app.store.suppressions().values()
    assert kept.reason == "bounced"
    assert "User unknown" in kept.evidence
    assert "<report-1@mail.example.net>" in kept.evidence
    (noted,) = [each for each in here.app.store.audit() if each.act is Act.HARD_BOUNCE]
    assert here.app.store.deliveries(ids={noted.reference})[0].state is DeliveryState.SENT
    # Read a second time, after somebody has let mail go there again, it changes nothing.
    here.app.administration.carry_out("release", {**GIVEN, "names": ["ADA@example.org"]})
    assert here.back(postfix(headers_only(mail), to=mail.sender)).why == "read before"
    assert here.suppressed() == {}


@pytest.mark.parametrize("write", [messages.exim, messages.exchange, messages.gmail, messages.qmail, messages.old_exim])
def test_h73_without_an_address_of_its_own_the_signed_header_tells(
    write: Callable[[str], bytes], post: Callable[..., Post]
) -> None:
    here = post(BOUNCE_ADDRESS="")
    mail = here.send()
    assert mail.sender == "digest@example.org"
    assert here.back(write(quoted(mail))).suppressed
    assert here.suppressed() == {"ada@example.org": "bounced"}


def test_h73_reports_that_are_not_signed_by_us_are_ignored(post: Callable[..., Post]) -> None:
    here = post()
    mail = here.send()
    forged = Returns([here.app.settings.secrets[0].__class__("of somebody else")], "bounce@example.org")
    (delivery,) = here.app.store.deliveries()
    for to in ("digest@example.org", forged.address(delivery.id), f"bounce+{delivery.id}@example.org"):
        verdict = here.back(postfix(headers_only(mail), to=to or ""))
        assert (verdict.act, verdict.why) == (None, "a bounce without a signed id of ours")
    strange = Returns(here.app.settings.secrets, "bounce@example.org").address("f" * 32) or ""
    assert here.back(postfix("Subject: x\n\n", to=strange)).act is None
    assert here.suppressed() == {}
    assert here.acts() == [Act.ADDED]


@pytest.mark.parametrize(
    ("report", "why"),
    [
        ({"status": "5.7.1", "words": "550 5.7.1 Rejected by policy, user unknown"}, "policy"),
        ({"status": "5.6.0", "words": "554 5.6.0 content rejected"}, "message was refused"),
        ({"action": "delayed", "status": "4.4.1", "words": "451 timeout"}, "still under way"),
        ({"action": "relayed", "status": "2.0.0", "words": "250 ok"}, "arrived"),
    ],
)
def test_h73_what_says_nothing_about_the_address_changes_nothing(
    report: dict[str, str], why: str, post: Callable[..., Post]
) -> None:
    here = post()
    mail = here.send()
    verdict = here.back(postfix(quoted(mail), to=mail.sender, **report))
    assert verdict.act is None
    assert why in verdict.why
    assert (here.suppressed(), here.acts()) == ({}, [Act.ADDED])


def test_h73_of_several_recipients_ours_counts_and_of_strangers_the_mildest(post: Callable[..., Post]) -> None:
    here = post()
    mail = here.send()
    block = "Final-Recipient: rfc822; {}\nAction: failed\nStatus: {}\n"
    passed_on = [block.format("a@corp.example", "5.1.1"), block.format("b@corp.example", "4.2.2")]
    verdict = here.back(postfix(quoted(mail), to=mail.sender, recipients="\n".join(passed_on)))
    assert verdict.act is Act.SOFT_BOUNCE
    ours = [block.format("a@corp.example", "4.2.2"), block.format("ADA@example.org", "5.1.1")]
    assert here.back(postfix(quoted(mail), to=mail.sender, recipients="\n".join(ours))).act is Act.HARD_BOUNCE


def test_h73_forwarded_and_without_an_original_recipient_it_is_known_by_its_signature(
    post: Callable[..., Post],
) -> None:
    here = post()
    mail = here.send()
    report = postfix(quoted(mail), to=mail.sender, final="ada@elsewhere.example", orig="")
    assert here.back(report).address == "ada@example.org"
    assert here.suppressed() == {"ada@example.org": "bounced"}


def test_h74_a_complaint_suppresses_at_once_and_answers_by_machines_do_nothing(post: Callable[..., Post]) -> None:
    here = post()
    mail = here.send()
    assert here.back(messages.away(mail.sender, quoted(mail))).act is None
    assert here.suppressed() == {}
    assert here.back(messages.complaint(quoted(mail))).act is Act.COMPLAINT
    assert here.suppressed() == {"ada@example.org": "complained"}
    assert here.acts() == [Act.ADDED, Act.COMPLAINT]


def test_h75_a_full_mailbox_is_suppressed_after_many_in_a_row_and_success_begins_anew(
    post: Callable[..., Post],
) -> None:
    here = post()

    def full() -> BounceVerdict:
        mail = here.send()
        here.clock.move(hours=1)
        verdict = here.back(postfix(quoted(mail), to=mail.sender, status="4.2.2", words="452 4.2.2 over quota"))
        here.clock.move(hours=23)
        return verdict

    for number in range(1, IN_A_ROW):
        verdict = full()
        assert (verdict.act, verdict.suppressed) == (Act.SOFT_BOUNCE, False)
        assert f"({number} in a row)" in verdict.why
    here.send()  # this one arrives: nothing comes back for days
    here.clock.move(days=6)
    assert [full().suppressed for _ in range(IN_A_ROW)] == [False] * (IN_A_ROW - 1) + [True]
    assert here.suppressed() == {"ada@example.org": "bounced again and again"}
    # After a release the count begins anew.
    here.app.administration.carry_out("release", {**GIVEN, "names": ["ada@example.org"]})
    assert "(1 in a row)" in full().why


def test_h73_a_refusal_while_sending_is_judged_as_a_report_is(post: Callable[..., Post]) -> None:
    here = post({"RCPT": {"ada@example.org": "550 5.1.1 no such user"}})
    planned(here.app, 1)
    deliver(here.app)
    assert here.suppressed() == {"ada@example.org": "bounced"}
    assert here.acts() == [Act.ADDED, Act.HARD_BOUNCE]


@pytest.mark.parametrize("step", ["RCPT", "MESSAGE"])
def test_b18_a_refusal_of_the_content_does_not_count_against_the_address(step: str, post: Callable[..., Post]) -> None:
    here = post({step: "554 5.7.1 spam; user unknown to our list"})
    planned(here.app, 1)
    deliver(here.app)
    assert (here.suppressed(), here.acts()) == ({}, [Act.ADDED])


def test_h76_who_leaves_between_plan_and_send_gets_nothing(post: Callable[..., Post]) -> None:
    """By mail, with the token of a digest that arrived; the next one is planned already."""
    here = post(PUBLIC_URL="https://digest.example.org")
    mail = email.message_from_bytes(here.send().data)
    planned(here.app, 1)
    subject = str(mail["List-Unsubscribe"]).partition("subject=")[2].rstrip(">")
    assert "bounce@example.org" in str(mail["List-Unsubscribe"])
    raw = f"From: whoever@example.com\r\nSubject: {subject.replace('%20', ' ')}\r\n\r\n".encode()
    assert here.back(raw.replace(b"unsubscribe ", b"unsubscribe x")).act is None
    assert here.back(raw).act is Act.LEFT
    (told,) = deliver(here.app)
    assert (told[1].state, told[1].cause) == (DeliveryState.DROPPED, Cause.UNSUBSCRIBED)
    assert len(here.server.mails) == 1
    assert [each.state for each in here.app.store.subscribers()] == [Membership.LEFT]


def test_h76_who_is_suppressed_by_hand_between_plan_and_send_gets_nothing(post: Callable[..., Post]) -> None:
    here = post()
    planned(here.app, 1)
    here.app.administration.carry_out("suppress", {**GIVEN, "names": ["ADA@example.org"]})
    (told,) = deliver(here.app)
    assert told[1].state is DeliveryState.DROPPED
    assert here.server.mails == []


def maildir(folder: Path, *mails: bytes) -> Maildir:
    found = Maildir(folder)
    for mail in mails:
        found.put(mail)
    return found


def test_h73_one_malformed_mail_does_not_stop_the_rest_of_a_maildir(
    post: Callable[..., Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = post()
    mail = here.send()
    odd = b'\xff\0Content-Type: multipart/report; boundary="\n\n--\n\n' * 99
    box = maildir(here.home / "box", odd, b"breaks the parser", postfix(quoted(mail), to=mail.sender))
    monkeypatch.setattr(
        "digestbot.bounces.handler.read", lambda raw: 1 / 0 if raw == b"breaks the parser" else read(raw)
    )
    found = [verdict for _, verdict in here.app.bounce_poller.read_maildir(box, here.clock())]
    assert [each.act for each in found] == [None, None, Act.HARD_BOUNCE]
    assert "could not be read" in found[1].why
    assert list(box.unread()) == []
    assert len(list((box.folder / "cur").iterdir())) == 3  # nothing is deleted


def test_h73_nothing_is_marked_before_it_is_stored(post: Callable[..., Post], monkeypatch: pytest.MonkeyPatch) -> None:
    here = post()
    mail = here.send()
    box = maildir(here.home / "box", postfix(quoted(mail), to=mail.sender))
    failing = StoreError("the disk is full")

    def fail(*_: object, **__: object) -> None:
        raise failing

    with monkeypatch.context() as broken:
        broken.setattr(type(here.app.store), "suppress", fail)
        with pytest.raises(StoreError):
            list(here.app.bounce_poller.read_maildir(box, here.clock()))
    assert len(list(box.unread())) == 1
    assert [each.act for _, each in here.app.bounce_poller.read_maildir(box, here.clock())] == [Act.HARD_BOUNCE]


def test_the_owner_of_a_file_is_told_that_its_address_is_suppressed(post: Callable[..., Post]) -> None:
    here = post(OPERATOR="operator@example.org")
    subscribe(here.home, "mine", mail_to(["mine"]))
    here.app.__dict__.pop("folder", None)
    here.app.__dict__.pop("_subscriptions", None)
    here.app.store.register(["mine"], now=here.clock())
    here.app.store.merge(papers(1), now=here.clock())
    planned(here.app, 1)
    deliver(here.app)
    (mail,) = [each for each in here.server.mails if each.recipient == "mine@example.org"]
    maildir(here.home / "data" / "returned", postfix(quoted(mail), to=mail.sender, final="mine@example.org", orig=""))
    assert list(here.app.bounce_poller(here.clock())) == []
    assert "mine@example.org" in here.suppressed()
    notice = here.server.mails[-1]
    assert notice.recipient == "operator@example.org"
    assert b"subscribers release mine@example.org" in notice.data.replace(b"=\r\n", b"")
    assert list((here.home / "data" / "returned" / "new").iterdir()) == []
