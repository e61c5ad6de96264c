"""A digest as all renderers show it: the same words, cuts and highlights, not yet escaped for any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from digestbot.model.digests import Digest, DigestEntry, DigestRecord, EntryRecord, Section, Trend
from digestbot.model.papers import Paper
from digestbot.rendering import wording
from digestbot.rendering.base import Envelope
from digestbot.rendering.excerpt import excerpt
from digestbot.rendering.links import SafeLink, web_link
from digestbot.rendering.readable import readable, readable_text
from digestbot.rendering.text import Passage, cut, passage, shorten

LONGEST_TITLE = 300
LONGEST_NAME = 120  # a subscription, a heading, an organization
_LONGEST_WORD = 60
_WORDS_SHOWN = 8
_TOPICS_CHARTED = 8
# What is longer than any title, any abstract is read no further: a flood of signs takes time.
_TITLE_READ, _ABSTRACT_READ = 2_000, 15_000  # characters
_LONGEST_KEPT = 10_000  # characters of an abstract; what is longer is looked at anew each time


class _Shown:
    """What shows itself in a word: a template that writes a list of these by mistake must not write all they hold."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


@dataclass(frozen=True, slots=True, repr=False)
class EntryView(_Shown):
    """One paper. ``number`` counts from 1 through the digest, and does not tell two apart.

    What the paper does not tell is empty or None.

    ``meta`` are the facts about it that are there, in order: authors, organization, upvotes, date.
    ``why`` says what it matched, ``also`` which other rules it answers. ``more`` and ``less`` are where the reader
    asks for more like it, or for less.
    """

    number: int = field(compare=False)
    title: Passage
    link: SafeLink | None
    authors: str
    organization: str
    upvotes: str
    published: str
    abstract: Passage | None
    why: str
    also: str
    carried: bool
    more: SafeLink | None = field(default=None, compare=False)
    less: SafeLink | None = field(default=None, compare=False)
    _fragments: dict[str, tuple[object, str]] = field(init=False, compare=False, repr=False, default_factory=dict)

    def numbered(self, number: int, more: SafeLink | None = None, less: SafeLink | None = None) -> EntryView:
        """The same entry at another place; what is written of it without number and links is written once for both."""
        twin = EntryView(
            number, self.title, self.link, self.authors, self.organization, self.upvotes, self.published,
            self.abstract, self.why, self.also, self.carried, more, less,
        )  # fmt: skip
        object.__setattr__(twin, "_fragments", self._fragments)
        return twin

    def fragment(self, name: str, writer: object, write: Callable[[EntryView], str]) -> str:
        """What `write` makes of the entry without its number: kept under a name as long as the writer is the same."""
        kept = self._fragments.get(name)
        if kept is None or kept[0] is not writer:
            kept = self._fragments[name] = (writer, write(self.numbered(0)))
        return kept[1]

    @property
    def meta(self) -> tuple[str, ...]:
        """The facts about the paper that are there, in the order they are shown."""
        return tuple(filter(None, (self.authors, self.organization, self.upvotes, self.published)))

    @property
    def reason(self) -> str:
        """Why it is there, in one line."""
        return f"{self.why} · also: {self.also}" if self.also else self.why


@dataclass(frozen=True, slots=True, repr=False)
class SectionView(_Shown):
    """Entries under one heading."""

    heading: str
    entries: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True, repr=False)
