"""The writing of messages: a digest out of the ledger, as one destination gets it, its own links in it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from email.utils import parseaddr
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from digestbot.channels.base import Channel, SendError
from digestbot.channels.registry import describe
from digestbot.channels.renderers import renderer_for, write
from digestbot.channels.spec import Reach
from digestbot.model.deliveries import Delivery, Message, delivery_id
from digestbot.model.digests import Digest, DigestRecord, assemble
from digestbot.model.errors import DigestbotError, Problem, UsageError
from digestbot.model.subscriptions import Destination, Subscription, Thread
from digestbot.platform.links.returns import Returns
from digestbot.platform.settings import Settings
from digestbot.rendering import Templates
from digestbot.rendering.base import Envelope
from digestbot.store.base import Store

if TYPE_CHECKING:
    from digestbot.platform.links import Links

_CARRIERS = {"html": (Reach.MAIL, Reach.FOLDER), "text": (Reach.MAIL, Reach.FOLDER), "markdown": (Reach.FOLDER,)}
"""What carries a page, besides others; its options and theme are then those that `preview` shows."""
_KEPT = 8  # digests; most have several readers, and the ledger never changes one


class Writer:
    """Writes with these settings and templates. ``links`` is None without pages; ``files`` are the ids of the
    subscriptions that stand in files: nobody changes those on a page. ``subscription`` is one as it stands now, by its
    id.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        templates: Templates,
        links: Links | None = None,
        files: Collection[str] = (),
        subscription: Callable[[str], Subscription | None] = lambda name: None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._templates = templates
        self._links = links
        self._files = files
        self._subscription = subscription
        self._opinions = lru_cache(maxsize=_KEPT)(self._opinion_links)
        self._opened = lru_cache(maxsize=_KEPT)(self._open)

    def digest(self, record: DigestRecord) -> Digest:
        """The digest of a record, with its papers out of the log."""
        return assemble(record, self._store.logged(entry.sequence for entry in record.entries))

    def write(self, delivery: Delivery) -> Message:
        """The message of a delivery, the same bytes each time. Raises UsageError."""
        digest = self._opened(delivery.digest)
        return self.message(renderer_for(delivery.destination.channel), digest, delivery.destination)

    def _open(self, key: str) -> Digest:
        record = self._store.digest(key)
        if record is None:
            raise UsageError(Problem(f"the ledger has no digest {key!r}"))
        return self.digest(record)

    def preview(self, record: DigestRecord, subscription: Subscription, form: str) -> Message:
        """What `form` (a renderer) shows of the digest: the bytes that its destination gets."""
        carriers = _CARRIERS.get(form, ())
        specs = ((each, describe(each.channel)) for each in subscription.to)
        found = (each for each, spec in specs if spec.reach in carriers or spec.form == form)
        to = next(found, Destination("preview"))
        return self.message(form, self.digest(record), to)

    def archived(
        self, record: DigestRecord, subscription: Subscription, listed: str, beside: tuple[tuple[str, str], ...] = ()
    ) -> Message:
        """The digest as a page of the archive, in the theme it is first sent in. ``listed`` is where all are,
        ``beside`` where else it leads: words and addresses.
        """
        theme = next((each.theme for each in subscription.to), None)
        envelope = replace(self._envelope("", record.subscription), archive_url=listed, archive_links=beside)
        if self._links is not None:
            envelope = replace(envelope, citation_urls=self._links.citations(record.key))
        if self._settings.public_url:
            envelope = replace(envelope, similar_url=f"{self._settings.public_url}/search?like=")
        to = Destination("archive", theme=theme)
        return write("archive", self.digest(record), to, envelope, templates=self._templates)

    def message(self, form: str, digest: Digest, to: Destination, note: str | None = None) -> Message:
        """The digest as a renderer shows it to a destination; `note` marks a test."""
        settings, operator, key = self._settings, self._settings.operator, digest.record.key
        # Under the Message-ID of the real one a test would make mail servers drop that as a copy.
        name = delivery_id(f"{note} {key}" if note else key, to)
        envelope = self._envelope(name, digest.record.subscription, note)
        if note is None and to.channel == "email":
            envelope = replace(envelope, return_id=Returns(settings.secrets).sign(name))
        if operator and "@" in operator:
            envelope = replace(envelope, operator=operator)
        if self._links is not None and note is None:  # the ledger knows no digest of a test
            citations, waiting = self._links.citations(key), self._links.waiting(digest.record.subscription)
            envelope = replace(envelope, citation_urls=citations, waiting_url=waiting)
        if self._links is not None and to.channel == "email":
            envelope = self._linked(envelope, self._links, digest.record, to.options.get("address", ""))
        return write(form, digest, to, envelope, templates=self._templates)

    def _envelope(self, name: str, subscription: str, note: str | None = None) -> Envelope:
        """What all messages of a subscription carry."""
        settings, known = self._settings, self._subscription(subscription)
        return Envelope(
            name,
            settings.mail_from,
            settings.public_url,
            note,
            title_search=settings.title_search,
            series=known is None or known.thread is Thread.SERIES,
        )

    def _linked(self, envelope: Envelope, links: Links, record: DigestRecord, address: str) -> Envelope:
        """With the reader's own links. They hang on the digest, not on the moment: a retry is the same to the byte."""
        name = record.subscription
        asked = quote(f"unsubscribe {links.leave_token(name, address)}", safe="")
        mailbox = self._settings.bounce_address or envelope.operator or parseaddr(envelope.mail_from)[1]
        return replace(
            envelope,
            # One-click wants https: https://www.rfc-editor.org/rfc/rfc8058#section-3.1
            unsubscribe_url=links.leave(name, address) if links.secure else None,
            unsubscribe_mailto=f"mailto:{quote(parseaddr(mailbox)[1], safe='@')}?subject={asked}",
            preferences_url=None if name in self._files else links.preferences(name, address, record.opened_at),
            opinions=self._opinions(name, tuple(each.sequence for each in record.entries)),
        )

    def _opinion_links(self, subscription: str, places: tuple[int, ...]) -> tuple[tuple[int, str, str], ...]:
        """Where a reader says of each paper: more like this, or less. All readers of a subscription speak for it."""
        known = self._subscription(subscription)
        if self._links is None or known is None or not known.feedback:
            return ()
        return tuple((place, *self._links.opinions(subscription, place)) for place in places)


def send_test(writer: Writer, channel: Channel, record: DigestRecord, to: Destination) -> str:
    """Send a digest marked as a test, past the ledger; the answer. Raises DigestbotError when it does not arrive."""
    message = writer.message(renderer_for(to.channel), writer.digest(record), to, note="test")
    key = delivery_id(record.key, to)
    try:
        return "; ".join(channel.send(part, to, key=key).answer for part in message.parts)
    except SendError as error:
        raise DigestbotError(Problem(error.reason, to.name)) from None
