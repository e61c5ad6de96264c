"""The renderer for feed readers: Atom as RFC 4287 has it, one entry per paper."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

from digestbot.model.deliveries import Message, Part
from digestbot.model.digests import Digest, DigestEntry
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.escape import html
from digestbot.rendering.links import web_link
from digestbot.rendering.readable import readable_text
from digestbot.rendering.subject import subject
from digestbot.rendering.text import clean
from digestbot.rendering.view import DigestView, view

# What no XML 1.0 document may hold: https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HOUSE = uuid.uuid5(uuid.NAMESPACE_DNS, "digestbot")


class FeedRenderer:
    """A digest as a feed of its papers."""

    name = "feed"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part, ``digest.atom``."""
        body = feed([digest], envelope)
        part = Part("digest.atom", "application/atom+xml; charset=utf-8", body)
        return Message((part,), subject(view(digest, envelope)))


def feed(digests: Sequence[Digest], envelope: Envelope, *, address: str | None = None) -> bytes:
    """An Atom feed over digests of one subscription, in the order given; the newest gives it name and time.

    ``address`` is where the feed itself is found. A paper that stands in two digests is one entry, the first.
    Raises ValueError without a digest: a feed has a name and a time.
    """
    if not digests:
        raise ValueError("a feed is made of one digest at least")
    newest = max(digests, key=lambda digest: digest.record.slot.at)
    shown = view(newest, envelope)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
        _element("id", _urn(newest.record.subscription)),
        _element("title", f"[{shown.note}] {shown.name}" if shown.note else shown.name),
        _element("subtitle", " ".join(filter(None, (shown.nothing, shown.closing)))),
        _element("updated", _moment(newest.record.slot.at)),
        "<author><name>digestbot</name></author>",
        '<generator uri="https://pypi.org/project/digestbot/">digestbot</generator>',
    ]
    own, pages = web_link(address), shown.pages
    lines += [f'<link rel="self" type="application/atom+xml" href="{html(own)}"/>'] if own else []
    listed = web_link(envelope.archive_url)
    lines += [f'<link rel="alternate" type="text/html" href="{html(listed)}"/>'] if listed else []
    lines += [f'<link rel="related" href="{html(pages)}"/>'] if pages else []
    lines += _entries(digests, envelope)
    lines.append("</feed>\n")
    return _NO_XML.sub("\ufffd", "\n".join(lines)).encode()


def _entries(digests: Iterable[Digest], envelope: Envelope) -> Iterator[str]:
    seen: set[str] = set()
    for digest in digests:
        shown = view(digest, envelope)
        pairs = zip(digest.entries, shown.entries, _headings(shown), strict=True)
        for written, entry, heading in pairs:
            name = f"{digest.record.subscription}/{written.paper.key}"
            if name not in seen:
                seen.add(name)
                yield "\n".join(_entry(written, entry, heading, _urn(name), digest.record.slot.at))


def _headings(digest: DigestView) -> Iterator[str]:
    for section in digest.sections:
        yield from (section.heading for _ in section.entries)


def _entry(written: DigestEntry, entry: EntryView, heading: str, urn: str, at: datetime) -> Iterator[str]:
    paper = written.paper.paper
    yield "<entry>"
    yield _element("id", urn)
    yield _element("title", entry.title.text)
    yield _element("updated", _moment(at))
    if paper.published:
        yield _element("published", _moment(paper.published))
    if entry.link:
        yield f'<link rel="alternate" href="{html(entry.link)}"/>'
    for author in filter(None, (clean(readable_text(each)) for each in paper.authors)):
        yield f"<author>{_element('name', author)}</author>"
    if heading:
        yield f'<category term="{html(heading)}"/>'
    yield f'<content type="html">{html(_content(entry))}</content>'
    yield "</entry>"


def _content(entry: EntryView) -> str:
    """What a paper tells besides its title; the title, of one that tells nothing else."""
    gist = entry.gist or entry.abstract
    told = (html(" · ".join(entry.meta)), html(gist) if gist else "", html(entry.reason))
    said = [each for each in told if each] or [html(entry.title)]
    return "".join(f'<p dir="auto">{each}</p>' for each in said)


def _element(name: str, text: str) -> str:
    return f"<{name}>{html(text)}</{name}>"


def _urn(name: str) -> str:
    """The same for ever: readers tell read entries from new ones by it."""
    return f"urn:uuid:{uuid.uuid5(_HOUSE, name.encode('utf-8', 'replace').decode())}"


def _moment(when: datetime | date) -> str:
    """As RFC 3339 has it, in UTC; a day, a month or a year is its first moment."""
    if not isinstance(when, datetime):
        return f"{when:%Y-%m-%d}T00:00:00Z"
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
