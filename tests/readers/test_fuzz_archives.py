"""Archives made to fill disks, and damaged ones: refused or read in part, never more."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import tarfile
import time
import zipfile
from collections.abc import Callable

import pytest

from digestbot.ingest.sources.base import Dump
from digestbot.ingest.sources.unpacking import unpacked
from digestbot.model.errors import DigestbotError, DumpError
from digestbot.readers import open_listing

RECORD = b"TY  - JOUR\nTI  - One\nAB  - We show\nER  - \n"
MOST_SECONDS = 20.0  # of processor time


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.ris", data)
        archive.writestr("more/export.ris", data)
    return buffer.getvalue()


def tarred(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("export.ris")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def squeezed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


PACKERS: list[Callable[[bytes], bytes]] = [squeezed, bz2.compress, zipped, tarred]


def titles(data: bytes) -> list[str | None]:
    """What is read of the dumps in an archive: their papers' titles, None for each that is refused."""
    found: list[str | None] = []
    for dump in unpacked(Dump("packed", lambda: io.BytesIO(data))):
        try:
            with dump.open() as stream:
                found.extend(getattr(piece, "title", None) for piece in open_listing(stream, dump.name))
        except DumpError:
            found.append(None)
    return found


@pytest.mark.parametrize("pack", PACKERS)
def test_an_archive_made_to_fill_disks_is_refused_in_time(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"TY  - JOUR\nTI  - One\n" + b"\n" * (200 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    start = time.process_time()
    assert "One" not in titles(bomb)
    assert time.process_time() - start < MOST_SECONDS


@pytest.mark.parametrize("pack", PACKERS)
def test_an_archive_of_ordinary_dumps_is_read_whole(pack: Callable[[bytes], bytes]) -> None:
    assert set(titles(pack(RECORD * 1000))) == {"One"}


@pytest.mark.parametrize("pack", PACKERS)
def test_damaged_archives_raise_nothing_but_the_projects_own(pack: Callable[[bytes], bytes]) -> None:
    whole = pack(b"".join(RECORD + b"KW  - %d\n" % number for number in range(500)))
    for number in range(60):
        chance = random.Random(number)
        data = bytearray(whole)
        for _ in range(chance.choice((1, 5, 50))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if number % 3 == 0:
            data = data[: chance.randrange(len(data))]
        try:
            titles(bytes(data))
        except DigestbotError:
            continue
