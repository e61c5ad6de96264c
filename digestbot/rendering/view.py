"""A digest as all renderers show it: the same words, cuts and highlights, not yet escaped for any of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from digestbot.model.digests import Digest, DigestRecord, Trend
from digestbot.rendering import wording
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import LONGEST_NAME, MARKS, EntryStyle, EntryView, Shown, entry_views
from digestbot.rendering.links import SafeLink, web_link
from digestbot.rendering.text import short_name, shorten

CONTENTS_FROM = 8
"""From so many papers on a digest has a list of contents."""
_LONGEST_IN_CONTENTS = 32
_LONGEST_WORD = 60
_TOPICS_CHARTED = 8


@dataclass(frozen=True, slots=True, repr=False)
class SectionView(Shown):
    """Entries under one heading; ``anchor`` is its place in a page, ``waiting`` says they are left from earlier."""

    heading: str
    entries: tuple[EntryView, ...]
    anchor: str = ""
    waiting: bool = False

    @property
    def short(self) -> str:
        """The heading as it stands in a list of them."""
        return short_name(self.heading, _LONGEST_IN_CONTENTS)


@dataclass(frozen=True, slots=True, repr=False)
class TrendView(Shown):
    """One topic in the small chart: this window's papers beside the mean of the digests before.

    ``now`` and ``before`` are those numbers as written, ``now_share`` and ``before_share`` the lengths of their
    bars in percent of the longest in the chart; ``words`` say the same without a picture.
    """

    heading: str
    now: str
    before: str
    now_share: int
    before_share: int

    @property
    def words(self) -> str:
        """The two numbers in words, for whoever sees no bars."""
        return f"{self.now} (usually {self.before})"


@dataclass(frozen=True, slots=True, repr=False)
class FootLink(Shown):
    """A link of the foot: its ``words``, and where they lead."""

    words: str
    link: SafeLink


@dataclass(frozen=True, slots=True, repr=False)
class DigestView(Shown):
    """The whole digest: what a template gets as ``digest``.

    ``day`` is written out ("Wednesday, 5 March 2025"), ``count`` is "12 new papers", ``lead`` says in a sentence what
    there is. ``nothing`` is the message of an empty digest, empty in any other. ``closing`` and ``change`` make its
    foot; one that only notes that there is nothing has no ``closing`` and no chart. ``change`` ends with a colon where
    there are ``pages`` (an address) to follow. ``trend`` is the small chart, of at most eight topics. ``unsubscribe``
    is the reader's own address for that; ``more`` says how many papers there was no room for. ``own`` says that
    ``pages`` are the reader's own preferences. ``rest`` leads to what waits for later digests, ``citations`` to the
    papers as files for a library, each named by its format. ``archive`` is the list in which a page of the archive
    stands, ``beside`` what else it leads to. ``cut`` says that there was not room for all of it.
    """

    name: str
    subscription: str
    day: str
    count: str
    lead: str
    sections: tuple[SectionView, ...]
    nothing: str
    closing: str
    change: str
    pages: SafeLink | None
    note: str
    trend: tuple[TrendView, ...] = ()
    unsubscribe: SafeLink | None = None
    more: str = ""
    own: bool = False
    archive: SafeLink | None = None
    beside: tuple[FootLink, ...] = ()
    rest: FootLink | None = None
    citations: tuple[FootLink, ...] = ()
    cut: bool = False
    entries: tuple[EntryView, ...] = field(init=False, compare=False)
    """All entries, in the order they are shown."""

    def __post_init__(self) -> None:
        entries = tuple(entry for section in self.sections for entry in section.entries)
        object.__setattr__(self, "entries", entries)  # templates ask for them again and again

    @property
    def trend_words(self) -> str:
        """The chart in one line, empty without one."""
        told = " · ".join(f"{each.heading}: {each.words}" for each in self.trend)
        return f"By topic: {told}." if told else ""

    @property
    def links(self) -> tuple[FootLink, ...]:
        """The rest and the citations: what a chat puts into its last line."""
        return (*filter(None, [self.rest]), *self.citations)

    @property
    def contents(self) -> tuple[SectionView, ...]:
        """The sections, where there are enough papers to want a list of them."""
        return self.sections if len(self.entries) >= CONTENTS_FROM and (len(self.sections) > 1 or self.titles) else ()

    @property
    def titles(self) -> tuple[EntryView, ...]:
        """The papers whose titles the list of contents has too: none where each needs the room for itself."""
        return () if self.cut else self.entries


def view(digest: Digest, envelope: Envelope, *, marks: int | None = MARKS) -> DigestView:
    """What the renderers write of a digest. With `marks` None all that was found is marked, in titles too."""
    record, own = digest.record, web_link(envelope.preferences_url)
    pages = own or web_link(envelope.public_url)
    opinions = {place: (web_link(more), web_link(less)) for place, more, less in envelope.opinions}
    headings = dict(record.sections) | {each.label: each.heading for each in digest.sections}
    look = EntryStyle(headings, record.slot.day.year, envelope.title_search, marks, record.gists)
    sections, number, anchors = list[SectionView](), 0, set[str]()
    for section in digest.sections:
        entries = []
        for entry, shown in zip(section.entries, entry_views(section, look), strict=True):
            number += 1
            if shown.anchor in anchors:  # another paper of the same title; longer than any hash
                shown = replace(shown, anchor=f"{shown.anchor}{number:08}")
            anchors.add(shown.anchor)
            similar = web_link(f"{envelope.similar_url}{entry.paper.sequence}" if envelope.similar_url else None)
            entries.append(shown.numbered(number, *opinions.get(entry.paper.sequence, (None, None)), similar))
        heading = shorten(section.heading or section.label, LONGEST_NAME)
        sections.append(SectionView(heading, tuple(entries), f"s{len(sections) + 1}", section.waiting))
    return DigestView(
        name=_name(record),
        subscription=shorten(record.subscription, LONGEST_NAME),
        day=wording.long_day(record.slot.day),
        count=wording.count(record.counts) if number else "no new papers",
        lead=wording.lead(record.counts) if number else "",
        sections=tuple(sections),
        nothing="" if number else wording.nothing(record.counts),
        closing="" if record.brief else _closing(record),
        change=wording.change_or_stop(_name(record), pages, own=own is not None),
        pages=pages,
        note=shorten(envelope.note or "", LONGEST_NAME),
        trend=() if record.brief else _trend(record.trend),
        unsubscribe=web_link(envelope.unsubscribe_url),
        own=own is not None,
        archive=web_link(envelope.archive_url),
        beside=tuple(filter(None, (_link(*each) for each in envelope.archive_links))),
        rest=_link(wording.rest(record.counts.left_out), envelope.waiting_url) if record.counts.left_out else None,
        citations=tuple(filter(None, (_link(*each) for each in envelope.citation_urls if number))),
    )


def _link(words: str, url: str | None) -> FootLink | None:
    link = web_link(url)
    return FootLink(words, link) if link else None


def _closing(record: DigestRecord) -> str:
    said = wording.closing(record.counts), wording.likened(record.likened), wording.by_model(record.entries)
    return " ".join(filter(None, said))


def _trend(trend: tuple[Trend, ...]) -> tuple[TrendView, ...]:
    """The topics of which there are most papers now or usually, in their own order; none before it is known."""
    known = [(each, each.before) for each in trend if each.before is not None]
    top = sorted(known, key=lambda each: -max(each[0].found, each[1]))[:_TOPICS_CHARTED]
    longest = max([0.0, *(max(each.found, before) for each, before in top)])
    return tuple(
        TrendView(
            heading=shorten(each.heading or each.label, _LONGEST_WORD),
            now=f"{each.found:,}",
            before=wording.mean(before),
            now_share=_percent(each.found, longest),
            before_share=_percent(before, longest),
        )
        for each, before in known
        if (each, before) in top
    )


def _percent(part: float, whole: float) -> int:
    """In percent; what is there at all is seen."""
    return max(round(100 * part / whole), 1) if part > 0 else 0


def _name(record: DigestRecord) -> str:
    return shorten(record.name, LONGEST_NAME) or shorten(record.subscription, LONGEST_NAME) or "Papers"
