"""The paper log in segments: found through the index, killed at any step, full disks, damage by name, mended."""

from __future__ import annotations

import errno
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from digestbot.cli.main import main
from digestbot.model.errors import StoreError
from digestbot.model.papers import Paper
from digestbot.store import open_store
from digestbot.store.base import Store
from digestbot.store.tinydb import sealing
from digestbot.store.tinydb import storage as storage_module
from digestbot.store.tinydb.segment_index import SegmentIndex, hashed
from digestbot.store.tinydb.segment_index import write as write_index
from tests.store.making import NOW, delivery, digest, later


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SEGMENT", 4)


def papers(*numbers: int, upvotes: int = 1) -> list[Paper]:
    return [
        Paper(title=f"Tides over mudflat {n}", abstract="z" * 300, upvotes=upvotes, ids={"arxiv": f"2401.{n:05}"})
        for n in numbers
    ]


def sealed_files(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "data").glob("papers.*-*.*"))


def said(store: Store) -> list[tuple[int, str, Paper]]:
    return [(each.sequence, each.key, each.paper) for each in store.window(0, store.head())]


def command(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *arguments])
    return int(ended.value.code or 0)


def test_papers_are_sealed_as_they_fill_segments_and_the_rest_stays_open(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge(papers(*range(1, 11)), now=NOW)
        assert sealed_files(tmp_path) == ["papers.1-4.segment", "papers.1-8.index", "papers.5-8.segment"]
        assert store.merge(papers(*range(1, 11)), now=NOW).duplicate == 10
    with storage_module.Database(tmp_path / "data", "papers", read_only=True) as database:
        assert sorted(each.doc_id for each in database.table("log")) == [9, 10]


def test_a_work_goes_on_through_segments(tmp_path: Path) -> None:
    """Its newest place counts, its old ones stand, and it is found by all it was ever known by."""
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge(papers(*range(1, 9)), now=NOW)
        store.merge([Paper(title="Tides, renamed", ids={"arxiv": "2401.00002"}, upvotes=5)], now=later(1))
        store.merge(papers(*range(20, 27)), now=later(2))
        store.merge([Paper(title="Tides, renamed", url="https://example.org/tides")], now=later(3))
        store.merge(papers(30, 31, 32, 33), now=later(4))
    for read_only in (False, True):
        with open_store("tinydb:data", home=tmp_path, read_only=read_only) as store:
            assert len(sealed_files(tmp_path)) > 4
            assert [each.sequence for each in store.window(0, 20)][:8] == [1, 3, 4, 5, 6, 7, 8, 9]
            assert [each.sequence for each in store.window(0, 8)] == [1, 2, 3, 4, 5, 6, 7, 8]
            assert store.logged([2])[2].paper.upvotes == 1
            found = [store.find(each) for each in ("2401.00002", "tides renamed", "Tides over mudflat 2")]
            assert [each and (each.sequence, each.paper.url) for each in found] == [
                (9, "https://example.org/tides")
            ] * 3


def test_works_that_turn_out_to_be_one_are_one_in_every_window(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge([Paper(title="The preprint's title", ids={"arxiv": "2401.00099"})], now=NOW)
        store.merge(papers(*range(1, 6)), now=NOW)
        store.merge([Paper(title="The journal's title", ids={"doi": "10.1/j"})], now=NOW)
        store.merge(papers(6, 7), now=NOW)
        both = Paper(title="The journal's title", ids={"doi": "10.1/j", "arxiv": "2401.00099"})
        assert store.merge([both], now=NOW).updated == 1
        store.merge(papers(*range(10, 20)), now=NOW)
    with open_store("tinydb:data", home=tmp_path) as store:
        keys = [each.key for each in store.window(0, store.head())]
        assert len(keys) == len(set(keys)) == 18
        assert [each.key for each in store.window(6, 7)] == ["arxiv:2401.00099"]
        assert [each.sequence for each in store.window(0, 9)] == [2, 3, 4, 5, 6, 7, 8, 9]
        found = store.find("10.1/j")
        assert found is not None
        assert (found.key, found.sequence) == ("arxiv:2401.00099", 10)


def test_two_names_with_one_hash_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However unlikely: what the index finds is looked at before it is believed."""
    monkeypatch.setattr("digestbot.store.tinydb.sealed_log.hashed", lambda kind, name: 7)
    with open_store("tinydb:data", home=tmp_path) as store:
        assert store.merge(papers(*range(1, 9)), now=NOW).new == 8
        assert store.merge(papers(*range(1, 13)), now=NOW).new == 4
        found = store.find("2401.00003")
        assert found is not None
        assert found.sequence == 3


def test_an_index_of_many_entries_gives_all_that_was_put_under_a_hash(tmp_path: Path) -> None:
    first = write_index(tmp_path, 1, 9, [(number * 1000, number) for number in range(3000)], [])
    older = SegmentIndex(tmp_path, first)
    assert [list(older.find(number * 1000)) for number in (0, 1, 1234, 2999)] == [[0], [1], [1234], [2999]]
    assert list(older.find(1)) == list(older.find(2_999_001)) == []
    second = write_index(tmp_path, 1, 20, [(5000, 9000 + n) for n in range(700)] + [(5001, 3)], [older])
    both = SegmentIndex(tmp_path, second)
    assert sorted(both.find(5000)) == [5, *range(9000, 9700)]
    assert (list(both.find(5001)), list(both.find(6000))) == ([3], [6])
    assert hashed("i", "arxiv:1") != hashed("t", "arxiv:1")


@pytest.mark.parametrize("call", ["replace", "fsync", "fdatasync", "unlink", "link"])
def test_gone_at_any_step_of_sealing_it_opens_again_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    moments: list[tuple[Path, int]] = []
    acknowledged = 0
    real = getattr(os, call)

    def watched(*arguments: Any, **options: Any) -> Any:
        copy = tmp_path / f"copy {len(moments)}"
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("lock*"))
        moments.append((copy, acknowledged))
        return real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, watched)
        with open_store("tinydb:data", home=home) as store:
            for number in range(9):
                store.merge(papers(2 * number, 2 * number + 1), now=NOW)
                acknowledged = 2 * number + 2
    assert len(moments) > 3
    for copy, heads in moments:
        with open_store("tinydb:data", home=copy) as store:
            assert heads <= store.head() <= heads + 2
            assert [place for place, _, _ in said(store)] == list(range(1, store.head() + 1))
            store.merge(papers(*range(100, 110)), now=NOW)
            before = said(store)
        with open_store("tinydb:data", home=copy) as store:
            assert said(store) == before
            assert store.merge(papers(*range(heads)), now=NOW).duplicate == heads


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_disk_that_is_full_at_any_moment_of_sealing_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    real = getattr(os, call)
    for moment in range(60):
        home = tmp_path / f"{moment}"
        home.mkdir()
        with open_store("tinydb:data", home=home) as store:
            counted = 0

            def failing(*arguments: Any, moment: int = moment) -> Any:
                nonlocal counted
                counted += 1
                if counted > moment:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return real(*arguments)

            there: list[Paper] = []
            with monkeypatch.context() as patch:
                patch.setattr(os, call, failing)
                for number in range(5):
                    try:
                        store.merge(papers(3 * number, 3 * number + 1, 3 * number + 2), now=NOW)
                        there += papers(3 * number, 3 * number + 1, 3 * number + 2)
                    except StoreError:
                        pass
            assert [paper for _, _, paper in said(store)] == there
            store.merge(papers(*range(50, 60)), now=NOW)
            before = said(store)
        with open_store("tinydb:data", home=home) as store:
            assert said(store) == before
        if counted <= moment:
            break
    assert moment > 5


# From the files of an earlier version, which kept all papers in one piece


@pytest.fixture
def in_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, Paper]]:
    """A store whose papers are all in one piece, in files of the version before, and what it says."""
    with monkeypatch.context() as before:
        before.setattr(sealing, "SEGMENT", 10**9)
        for module in ("snapshot", "journal", "generations", "version"):
            before.setattr(f"digestbot.store.tinydb.{module}.SCHEMA", 3)
        with open_store("tinydb:data", home=tmp_path / "old") as store:
            store.merge(papers(*range(18)), now=NOW)
            store.merge(papers(3, 4, upvotes=9), now=NOW)
            store.merge([Paper(title="Tides over mudflat 5", url="https://example.org/5")], now=NOW)
            record = digest("1", window=(0, 20), entries=[1, 2])
            store.open_digest(record, [delivery(record)])
            return said(store)


def test_papers_in_one_piece_are_sealed_when_a_writer_first_opens_them(
    tmp_path: Path, in_one_piece: list[tuple[int, str, Paper]]
) -> None:
    home = tmp_path / "old"
    assert b'"schema":3' in (home / "data" / "papers.json").read_bytes()
    with open_store("tinydb:data", home=home, read_only=True) as store:
        assert said(store) == in_one_piece
    assert sealed_files(home) == []
    with open_store("tinydb:data", home=home) as store:
        assert said(store) == in_one_piece
        assert [name for name in sealed_files(home) if name.endswith("segment")] == [
            "papers.1-4.segment",
            "papers.13-16.segment",
            "papers.17-20.segment",
            "papers.5-8.segment",
            "papers.9-12.segment",
        ]
        found = store.find("2401.00005")
        assert found is not None
        assert found.paper.url == "https://example.org/5"
        assert store.delivered("ml") == {"arxiv:2401.00000", "arxiv:2401.00001"}
        assert store.merge(papers(*range(18), upvotes=9), now=NOW).updated == 16


@pytest.mark.parametrize("call", ["replace", "fsync", "fdatasync", "link"])
def test_killed_at_any_step_of_that_it_starts_again_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_piece: list[tuple[int, str, Paper]], call: str
) -> None:
    home = tmp_path / "old"
    moments: list[Path] = []
    real = getattr(os, call)

    def watched(*arguments: Any, **options: Any) -> Any:
        moments.append(tmp_path / f"copy {len(moments)}")
        shutil.copytree(home, moments[-1], ignore=shutil.ignore_patterns("lock*"))
        return real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, watched)
        open_store("tinydb:data", home=home).close()
    assert len(moments) > 1
    for copy in moments:
        with open_store("tinydb:data", home=copy, read_only=True) as store:
            assert said(store) == in_one_piece
        with open_store("tinydb:data", home=copy) as store:
            assert said(store) == in_one_piece
            assert len(sealed_files(copy)) >= 6


# Damage


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store of three segments and two open papers, of which a digest shows some."""
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge(papers(*range(12)), now=NOW)
        store.merge([Paper(title="Tides over mudflat 1", url="https://example.org/1")], now=NOW)
        store.merge(papers(20, 21), now=NOW)
        record = digest("1", window=(0, 14), entries=[2, 6, 14])
        store.open_digest(record, [delivery(record)])
    return tmp_path


def readable(home: Path) -> tuple[list[tuple[int, str, Paper]], object]:
    """All places, and what is found by names."""
    with open_store("tinydb:data", home=home, read_only=True) as store:
        found = [store.find(f"2401.{n:05}") for n in range(22)]
        return said(store), (found, store.delivered("ml"))


def test_a_byte_changed_anywhere_in_a_sealed_file_is_refused_by_name_or_harmless(home: Path) -> None:
    before = readable(home)
    refused = 0
    for name in sealed_files(home):
        path = home / "data" / name
        data = path.read_bytes()
        for at in range(0, len(data), 7):
            path.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
            try:
                assert readable(home) == before
            except StoreError as error:
                assert name in str(error)  # noqa: PT017  it may be harmless
                assert "digestbot restore" in str(error) or "newer" in str(error)  # noqa: PT017
                refused += 1
        path.write_bytes(data)
    assert refused > 100


@pytest.mark.parametrize("kind", ["segment", "index"])
@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-1], lambda data: data + b"x", None])
def test_a_sealed_file_that_is_missing_or_of_another_length_is_refused_at_once(
    home: Path, kind: str, damage: Callable[[bytes], bytes] | None
) -> None:
    name = next(name for name in sealed_files(home) if name.endswith(kind))
    path = home / "data" / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StoreError, match=rf"{name}: (is missing|was cut off or edited).*digestbot restore"):
        open_store("tinydb:data", home=home)


