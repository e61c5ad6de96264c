"""A watched folder: each file once, and only when it is settled."""

from __future__ import annotations

import os
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digestbot.ingest.sources.base import Memory, Refused
from digestbot.ingest.sources.folder import FolderSource
from tests.ingest.kit import NOW, fetched


def put(path: Path, content: bytes, at: datetime = NOW - timedelta(hours=1)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def names(found: dict[str, bytes | str]) -> list[str]:
    return [Path(name).name for name in found]


def test_each_file_is_given_once_and_again_when_its_content_changes(tmp_path: Path) -> None:
    source, memory = FolderSource("in", tmp_path), Memory()
    put(tmp_path / "a.txt", b"one")
    put(tmp_path / "sub" / "b.txt", b"two")
    put(tmp_path / ".hidden", b"no")
    assert names(fetched(source, memory)) == ["a.txt", "b.txt"]
    assert fetched(source, memory) == {}
    put(tmp_path / "a.txt", b"three", NOW - timedelta(minutes=5))
    assert list(fetched(source, memory).values()) == [b"three"]


def test_a_file_moved_touched_or_copied_is_not_given_again(tmp_path: Path) -> None:
    source, memory = FolderSource("in", tmp_path), Memory()
    put(tmp_path / "a.txt", b"one")
    fetched(source, memory)
    put(tmp_path / "a.txt", b"one", NOW - timedelta(minutes=2))
    put(tmp_path / "copy.txt", b"one")
    assert fetched(source, memory) == {}
    (tmp_path / "copy.txt").rename(tmp_path / "moved.txt")
    assert fetched(source, memory) == {}
    assert set(memory.values["files"]) == {"a.txt", "moved.txt"}


def test_a_file_written_a_moment_ago_waits_until_it_is_settled(tmp_path: Path) -> None:
    source, memory = FolderSource("in", tmp_path), Memory()
    put(tmp_path / "a.txt", b"half", NOW - timedelta(seconds=5))
    assert fetched(source, memory) == {}
    put(tmp_path / "a.txt", b"whole", NOW + timedelta(seconds=10))
    assert fetched(source, memory, NOW + timedelta(seconds=20)) == {}
    assert list(fetched(source, memory, NOW + timedelta(seconds=41)).values()) == [b"whole"]


def test_a_file_from_the_future_settles_by_looking_the_same_twice(tmp_path: Path) -> None:
    source, memory = FolderSource("in", tmp_path), Memory()
    put(tmp_path / "a.txt", b"one", NOW + timedelta(days=400))
    assert fetched(source, memory) == {}
    assert fetched(source, memory, NOW + timedelta(seconds=29)) == {}
    assert names(fetched(source, memory, NOW + timedelta(seconds=30))) == ["a.txt"]


def test_a_damaged_archive_is_told_once_and_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    source, memory = FolderSource("in", tmp_path), Memory()
    with zipfile.ZipFile(tmp_path / "good.zip", "w") as archive:
        archive.writestr("member.txt", "packed")
    put(tmp_path / "good.zip", (tmp_path / "good.zip").read_bytes())
    put(tmp_path / "bad.zip", b"PK\x03\x04 nonsense")
    found = fetched(source, memory)
    assert isinstance(found[str(tmp_path / "bad.zip")], str)
    assert found[str(tmp_path / "good.zip" / "member.txt")] == b"packed"
    assert fetched(source, memory) == {}


def test_what_was_not_asked_past_is_given_again(tmp_path: Path) -> None:
    source, memory = FolderSource("in", tmp_path), Memory()
    put(tmp_path / "a.txt", b"one")
    put(tmp_path / "b.txt", b"two")
    dumps = source.fetch(memory, NOW)
    next(dumps)
    next(dumps)  # the first was merged; the second is being merged when the process dies
    assert set(memory.values["files"]) == {"a.txt"}


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no such folder"):
        fetched(FolderSource("in", tmp_path / "nosuch"), Memory())
