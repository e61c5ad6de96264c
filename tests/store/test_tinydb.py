"""The TinyDB backend keeps the contract, its files survive, and what is damaged is refused by name."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from tinydb import Query, TinyDB

from digestbot.model.errors import StoreError, UsageError
from digestbot.model.papers import Paper
from digestbot.store import open_store
from digestbot.store.base import Store
from digestbot.store.erasing import Keys
from digestbot.store.tinydb import journal as journal_module
from digestbot.store.tinydb import sealing
from digestbot.store.tinydb import storage as storage_module
from digestbot.store.tinydb import store as store_module
from digestbot.store.tinydb.storage import Database
from digestbot.store.tinydb.version import SCHEMA
from tests.store.contract import Opener, StoreContract
from tests.store.making import LEASE, NOW, delivery, digest, outcome


class TestTinyStore(StoreContract):
    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Iterator[Opener]:
        """Opens the store anew, closing the one before unless it is opened `beside` it."""
        opened: list[Store] = []

        def opener(*, beside: bool = False, read_only: bool = False, keys: Keys = tuple) -> Store:
            if not beside:
                for each in opened:
                    each.close()
            opened.append(open_store("tinydb:data", home=tmp_path, read_only=read_only, keys=keys))
            return opened[-1]

        yield opener
        for each in opened:
            each.close()

    @pytest.fixture
    def store(self, reopen: Opener) -> Store:
        return reopen()

    def test_one_writer_at_a_time(self, reopen: Opener) -> None:
        with reopen(), pytest.raises(StoreError, match="is held by process"):
            reopen(beside=True)


class TestSealedStore(TestTinyStore):
    """The same where nearly all of the log is sealed, three places in a segment."""

    @pytest.fixture(autouse=True)
    def small_segments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sealing, "SEGMENT", 3)


class TestAllSealedStore(TestTinyStore):
    """And where all of it is."""

    @pytest.fixture(autouse=True)
    def small_segments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sealing, "SEGMENT", 1)


def _fill(home: Path, *, folds: bool = False, monkeypatch: pytest.MonkeyPatch | None = None) -> dict[str, Any]:
    """A small store with papers, digests and outcomes; what it says. `folds` begins a generation at each record."""
    if folds and monkeypatch is not None:
        monkeypatch.setattr(storage_module, "_FOLD_AT_LEAST", 0)
    with open_store("tinydb:data", home=home) as store:
        for number in range(3):
            store.merge([Paper(title=f"Paper number {number}", upvotes=number, abstract="x" * 300)], now=NOW)
            record = digest(str(number), window=(number, number + 1), entries=[number + 1])
            store.open_digest(record, [delivery(record, "ada"), delivery(record, "bob")])
        claimed = store.claim(now=NOW, lease=LEASE, limit=3)
        store.record([outcome(each) for each in claimed[:2]])
        return _all(store)


def _all(store: Store) -> dict[str, Any]:
    return {
        "papers": list(store.window(0, store.head())),
        "digests": store.digests(),
        "standing": store.cursor("ml"),
        "deliveries": store.deliveries(),
    }


def _read(home: Path) -> dict[str, Any]:
    with open_store("tinydb:data", home=home) as store:
        return _all(store)


def _files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


@pytest.mark.parametrize("url", ["", "tinydb:", "mysql://root:hunter2@x/y", "data"])
def test_a_url_nobody_understands_is_refused_without_telling_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"DIGESTBOT_STORE.*tinydb:FOLDER") as caught:
        open_store(url, home=tmp_path)
    assert "hunter2" not in str(caught.value)


def test_a_store_that_one_thread_opened_is_let_go_by_another(tmp_path: Path) -> None:
    opened = []
    opening = threading.Thread(target=lambda: opened.append(open_store("tinydb:data", home=tmp_path)))
    opening.start()
    opening.join()
    opened[0].close()
    open_store("tinydb:data", home=tmp_path).close()


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        _fill(tmp_path)
    finally:
        os.umask(before)
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()} == {0o600}


def test_what_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    before_reading = _fill(tmp_path)
    before = _files(tmp_path / "data")
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge([each.paper for each in before_reading["papers"]], now=NOW)
        store.register(["ml"], now=NOW)
        store.open_digest(digest("0"), [])
        store.record([])
        store.claim(now=NOW, lease=LEASE, limit=0)
    with open_store("tinydb:data", home=tmp_path, read_only=True) as reader:
        assert _all(reader) == before_reading
    assert _files(tmp_path / "data") == before


def test_reading_where_no_store_is_makes_none(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path, read_only=True) as store:
        assert (store.head(), store.digests(), store.find("x")) == (0, [], None)
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_between_the_reading_of_papers_and_ledger_harms_no_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it happens: each time that a reader has the papers, some come in and are passed."""
    passed: list[str] = []
    with open_store("tinydb:data", home=tmp_path) as writer:

        class Busy(Database):
            def __init__(self, folder: Path, name: str, *, create: bool, read_only: bool) -> None:
                super().__init__(folder, name, create=create, read_only=read_only)
                if name == "papers":
                    passed.append(str(len(passed)))
                    writer.merge([Paper(title=f"Written meanwhile {passed[-1]}")], now=NOW)
                    writer.open_digest(digest(passed[-1], window=(len(passed) - 1, len(passed))), [])

        monkeypatch.setattr(store_module, "Database", Busy)
        with open_store("tinydb:data", home=tmp_path, read_only=True) as reader:
            assert passed == ["0", "1"]
            assert reader.find("Written meanwhile 0") is not None
            assert reader.digest("ml/0") is not None


