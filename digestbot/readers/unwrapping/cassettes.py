"""The answers in a cassette: requests and answers that a program's tests recorded as YAML (VCR)."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import zlib
from collections.abc import Iterator

_CASSETTE = re.compile(
    r"\A\ufeff?\s*(?:---\s*\n)?(?:version: \S+\n)?(?:http_)?interactions:\s*\n\s*- (?:request|response|recorded_at)\b"
)
_ANSWER = re.compile(r"^[ ]*(?:- )?response:[ \t]*$")
_ASKED = re.compile(r"^[ ]*(?:- )?request:[ \t]*$")
_TEXT = re.compile(r"^(?P<indent>[ ]*)(?:string|base64_string|content|body):[ \t]+(?P<value>\S.*)$")
_QUOTE = {'"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL), "'": re.compile(r"'((?:[^']|'')*)'", re.DOTALL)}
_ESCAPE = re.compile(r"\\(?:\n[ \t]*(?:\\(?= ))?|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_FOLD = re.compile(r"[ \t]*\n[ \t]*((?:\n[ \t]*)*)")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "N": "\x85"}
_LARGEST = 64 * 1024 * 1024  # bytes of one answer


def is_cassette(head: str) -> bool:
    """Whether a text that begins so is such a recording."""
    return _CASSETTE.match(head) is not None


def answers(text: str) -> Iterator[tuple[int, bytes]]:
    """The body of each answer with the line it begins on, decoded; what was asked is left out."""
    lines = text.split("\n")
    is_answer = False
    at = 0
    while at < len(lines):
        if _ANSWER.match(lines[at]):
            is_answer = True
        elif _ASKED.match(lines[at]):
            is_answer = False
        elif is_answer and (found := _TEXT.match(lines[at])):
            end = _end(lines, at, len(found["indent"]))
            data = _decoded(found["value"], "\n".join((found["value"], *lines[at + 1 : end])))
            if data.strip():
                yield at + 1, data
            at = end - 1
        at += 1


def _end(lines: list[str], at: int, indent: int) -> int:
    """The line behind a value: the next that is set in no further than its key."""
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip(" ")) > indent):
        end += 1
    return end


def _decoded(first: str, written: str) -> bytes:
    """The bytes that a value stands for."""
    if first.startswith("!"):
        kind, _, rest = written.partition("\n" if first.rstrip()[-1:] in "|>-+" else " ")
        if "binary" not in kind:
            return _decoded(rest.strip(), rest.strip())
        return _unpacked("".join(rest.strip(" \n\"'").split()))
    if first[:1] in "|>":
        return _block(written.partition("\n")[2], folds=first[0] == ">").encode("utf-8", "replace")
    if first[:1] in _QUOTE and (found := _QUOTE[first[0]].match(written)):
        inside = found[1]
        text = _unescaped(inside) if first[0] == '"' else _folded(inside).replace("''", "'")
        return _as_bytes(text)
    return _as_bytes(_folded(written))


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _block(text: str, *, folds: bool) -> str:
    lines = text.split("\n")
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return (" " if folds else "\n").join(line[indent:] for line in lines)


def _folded(text: str) -> str:
    """A line end is a blank, and blank lines are line ends."""
    return _FOLD.sub(lambda found: "\n" * found[1].count("\n") or " ", text)


def _unescaped(text: str) -> str:
    pieces, at = [], 0
    for found in _ESCAPE.finditer(text):
        pieces.append(_folded(text[at : found.start()]))
        code = found[1] or found[2] or found[3]
        pieces.append(chr(int(code, 16)) if code else _LETTERS.get(found[4], found[4]) if found[4] else "")
        at = found.end()
    whole = "".join((*pieces, _folded(text[at:])))
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unpacked(packed: str) -> bytes:
    """Bytes in base64, which may be gzipped besides, up to the most that one answer may be."""
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4))
        if data[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
                return stream.read(_LARGEST)
    except (binascii.Error, ValueError, OSError, EOFError, zlib.error):
        return b""
    return data
