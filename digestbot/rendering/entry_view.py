"""One paper as all renderers show it: its title, its facts, what it says, and why it is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar
from zlib import crc32

from digestbot.model.digests import EntryRecord, Section
from digestbot.model.papers import Paper
from digestbot.rendering import wording
from digestbot.rendering.excerpt import excerpt
from digestbot.rendering.gist import gist
from digestbot.rendering.links import SafeLink, paper_link
from digestbot.rendering.readable import readable, readable_text
from digestbot.rendering.recent_cache import Recent
from digestbot.rendering.text import Passage, Span, cut, passage, piece, short_name, shorten

LONGEST_TITLE = 300
LONGEST_NAME = 120  # a subscription, a heading, an organization
MARKS = 2
"""So many places in an abstract are marked; more would shout."""
_GIST = 240  # characters
_WRITTEN = 320  # of what a model wrote, with its mark
_BRIEF = 110
_LONGEST_CHIP = 44
_CHIPS = 2
_LONGEST_WORD = 60
_WORDS_SHOWN = 8
_SAID = re.compile(r"\w+")
# What is longer than any title, any abstract is read no further: a flood of signs takes time.
_TITLE_READ, _ABSTRACT_READ = 2_000, 15_000  # characters
_LONGEST_KEPT = 10_000  # characters of an abstract; what is longer is looked at anew each time


Written = TypeVar("Written", bound=str)


class Shown:
    """What shows itself in a word: a template that writes a list of these by mistake must not write all they hold."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


@dataclass(slots=True, repr=False)  # to be frozen would take most of the time that one takes to be numbered
class EntryView(Shown):
    """One paper. ``number`` counts from 1 through the digest, and does not tell two apart.

    What the paper does not tell is empty or None.

    ``anchor`` is its place in a page, that of its title, which a second paper of the same title does not get. ``link``
    leads to the paper, or to a search for its title. ``meta`` are the facts about it that are there, in order: authors,
    organization, journal, date, upvotes. ``gist`` is what it says in a sentence, ``abstract`` in a few of the
    ``whole``, with so many ``marks``; ``by_model`` says that the gist is no sentence of the abstract; ``chips`` name
    the rules it answers besides its heading, ``words`` what they found. ``more`` and ``less`` are where the reader asks
    for more like it, or for less; ``similar`` leads to papers like it.
    """

    number: int = field(compare=False)
    anchor: str
    title: Passage
    link: SafeLink | None
    authors: str
    organization: str
    journal: str
    upvotes: str
    published: str
    gist: Passage | None
    whole: Passage | None
    marks: int | None
    chips: tuple[str, ...]
    words: str
    carried: bool
    by_model: bool
    more: SafeLink | None = field(default=None, compare=False)
    less: SafeLink | None = field(default=None, compare=False)
    similar: SafeLink | None = field(default=None, compare=False)
    _fragments: dict[str, tuple[object, Any]] = field(init=False, compare=False, repr=False, default_factory=dict)

    def numbered(
        self,
        number: int,
        more: SafeLink | None = None,
        less: SafeLink | None = None,
        similar: SafeLink | None = None,
    ) -> EntryView:
        """The same entry at another place; what is written of it without number and links is written once for both."""
        twin = EntryView(
            number, self.anchor, self.title, self.link, self.authors, self.organization, self.journal, self.upvotes,
            self.published, self.gist, self.whole, self.marks, self.chips, self.words, self.carried, self.by_model,
            more, less, similar,
        )  # fmt: skip
        twin._fragments = self._fragments
        return twin

    def fragment(self, name: str, writer: object, write: Callable[[EntryView], Written]) -> Written:
        """What `write` makes of the entry without its number: kept under a name as long as the writer is the same."""
        kept = self._fragments.get(name)
        if kept is None or kept[0] is not writer:
            kept = self._fragments[name] = (writer, write(self.numbered(0)))
        written: Written = kept[1]
        return written

    @property
    def abstract(self) -> Passage | None:
        """What it says in a few sentences: most faces show only one, so it is cut where it is asked for."""
        return _marked(excerpt(self.whole), self.marks) if self.whole else None

    @property
    def meta(self) -> tuple[str, ...]:
        """The facts about the paper that are there, in the order they are shown."""
        return tuple(filter(None, (self.authors, self.organization, self.journal, self.published, self.upvotes)))

    @property
    def reason(self) -> str:
        """Why it is there, in one line."""
        return " · ".join(self.chips)

    @property
    def brief(self) -> Passage | None:
        """The gist in a line or two of a phone."""
        return cut(self.gist, _BRIEF) if self.gist else None


@dataclass(frozen=True, slots=True)
class EntryStyle:
    """What entries are shown by besides the papers themselves; where there is one heading only, it says nothing."""

    headings: Mapping[str, str]
    year: int
    title_search: tuple[tuple[str, str], ...]
    marks: int | None
    gists: bool = True

    @property
    def seen(self) -> tuple[object, ...]:
        """All of it that shows, whatever the entry, but for the names of its rules."""
        return self.year, self.title_search, self.marks, len(self.headings) > 1, self.gists


