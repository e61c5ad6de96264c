"""Which reader a dump is for: each that may be is tried, and what it gives is looked at before it is believed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from digestbot.model.errors import DumpError, Problem, UsageError
from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Reader, Skipped
from digestbot.readers.content import Content
from digestbot.readers.judging import rejected
from digestbot.readers.unwrapping.pieces import is_wrapped_mail

_SURE_ENOUGH = 0.3
_SURE = 0.9  # who is so sure has its turn before the others are asked
_LOOKED_AT = 40  # papers of a reading, before it is believed
_MOST_PIECES = 2_000  # looked at for as many papers
_BLANKS = "\ufeff\u200b \t\r\n\v\f\xa0"
_HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]*\?>\s*)?(?><!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body|meta|div|center|h1|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKDOWN = re.compile(r"\s*(?:---\n|#{1,3} |<(?:p|div|h1|img|a)\b|!?\[|=+\n)|[^\n]{1,80}\n[=-]{3,}\n", re.IGNORECASE)
_FENCED = re.compile(r"^[ \t]{0,8}(`{3,})[^\n]*\n.*?(?:^[ \t]{0,8}\1`*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_RESTRUCTURED = re.compile(r"^\.\. [\w-]+::|^(?:={4,}|-{4,}|~{4,})\n\n", re.MULTILINE)
_SET_IN = re.compile(
    r"^[^\n]*::[^\n]*\n(?:[ \t]+:[^\n]*\n)*+(?:[ \t]*\n)++(?:[ \t]{2,}[^\n]*(?:\n|\Z)|[ \t]*\n)++", re.MULTILINE
)
_STATEMENT = re.compile(  # as it stands on a line of its own in the languages that most programs are in
    r"^[ \t]*(?:from [\w.]+ import |import [\w.*{}, ]+(?: from ['\"]|;?$)|(?:async )?def \w+\(|class \w+.{0,80}[:{]$"
    r"|#include *[<\"]|package [\w.]+;?$|use [\w:]+(?:::[{*]|;)|(?:pub )?(?:fn|struct|impl) .{1,80}[{(]"
    r"|(?:export )?(?:const|let|var) .{1,80}=|(?:export )?(?:async )?function\b.{0,80}[({]"
    r"|(?:public|private|protected|static) .{1,80}[;{(]$|return\b.{0,80};$|(?:\} )?else(?: if.{1,80})? ?[:{]$"
    r"|(?:if|for|while) ?\(.{1,80}\) ?\{$|(?:if|for|elif|while|try|except|with)\b.{0,80}:$|return [\w.(\[]+$"
    r"|<\?php|self\.\w+ = )",
    re.MULTILINE,
)
_BEGINS_PROGRAM = re.compile(
    r"\s*+(?:#![ /]|(?:#[^\n]*+\n\s*+|(?:\"{3}|'{3})[^\"']{0,2000}+(?:\"{3}|'{3})\s*+)*+"
    r"(?:import \w[\w.]*(?: as \w+)?\n|from [\w.]+ import ))"
)
_STATEMENTS, _LEAST_OF_PROGRAM = 5, 0.05  # of its lines
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)

Piece = Paper | Skipped | Layout


@dataclass(slots=True)
class Reading:
    """A reader that is believed, and what it reads: once. ``passed_over`` are those that were not, with why."""

    reader: Reader
    sureness: float
    pieces: Iterator[Piece]
    passed_over: list[str] = field(default_factory=list)


def named(format: str) -> Reader:
    """The reader of this name. Raises UsageError, with the nearest there is."""
    for reader in _readers():
        if reader.name == format:
            return reader
    known = [reader.name for reader in _readers()]
    near = difflib.get_close_matches(format.lower().replace("_", "-"), known, cutoff=0.5)
    way_out = f"did you mean {near[0]}?" if near else f"the formats are: {', '.join(known)}"
    raise UsageError(Problem(f"unknown format {format!r}", way_out=way_out))


def forced(reader: Reader, content: Content) -> Reading:
    """The reading by the one reader that was asked for; raises DumpError where the dump cannot be of its kind."""
    if reader.recognises(content.head) <= 0:
        if _HTML.match(content.head):
            raise _html(content.head, content.name)
        what = f"this cannot be {reader.name} ({reader.title})"
        raise DumpError(Problem(what, content.name, way_out="leave the format out to have it told"))
    looked_at, rest, _ = _begun(reader, content)
    return Reading(reader, 1.0, chain(looked_at, rest))


def chosen(content: Content) -> Reading:
    """The reading of the surest reader whose papers look like papers, or that is told of a dump without any.

    Raises DumpError where none is: what the surest one said, or that the dump is of no known kind.
    """
    head = _told(content.head)
    if _is_program(head):
        raise DumpError(
            Problem("this is the source of a program", content.name, way_out="give it what the program wrote")
        )
    refusals: list[DumpError] = []
    passed_over: list[str] = []
    empty: Reading | None = None
    for sureness, reader in _candidates(head):
        try:
            looked_at, rest, is_whole = _begun(reader, content)
        except DumpError as error:
            refusals.append(error)
            continue
        papers = [piece for piece in looked_at if isinstance(piece, Paper)]
        reading = Reading(reader, sureness, chain(looked_at, rest), passed_over)
        if papers and (why := rejected(papers)) is None:
            return reading
        if papers:
            passed_over.append(f"{reader.name}: {why}")
            what = f"it looks like {reader.name}, but {why}"
            refusals.append(DumpError(Problem(what, content.name, way_out="save the page as text, or as HTML")))
        elif not is_whole or any(isinstance(piece, Layout) and piece.empty for piece in looked_at):
            empty = empty or reading
        else:
            refusals.append(_no_paper(reader, looked_at, content.name))
    if empty is not None:
        return empty
    raise refusals[0] if refusals else _unknown(content.head, content.name)


def _readers() -> Sequence[Reader]:
    from digestbot.readers.registry import READERS  # imports every kind, which a command without dumps can do without

    return READERS


def _told(head: str) -> str:
    """The beginning as readers are shown it: of a manual that is more than its code, without the code.

    It shows what an export looks like, and how it wants to be cited.
    """
    bare = head
    if "```" in head and _MARKDOWN.match(head):
        bare = _FENCED.sub("\n", head)
    elif "::\n" in head and _RESTRUCTURED.search(head):
        bare = _SET_IN.sub("\n", head)
    return bare if 2 * len(bare) > len(head) else head


def _is_program(head: str) -> bool:
    """Whether this is a program's source: titles and exports stand in its texts and comments."""
    if head.lstrip(_BLANKS)[:1] in ("<", "{", "[", "@", "%"):
        return False
    if _BEGINS_PROGRAM.match(head):
        return True
    lines = sum(1 for line in head.split("\n") if line.strip())
    return len(_STATEMENT.findall(head)) > max(_STATEMENTS, _LEAST_OF_PROGRAM * lines)


