"""What a message carries besides its digest: names, links, addresses, by whom it goes to and what is set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from digestbot.delivery import message_writer
from digestbot.delivery.message_writer import Writer
from digestbot.model.deliveries import Message, delivery_id
from digestbot.model.digests import Digest, EntryRecord
from digestbot.model.papers import Paper
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination, Subscription, Thread
from digestbot.platform.links import Links, Tokens
from digestbot.platform.settings import Settings
from digestbot.rendering import Templates
from digestbot.rendering.base import Envelope
from digestbot.store import open_store
from digestbot.store.base import Store
from tests.digests.kit import NAME, record, slot, subscription, utc

ADA = Destination("email", {"address": "ada@example.org"})
LAB = Destination("slack", {"destination": "lab"})
SECRETS = (Secret("a-secret-of-many-characters"),)
RECORD = record(slot(2), utc(2), entries=(EntryRecord(1, ("speech",)), EntryRecord(2, ("speech",))))


@pytest.fixture(autouse=True)
def over_each_store() -> None:
    """Once is enough: of the store it asks for papers only."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("tinydb:data", home=tmp_path) as opened:
        opened.merge([Paper(title="Speech one"), Paper(title="Speech two")], now=utc(1))
        yield opened


Written = Callable[..., tuple[Envelope, Destination]]


@pytest.fixture
def written(store: Store, monkeypatch: pytest.MonkeyPatch) -> Written:
    """The envelope of a message to somebody, and to whom it is written; `note` and a test's settings by name."""
    taken: list[tuple[Envelope, Destination]] = []

    def write(form: str, digest: Digest, to: Destination, envelope: Envelope, *, templates: Templates) -> Message:
        taken.append((envelope, to))
        return Message(())

    monkeypatch.setattr(message_writer, "write", write)

    def written(
        to: Destination = ADA,
        note: str | None = None,
        *,
        pages: str | None = None,
        files: tuple[str, ...] = (),
        known: Subscription | None = None,
        **settings: Any,
    ) -> tuple[Envelope, Destination]:
        links = Links(pages, Tokens(SECRETS)) if pages else None
        of = Settings(Path(), secrets=SECRETS, mail_from="Digest <digest@example.org>", public_url=pages, **settings)
        writer = Writer(of, store, cast(Templates, None), links, files, lambda name: known)
        writer.message("text", writer.digest(RECORD), to, note)
        return taken.pop()

    return written


def test_a_message_is_named_by_its_delivery_and_a_test_otherwise(written: Written) -> None:
    real, test = written()[0], written(note="test")[0]
    assert real.delivery_id == delivery_id(RECORD.key, ADA)
    assert test.delivery_id == delivery_id(f"test {RECORD.key}", ADA)
    assert (real.note, test.note) == (None, "test")
    assert real.return_id is not None
    assert real.return_id.startswith(real.delivery_id)
    assert test.return_id is None, "what comes back of a test says nothing of a delivery"
    assert written(LAB)[0].return_id is None


@pytest.mark.parametrize(("operator", "told"), [("ops@example.org", "ops@example.org"), ("lab", None), (None, None)])
def test_only_an_operator_with_an_address_is_named_to_readers(
    written: Written, operator: str | None, told: str | None
) -> None:
    assert written(operator=operator)[0].operator == told


def test_without_pages_there_are_no_links_and_only_mail_has_a_readers_own(written: Written) -> None:
    for envelope, _ in (written(), written(LAB, pages="https://d.example.org", known=subscription())):
        assert (envelope.unsubscribe_url, envelope.unsubscribe_mailto, envelope.preferences_url) == (None, None, None)
        assert envelope.opinions == ()


def test_links_are_of_the_reader_and_of_the_digest(written: Written) -> None:
    links = Links("https://d.example.org", Tokens(SECRETS))
    envelope, _ = written(pages="https://d.example.org", known=subscription())
    assert envelope.unsubscribe_url == links.leave(NAME, "ada@example.org")
    assert envelope.preferences_url == links.preferences(NAME, "ada@example.org", RECORD.opened_at)
    assert envelope.opinions == tuple((place, *links.opinions(NAME, place)) for place in (1, 2))
    asked = f"unsubscribe%20{links.leave_token(NAME, 'ada@example.org')}"
    assert envelope.unsubscribe_mailto == f"mailto:digest@example.org?subject={asked}"
    assert envelope.public_url == "https://d.example.org"


def test_one_click_wants_https_and_who_stands_in_a_file_has_no_page(written: Written) -> None:
    plain, _ = written(pages="http://d.example.org", known=subscription())
    assert plain.unsubscribe_url is None
    assert plain.unsubscribe_mailto
    assert plain.preferences_url
    filed, _ = written(pages="https://d.example.org", files=(NAME,))
    assert filed.preferences_url is None
    assert filed.unsubscribe_url


@pytest.mark.parametrize(
    ("settings", "mailbox"),
    [
        ({}, "digest@example.org"),
        ({"operator": "ops@example.org"}, "ops@example.org"),
        ({"operator": "ops@example.org", "bounce_address": "returns@example.org"}, "returns@example.org"),
        ({"operator": "lab"}, "digest@example.org"),
    ],
)
def test_where_a_mail_asks_to_be_left_in_peace(written: Written, settings: dict[str, str], mailbox: str) -> None:
    envelope, _ = written(pages="https://d.example.org", **settings)
    assert (envelope.unsubscribe_mailto or "").startswith(f"mailto:{mailbox}?subject=unsubscribe%20")


def test_opinions_are_asked_for_where_they_are_wanted_and_series_told_where_it_is_one(written: Written) -> None:
    quiet = subscription(feedback=False, thread=Thread.NONE)
    asked, _ = written(pages="https://d.example.org", known=subscription())
    unasked, _ = written(pages="https://d.example.org", known=quiet)
    unknown, _ = written(pages="https://d.example.org")
    assert (len(asked.opinions), asked.series) == (2, True)
    assert (unasked.opinions, unasked.series) == ((), False)
    assert (unknown.opinions, unknown.series) == ((), True)


def test_a_preview_is_as_its_destination_gets_it(
    store: Store, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Destination] = []

    def write(form: str, digest: Digest, to: Destination, envelope: Envelope, *, templates: Templates) -> Message:
        shown.append(to)
        return Message(())

    monkeypatch.setattr(message_writer, "write", write)
    writer = Writer(Settings(Path()), store, cast(Templates, None))
    page = Destination("file", {"path": "out"}, theme="magazine")
    wanted = replace(subscription(), to=(LAB, page, ADA))
    for form in ("slack", "html", "markdown", "email", "discord"):
        writer.preview(RECORD, wanted, form)
    assert shown == [LAB, page, page, ADA, Destination("preview")]