def test_every_record_a_new_generation_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = _fill(tmp_path, folds=True, monkeypatch=monkeypatch)
    assert _read(tmp_path) == said
    head = orjson.loads((tmp_path / "data" / "ledger.json").read_bytes())["digestbot"]
    assert head["generation"] >= 4


def test_the_journal_is_folded_when_it_has_grown_and_the_snapshot_is_not_rewritten_each_time(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        for number in range(60):
            papers = [Paper(title=f"Paper {number} {n}", abstract=f"{n:05d}" * 400) for n in range(40)]
            store.merge(papers, now=NOW)
    head = orjson.loads((tmp_path / "data" / "papers.json").read_bytes())["digestbot"]
    assert 2 <= head["generation"] <= 5  # 5 MB of papers: at about 1, 2 and 4 MB


@pytest.mark.parametrize("call", ["replace", "fsync", "fdatasync", "link", "unlink"])
def test_gone_at_any_step_of_making_files_and_generations_it_opens_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The folder as it is before each step of the system's: what a kill -9 there leaves."""
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

    monkeypatch.setattr(storage_module, "_FOLD_AT_LEAST", 2000)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, watched)
        with open_store("tinydb:data", home=home) as store:
            for number in range(8):
                store.merge([Paper(title=f"Paper number {number}", abstract="z" * 900)], now=NOW)
                acknowledged = number + 1
    assert len(moments) > 3
    for copy, heads in moments:
        with open_store("tinydb:data", home=copy) as store:
            assert heads <= store.head() <= heads + 1
            store.merge([Paper(title="And it goes on", abstract="z" * 9000)], now=NOW)
            said = _all(store)
        assert _read(copy) == said


# What is damaged


