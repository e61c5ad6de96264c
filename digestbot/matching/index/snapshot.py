"""The compiled program as bytes: written to an open file, and read back without compiling anything."""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Iterator
from mmap import mmap
from typing import Any, BinaryIO, TypeAlias

from digestbot.matching.index.atoms import Atoms, CompareKey, ExactKey, LabelKey, NearKey, RegexKey
from digestbot.matching.matches import Register
from digestbot.model.errors import DigestbotError, Problem

VERSION = 2
_MAGIC = b"digestbot rules\n"
_LENGTH = 8
_CHECK = 4

Buffer: TypeAlias = bytes | bytearray | memoryview | mmap


class ImageError(DigestbotError):
    """An image that is damaged, cut off, or of another version: build the engine from the rules again."""

    def __init__(self, message: str) -> None:
        super().__init__(Problem(message, way_out="build it from the rules again"))


def save(file: BinaryIO, atoms: Atoms, register: Register) -> None:
    """Write an image: magic, head (JSON, its length before it), the arrays, and a CRC-32 of it all."""
    lists = atoms.program.watching(), register.hanging()
    arrays = list(_arrays(atoms, register))
    head = json.dumps(
        {
            "version": VERSION,
            "order": sys.byteorder,
            "arrays": [(each.typecode, len(each), each.itemsize) for each in arrays],
            "lists": [(list(each.late.items()), each.laid, each.sources) for each in lists],
            **_tables(atoms, register),
        }
    ).encode("ascii")
    check = 0
    pieces: list[bytes | array[int]] = [_MAGIC, len(head).to_bytes(_LENGTH, "little"), head, *arrays]
    for piece in pieces:
        file.write(piece)
        check = zlib.crc32(piece, check)
    file.write(check.to_bytes(_CHECK, "little"))


def load(buffer: Buffer, atoms: Atoms, register: Register) -> None:
    """Fill empty `atoms` and `register` from an image. Raises ImageError."""
    view = memoryview(buffer)
    start = len(_MAGIC) + _LENGTH
    if bytes(view[: len(_MAGIC)]) != _MAGIC or len(view) < start + _CHECK:
        raise ImageError("this is no image of compiled rules")
    if zlib.crc32(view[:-_CHECK]) != int.from_bytes(view[-_CHECK:], "little"):
        raise ImageError("the image of compiled rules is damaged or cut off")
    size = int.from_bytes(view[len(_MAGIC) : start], "little")
    head = json.loads(bytes(view[start : start + size]))
    if head["version"] != VERSION or head["order"] != sys.byteorder:
        raise ImageError("the image of compiled rules was written by another version or machine")
    at = start + size
    for each, (typecode, count, itemsize) in zip(_arrays(atoms, register), head["arrays"], strict=True):
        if (each.typecode, each.itemsize) != (typecode, itemsize):
            raise ImageError("the image of compiled rules was written by another version or machine")
        del each[:]
        each.frombytes(view[at : at + count * itemsize])
        at += count * itemsize
    _restore(head, atoms, register)


def _arrays(atoms: Atoms, register: Register) -> Iterator[array[int]]:
    program, lexicon = atoms.program, atoms.lexicon
    yield from (program.kind, program.level, program.uses, program.first, program.members)
    yield from (lexicon.parent, lexicon.term, *lexicon.atoms)
    yield from (register.node, register.default)
    for lists in (program.watches, register.hangs):
        yield from (lists.starts, lists.items)


def _tables(atoms: Atoms, register: Register) -> dict[str, Any]:
    lexicon = atoms.lexicon
    return {
        "ids": register.ids,
        "words": [list(lexicon.words), list(lexicon.words.values())],
        "prefixes": [list(lexicon.prefixes), list(lexicon.prefixes.values())],
        "worded": list(atoms.worded),
        "nears": list(atoms.nears.items()),
        "exacts": list(atoms.exacts.items()),
        "regexes": list(atoms.regexes.items()),
        "labels": list(atoms.labels.items()),
        "comparisons": list(atoms.comparisons.items()),
    }


def _restore(head: dict[str, Any], atoms: Atoms, register: Register) -> None:
    lexicon = atoms.lexicon
    lexicon.words.update(zip(*head["words"], strict=True))
    lexicon.prefixes.update(zip(*head["prefixes"], strict=True))
    lexicon.restore()
    for (scope, alternatives, slop), atom in head["nears"]:
        atoms.put_near(NearKey(scope, tuple(map(tuple, alternatives)), slop), atom)
    for key, atom in head["exacts"]:
        atoms.put_exact(ExactKey(*key), atom)
    for key, atom in head["regexes"]:
        atoms.put_regex(RegexKey(*key), atom)
    for key, atom in head["labels"]:
        atoms.labels[LabelKey(*key)] = atom
    for key, atom in head["comparisons"]:
        atoms.put_comparison(CompareKey(*key), atom)
    atoms.worded.update(head["worded"])
    atoms.program.restore()
    atoms.count = sum(1 for kind in atoms.program.kind if kind == 0)
    register.restore(head["ids"])
    for lists, (late, laid, sources) in zip((atoms.program.watches, register.hangs), head["lists"], strict=True):
        lists.restore(dict(late), laid, sources)