_SEEN_OF_PAPER = attrgetter(
    "title", "abstract", "authors", "author_count", "organization", "journal", "upvotes", "published", "link", "source"
)
_SEEN_OF_RECORD = attrgetter("words", "carried", "near", "gist")
_SEEN_OF_HIGHLIGHT = attrgetter("field", "start", "end")


def entry_views(section: Section, look: EntryStyle) -> Iterator[EntryView]:
    """What is shown of the entries, without their numbers. Those of which all that is seen is the same share one."""
    named, seen, heading = look.headings, look.seen, section.heading
    for entry in section.entries:
        paper, record = entry.paper.paper, entry.record
        names = tuple([named.get(rule, rule) for rule in record.rules])
        marks = tuple(map(_SEEN_OF_HIGHLIGHT, record.highlights))
        key = _SEEN_OF_PAPER(paper), _SEEN_OF_RECORD(record), record.likeness is None, marks, names, heading, seen
        if len(paper.abstract or "") > _LONGEST_KEPT:
            yield _shown(paper, record, names, heading, look)
            continue
        shown = _kept.get(key)
        if shown is None:
            shown = _shown(paper, record, names, heading, look)
            _kept.put(key, shown)
        yield shown


_kept = Recent[EntryView](4096)
"""The entries last shown: many digests show the same paper for the same reasons."""


def _shown(paper: Paper, record: EntryRecord, names: tuple[str, ...], heading: str, look: EntryStyle) -> EntryView:
    """The entry with no number; one of the names may be the heading that it stands under."""
    spans: dict[str, list[tuple[int, int]]] = {"title": [], "abstract": []}
    for each in record.highlights:
        spans.setdefault(each.field, []).append((each.start, each.end))
    title = cut(passage(*readable(paper.title[:_TITLE_READ], spans["title"])), LONGEST_TITLE)
    title = title if title.text else Passage("Untitled")
    abstract = passage(*readable((paper.abstract or "")[:_ABSTRACT_READ], spans["abstract"]))
    # However often and in whatever case it stands there, a word is named once.
    words = {word.casefold(): f"“{word}”" for word in map(_word, record.words) if word}
    return EntryView(
        number=0,
        anchor=f"p{crc32(title.text.encode('utf-8', 'surrogatepass')):x}",
        title=title if look.marks is None else Passage(title.text),
        link=paper_link(paper, title.text, look.title_search),
        authors=wording.authors(paper),
        organization=shorten(readable_text((paper.organization or "")[:_TITLE_READ]), LONGEST_NAME),
        journal=shorten(readable_text((paper.journal or "")[:_TITLE_READ]), LONGEST_NAME),
        upvotes="" if paper.upvotes is None else wording.upvotes(paper.upvotes),
        published=wording.short_day(paper.published, look.year) if paper.published else "",
        gist=_marked(_gist(abstract, title.text, record.gist), look.marks) if abstract.text and look.gists else None,
        whole=abstract if abstract.text else None,
        marks=look.marks,
        chips=_why(record, names, heading, look),
        words=wording.listed(list(words.values()), _WORDS_SHOWN, "more"),
        carried=record.carried,
        by_model=bool(record.gist),
    )


def _gist(abstract: Passage, title: str, written: str) -> Passage:
    """What a model wrote, marked as that; else the sentence that tells best what is new."""
    if written:
        return cut(passage(wording.BY_MODEL + readable_text(written)), _WRITTEN)
    told = _told(abstract.text, title)
    return cut(piece(abstract, told.start, told.end), _GIST) if told else excerpt(abstract, _GIST)


_told = lru_cache(maxsize=4096)(gist)  # the same whatever found the paper


def _marked(text: Passage, most: int | None) -> Passage:
    """With so many places marked at most: the longest phrases, which tell most; what repeats another comes last."""
    if most is None:
        return text
    marked, repeated = dict[str, Span](), list[Span]()
    for start, end in sorted(text.hits, key=lambda hit: (hit[0] - hit[1], hit[0])):
        said = text.text[start:end].casefold()
        if any(said in other for other in marked):
            repeated.append((start, end))
        else:
            marked[said] = start, end
    return Passage(text.text, tuple(sorted([*marked.values(), *repeated][:most])))


def _why(record: EntryRecord, names: tuple[str, ...], heading: str, look: EntryStyle) -> tuple[str, ...]:
    if record.likeness is not None:
        return (wording.like(record),)
    return _chips(names, heading) if len(look.headings) > 1 else ()


def _chips(names: tuple[str, ...], heading: str) -> tuple[str, ...]:
    """The names of the rules it answers but for the heading above it; none whose words that or another one has."""
    chips: dict[str, str] = {}
    for name in names:
        said = f" {' '.join(_SAID.findall(name.casefold()))} "
        if said.strip() and not any(said in other or other in said for other in chips):
            chips[said] = short_name(shorten(name, LONGEST_NAME), _LONGEST_CHIP) if name != heading else ""
    return tuple(filter(None, chips.values()))[:_CHIPS]


def _word(written: str) -> str:
    return shorten(readable_text(written), _LONGEST_WORD)