def _candidates(head: str) -> Iterator[tuple[float, Reader]]:
    """The readers that may be right, the surest first; of a mail in encoded parts, those of whole mails alone."""
    from digestbot.readers.registry import OF_PAGES, OF_WHOLE_MAILS

    wrapped, is_json = is_wrapped_mail(head), head.lstrip(_BLANKS)[:1] in ("{", "[")
    likely: list[tuple[float, Reader]] = []
    for reader in _readers():
        if reader.name in OF_WHOLE_MAILS if wrapped else not (is_json and reader.name in OF_PAGES):
            sureness = reader.recognises(head)
            if sureness >= _SURE:
                yield sureness, reader
            elif sureness >= _SURE_ENOUGH:
                likely.append((sureness, reader))
    yield from sorted(likely, key=lambda each: -each[0])


def _begun(reader: Reader, content: Content) -> tuple[list[Piece], Iterator[Piece], bool]:
    """The first pieces, those behind them, and whether there are none. Raises DumpError where no paper is before it."""
    pieces = iter(reader.read(content))
    looked_at: list[Piece] = []
    papers = 0
    try:
        for piece in pieces:
            looked_at.append(piece)
            papers += isinstance(piece, Paper)
            if papers == _LOOKED_AT or len(looked_at) == _MOST_PIECES:
                return looked_at, _to_the_break(pieces), False
    except DumpError as error:
        if not papers:
            raise
        looked_at.append(_break(error))
    return looked_at, iter(()), True


def _to_the_break(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces behind the first papers; where they break, the break is the last."""
    try:
        yield from pieces
    except DumpError as error:
        yield _break(error)


def _break(error: DumpError) -> Skipped:
    problem = error.problems[0]
    return Skipped(problem.line or 1, "incomplete", problem.message, "")


def _no_paper(reader: Reader, pieces: Sequence[Piece], name: str) -> DumpError:
    what = f"no whole paper in it, though it looks like {reader.name}"
    broken = next((each for each in pieces if isinstance(each, Skipped) and each.kind != "furniture"), None)
    if broken:
        what += f"; line {broken.line}: {broken.reason}"
    return DumpError(Problem(what, name, way_out="save or fetch the whole of it again"))


def _unknown(head: str, name: str) -> DumpError:
    if _HTML.match(head):
        return _html(head, name)
    known = f"the formats are: {', '.join(reader.name for reader in _readers())}"
    kind = {"{": "JSON", "[": "JSON", "<": "XML"}.get(head.lstrip(_BLANKS)[:1])
    what = "the text is in no format that digestbot understands"
    if kind:
        what = f"no reader recognises this {kind}: it holds no papers that digestbot understands"
    return DumpError(Problem(what, name, way_out=known))


def _html(head: str, name: str) -> DumpError:
    title = _TITLE.search(head)
    called = f" titled {' '.join(title[1].split())[:80]!r}" if title else ""
    way_out = "open it in a browser, select all, copy, and save that as text; an error page must be fetched again"
    return DumpError(Problem(f"this is an HTML page{called}, not its text", name, way_out=way_out))
