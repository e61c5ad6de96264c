"""From a dump's bytes to a listing: decode, pick the reader by content, run it, or say what is wrong."""

from __future__ import annotations

import difflib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from digestbot.model.errors import DumpError, Problem, UsageError
from digestbot.model.papers import Paper
from digestbot.readers.base import Listing, Reader, Skipped
from digestbot.readers.content import Content

_SURE_ENOUGH = 0.3
_BLANKS = "\ufeff\u200b \t\r\n\v\f\xa0"
_HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]*\?>\s*)?(?><!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body|meta|div|center|h1|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


class StreamedListing:
    """A dump being read: its papers and what was skipped come one by one, in the dump's order, once.

    ``format`` is known from the start. ``layout``, ``listed_on``, ``notes``, ``papers`` (their number) and
    ``skipped`` (number by kind) grow while it is read and are whole at the end.
    """

    def __init__(self, reader: Reader, content: Content) -> None:
        self.name = content.name
        self.format = reader.name
        self.layout: str | None = None
        self.listed_on: str | None = None
        self.papers = 0
        self.skipped: Counter[str] = Counter()
        self._reader = reader
        self._content = content
        self._empty = False

    @property
    def notes(self) -> Sequence[str]:
        """What was mended on the way in."""
        return self._content.notes

    @property
    def breaks_off(self) -> bool:
        """Whether the dump, as far as it was read, lacks something that it began to say."""
        return self.skipped["incomplete"] > 0

    def __iter__(self) -> Iterator[Paper | Skipped]:
        """Where the dump breaks after its first papers, the break is the last piece, of kind ``incomplete``.

        Raises DumpError where there is no whole paper at all, unless the dump itself says that it is empty.
        """
        broken: Skipped | None = None
        for piece in self._pieces():
            if isinstance(piece, Paper):
                self.papers += 1
            else:
                self.skipped[piece.kind] += 1
                if piece.kind != "furniture" and broken is None:
                    broken = piece
            yield piece
        if not self.papers and (broken or not self._empty):
            what = f"no whole paper in it, though it looks like {self.format}"
            if broken:
                what += f"; line {broken.line}: {broken.reason}"
            raise _error(what, self.name, "save or fetch the whole of it again")

    def _pieces(self) -> Iterator[Paper | Skipped]:
        try:
            for piece in self._reader.read(self._content):
                if isinstance(piece, (Paper, Skipped)):  # a union would be made anew for each piece
                    yield piece
                    continue
                self.layout, self.listed_on = self.layout or piece.layout, self.listed_on or piece.listed_on
                self._empty = self._empty or piece.empty
                for note in piece.notes:
                    self._content.note(note)
        except DumpError as error:
            if not self.papers:
                raise
            problem = error.problems[0]
            yield Skipped(problem.line or self.papers + 1, "incomplete", problem.message, "")


def open_listing(stream: BinaryIO, name: str, format: str | None = None) -> StreamedListing:
    """The listing in a stream (seekable, read from where it stands); `format` overrules the guess.

    `name` is what messages call it. Only the beginning is read here. Raises UsageError for a format that no
    reader has, and DumpError, naming `name` and the way out, for data that is empty, no text or of no known
    kind.
    """
    forced = None if format is None else _named(format)
    content = Content(stream, name)
    if not content.head.strip(_BLANKS) and not any(line.strip(_BLANKS) for _, line in content.lines()):
        what = "the file is empty" if content.is_empty else "the file holds nothing but blanks"
        raise _error(what, name, "save or fetch the listing again")
    reader = _recognised(content.head, name) if forced is None else _accepted(forced, content.head, name)
    return StreamedListing(reader, content)


def understand(data: bytes, name: str, format: str | None = None) -> Listing:
    """The whole listing in a small dump's bytes; raises as `open_listing` and reading its pieces do."""
    streamed = open_listing(io.BytesIO(data), name, format)
    papers: list[Paper] = []
    skipped: list[Skipped] = []
    for piece in streamed:
        if isinstance(piece, Paper):
            papers.append(piece)
        else:
            skipped.append(piece)
    return Listing(name, streamed.format, streamed.layout, papers, skipped, streamed.listed_on, streamed.notes)


def _readers() -> Sequence[Reader]:
    from digestbot.readers.registry import READERS  # imports every kind, which a command without dumps can do without

    return READERS


def _named(format: str) -> Reader:
    for reader in _readers():
        if reader.name == format:
            return reader
    known = [reader.name for reader in _readers()]
    near = difflib.get_close_matches(format.lower().replace("_", "-"), known, n=1, cutoff=0.5)
    way_out = f"did you mean {near[0]}?" if near else f"the formats are: {', '.join(known)}"
    raise UsageError(Problem(f"unknown format {format!r}", way_out=way_out))


def _recognised(head: str, name: str) -> Reader:
    readers = _readers()
    sureness = [reader.recognises(head) for reader in readers]
    if max(sureness) >= _SURE_ENOUGH:
        return readers[sureness.index(max(sureness))]
    if _HTML.match(head):
        raise _html(head, name)
    known = f"the formats are: {', '.join(reader.name for reader in readers)}"
    kind = {"{": "JSON", "[": "JSON", "<": "XML"}.get(head.lstrip(_BLANKS)[:1])
    if kind:
        raise _error(f"no reader recognises this {kind}: it holds no papers that digestbot understands", name, known)
    raise _error("the text is in no format that digestbot understands", name, known)


def _accepted(reader: Reader, head: str, name: str) -> Reader:
    if reader.recognises(head) > 0:
        return reader
    if _HTML.match(head):
        raise _html(head, name)
    raise _error(f"this cannot be {reader.name} ({reader.title})", name, "leave the format out to have it told")


def _html(head: str, name: str) -> DumpError:
    title = _TITLE.search(head)
    called = f" titled {' '.join(title[1].split())[:80]!r}" if title else ""
    return _error(
        f"this is an HTML page{called}, not its text",
        name,
        "open it in a browser, select all, copy, and save that as text; an error page must be fetched again",
    )


def _error(message: str, name: str, way_out: str) -> DumpError:
    return DumpError(Problem(message, place=name, way_out=way_out))
