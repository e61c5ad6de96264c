"""Dumps out of what they come packed in: gzip, bzip2, xz, zstd, zip, 7z and tar, and once more within those."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from typing import IO, Any, BinaryIO

from digestbot.ingest.sources import sevenzip
from digestbot.ingest.sources.base import Dump
from digestbot.ingest.sources.guarded import DAMAGE, Allowance, damaged, guarded, spooled
from digestbot.model.errors import DigestbotError, DumpError, Problem

_DEEPEST = 2  # an archive, and archives within it
_MOST_MEMBERS = 100_000
_OFFICE = ("[Content_Types].xml", "META-INF/manifest.xml", "mimetype")
_SQUEEZED: dict[bytes, Callable[[BinaryIO, str], Any]] = {  # gzip's class is no IO to the type checker
    b"\x1f\x8b": lambda stream, _: gzip.GzipFile(fileobj=stream),
    b"BZh": lambda stream, _: bz2.BZ2File(stream),
    b"\xfd7zXZ\x00": lambda stream, _: lzma.LZMAFile(stream),  # noqa: SIM115 - closed with what guards it
    b"\x28\xb5\x2f\xfd": lambda stream, name: _zstd(stream, name),
}


def unpacked(dump: Dump) -> Iterator[Dump]:
    """The dumps in a dump: itself where it is not packed, else its members, each as ``archive/member``.

    Hidden members and folders are left out. What is damaged, a trap, or packed too often raises DumpError
    when that dump is opened or read, so that it keeps no other from being read.
    """
    try:
        stream = dump.open()
    except DigestbotError as error:
        yield _failing(dump.name, error)
        return
    with stream:
        yield from _within(stream, dump.name, Allowance(_size(stream), dump.name), 0)


def _within(stream: BinaryIO, name: str, allowance: Allowance, depth: int) -> Iterator[Dump]:
    """What is in an open stream; the stream stays open until all of it was asked for."""
    try:
        start = stream.read(512)
        stream.seek(0)
        unsqueeze = next((each for magic, each in _SQUEEZED.items() if start.startswith(magic)), None)
        if unsqueeze:
            stream = guarded(unsqueeze(stream, name), name, allowance)
            start = stream.read(512)
            stream.seek(0)
        is_zip, is_tar = start.startswith(b"PK\x03\x04"), start[257:262] == b"ustar"
        is_7z = start.startswith(sevenzip.MAGIC)
        again = any(start.startswith(magic) for magic in _SQUEEZED)
        if (is_zip or is_7z or is_tar or again) and depth == _DEEPEST:
            raise DumpError(Problem("archives within archives within archives", name, way_out="unpack it by hand"))
        if is_zip or is_7z or again:
            stream = spooled(stream, name) if unsqueeze else stream
    except DigestbotError as error:
        yield _failing(name, error)
        return
    except DAMAGE as error:
        yield _failing(name, damaged(error, name))
        return
    if is_zip:
        yield from _from_zip(stream, name, allowance, depth)
    elif is_7z:
        yield from _from_7z(stream, name, allowance, depth)
    elif is_tar:
        yield from _from_tar(stream, name, allowance, depth)
    elif again:
        yield from _within(stream, name, allowance, depth + 1)
    else:
        yield Dump(name, lambda: stream)


def _zstd(stream: BinaryIO, name: str) -> Any:
    """By Python's own module, which 3.14 was the first to have, else by its backport; raises DumpError without."""
    for module in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(module).ZstdFile(stream)
        except ImportError:
            continue
    way_out = 'pip install "digestbot[archives]", or unpack it by hand'
    raise DumpError(Problem("zstd data, which Python itself unpacks since 3.14", name, way_out=way_out))


def _from_zip(stream: BinaryIO, name: str, allowance: Allowance, depth: int) -> Iterator[Dump]:
    try:
        archive = zipfile.ZipFile(stream)
        members = [member for member in archive.infolist() if not member.is_dir() and _is_shown(member.filename)]
        if any(member.filename in _OFFICE for member in members):
            raise DumpError(
                Problem("this is an office document, not a listing", name, way_out="save it as text or CSV")
            )
        _check_number(len(members), name)
    except DigestbotError as error:
        yield _failing(name, error)
        return
    except DAMAGE as error:
        yield _failing(name, damaged(error, name))
        return
    if not members:
        yield _failing(name, DumpError(Problem("the archive holds no files", name, way_out="pack it again")))
    for member in members:
        yield from _member(partial(archive.open, member), f"{name}/{member.filename}", allowance, depth)


def _from_7z(stream: BinaryIO, name: str, allowance: Allowance, depth: int) -> Iterator[Dump]:
    try:
        found = sevenzip.members(stream, name, allowance)
    except DigestbotError as error:
        yield _failing(name, error)
        return
    shown = [(member, content) for member, content in found if _is_shown(member)]
    with ExitStack() as opened:
        for _, content in found:
            opened.enter_context(content)
        for member, content in shown:
            yield from _within(content, f"{name}/{member}", allowance, depth + 1)
    if not shown:
        yield _failing(name, DumpError(Problem("the archive holds no files", name, way_out="pack it again")))


def _from_tar(stream: BinaryIO, name: str, allowance: Allowance, depth: int) -> Iterator[Dump]:
    count = 0
    try:
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for member in archive:
                if not member.isreg() or not _is_shown(member.name):
                    continue
                count += 1
                _check_number(count, name)
                yield from _member(partial(_extracted, archive, member), f"{name}/{member.name}", allowance, depth)
                archive.members = []  # type: ignore[attr-defined]  # not in typeshed; it would remember each
    except DigestbotError as error:
        yield _failing(name, error)
    except DAMAGE as error:
        yield _failing(name, damaged(error, name))
    else:
        if not count:
            yield _failing(name, DumpError(Problem("the archive holds no files", name, way_out="pack it again")))


def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    found = archive.extractfile(member)
    if found is None:
        raise OSError("a member without content")
    return found


def _member(open_: Callable[[], IO[bytes]], name: str, allowance: Allowance, depth: int) -> Iterator[Dump]:
    """A member set aside: going back in a packed stream would unpack it all over from the beginning."""
    try:
        with guarded(open_(), name, allowance) as stream:
            aside = spooled(stream, name)
    except DigestbotError as error:
        yield _failing(name, error)
        return
    except DAMAGE as error:
        yield _failing(name, damaged(error, name))
        return
    with aside:
        yield from _within(aside, name, allowance, depth + 1)


def _is_shown(member: str) -> bool:
    parts = member.strip("/").split("/")
    return not any(part.startswith(".") for part in parts if part != ".") and "__MACOSX" not in parts


def _check_number(count: int, name: str) -> None:
    if count > _MOST_MEMBERS:
        raise DumpError(Problem(f"more than {_MOST_MEMBERS} files in one archive", name, way_out="unpack it by hand"))


def _failing(name: str, error: DigestbotError) -> Dump:
    def fail() -> BinaryIO:
        raise error

    return Dump(name, fail)


def _size(stream: BinaryIO) -> int:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return size
