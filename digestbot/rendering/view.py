"""A digest as all faces show it: the same words, cuts and highlights, not yet escaped for any of them."""

from __future__ import annotations

from dataclasses import dataclass

from digestbot.core.digests import Digest, DigestRecord, Entry, Section
from digestbot.rendering import wording
from digestbot.rendering.base import Envelope
from digestbot.rendering.excerpt import excerpt
from digestbot.rendering.links import Link, web_link
from digestbot.rendering.text import Passage, cut, passage, shorten

LONGEST_TITLE = 300
LONGEST_NAME = 120  # a subscription, a heading, an organization
_LONGEST_WORD = 60
_WORDS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class EntryView:
    """One paper. ``number`` counts from 1 through the digest; what the paper does not tell is empty or None.

    ``meta`` are the facts about it that are there, in order: authors, organization, upvotes, date.
    ``why`` says what it matched, ``also`` which other rules it answers.
    """

    number: int
    title: Passage
    link: Link | None
    authors: str
    organization: str
    upvotes: str
    published: str
    abstract: Passage | None
    why: str
    also: str
    carried: bool

    @property
    def meta(self) -> tuple[str, ...]:
        """The facts about the paper that are there, in the order they are shown."""
        return tuple(filter(None, (self.authors, self.organization, self.upvotes, self.published)))

    @property
    def reason(self) -> str:
        """Why it is there, in one line."""
        return f"{self.why} · also: {self.also}" if self.also else self.why


@dataclass(frozen=True, slots=True)
class SectionView:
    """Entries under one heading."""

    heading: str
    entries: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class DigestView:
    """The whole digest: what a template gets as ``digest``.

    ``day`` is written out ("Wednesday, 5 March 2025"), ``count`` is "12 papers". ``nothing`` is the message
    of an empty digest, empty in any other. ``closing``, ``covers`` and ``change`` make its foot; ``change``
    ends with a colon where there are ``pages`` (an address) to follow.
    """

    name: str
    subscription: str
    day: str
    count: str
    sections: tuple[SectionView, ...]
    nothing: str
    closing: str
    covers: str
    change: str
    pages: Link | None
    note: str

    @property
    def entries(self) -> tuple[EntryView, ...]:
        """All entries, in the order they are shown."""
        return tuple(entry for section in self.sections for entry in section.entries)


def view(digest: Digest, envelope: Envelope) -> DigestView:
    """What the faces write of a digest."""
    record, pages = digest.record, web_link(envelope.public_url)
    headings = dict(record.sections) | {each.label: each.heading for each in digest.sections}
    sections, number = [], 0
    for section in digest.sections:
        entries = tuple(
            _entry(entry, number + place, section, headings) for place, entry in enumerate(section.entries, 1)
        )
        number += len(entries)
        sections.append(SectionView(shorten(section.heading or section.label, LONGEST_NAME), entries))
    return DigestView(
        name=_name(record),
        subscription=shorten(record.subscription, LONGEST_NAME),
        day=wording.long_day(record.slot.day),
        count=wording.number_of(number, "paper"),
        sections=tuple(sections),
        nothing="" if number else wording.nothing(record.counts),
        closing=wording.closing(record.counts),
        covers=wording.covers(record.window),
        change=wording.change_or_stop(record, pages),
        pages=pages,
        note=shorten(envelope.note or "", LONGEST_NAME),
    )


def _name(record: DigestRecord) -> str:
    return shorten(record.name, LONGEST_NAME) or shorten(record.subscription, LONGEST_NAME) or "Papers"


def _entry(entry: Entry, number: int, section: Section, headings: dict[str, str]) -> EntryView:
    paper, record = entry.paper.paper, entry.record
    spans: dict[str, list[tuple[int, int]]] = {"title": [], "abstract": []}
    for each in record.highlights:
        spans.setdefault(each.field, []).append((each.start, each.end))
    title = cut(passage(paper.title, spans["title"]), LONGEST_TITLE)
    abstract = passage(paper.abstract or "", spans["abstract"])
    # However often and in whatever case it stands there, a word is named once.
    words = {word.casefold(): f"“{word}”" for word in (shorten(each, _LONGEST_WORD) for each in record.words) if word}
    here = headings.get(section.label, section.label)
    others = dict.fromkeys(headings.get(rule, rule) for rule in record.rules if rule != section.label)
    also = [shorten(each, _LONGEST_WORD) for each in others]
    return EntryView(
        number=number,
        title=title if title.text else Passage("Untitled"),
        link=web_link(paper.link),
        authors=wording.authors(paper),
        organization=shorten(paper.organization or "", LONGEST_NAME),
        upvotes="" if paper.upvotes is None else wording.upvotes(paper.upvotes),
        published=wording.day(paper.published) if paper.published else "",
        abstract=excerpt(abstract) if abstract.text else None,
        why="Matched " + (wording.listed(list(words.values()), _WORDS_SHOWN, "more") or shorten(here, _LONGEST_WORD)),
        also=wording.listed([each for each in also if each], _WORDS_SHOWN, "more"),
        carried=record.carried,
    )
