"""The part of YAML that bibliographies are written in: mappings, lists, quoted and folded texts; no tags or anchors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_KEY = re.compile(
    r"(?P<key>\"[^\"]*\"|'[^']*'|[^\s#:\[\]{},\"'-][^:#\[\]{}]*?|-[^\s:][^:]*?)\s*:(?:\s+(?P<value>.*))?\Z"
)
_BLOCK = re.compile(r"[|>][+-]?\d?\s*\Z")
_COMMENT = re.compile(r"\s+#.*\Z")
_PIECE = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^,\[\]{}]+)\s*(?:,|\Z)")
_DEEPEST = 40
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})

Line = tuple[int, str]
"""How far it is set in, and its text."""


def parsed(text: str) -> Any:
    """The value of a YAML document; scalars are texts. Raises ValueError for what this part of YAML has not."""
    lines = [(len(raw) - len(raw.lstrip(" ")), raw.strip()) for raw in text.split("\n")]
    reader = _Reader(lines)
    value = reader.value(0, 0)
    reader.skip()
    if reader.at < len(lines):
        raise ValueError(f"line {reader.at + 1} is not set in as what is around it")
    return value


class _Reader:
    """Lines being read, at the one that is next."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self.at = 0

    def skip(self) -> None:
        """Over blank lines, comments and marks of a document."""
        while self.at < len(self._lines) and self._is_blank(self._lines[self.at][1]):
            self.at += 1

    def _is_blank(self, text: str) -> bool:
        return not text or text.startswith(("#", "%YAML")) or text in ("---", "...")

    def value(self, least: int, depth: int) -> Any:
        """The mapping, list or text that begins at the next line, set in at least so far; None where none does."""
        self.skip()
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        if self.at == len(self._lines) or self._lines[self.at][0] < least:
            return None
        indent, text = self._lines[self.at]
        if text == "-" or text.startswith("- "):
            return list(self._items(indent, depth))
        if _KEY.match(text):
            return dict(self._pairs(indent, depth))
        return self._folded(indent)

    def _items(self, indent: int, depth: int) -> Iterator[Any]:
        while self._is_next(indent) and (self._text() == "-" or self._text().startswith("- ")):
            inner = self._text()[1:].lstrip()
            if not inner:
                self.at += 1
                yield self.value(indent + 1, depth + 1)
            elif inner.startswith("- ") or (_KEY.match(inner) and inner[:1] not in "\"'[{"):
                self._lines[self.at] = (indent + len(self._text()) - len(inner), inner)
                yield self.value(indent + 1, depth + 1)
            else:
                self.at += 1
                yield self._scalar(inner, indent)

    def _pairs(self, indent: int, depth: int) -> Iterator[tuple[str, Any]]:
        while self._is_next(indent) and (found := _KEY.match(self._text())):
            key = found["key"].strip("\"'")
            written = (found["value"] or "").strip()
            written = "" if written.startswith("#") else written
            self.at += 1
            if _BLOCK.match(written):
                yield key, self._block(indent, folds=written[0] == ">")
            elif written:
                yield key, self._scalar(written, indent)
            else:
                self.skip()
                in_list = self._is_next(indent) and self._text().startswith("-")
                yield key, self.value(indent if in_list else indent + 1, depth + 1)

    def _is_next(self, indent: int) -> bool:
        self.skip()
        return self.at < len(self._lines) and self._lines[self.at][0] == indent

    def _text(self) -> str:
        return self._lines[self.at][1]

    def _block(self, indent: int, *, folds: bool) -> str:
        taken = []
        while self.at < len(self._lines) and (self._lines[self.at][0] > indent or not self._text()):
            taken.append(self._text())
            self.at += 1
        return (" " if folds else "\n").join(taken).strip()

    def _folded(self, indent: int) -> str:
        taken = []
        while self.at < len(self._lines) and self._lines[self.at][0] >= indent and not self._is_blank(self._text()):
            taken.append(self._text())
            self.at += 1
        return " ".join(taken)

    def _scalar(self, written: str, indent: int) -> Any:
        """A text, with the lines it goes on in, or a list in brackets."""
        opener = written[:1]
        while (
            self.at < len(self._lines)
            and self._lines[self.at][0] > indent
            and (self._text() and (_is_open(written) or opener not in "\"'[{"))
        ):
            written += " " + self._text()
            self.at += 1
        if opener in "[{":
            return _flow(written)
        return _plain(written)


def _is_open(written: str) -> bool:
    closer = {'"': '"', "'": "'", "[": "]", "{": "}"}.get(written[:1], "")
    return bool(closer) and not (len(written) > 1 and _COMMENT.sub("", written).endswith(closer))


def _flow(written: str) -> Any:
    """A list or a mapping on one line, without another in it."""
    inside = _COMMENT.sub("", written)[1:].rstrip()[:-1]
    if any(bracket in inside for bracket in "[{"):
        raise ValueError("lists within lists on one line")
    pieces = [_plain(found[1]) for found in _PIECE.finditer(inside) if found[1].strip()]
    if written[0] == "[":
        return pieces
    pairs = (str(piece).partition(":") for piece in pieces)
    return {key.strip(): _plain(value) for key, _, value in pairs}


def _plain(written: str) -> str | None:
    text = written.strip()
    if text[:1] == '"' and (end := text.rfind('"')) > 0:
        return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": " "}.get(found[1], found[1]), text[1:end])
    if text[:1] == "'" and (end := text.rfind("'")) > 0:
        return text[1:end].replace("''", "'")
    if text[:1] in "&*!":
        raise ValueError("tags and anchors")
    text = _COMMENT.sub("", text)
    return None if text in _NOTHING else text
