"""From a dump's bytes to a listing: unwrap, decode, pick the reader by content, run it, or say what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from digestbot.model.errors import DumpError, Problem
from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Reader, Skipped
from digestbot.readers.choosing import Reading, chosen, forced, named
from digestbot.readers.content import Content
from digestbot.readers.judging import wrong_title
from digestbot.readers.text.fields import excerpt
from digestbot.readers.text.polishing import polished
from digestbot.readers.unwrapping.pieces import Alternatives, Piece, certainly_within, possibly_within
from digestbot.readers.unwrapping.webarchive import page_within

_DEEPEST = 4  # wrappings within one another: a page in a mail in an answer in JSON
_BLANKS = "\ufeff\u200b \t\r\n\v\f\xa0"
_SURE = 0.8  # a reader that is less is told of
_MOST_TOLD = 3  # readers that were passed over


class StreamedListing:
    """A dump being read: its papers and what was skipped come one by one, in the dump's order, once.

    ``formats``, ``layout``, ``listed_on``, ``notes``, ``papers`` (their number) and ``skipped`` (number by kind)
    grow while it is read and are whole at the end. ``doubts`` say how sure it is where it is not.
    """

    def __init__(self, content: Content, reader: Reader | None = None) -> None:
        self.name = content.name
        self.formats: list[str] = []
        self.layout: str | None = None
        self.listed_on: str | None = None
        self.papers = 0
        self.skipped: Counter[str] = Counter()
        self.doubts: list[str] = []
        self._content = content
        self._empty = False
        self._pieces = self._read_by(forced(reader, content)) if reader else self._understood(content, 0)

    @property
    def format(self) -> str:
        """The name of its reader; of a dump with pieces of several kinds, all of them."""
        return " + ".join(self.formats)

    @property
    def notes(self) -> Sequence[str]:
        """What was mended on the way in."""
        return self._content.notes

    @property
    def breaks_off(self) -> bool:
        """Whether the dump, as far as it was read, lacks something that it began to say."""
        return self.skipped["incomplete"] > 0

    @property
    def mostly_kept_out(self) -> bool:
        """Whether more of its entries, as far as it was read, were kept out than became papers."""
        return self.skipped["unreadable"] + self.skipped["incomplete"] > self.papers

    def __iter__(self) -> Iterator[Paper | Skipped]:
        """Where the dump breaks after its first papers, the break is the last piece, of kind ``incomplete``.

        Raises DumpError where there is no whole paper at all, unless the dump itself says that it is empty.
        """
        broken: Skipped | None = None
        for piece in self._pieces:
            if isinstance(piece, Paper):
                if (wrong := wrong_title(piece)) is None:
                    self.papers += 1
                    yield polished(piece)
                    continue
                # what cannot be a paper is kept out
                told = f"what should be its title is {wrong}"
                piece = Skipped(self.papers + 1, "unreadable", told, excerpt(piece.title))
            if isinstance(piece, Layout):
                self._learn(piece)
                continue
            self.skipped[piece.kind] += 1
            if piece.kind != "furniture" and broken is None:
                broken = piece
            yield piece
        if not self.papers and (broken or not self._empty):
            what = f"no whole paper in it, though it looks like {self.format}"
            if broken:
                what += f"; line {broken.line}: {broken.reason}"
            raise DumpError(Problem(what, self.name, way_out="save or fetch the whole of it again"))

    def _learn(self, layout: Layout) -> None:
        self.layout, self.listed_on = self.layout or layout.layout, self.listed_on or layout.listed_on
        self._empty = self._empty or layout.empty
        for note in layout.notes:
            self._content.note(note)

    def _understood(self, content: Content, depth: int) -> Iterator[Paper | Skipped | Layout]:
        """The pieces of a dump, or of what is wrapped in it."""
        within = certainly_within(content) if depth < _DEEPEST else None
        if within is not None:
            yield from self._unwrapped(within, depth + 1)
            return
        try:
            reading = chosen(content)
        except DumpError:
            count = len(self.formats)
            if depth < _DEEPEST:
                yield from self._unwrapped(possibly_within(content), depth + 1, is_sure=False)
            if len(self.formats) == count:
                raise
            return
        yield from self._read_by(reading)

    def _read_by(self, reading: Reading) -> Iterator[Paper | Skipped | Layout]:
        name = reading.reader.name
        if name not in self.formats:
            self.formats.append(name)
        if reading.sureness < _SURE:
            self.doubts.append(f"taken for {name} with {reading.sureness:.0%} certainty")
        self.doubts += [f"not believed: {each}" for each in reading.passed_over[:_MOST_TOLD]]
        yield from reading.pieces

    def _unwrapped(
        self, within: Iterator[Alternatives], depth: int, *, is_sure: bool = True
    ) -> Iterator[Paper | Skipped | Layout]:
        """What the pieces hold; of each that no reader knows, where it is. Raises DumpError where all are such."""
        count = known = 0
        first: DumpError | None = None
        for alternatives in within:
            count += 1
            try:
                pieces = self._best(alternatives, depth)
                yield from pieces
                known += 1
            except DumpError as error:
                first = first or error
                if is_sure:
                    piece = alternatives[0]
                    start = excerpt(piece.data[:200].decode("utf-8", "replace"))
                    yield Skipped(piece.line, "furniture", f"{piece.what} without papers: {_said(error)}", start)
        if count and known < count and is_sure and known:
            yield Layout(notes=[f"{count - known} of {count} pieces in it hold no papers"])
        if not known and first is not None and is_sure:
            raise first

    def _best(self, alternatives: Alternatives, depth: int) -> Iterator[Paper | Skipped | Layout]:
        """The pieces of the alternative that tells most. Raises DumpError where none can be read."""
        if len(alternatives) == 1:
            return self._one(alternatives[0], depth)
        best: StreamedListing | None = None
        found: list[Paper | Skipped | Layout] = []
        first: DumpError | None = None
        for each in alternatives:
            apart = StreamedListing(each.content(self.name))
            try:
                pieces = [*apart]
            except DumpError as error:
                first = first or error
                continue
            if best is None or _worth(pieces) > _worth(found):
                best, found = apart, [*pieces]
        if best is None:
            raise first or DumpError(Problem("nothing in it", self.name))
        self.formats += [each for each in best.formats if each not in self.formats]
        found.append(Layout(best.layout, best.listed_on, best.notes, best._empty))
        return iter(found)

    def _one(self, piece: Piece, depth: int) -> Iterator[Paper | Skipped | Layout]:
        content = piece.content(self.name)
        if not content.head.strip(_BLANKS):
            return
        for each in self._understood(content, depth):
            yield replace(each, line=each.line + piece.line - 1) if isinstance(each, Skipped) else each
        for note in content.notes:
            self._content.note(note)


def _worth(pieces: Sequence[Paper | Skipped | Layout]) -> int:
    papers = [each for each in pieces if isinstance(each, Paper)]
    return sum(4 + 2 * bool(each.abstract) + 2 * bool(each.ids) + bool(each.authors) for each in papers)


def _said(error: DumpError) -> str:
    return error.problems[0].message


def open_listing(stream: BinaryIO, name: str, format: str | None = None) -> StreamedListing:
    """The listing in a stream (seekable, read from where it stands); `format` overrules the guess.

    `name` is what messages call it. Only the beginning is read here. Raises UsageError for a format that no
    reader has, and DumpError, naming `name` and the way out, for data that is empty or no text. What is of no
    known kind raises it when it is read.
    """
    reader = None if format is None else named(format)
    content = Content(page_within(stream, name) or stream, name)
    if not content.head.strip(_BLANKS) and not any(line.strip(_BLANKS) for _, line in content.lines()):
        what = "the file is empty" if content.is_empty else "the file holds nothing but blanks"
        raise DumpError(Problem(what, name, way_out="save or fetch the listing again"))
    return StreamedListing(content, reader)
