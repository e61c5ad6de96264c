"""The contract of the renderers: a digest in, a message for one kind of channel out. Pure, no IO."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from digestbot.model.deliveries import Message
from digestbot.model.digests import Digest
from digestbot.model.errors import UsageError
from digestbot.model.subscriptions import Destination
from digestbot.platform.title_search import TITLE_SEARCH


class TemplateError(UsageError):
    """A template that cannot be found or written; its problem names the template's file and line."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a message carries besides the digest.

    ``delivery_id`` gives Message-ID and idempotency key; ``mail_from`` is the From line; ``public_url`` is
    where links to the bot's own pages lead, None without pages; ``note`` marks a test or a preview.
    ``unsubscribe_url`` is this reader's own https address that ends the subscription on one POST (RFC 8058);
    without one, or beside it, ``unsubscribe_mailto`` (a whole mailto: address) asks for the same by a mail; without
    either, ``operator`` (an e-mail address) is who is asked to. ``preferences_url`` is where this reader changes the
    subscription. ``return_id`` is the delivery's id, signed, by which a report of its failure is known to be of ours.
    ``opinions`` are, by the log place of a paper, the addresses that ask for more like it, and for less.
    ``waiting_url`` is where what waits is seen and may be sent at once; ``citation_urls`` are the digest's papers for a
    library, by the name of a format.
    ``similar_url``, with a paper's log place behind it, is where papers like it are found.
    ``archive_url`` is where the subscription's digests are listed, for whoever reads one there; ``archive_links`` lead
    on from it, each by its words. ``title_search`` are the templates of searches for papers without an address, by
    their source. ``series`` says whether mail programs are
    told which other digests it belongs to.
    """

    delivery_id: str
    mail_from: str = "digestbot <digestbot@localhost>"
    public_url: str | None = None
    note: str | None = None
    unsubscribe_url: str | None = None
    operator: str | None = None
    unsubscribe_mailto: str | None = None
    preferences_url: str | None = None
    return_id: str | None = None
    opinions: tuple[tuple[int, str, str], ...] = ()
    waiting_url: str | None = None
    citation_urls: tuple[tuple[str, str], ...] = ()
    archive_url: str | None = None
    archive_links: tuple[tuple[str, str], ...] = ()
    similar_url: str | None = None
    title_search: tuple[tuple[str, str], ...] = TITLE_SEARCH
    series: bool = True


class Renderer(Protocol):
    """One way to write a digest. That of one kind of channel is named in its SPEC."""

    name: str

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """The digest as this renderer shows it; the same digest gives the same bytes.

        Raises TemplateError naming the template and its line, and UsageError for a destination or a From
        line that no message can be addressed with.
        """
        ...