class TrendView(_Shown):
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
class DigestView(_Shown):
    """The whole digest: what a template gets as ``digest``.

    ``day`` is written out ("Wednesday, 5 March 2025"), ``count`` is "12 papers". ``nothing`` is the message
    of an empty digest, empty in any other. ``closing``, ``covers`` and ``change`` make its foot; ``change``
    ends with a colon where there are ``pages`` (an address) to follow. ``trend`` is the small chart, of at most
    eight topics. ``unsubscribe`` is the reader's own address for that; ``more`` says how many papers there was
    no room for. ``own`` says that ``pages`` are the reader's own preferences. ``archive`` is the list in which a page
    of the archive stands.
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
    pages: SafeLink | None
    note: str
    trend: tuple[TrendView, ...] = ()
    unsubscribe: SafeLink | None = None
    more: str = ""
    own: bool = False
    archive: SafeLink | None = None

    @property
    def trend_words(self) -> str:
        """The chart in one line, empty without one."""
        told = " · ".join(f"{each.heading}: {each.words}" for each in self.trend)
        return f"By topic: {told}." if told else ""

    @property
    def entries(self) -> tuple[EntryView, ...]:
        """All entries, in the order they are shown."""
        return tuple(entry for section in self.sections for entry in section.entries)


def view(digest: Digest, envelope: Envelope) -> DigestView:
    """What the renderers write of a digest."""
    record, own = digest.record, web_link(envelope.preferences_url)
    pages = own or web_link(envelope.public_url)
    opinions = {place: (web_link(more), web_link(less)) for place, more, less in envelope.opinions}
    headings = dict(record.sections) | {each.label: each.heading for each in digest.sections}
    sections, number = [], 0
    for section in digest.sections:
        entries = tuple(
            _entry(entry, section, headings).numbered(number + place, *opinions.get(entry.paper.sequence, ()))
            for place, entry in enumerate(section.entries, 1)
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
        change=wording.change_or_stop(record, pages, own=own is not None, in_file=envelope.in_file),
        pages=pages,
        note=shorten(envelope.note or "", LONGEST_NAME),
        trend=_trend(record.trend),
        unsubscribe=web_link(envelope.unsubscribe_url),
        own=own is not None,
        archive=web_link(envelope.archive_url),
    )


def _trend(trend: tuple[Trend, ...]) -> tuple[TrendView, ...]:
    """The topics of which there are most papers now or usually, in their own order."""
    top = sorted(trend, key=lambda each: -max(each.found, each.before))[:_TOPICS_CHARTED]
    longest = max((max(each.found, each.before) for each in top), default=0) or 1
    return tuple(
        TrendView(
            heading=shorten(each.heading or each.label, _LONGEST_WORD),
            now=f"{each.found:,}",
            before=wording.mean(each.before),
            now_share=_percent(each.found / longest),
            before_share=_percent(each.before / longest),
        )
        for each in trend
        if each in top
    )


def _percent(share: float) -> int:
    """In percent; what is there at all is seen."""
    return max(round(100 * share), 1) if share > 0 else 0


def _name(record: DigestRecord) -> str:
    return shorten(record.name, LONGEST_NAME) or shorten(record.subscription, LONGEST_NAME) or "Papers"


def _word(written: str) -> str:
    return shorten(readable_text(written), _LONGEST_WORD)


@dataclass(frozen=True, slots=True)
class _Sight:
    """Everything of an entry that its view is made of; ``seen`` alone tells two apart."""

    seen: tuple[object, ...]
    paper: Paper = field(compare=False)
    record: EntryRecord = field(compare=False)
    here: str = field(compare=False)
    others: tuple[str, ...] = field(compare=False)


def _entry(entry: DigestEntry, section: Section, headings: dict[str, str]) -> EntryView:
    paper, record = entry.paper.paper, entry.record
    here = headings.get(section.label, section.label)
    others = tuple(dict.fromkeys(headings.get(rule, rule) for rule in record.rules if rule != section.label))
    told = (paper.title, paper.abstract, paper.authors, paper.author_count, paper.organization, paper.upvotes)
    matched = (tuple((each.field, each.start, each.end) for each in record.highlights), record.words, record.carried)
    sight = _Sight((*told, paper.published, paper.link, *matched, here, others), paper, record, here, others)
    once = _shown if len(paper.abstract or "") <= _LONGEST_KEPT else _shown.__wrapped__
    return once(sight)


@lru_cache(maxsize=4096)
def _shown(sight: _Sight) -> EntryView:
    """The entry with no number: many digests show the same paper for the same reasons."""
    paper, record = sight.paper, sight.record
    spans: dict[str, list[tuple[int, int]]] = {"title": [], "abstract": []}
    for each in record.highlights:
        spans.setdefault(each.field, []).append((each.start, each.end))
    title = cut(passage(*readable(paper.title[:_TITLE_READ], spans["title"])), LONGEST_TITLE)
    abstract = passage(*readable((paper.abstract or "")[:_ABSTRACT_READ], spans["abstract"]))
    # However often and in whatever case it stands there, a word is named once.
    words = {word.casefold(): f"“{word}”" for word in map(_word, record.words) if word}
    also = [shorten(each, _LONGEST_WORD) for each in sight.others]
    return EntryView(
        number=0,
        title=title if title.text else Passage("Untitled"),
        link=web_link(paper.link),
        authors=wording.authors(paper),
        organization=shorten(readable_text((paper.organization or "")[:_TITLE_READ]), LONGEST_NAME),
        upvotes="" if paper.upvotes is None else wording.upvotes(paper.upvotes),
        published=wording.day(paper.published) if paper.published else "",
        abstract=excerpt(abstract) if abstract.text else None,
        why="Matched "
        + (wording.listed(list(words.values()), _WORDS_SHOWN, "more") or shorten(sight.here, _LONGEST_WORD)),
        also=wording.listed([each for each in also if each], _WORDS_SHOWN, "more"),
        carried=record.carried,
    )
