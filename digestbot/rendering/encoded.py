"""The parts of a mail, encoded once for all its readers but for the blocks in which their own links stand."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TypeAlias

from digestbot.rendering.links import SafeLink

_LINE = 76  # https://www.rfc-editor.org/rfc/rfc2045#section-6.8
_CHUNK = _LINE // 4 * 3 * 16  # bytes that make whole lines of base64
_BLOCK_ENDS = {"plain": b"\r\n\r\n", "html": b"</tr>\r\n"}  # about one to a paper
_HEAD_ENDS = b"</title>\r\n", b"</style>\r\n"  # between them stands what no digest has its own of
_ASCII = bytes(range(128))
_MOSTLY_ASCII = 6  # quoted-printable takes 3 bytes for each of the others, base64 a third more for all
_SIGNS = "\x11", "\x12"  # control characters: they are cleaned out of all that a digest shows
_SIGN_BYTES = b"\x11", b"\x12"

Links: TypeAlias = tuple[SafeLink | None, ...]
"""A reader's own links, at most two."""


def stand_ins(links: Links) -> Links:
    """What is written in the place of the links: of their length, since that decides what is cut and how it is encoded.

    A link that is longer in HTML than in text stands for itself.
    """
    pairs = zip(links, _SIGNS, strict=True)
    return tuple(link if link is None or "&" in link else SafeLink(sign * len(link)) for link, sign in pairs)


@dataclass(frozen=True, slots=True)
class EncodedParts:
    """A part with its headers, in pieces: encoded, or (``open``) as it is, for stand-ins are in it."""

    head: bytes
    pieces: tuple[tuple[bool, bytes], ...]
    encode: Callable[[bytes], bytes]

    def filled(self, links: Links) -> bytes:
        """The part with these links where their stand-ins are: the bytes it has when it is written with them."""
        pairs = [
            (written.encode("ascii"), link.encode("ascii"))
            for written, link in zip(stand_ins(links), links, strict=True)
            if written and link
        ]
        return self.head + b"".join(
            self.encode(_replaced(piece, pairs)) if is_open else piece for is_open, piece in self.pieces
        )


def encoded(text: str, subtype: str) -> EncodedParts:
    """A text in whichever encoding is shorter; readable where it is mostly ASCII."""
    raw = text.encode()
    wire = raw.replace(b"\r", b"").replace(b"\n", b"\r\n")
    pieces: Iterable[bytes]
    encode: Callable[[bytes], bytes]
    once: Callable[[bytes], bytes]
    if text.isascii() or len(raw.translate(None, _ASCII)) * _MOSTLY_ASCII <= len(raw):
        name, pieces, encode, once = "quoted-printable", _blocks(wire, _BLOCK_ENDS[subtype]), _quoted, _quoted_once
    else:
        pieces = (wire[at : at + _CHUNK] for at in range(0, len(wire), _CHUNK))
        name, encode, once = "base64", _base64, _base64
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {name}\r\n\r\n'
    joined = tuple(_pieces(pieces, once)) if _is_open(wire) else ((False, b"".join(map(once, pieces))),)
    return EncodedParts(head.encode("ascii"), joined, encode)


def _blocks(wire: bytes, end: bytes) -> list[bytes]:
    """Whole lines, parted so that what many digests have alike stands by itself."""
    head, rest = [], wire
    for each in _HEAD_ENDS:
        before, found, after = rest.partition(each)
        if found:
            head.append(before + found)
            rest = after
    *blocks, last = rest.split(end)
    return [*head, *(block + end for block in blocks), last]


def _pieces(blocks: Iterable[bytes], encode: Callable[[bytes], bytes]) -> Iterator[tuple[bool, bytes]]:
    """Blocks joined to as few pieces as there can be. A stand-in may go on from one to the next."""
    for is_open, grouped in groupby(blocks, _is_open):
        some = list(grouped)
        yield is_open, b"".join(some if is_open else map(encode, some))


def _is_open(block: bytes) -> bool:
    return _SIGN_BYTES[0] in block or _SIGN_BYTES[1] in block


def _replaced(piece: bytes, pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    for written, link in pairs:
        piece = piece.replace(written, link)
    return piece


def _base64(wire: bytes) -> bytes:
    """In lines, which are the same whatever whole lines stand before."""
    encoded = binascii.b2a_base64(wire, newline=False)
    return b"\r\n".join((*(encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE)), b""))


def _quoted(wire: bytes) -> bytes:
    """Whole lines in quoted-printable, each by itself."""
    return binascii.b2a_qp(wire, istext=True)


# Digests share most of their blocks: the markup, and the papers.
_quoted_once = lru_cache(maxsize=4096)(_quoted)
