"""Dumps from files, folders and archives: what is in them, in order, and that nothing bad stops the rest."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import re
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from digestbot.ingest.sources.files import bytes_on_disk, read_dumps
from digestbot.model.errors import DigestbotError, DumpError, UsageError


def found(name: Path | str) -> dict[str, bytes | str]:
    """What each dump holds, or how it fails."""
    content: dict[str, bytes | str] = {}
    for dump in read_dumps(str(name)):
        try:
            with dump.open() as stream:
                content[dump.name] = stream.read()
        except DigestbotError as error:
            content[dump.name] = str(error)
    return content


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(mode: str = "w", **members: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]  # any of its modes
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def test_a_folder_is_every_file_in_it_sorted_without_hidden_and_unfinished_ones(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden", "c.txt.part", "sub/d.txt", ".git/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    assert list(found(tmp_path)) == [str(tmp_path / name) for name in ("a.txt", "b.txt", "sub/d.txt")]
    assert bytes_on_disk(str(tmp_path)) == len("a.txtb.txtsub/d.txt")


def test_files_that_changed_just_now_are_not_settled(tmp_path: Path) -> None:
    for name in ("new", "old"):
        (tmp_path / name).write_bytes(b"x")
    os.utime(tmp_path / "old", (1, 1))
    assert [dump.name for dump in read_dumps(str(tmp_path), settled_for=3600)] == [str(tmp_path / "old")]


def test_a_folder_without_a_file_and_a_name_that_is_nothing_are_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file in this folder"):
        list(read_dumps(str(tmp_path)))
    with pytest.raises(UsageError, match="no such file"):
        list(read_dumps(str(tmp_path / "x")))


def test_standard_input_is_set_aside_and_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(b"hello"))))
    for dump in read_dumps("-"):
        stream = dump.open()
        assert (dump.name, stream.read(2), stream.seek(0), stream.read()) == ("-", b"he", 0, b"hello")


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"hello")
    os.close(writing)
    assert found(f"/dev/fd/{reading}") == {f"/dev/fd/{reading}": b"hello"}
    os.close(reading)


def test_what_is_packed_is_unpacked_and_its_members_named(tmp_path: Path) -> None:
    packed = {
        "a.gz": gzip.compress(b"one ") + gzip.compress(b"two"),
        "b.bz2": bz2.compress(b"three"),
        "c.zip": zipped({"x": b"1", "sub/y": gzip.compress(b"2"), ".hidden": b"3", "__MACOSX/z": b"4"}),
        "d.tar": tarred(x=b"1", y=b"2" * 5000),
        "e.tgz": tarred("w:gz", x=b"1", y=zipped({"z": b"2"})),
    }
    for name, data in packed.items():
        (tmp_path / name).write_bytes(data)
    assert found(tmp_path) == {
        f"{tmp_path}/a.gz": b"one two",
        f"{tmp_path}/b.bz2": b"three",
        f"{tmp_path}/c.zip/x": b"1",
        f"{tmp_path}/c.zip/sub/y": b"2",
        f"{tmp_path}/d.tar/x": b"1",
        f"{tmp_path}/d.tar/y": b"2" * 5000,
        f"{tmp_path}/e.tgz/x": b"1",
        f"{tmp_path}/e.tgz/y/z": b"2",
    }


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (gzip.compress(bytes(200_000_000)), "unpacks to more than"),
        (zipped({"x": bytes(200_000_000)}), "unpacks to more than"),
        (gzip.compress(os.urandom(100_000))[:50_000], "breaks off"),
        (zipped({"x": b"1"})[:40], "cannot be read"),
        (zipped({"x": os.urandom(100)}).replace(b"PK\x01\x02", b"PK\x01\x03"), "cannot be read"),
        (zipped({"x": zipped({"y": zipped({"z": b"1"})})}), "archives within archives"),
        (zipped({"[Content_Types].xml": b"", "xl": b""}), "office document"),
        (zipped({".hidden": b"1"}), "holds no files"),
        (tarred(x=b"1" * 10_000)[:3000], "breaks off|cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_traps_and_damage_are_told_by_the_dump_they_concern(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "b").write_bytes(b"good")
    result = found(tmp_path)
    assert result.pop(f"{tmp_path}/b") == b"good"
    assert result
    for name, message in result.items():
        assert name.startswith(f"{tmp_path}/a")
        assert isinstance(message, str)
        assert re.search(says, message)
        assert message.startswith(f"{tmp_path}/a")
        assert message.endswith(")"), "the way out stands in brackets"


def sevenzipped(members: dict[str, bytes], **options: str) -> bytes:
    py7zr = pytest.importorskip("py7zr", reason="py7zr (the extra archives) is not installed")
    file = io.BytesIO()
    with py7zr.SevenZipFile(file, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return file.getvalue()


def test_a_7z_archive_is_unpacked_and_its_traps_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestbot.ingest.sources.guarded.UNSUSPICIOUS", 1000)
    (tmp_path / "a.7z").write_bytes(sevenzipped({"b.txt": b"B", ".hidden": b"", "d/a.txt": gzip.compress(b"A")}))
    assert found(tmp_path / "a.7z") == {f"{tmp_path}/a.7z/b.txt": b"B", f"{tmp_path}/a.7z/d/a.txt": b"A"}
    for data, says in (
        (sevenzipped({"a.txt": b"0" * 900_000}), "unpacks to more than 200 times its size"),
        (sevenzipped({"a.txt": b"A"}, password="x"), "locked with a password"),
        (sevenzipped({"a.txt": b"A" * 99})[:-9], "cannot be read"),
        (sevenzipped({".a": b"A"}), "holds no files"),
    ):
        (tmp_path / "a.7z").write_bytes(data)
        assert says in str(found(tmp_path / "a.7z"))


def test_zstd_is_unpacked(tmp_path: Path) -> None:
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    zstd = pytest.importorskip(name, reason="backports.zstd (the extra archives) is not installed")
    (tmp_path / "a.zst").write_bytes(zstd.compress(b"hello"))
    assert found(tmp_path / "a.zst") == {f"{tmp_path}/a.zst": b"hello"}


def test_without_the_extra_archives_what_needs_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("compression.zstd", "backports.zstd", "py7zr"):
        monkeypatch.setitem(sys.modules, module, None)
    for magic in (b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c"):
        (tmp_path / "a").write_bytes(magic + b"\0" * 600)
        assert 'pip install "digestbot[archives]"' in str(found(tmp_path / "a"))


def test_bytes_are_counted_once_however_often_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(os.urandom(500_000))
    seen: list[int] = []
    for dump in read_dumps(str(tmp_path / "a"), watch=seen.append):
        with dump.open() as stream:
            for _ in range(3):
                stream.read()
                stream.seek(0)
    assert sum(seen) == 500_000


def test_a_member_may_be_left_unread(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"x": b"1", "y": b"2"}))
    assert [dump.name[-1] for dump in read_dumps(str(tmp_path / "a.zip"))] == ["x", "y"]


def test_a_file_nobody_may_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "a").chmod(0)
    if os.access(tmp_path / "a", os.R_OK):
        pytest.skip("this user may read everything")
    (dump,) = read_dumps(str(tmp_path / "a"))
    with pytest.raises(DumpError, match="permissions"):
        dump.open()