def _cut(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda data: b"",
    "cut in half": lambda data: data[: len(data.rstrip(b"\0")) // 2],
    "one byte short": lambda data: data.rstrip(b"\0")[:-1],
    "filled with NUL": lambda data: bytes(len(data)),
    "with a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "edited": lambda data: data.replace(b"ml", b"mx", 1),
    "with something added": lambda data: data + b"{}\n",
    "not JSON": lambda data: b"hello\n" + data,
}


@pytest.mark.parametrize("name", ["papers.json", "papers.journal", "ledger.json", "ledger.journal"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: str) -> None:
    """FAULTS A10."""
    _fill(tmp_path, folds=name.endswith(".json"), monkeypatch=monkeypatch)
    path = tmp_path / "data" / name
    data = path.read_bytes()
    damaged = DAMAGES[damage](data)
    if damaged == data:
        damaged = data.replace(b"Paper", b"paper", 1)
    path.write_bytes(damaged)
    with pytest.raises(StoreError) as caught:
        open_store("tinydb:data", home=tmp_path)
    assert name in str(caught.value)
    assert "backup" in str(caught.value) or f"{name}.1" in str(caught.value)
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("name", ["papers.json", "papers.journal", "ledger.json", "ledger.journal"])
@pytest.mark.parametrize("folds", [False, True])
def test_a_missing_file_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, folds: bool
) -> None:
    _fill(tmp_path, folds=folds, monkeypatch=monkeypatch)
    (tmp_path / "data" / name).unlink()
    with pytest.raises(StoreError, match=rf"{name}: is missing"):
        open_store("tinydb:data", home=tmp_path)
    assert not (tmp_path / "data" / name).exists()


@pytest.mark.parametrize("which", ["papers", "ledger"])
def test_a_store_of_which_half_is_gone_is_refused(tmp_path: Path, which: str) -> None:
    _fill(tmp_path)
    for path in (tmp_path / "data").glob(f"{which}.*"):
        path.unlink()
    with pytest.raises(StoreError, match=rf"{which}\.json: is missing"):
        open_store("tinydb:data", home=tmp_path)


@pytest.mark.parametrize("name", ["papers", "ledger"])
def test_the_last_good_generation_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    said = _fill(tmp_path, folds=True, monkeypatch=monkeypatch)
    monkeypatch.undo()
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge([Paper(title="Into the new journal")], now=NOW)
        store.open_digest(digest("later"), [])
        said = _all(store)
    path = tmp_path / "data" / f"{name}.json"
    path.write_bytes(b"")
    with pytest.raises(StoreError, match=rf"cp \S+{name}\.json\.1 \S+{name}\.json loses nothing"):
        open_store("tinydb:data", home=tmp_path)
    shutil.copy(f"{path}.1", path)
    assert _read(tmp_path) == said
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge([Paper(title="And it goes on")], now=NOW)
        said = _all(store)
    assert _read(tmp_path) == said


@pytest.mark.parametrize("name", ["papers.json", "papers.journal"])
def test_a_newer_version_is_refused(tmp_path: Path, name: str) -> None:
    _fill(tmp_path)
    path = tmp_path / "data" / name
    if name.endswith("json"):
        path.write_bytes(path.read_bytes().replace(f'"schema":{SCHEMA}'.encode(), f'"schema":{SCHEMA + 1}'.encode()))
    else:  # a newer version would write a right checksum
        import digestbot.store.tinydb.journal as journal

        payload = f'{{"digestbot":{{"schema":{SCHEMA + 1},"name":"papers"}}}}'.encode()
        line, _ = journal._line("", payload)
        path.write_bytes(line + bytes(100))
    with pytest.raises(StoreError, match=rf"{name}: was written by a newer digestbot .*upgrade"):
        open_store("tinydb:data", home=tmp_path)


def test_files_of_another_store_are_refused(tmp_path: Path) -> None:
    _fill(tmp_path)
    data = tmp_path / "data"
    shutil.copy(data / "papers.journal", data / "ledger.journal")
    with pytest.raises(StoreError, match=r"ledger\.journal: holds 'papers'"):
        open_store("tinydb:data", home=tmp_path)


def test_files_of_two_times_do_not_go_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(tmp_path)
    data = tmp_path / "data"
    old = (data / "ledger.json").read_bytes()
    monkeypatch.setattr(storage_module, "_FOLD_AT_LEAST", 0)
    with open_store("tinydb:data", home=tmp_path) as store:
        for number in range(6):
            store.register([f"{number}" * 400 * 2**number], now=NOW)
    (data / "ledger.json").write_bytes(old)
    with pytest.raises(StoreError, match=r"ledger\.journal\S*: does not belong to ledger\.json"):
        open_store("tinydb:data", home=tmp_path)


def _tables(folder: Path, name: str) -> dict[str, Any]:
    with Database(folder, name, read_only=True) as database:
        return dict(database.storage.read() or {})


def test_a_journal_cut_off_anywhere_is_refused_or_whole(tmp_path: Path) -> None:
    _fill(tmp_path)
    folder = tmp_path / "data"
    said = _tables(folder, "ledger")
    path = folder / "ledger.journal"
    data = path.read_bytes()
    end = len(data.rstrip(b"\0"))
    for length in range(end + 1):
        path.write_bytes(data[:length])
        with pytest.raises(StoreError, match=r"ledger\.journal"):
            _tables(folder, "ledger")
    for length in (end + 1, end + 2, len(data) - 1):
        path.write_bytes(data[:length])
        assert _tables(folder, "ledger") == said


def _read_only(home: Path) -> dict[str, Any]:
    with open_store("tinydb:data", home=home, read_only=True) as store:
        return _all(store)


def test_a_record_torn_by_a_crash_anywhere_is_left_out_and_written_over(tmp_path: Path) -> None:
    """The reserved NULs stand where the record had not reached: nobody was told it is there."""
    said = _fill(tmp_path)
    path = tmp_path / "data" / "ledger.journal"
    before = path.read_bytes()
    end = len(before.rstrip(b"\0"))
    with open_store("tinydb:data", home=tmp_path) as store:
        store.register(["another"], now=NOW)
    after = path.read_bytes()
    last = len(after.rstrip(b"\0"))
    first = before.index(b"\n") + 1  # says where the journal ends, which comes after the record
    after = before[:first] + after[first:]
    for length in range(end, last):
        path.write_bytes(after[:length] + bytes(len(after) - length))
        assert _read_only(tmp_path) == said
        if length % 20 == 0:
            path.write_bytes(after[:end] + bytes(10) + after[end + 10 : last] + bytes(len(after) - last))
            with open_store("tinydb:data", home=tmp_path) as store:
                assert store.cursor("another") is None
                store.register(["b"], now=NOW)
            with open_store("tinydb:data", home=tmp_path) as store:
                assert store.cursor("b") is not None


def test_a_journal_whose_end_turned_into_zeros_is_refused_whatever_the_length(tmp_path: Path) -> None:
    """FAULTS 85: a common end of a power cut. Also on the border of two records, where what is left reads as whole."""
    _fill(tmp_path)
    path = tmp_path / "data" / "ledger.journal"
    data = path.read_bytes()
    for length in range(len(data.rstrip(b"\0"))):
        path.write_bytes(data[:length].ljust(len(data), b"\0"))
        with pytest.raises(StoreError, match=r"ledger\.journal"):
            _tables(tmp_path / "data", "ledger")


def test_a_journal_of_an_earlier_version_that_ends_within_a_record_is_refused(tmp_path: Path) -> None:
    """It did not keep where it ends: what a crash tore looks as what a power cut left."""
    folder = tmp_path / "data"
    folder.mkdir()
    head = {
        "schema": 2,
        "name": "any",
        "generation": 1,
        "follows": "",
        "bytes": 2,
        "checksum": sha256(b"{}").hexdigest(),
    }
    (folder / "any.json").write_bytes(b'{"digestbot":' + orjson.dumps(head) + b',\n"tables":{}}\n')
    first = {"schema": 2, "name": "any", "generation": 1, "snapshot": head["checksum"], "follows": ""}
    line, mark = journal_module._line("", orjson.dumps({"digestbot": first}))
    record, _ = journal_module._line(mark, b'{"t":{"1":{"a":1}}}')
    (folder / "any.journal").write_bytes(line + record + bytes(100))
    assert _tables(folder, "any") == {"t": {"1": {"a": 1}}}
    (folder / "any.journal").write_bytes(line + record + record[:9] + bytes(100))
    with pytest.raises(StoreError, match=r"any\.journal:3: ends within a record"):
        _tables(folder, "any")


def test_a_record_whose_end_was_never_written_down_is_kept(tmp_path: Path) -> None:
    """The process died between the two, or the power went before the second reached the disk."""
    with Database(tmp_path, "any", create=True) as database:
        database.table("t").insert({"a": 1})
        before = (tmp_path / "any.journal").read_bytes()
        database.table("t").insert({"a": 2})
    path = tmp_path / "any.journal"
    first = before.index(b"\n") + 1
    path.write_bytes(before[:first] + path.read_bytes()[first:])
    with Database(tmp_path, "any") as database:
        assert len(database.table("t")) == 2


def test_a_snapshot_cut_off_anywhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(tmp_path, folds=True, monkeypatch=monkeypatch)
    path = tmp_path / "data" / "papers.json"
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(StoreError, match=r"papers\.json"):
            _tables(tmp_path / "data", "papers")


def test_a_damaged_journal_is_refused_with_its_line(tmp_path: Path) -> None:
    _fill(tmp_path)
    path = tmp_path / "data" / "ledger.journal"
    lines = path.read_bytes().split(b"\n")
    lines[4] = lines[4].replace(b"ada", b"eve")
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(StoreError) as caught:
        open_store("tinydb:data", home=tmp_path)
    problem = caught.value.problems[0]
    assert problem.line == 5
    assert "digestbot restore" in str(problem.way_out)


# A disk that is full, or fails


@pytest.mark.parametrize("call", ["write", "fdatasync", "fsync", "replace", "posix_fallocate", "link"])
def test_a_disk_that_fails_at_any_moment_changes_nothing_and_is_usable_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """FAULTS A9: the n-th call fails, for every n that a round of changes makes, halfway where it writes."""
    # A journal that is often begun anew never has to reserve more.
    monkeypatch.setattr(storage_module, "_FOLD_AT_LEAST", 10**6 if call == "posix_fallocate" else 2000)
    real = getattr(os, call)
    failed = 0
    for moment in range(40):
        home = tmp_path / str(moment)
        home.mkdir()
        with open_store("tinydb:data", home=home) as store:
            store.merge([Paper(title="Already there")], now=NOW)
            counted = 0

            def failing(*arguments: Any, moment: int = moment) -> Any:
                nonlocal counted
                counted += 1
                if counted - 1 == moment:
                    if call == "write":
                        real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return real(*arguments)

            for number in range(4):
                before = _all(store)
                record = digest(str(number), window=(min(number, 1), 1), entries=[1])
                with monkeypatch.context() as patch:
                    patch.setattr(os, call, failing)
                    try:
                        store.merge([Paper(title=f"Paper number {number}", abstract="y" * 30_000)], now=NOW)
                        before = _all(store)
                        store.open_digest(record, [delivery(record)])
                    except StoreError as error:
                        failed += 1
                        assert "No space left" in str(error)  # noqa: PT017  it may fail or not
                        assert str(home / "data") in str(error)  # noqa: PT017  it may fail or not
                        assert _all(store) == before
                        assert _read_only(home) == before
                assert _read_only(home) == _all(store)
            store.merge([Paper(title="There is room again")], now=NOW)
            said = _all(store)
        assert _read(home) == said
        if counted <= moment:
            break
    # A generation that cannot be begun is no failure of the call: the journal has it all.
    assert bool(failed) == (call in ("write", "fdatasync", "posix_fallocate"))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="data"):
        open_store("tinydb:data", home=tmp_path)