def test_a_segment_of_another_store_is_refused(home: Path, tmp_path: Path) -> None:
    """Whole in itself, and of the right size."""
    with open_store("tinydb:data", home=tmp_path / "other") as store:
        store.merge(papers(*range(50, 54)), now=NOW)
    path = home / "data" / "papers.1-4.segment"
    other = (tmp_path / "other" / "data" / path.name).read_bytes()
    path.write_bytes(other[: path.stat().st_size].ljust(path.stat().st_size, b"\0"))
    with pytest.raises(StoreError, match=r"papers\.1-4\.segment"):
        readable(home)


def test_a_damaged_index_is_made_anew_and_nothing_is_lost(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = readable(home)
    index = next(path for path in (home / "data").glob("*.index"))
    index.write_bytes(b"")
    assert command(home, "restore") == 0
    assert readable(home) == before
    assert "lost" not in capsys.readouterr().err


def test_of_a_damaged_segment_all_that_can_be_read_is_kept_and_what_shows_the_rest_is_held(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "data" / "papers.5-8.segment"
    data = bytearray(path.read_bytes())
    start = data.index(b"\n") + 1
    data[start + 5] ^= 1  # in the block of its papers
    path.write_bytes(data)
    assert command(home, "restore") == 0
    assert "papers of the log are lost" in capsys.readouterr().err
    with open_store("tinydb:data", home=home) as store:
        assert [place for place, _, _ in said(store)] == [1, 2, 3, 4, 9, 10, 11, 12, 13, 14]
        assert (store.head(), store.logged([5, 6]), store.find("2401.00005")) == (14, {}, None)
        (record,) = store.digests()
        assert [entry.sequence for entry in record.entries] == [2, 14]
        (held,) = store.deliveries()
        assert held.state.value == "held"
        assert store.delivered("ml") == {"arxiv:2401.00001", "arxiv:2401.00021"}
        again = store.merge(papers(*range(12)), now=NOW)
        assert (again.new, again.duplicate) == (4, 8)
    assert command(home, "restore") == 0
    assert "nothing is damaged" in capsys.readouterr().err


def test_a_segment_that_nobody_lists_any_more_gives_what_a_journal_lost(home: Path) -> None:
    """The newest generation is gone, and the journal of the papers that were sealed with it."""
    before = readable(home)
    for name in ("papers.json", "papers.journal.1"):
        (home / "data" / name).write_bytes(b"")
    assert command(home, "restore") == 0
    with open_store("tinydb:data", home=home) as store:
        there = [place for place, _, _ in said(store)]
        assert there[:12] == list(range(1, 13))
        assert said(store)[:12] == before[0][:12]


def test_gone_at_any_step_of_mending_it_is_refused_or_whole_and_may_be_repeated(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = next(path for path in (home / "data").glob("*.index"))
    before = readable(home)
    index.write_bytes(bytes(10))
    shutil.copytree(home / "data", tmp_path / "damaged")
    real = os.replace
    for step in range(99):
        shutil.rmtree(home / "data")
        shutil.copytree(tmp_path / "damaged", home / "data")
        left = step

        def replace(old: Path, new: Path) -> None:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            real(old, new)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", replace)
            code = command(home, "restore")
        if code == 0:
            break
        try:
            assert readable(home) == before
        except StoreError:
            assert command(home, "restore") == 0
        assert readable(home) == before
    assert step > 8


def test_a_reader_goes_on_while_a_writer_seals(home: Path) -> None:
    """What it has open is its own, also where the index on the disk is another one by now."""
    with open_store("tinydb:data", home=home, read_only=True) as reader:
        before = said(reader)
        with open_store("tinydb:data", home=home) as writer:
            window: Iterator[Any] = writer.window(0, writer.head())
            first = next(window)
            writer.merge(papers(*range(40, 60)), now=NOW)
            assert [first.sequence, *(each.sequence for each in window)] == [place for place, _, _ in before]
        assert said(reader) == before
        found = reader.find("2401.00007")
        assert found is not None
        assert found.sequence == 8


def test_what_a_block_decompresses_to_is_checked_before_it_is_decompressed(home: Path) -> None:
    """Whoever writes a block of their own is refused for the head's checksum."""
    path = home / "data" / "papers.1-4.segment"
    data = path.read_bytes()
    start = data.index(b"\n") + 1
    fake = zlib.compress(b"[]")
    path.write_bytes(data[:start] + fake + data[start + len(fake) :])
    with pytest.raises(StoreError, match=r"papers\.1-4\.segment: is damaged"):
        readable(home)
