"""From a dump's bytes to a listing: decode, pick the reader by content, run it, or say what is wrong."""

from __future__ import annotations

import difflib
import re

from digestbot.core.errors import DumpError, Problem, UsageError
from digestbot.core.papers import Paper
from digestbot.listing.base import Listing, Reader, Skipped
from digestbot.listing.decoding import decode
from digestbot.listing.readers import READERS

_SURE_ENOUGH = 0.3
_HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|div|center|h1|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def understand(data: bytes, name: str, format: str | None = None) -> Listing:
    """The listing in a dump's bytes; `name` is what messages call it, `format` overrules the guess.

    Raises UsageError for a format that no reader has, and DumpError, naming `name` and the way out, for
    data that is empty, no text, of no known kind, or without a single whole paper.
    """
    forced = None if format is None else _named(format)
    text, notes = decode(data, name)
    if not text.strip("\ufeff\u200b \t\r\n\v\f\xa0"):
        what = "the file holds nothing but blanks" if data else "the file is empty"
        raise _error(what, name, "save or fetch the listing again")
    reader = _recognised(text, name) if forced is None else _accepted(forced, text, name)
    return _run(reader, text, name, notes)


def _named(format: str) -> Reader:
    for reader in READERS:
        if reader.name == format:
            return reader
    known = [reader.name for reader in READERS]
    near = difflib.get_close_matches(format.lower().replace("_", "-"), known, n=1, cutoff=0.5)
    way_out = f"did you mean {near[0]}?" if near else f"the formats are: {', '.join(known)}"
    raise UsageError(Problem(f"unknown format {format!r}", way_out=way_out))


def _recognised(text: str, name: str) -> Reader:
    sureness = [reader.recognises(text) for reader in READERS]
    if max(sureness) >= _SURE_ENOUGH:
        return READERS[sureness.index(max(sureness))]
    if _HTML.match(text):
        raise _html(text, name)
    known = "; ".join(f"{each.name} ({each.title})" for each in READERS)
    raise _error("the text is in no format that digestbot understands", name, f"it understands: {known}")


def _accepted(reader: Reader, text: str, name: str) -> Reader:
    if reader.recognises(text) > 0:
        return reader
    if _HTML.match(text):
        raise _html(text, name)
    raise _error(f"this cannot be {reader.name} ({reader.title})", name, "leave the format out to have it told")


def _run(reader: Reader, text: str, name: str, notes: list[str]) -> Listing:
    papers: list[Paper] = []
    skipped: list[Skipped] = []
    layout = listed_on = None
    for piece in reader.read(text):
        if isinstance(piece, Paper):
            papers.append(piece)
        elif isinstance(piece, Skipped):
            skipped.append(piece)
        else:
            layout, listed_on = layout or piece.layout, listed_on or piece.listed_on
            notes.extend(piece.notes)
    if not papers:
        broken = next((piece for piece in skipped if piece.kind != "furniture"), None)
        what = f"no whole paper in it, though it looks like {reader.name}"
        if broken:
            what += f"; line {broken.line}: {broken.reason}"
        raise _error(what, name, "save or fetch the whole page again")
    return Listing(name, reader.name, layout, papers, skipped, listed_on, notes)


def _html(text: str, name: str) -> DumpError:
    title = _TITLE.search(text)
    called = f" titled {' '.join(title[1].split())[:80]!r}" if title else ""
    return _error(
        f"this is an HTML page{called}, not its text",
        name,
        "open it in a browser, select all, copy, and save that as text; an error page must be fetched again",
    )


def _error(message: str, name: str, way_out: str) -> DumpError:
    return DumpError(Problem(message, place=name, way_out=way_out))