# TinyDB itself


@pytest.mark.parametrize("new_folder", [False, True])
def test_a_folder_that_is_taken_away_in_use_is_told_and_nothing_is_written_into_thin_air(
    tmp_path: Path, new_folder: bool
) -> None:
    """The open files would take it all the same, and it would be gone with them: everything sent twice later."""
    folder = tmp_path / "data"
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge([Paper(title="Before")], now=NOW)
        folder.rename(tmp_path / "aside")
        if new_folder:  # as whatever else writes into it makes one
            folder.mkdir()
            (folder / "lock").touch()
        with pytest.raises(StoreError, match="data: was taken away while it was in use"):
            store.merge([Paper(title="After")], now=NOW)
        with pytest.raises(StoreError, match="taken away"):
            store.deliveries()
        if new_folder:
            shutil.rmtree(folder)
        (tmp_path / "aside").rename(folder)
        assert store.merge([Paper(title="After")], now=NOW).new == 1
    with open_store("tinydb:data", home=tmp_path) as store:
        assert store.head() == 2


def test_tinydbs_own_operations_work_and_last(tmp_path: Path) -> None:
    with Database(tmp_path, "any", create=True) as database:
        assert isinstance(database, TinyDB)
        table = database.table("t")
        ids = table.insert_multiple([{"n": n, "tags": []} for n in range(5)])
        table.update({"n": 10}, Query().n == 2)
        table.update(lambda document: document["tags"].append("x"), doc_ids=[ids[0]])
        table.remove(Query().n == 3)
        table.upsert({"n": 4, "last": True}, Query().n == 4)
        assert table.upsert({"n": 99}, Query().n == 99) == [6]
        said = table.all()
        database.table("gone").insert({"a": 1})
        database.drop_table("gone")
    with Database(tmp_path, "any") as database:
        assert database.table("t").all() == said
        assert [(each.doc_id, each["n"]) for each in database.table("t")] == [(1, 0), (2, 1), (3, 10), (5, 4), (6, 99)]
        assert database.table("t").get(Query().tags == ["x"]) == {"n": 0, "tags": ["x"]}
        assert database.tables() == {"t"}


def test_changes_together_are_one_record_or_none(tmp_path: Path) -> None:
    with Database(tmp_path, "any", create=True) as database:
        with suppress(KeyError), database.together():
            database.table("a").insert({"x": 1})
            raise KeyError
        assert len(database.table("a")) == 0
        with database.together():
            number = database.table("a").insert({"x": 1})
            database.table("a").update({"x": 2}, doc_ids=[number])
            database.table("b").insert({"y": 1})
        lines = (tmp_path / "any.journal").read_bytes().rstrip(b"\0").splitlines()[1:]
    assert len(lines) == 2
    assert orjson.loads(lines[1][17:]) == {"a": {str(number): {"x": 2}}, "b": {"1": {"y": 1}}}
