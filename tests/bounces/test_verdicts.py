"""What becomes of each mail that came back, by values: over a store, with links and marks of our own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.bounces import handler as room
from digestbot.bounces.handler import BounceHandler, BounceVerdict
from digestbot.model.audit import Act
from digestbot.model.deliveries import Delivery, DeliveryState, delivery_id
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.links import Purpose, Tokens, fingerprint
from digestbot.platform.links.returns import Returns
from digestbot.store import open_store
from digestbot.store.base import Store
from tests.bounces.messages import complaint, original, postfix
from tests.digests.kit import NAME, record, slot, utc

SECRETS = [Secret("a-secret-of-many-characters")]
NOW = utc(3)
ADA = Destination("email", {"address": "Ada@example.org"})
LAB = Destination("slack", {"destination": "lab"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("tinydb:data", home=tmp_path) as opened:
        opened.register([NAME], now=utc(1))
        made = record(slot(2), utc(2, 8))
        opened.open_digest(
            made,
            [
                Delivery(delivery_id(made.key, to), made.key, NAME, to, DeliveryState.PLANNED, utc(2, 8))
                for to in (ADA, LAB)
            ],
        )
        opened.claim(now=utc(2, 8), lease=timedelta(minutes=15), limit=2)
        yield opened


def reader(store: Store) -> BounceHandler:
    files = {"weekly": ["f@example.org"]}
    return BounceHandler(store, Returns(SECRETS), Tokens(SECRETS), lambda name: files.get(name, []))


def mark(store: Store, to: Destination) -> str:
    (delivery,) = [each for each in store.deliveries() if each.destination == to]
    return Returns(SECRETS).sign(delivery.id) or ""


def asking(token: str, *, name: str = "") -> bytes:
    return f"From: x\nSubject: unsubscribe {token}\n{name}\n".encode()


def leave_token(subscription: str, address: str, *more: str) -> str:
    return Tokens(SECRETS).sign(Purpose.LEAVE, subscription, fingerprint(address), *more)


@pytest.mark.parametrize(
    ("subscription", "address"), [(NAME, "ada@example.org"), ("weekly", "f@example.org")], ids=["ledger", "file"]
)
def test_who_asks_by_mail_leaves(store: Store, subscription: str, address: str) -> None:
    verdict = reader(store).take(asking(leave_token(subscription, address), name="Message-ID: <m@x>\n"), NOW)
    assert verdict.act is Act.LEFT
    assert verdict.address.lower() == address
    assert verdict.suppressed
    assert not verdict.unreadable
    (kept,) = store.suppressions([address]).values()
    assert (kept.reason, kept.since, kept.evidence) == ("unsubscribed", NOW, "by mail <m@x>")


def test_a_request_without_a_name_of_its_mail_is_shown_by_mail(store: Store) -> None:
    reader(store).take(asking(leave_token(NAME, "ada@example.org")), NOW)
    assert [each.evidence for each in store.suppressions().values()] == ["by mail"]


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("x" * 30, "a request with no token of ours"),
        (leave_token(NAME, "ada@example.org", "more"), "a request with no token of ours"),
        (leave_token(NAME, "eve@example.org"), "a request for an address nothing goes to"),
    ],
    ids=["no token", "another's token", "of nobody"],
)
def test_a_request_that_is_none_of_ours_changes_nothing(store: Store, token: str, why: str) -> None:
    assert reader(store).take(asking(token), NOW) == BounceVerdict(None, why)
    assert store.suppressions() == {}
    blind = BounceHandler(store, Returns([]), None)
    assert blind.take(asking(token), NOW).why == "a request with no token of ours"


def test_a_complaint_and_a_bounce_are_written_down_with_their_evidence(store: Store) -> None:
    told = reader(store).take(complaint(original(mark=mark(store, ADA))), NOW)
    assert (told.act, told.address, told.suppressed) == (Act.COMPLAINT, "ada@example.org", True)
    (kept,) = store.suppressions().values()
    assert kept.reason == "complained"
    assert kept.evidence.startswith("complained to its mail provider (abuse); digest ")
    assert [each.act for each in store.audit("ada@example.org")] == [Act.COMPLAINT]
    assert reader(store).take(complaint(original(mark=mark(store, ADA))), NOW).why == "read before"


def test_a_mark_of_what_went_to_no_address_is_none(store: Store) -> None:
    found = reader(store).take(postfix(original(mark=mark(store, LAB))), NOW)
    assert found == BounceVerdict(None, "a bounce without a signed id of ours")


def test_what_is_neither_is_told_by_what_it_is(store: Store) -> None:
    assert reader(store).take(b"Subject: hello\n\n", NOW) == BounceVerdict(None, "other")
    assert reader(store).take(b"Subject: hello\nAuto-Submitted: auto-replied\n\n", NOW).why == "automatic reply"


def test_a_mail_that_breaks_the_parser_is_told_as_unreadable(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(raw: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr(room, "read", broken)
    expected = BounceVerdict(None, "could not be read (RecursionError)", unreadable=True)
    assert reader(store).take(b"x", NOW) == expected


def test_evidence_is_bounded(store: Store) -> None:
    raw = postfix(original(mark=mark(store, ADA)), words="550 5.1.1 " + "x" * 1_500 + " User unknown")
    reader(store).take(raw, NOW)
    (kept,) = store.suppressions().values()
    assert kept.evidence.partition("; digest ")[0].endswith("x" * 100)
    assert len(kept.evidence.partition("; digest ")[0]) == 1_000
    assert kept.evidence.endswith("; report <report-1@mail.example.net>")
