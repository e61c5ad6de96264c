"""Exports of several kinds joined in one file: each run of records of one kind is a dump of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.readers.content import LARGEST_TEXT, Content

_BLOCK = 1024 * 1024
# how a record of each kind begins a line
_KINDS = {
    "bibtex": (rb"@[A-Za-z]{3,20}[ \t]*[{(][ \t]*[^\s,={}]{1,200},", b"\n@"),
    "ris": (rb"TY  - [A-Z]{3,8}[ \t]*\r?$", b"\nTY  - "),
    "nbib": (rb"PMID- \d", b"\nPMID- "),
    "refer": (rb"%0 [A-Z]", b"\n%0 "),
}
_SIGNS = tuple(mark.decode().strip("\n") for _, mark in _KINDS.values())
_FIRST = re.compile(
    b"^(?:" + b"|".join(b"(?P<%s>%s)" % (kind.encode(), form) for kind, (form, _) in _KINDS.items()) + b")",
    re.MULTILINE,
)


def runs(content: Content) -> list[tuple[bytes, int]]:
    """Each run's bytes and first line, where the file has records of several kinds; empty for all other files."""
    head = content.head
    if head.lstrip()[:1] in ("<", "{", "[") or not any(sign in head for sign in _SIGNS):
        return []
    start = _FIRST.search(head.encode("utf-8", "replace"))
    if start is None or not _has_others(content, str(start.lastgroup)):
        return []
    data = content.stream().read(LARGEST_TEXT)
    cuts = list(_cuts(data))
    if len(cuts) < 2:
        return []
    ends = [*cuts[1:], len(data)]
    return [(data[at:end], data.count(b"\n", 0, at) + 1) for at, end in zip([0, *cuts[1:]], ends, strict=True)]


def _has_others(content: Content, kind: str) -> bool:
    """Whether a line may begin a record of another kind: a search for a few bytes, which is quick."""
    marks = [mark for other, (_, mark) in _KINDS.items() if other != kind]
    stream, last = content.stream(), b""
    while block := stream.read(_BLOCK):
        if any(mark in last + block for mark in marks):
            return True
        last = block[-8:]
    return False


def _cuts(data: bytes) -> Iterator[int]:
    """Where a record begins that is of another kind than the one before."""
    before = None
    for found in _FIRST.finditer(data):
        if found.lastgroup != before:
            before = found.lastgroup
            yield found.start()
