"""One dump as a reader gets it: its beginning, its lines, its whole text or its bytes, as often as wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from digestbot.model.errors import DumpError, Problem
from digestbot.readers.text.decoding import Decoding
from digestbot.readers.text.mojibake import repair

HEAD = 64 * 1024  # bytes shown to the readers for recognising
LONGEST_LINE = 16 * 1024 * 1024  # characters
LARGEST_TEXT = 256 * 1024 * 1024  # characters


class Content:
    """A dump's bytes (seekable, unpacked, read from where they stand) and their text.

    ``name`` is what messages call the dump. ``head`` is the decoded beginning, up to 64 KiB, in whole lines
    where it has any; ``is_empty`` is for a dump of no bytes at all. Each of `text`, `lines`, `blocks` and
    `stream` starts again at the beginning, and one ends the others.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self._notes: list[str] = []
        self._stream = stream
        self._start = stream.tell()
        start = stream.read(HEAD)
        self.is_empty = not start
        self._decoding = Decoding(start, name)
        self.head = self._decoding.head(whole=len(start) < HEAD)

    @property
    def notes(self) -> Sequence[str]:
        """What was mended, or assumed, on the way in; complete once the dump is read to its end."""
        return self._notes

    def note(self, text: str) -> None:
        """Say what was mended; the same words are kept once."""
        if text not in self._notes:
            self._notes.append(text)

    def stream(self) -> BinaryIO:
        """The raw bytes from the start, for parsers that tell the encoding themselves. Not to be closed."""
        self._stream.seek(self._start)
        return self._stream

    def blocks(self, *, mended: bool = True) -> Iterator[str]:
        r"""The text in pieces of some 256 KiB, cut anywhere; ``\n`` ends the lines, and no BOM stands first.

        Text misread with another code page on its way here is `mended` where that is certain.
        """
        places = 0
        for block in self._decoding.blocks(self.stream(), self.note):
            text, count = repair(block) if mended and not block.isascii() else (block, 0)
            places += count
            yield text
        if places:
            plural = "places" if places > 1 else "place"
            self.note(f"text misread with another code page mended in {places} {plural}")

    def lines(self) -> Iterator[tuple[int, str]]:
        """Line number (from 1) and line without its end. Raises DumpError for a line beyond 16 Mi characters."""
        number = 0
        rest = ""
        for block in self.blocks():
            first, *others = block.split("\n")
            rest += first
            if len(rest) > LONGEST_LINE:
                raise DumpError(
                    Problem("a line without an end", self.name, number + 1, way_out="check that this is the right file")
                )
            for other in others:
                number += 1
                yield number, rest
                rest = other
        if rest:
            yield number + 1, rest

    def text(self, *, mended: bool = True) -> str:
        """The whole text, for kinds that come small. Raises DumpError beyond 256 Mi characters."""
        length = 0
        parts = []
        for block in self.blocks(mended=mended):
            length += len(block)
            if length > LARGEST_TEXT:
                way_out = "split it, or take a format that is read piece by piece (JSON Lines)"
                raise DumpError(Problem("too large to be read in one piece", self.name, way_out=way_out))
            parts.append(block)
        return "".join(parts)
