"""The folder of files: whole files, inside their folder, errors told apart."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from digestbot.channels import Permanent, SendError, Temporary
from digestbot.channels.file.transport import FileChannel
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.subscriptions import Destination

TO = Destination("file", {"path": "out"})


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[FileChannel]:
    with FileChannel(ChannelSettings(tmp_path)) as channel:
        yield channel


def part(name: str, body: bytes = b"x") -> Part:
    return Part(name, "text/html", body)


def test_folders_are_made_and_bytes_kept(channel: FileChannel, tmp_path: Path) -> None:
    body = bytes(range(256))
    channel.send(part("multilingual/2026-11-21.html", body), TO, key="k")
    assert (tmp_path / "out/multilingual/2026-11-21.html").read_bytes() == body


def test_a_later_version_takes_the_place_and_leaves_nothing_aside(channel: FileChannel, tmp_path: Path) -> None:
    channel.send(part("d.html", b"a longer first one"), TO, key="k1")
    channel.send(part("d.html", b"second"), TO, key="k2")
    assert [(each.name, each.read_bytes()) for each in (tmp_path / "out").iterdir()] == [("d.html", b"second")]


def test_others_may_read_the_file_as_the_umask_says(channel: FileChannel, tmp_path: Path) -> None:
    """A web server serves the folder: a file only its owner can read would be no digest."""
    before = os.umask(0o022)
    try:
        channel.send(part("d.html"), TO, key="k")
    finally:
        os.umask(before)
    assert (tmp_path / "out/d.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "name", ["", "../d.html", "a/../../d.html", "/etc/d.html", "a\\..\\d.html", "a\0b", "a\nb", "\ud800"]
)
def test_g71_a_name_that_leaves_the_folder_is_refused(channel: FileChannel, tmp_path: Path, name: str) -> None:
    with pytest.raises(Permanent):
        channel.send(part(name), TO, key="k")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["", "..", "/elsewhere", "a/../../b"])
def test_g71_a_path_that_leaves_the_working_directory_is_refused(channel: FileChannel, path: str) -> None:
    with pytest.raises(Permanent, match="relative"):
        channel.send(part("d.html"), Destination("file", {"path": path}), key="k")


def test_g71_a_symbolic_link_out_of_the_folder_is_refused_before_anything_is_made(
    channel: FileChannel, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "private").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "private")
    with pytest.raises(Permanent, match="symbolic link"):
        channel.send(part("link/new/d.html"), TO, key="k")
    assert list((tmp_path / "private").iterdir()) == []


def test_a_folder_that_is_itself_a_link_is_where_its_owner_put_it(channel: FileChannel, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    channel.send(part("d.html"), TO, key="k")
    assert (tmp_path / "elsewhere/d.html").read_bytes() == b"x"


def test_a_file_that_is_a_link_is_replaced_and_not_followed(channel: FileChannel, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "out" / "d.html").symlink_to(tmp_path / "precious")
    channel.send(part("d.html"), TO, key="k")
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert not (tmp_path / "out/d.html").is_symlink()


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, Temporary),
        (errno.EDQUOT, Temporary),
        (errno.EIO, Temporary),
        (errno.EACCES, Permanent),
        (errno.EROFS, Permanent),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_error_of_the_disk_leaves_the_old_file_whole(
    channel: FileChannel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[SendError],
    step: str,
) -> None:
    channel.send(part("d.html", b"old"), TO, key="k1")

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(error, match=os.strerror(number)):
        channel.send(part("d.html", b"new"), TO, key="k2")
    assert [(each.name, each.read_bytes()) for each in (tmp_path / "out").iterdir()] == [("d.html", b"old")]


def test_a_file_where_a_folder_should_be_is_permanent(channel: FileChannel, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("not a folder")
    with pytest.raises(Permanent, match="out"):
        channel.send(part("a/d.html"), TO, key="k")
