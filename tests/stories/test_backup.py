"""`backup` and `restore`: the data folder is lost, and nobody gets anything twice, nor what is none of theirs."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import Problem, StoreError
from digestbot.model.papers import Paper
from digestbot.store import backup as backups
from digestbot.store import open_store
from digestbot.store.base import Store
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import SmtpServer
from tests.store.making import NOW, delivery, digest
from tests.stories.commands import SAMPLES, Commands

ROOT = Path(__file__).parents[2]
EMBEDDED = pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
EVERYTHING = 'query = "the OR a OR we"\n'
CANARY = "hunter2-canary"


@pytest.fixture
def mailing(run: Commands, smtp_server: Callable[..., SmtpServer]) -> SmtpServer:
    """Two subscribers who got their first digest."""
    server = smtp_server()
    (run.home / ".env").write_text(f"DIGESTBOT_SMTP_URL={server.url(host='127.0.0.1')}\n")
    for name in ("ada", "bob"):
        run.subscribe(name, EVERYTHING + f'[[to]]\nchannel = "email"\naddress = "{name}@example.org"\n')
    run("ingest", SAMPLES[0])
    assert run("send").code == 0
    assert len(server.mails) == 2
    return server


@pytest.fixture
def lose(run: Commands, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Everything that was stored is gone: the data folder, or the database."""

    def gone() -> None:
        shutil.rmtree(run.home / "data", ignore_errors=True)
        if "DIGESTBOT_STORE" in os.environ:
            monkeypatch.setenv("DIGESTBOT_STORE", request.getfixturevalue("postgres").url())

    return gone


@contextmanager
def looked_at(run: Commands) -> Iterator[Store]:
    with open_store(os.environ.get("DIGESTBOT_STORE", "tinydb:data"), home=run.home, read_only=True) as store:
        yield store


def states(run: Commands) -> Counter[DeliveryState]:
    with looked_at(run) as store:
        return Counter(each.state for each in store.deliveries())


def test_the_data_are_lost_put_back_and_nothing_is_sent_twice(
    run: Commands, mailing: SmtpServer, lose: Callable[[], None], tmp_path: Path
) -> None:
    file = tmp_path / "b.tar.gz"
    made = run("backup", file)
    assert made.code == 0, made.err
    assert "read back" in made.out
    lose()
    back = run("restore", file)
    assert back.code == 0, back.err
    assert "2 digests, 2 deliveries" in back.out
    assert states(run) == {DeliveryState.SENT: 2}
    run("ingest", SAMPLES[0])
    assert run("send").code == 0
    assert len(mailing.mails) == 2
    # What is new goes out as ever.
    run("ingest", *SAMPLES)
    assert run("send").code == 0
    assert len(mailing.mails) == 4


def test_a08_what_was_sent_after_the_backup_is_held_and_not_sent_again(
    run: Commands, mailing: SmtpServer, lose: Callable[[], None], tmp_path: Path
) -> None:
    """Some papers had come in before the backup, others after it; all were sent when the store was lost."""
    run("ingest", SAMPLES[1])
    run("backup", tmp_path / "b.tar.gz")
    run("ingest", *SAMPLES[2:])
    assert run("send").code == 0
    assert len(mailing.mails) == 4
    lose()
    back = run("restore", tmp_path / "b.tar.gz")
    assert "2 deliveries are held" in back.out
    assert "who left since then is not in it" in back.err
    run("send")
    assert len(mailing.mails) == 4
    run("ingest", *SAMPLES)
    held = run("restore", "--hold")
    assert held.code == 0, held.err
    assert "4 deliveries are held" in held.out
    run("send")
    assert len(mailing.mails) == 4
    # A human looks, and lets one of them go.
    assert "may have been sent since" in run("outbox", "list").out
    run("outbox", "retry", "email ada@example.org")
    run("send")
    assert len(mailing.mails) == 6


def test_what_sources_bring_again_after_a_restore_is_held_by_itself(
    run: Commands, mailing: SmtpServer, lose: Callable[[], None], tmp_path: Path
) -> None:
    """Nobody has to think of it: the backup does not know the dump, the source still has it, and it was sent."""
    (run.home / "sources.toml").write_text('[incoming]\nkind = "folder"\npath = "in"\n')
    (run.home / "in").mkdir()
    run("backup", tmp_path / "b.tar.gz")
    dump = run.home / "in" / "new.txt"
    dump.write_bytes(SAMPLES[1].read_bytes())
    os.utime(dump, (1_700_000_000, 1_700_000_000))
    assert run("ingest").code == 0
    assert run("send").code == 0
    assert len(mailing.mails) == 4
    lose()
    back = run("restore", tmp_path / "b.tar.gz")
    assert back.code == 0, back.err
    assert "2 deliveries are held" in back.out
    assert run("ingest").code == 0
    assert run("send").code == 0
    assert len(mailing.mails) == 4


def test_a_source_that_cannot_be_fetched_after_a_restore_is_told(
    run: Commands, mailing: SmtpServer, lose: Callable[[], None], tmp_path: Path
) -> None:
    (run.home / "sources.toml").write_text('[gone]\nkind = "folder"\npath = "nowhere"\n')
    run("backup", tmp_path / "b.tar.gz")
    lose()
    back = run("restore", tmp_path / "b.tar.gz")
    assert back.code == 1
    assert "source gone" in back.err
    assert "may be sent again" in back.err
    assert states(run) == {DeliveryState.SENT: 2}
    (run.home / "sources.toml").write_text("[gone]\nkind = 3\n")
    lose()
    assert run("restore", tmp_path / "b.tar.gz").code == 1
    assert states(run) == {DeliveryState.SENT: 2}


def test_a08_what_was_open_at_the_backup_is_held(
    run: Commands, mailing: SmtpServer, lose: Callable[[], None], tmp_path: Path
) -> None:
    mailing.__exit__(None, None, None)  # the mail server is away
    run("ingest", SAMPLES[1])
    assert run("send").code == 1
    assert states(run)[DeliveryState.DEFERRED] == 2
    run("backup", tmp_path / "b.tar.gz")
    lose()
    run("restore", tmp_path / "b.tar.gz")
    assert states(run) == {DeliveryState.SENT: 2, DeliveryState.HELD: 2}


def test_a_bot_that_moves_house_goes_on_as_if_nothing_had_happened(
    run: Commands, mailing: SmtpServer, lose: Callable[[], None], tmp_path: Path
) -> None:
    """--complete: it was stopped before the backup was made. What had not been sent is sent once."""
    run("ingest", SAMPLES[1])
    run("backup", "--with-secrets", tmp_path / "b.tar.gz")
    lose()
    for path in (".env", "subscriptions"):
        shutil.move(run.home / path, tmp_path / path)
    assert run("restore", "--complete", tmp_path / "b.tar.gz").code == 0
    assert (run.home / ".env").stat().st_mode & 0o777 == 0o600
    assert DeliveryState.HELD not in states(run)
    assert run("send").code == 0
    assert len(mailing.mails) == 4


@EMBEDDED
def test_a_backup_of_one_kind_of_store_fills_the_other(
    run: Commands, mailing: SmtpServer, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("backup", tmp_path / "b.tar.gz")
    monkeypatch.setenv("DIGESTBOT_STORE", postgres.url())
    assert run("restore", tmp_path / "b.tar.gz").code == 0
    run("ingest", SAMPLES[0])
    run("send")
    assert len(mailing.mails) == 2


def test_backups_made_while_others_write_are_of_one_moment(
    run: Commands, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No ledger knows of papers that are not in the log, and no delivery is without its digest."""
    with _writing(run):
        for number in range(6):
            made = run("backup", tmp_path / f"{number}.tar.gz")
            assert made.code == 0, made.err
    heads = []
    for number in range(6):
        home = tmp_path / f"home-{number}"
        home.mkdir()
        place = postgres.url() if "DIGESTBOT_STORE" in os.environ else "tinydb:data"
        with monkeypatch.context() as patch:
            patch.setenv("DIGESTBOT_STORE", place)
            assert Commands(home, run.capture)("restore", tmp_path / f"{number}.tar.gz").code == 0
        with open_store(place, home=home, read_only=True) as store:
            cursor = store.cursor("ml")
            assert cursor is not None
            assert (cursor.position or 0) <= store.head()
            assert {each.digest for each in store.deliveries()} == {each.key for each in store.digests()}
            heads.append(store.head())
    assert heads == sorted(heads)
    assert heads[0] < heads[-1]


@contextmanager
def _writing(run: Commands) -> Iterator[None]:
    """Somebody merges and opens all the time: with TinyDB another process, which begins new generations often."""
    if "DIGESTBOT_STORE" not in os.environ:
        command = [sys.executable, "-m", "tests.store.writer", str(run.home), "run"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("sent"):
                    break
            drain = threading.Thread(target=process.stdout.read)
            drain.start()
            yield
            process.kill()
            drain.join()
        return
    stop, begun = threading.Event(), threading.Event()

    def write() -> None:
        with open_store(os.environ["DIGESTBOT_STORE"], home=run.home) as store:
            number = 0
            while not stop.is_set():
                store.merge([Paper(title=f"Paper {number} {n}") for n in range(3)], now=NOW)
                cursor = store.cursor("ml")
                record = digest(f"{number}", window=((cursor and cursor.position) or 0, store.head()))
                store.open_digest(record, [delivery(record, "ada"), delivery(record, "bob")])
                begun.set()
                number += 1

    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_restore_that_was_interrupted_is_refused_until_it_is_done(
    run: Commands, mailing: SmtpServer, lose: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("ingest", SAMPLES[1])
    run("backup", tmp_path / "b.tar.gz")
    lose()
    with monkeypatch.context() as patch:

        def broken(*_: object) -> None:
            raise StoreError(Problem("the lights went out"))

        patch.setattr(backups, "move", broken)
        assert run("restore", tmp_path / "b.tar.gz").code == 1
    refused = run("send")
    assert refused.code == 1
    assert f"finish it: digestbot restore {tmp_path}/b.tar.gz" in refused.err
    assert run("restore", tmp_path / "b.tar.gz").code == 0
    assert states(run) == {DeliveryState.SENT: 2, DeliveryState.HELD: 2}
    assert len(mailing.mails) == 2


def _cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def _edited(whole: bytes) -> bytes:
    return gzip.compress(gzip.decompress(whole).replace(b"ada@example.org", b"eve@example.org"))


def _with_a_way_out(whole: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("files/../../escaped"))
    return packed.getvalue()


def _with_a_link(whole: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        info = tarfile.TarInfo("manifest.json")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    return packed.getvalue()


@EMBEDDED
@pytest.mark.parametrize("damage", [_cut, _edited, _with_a_way_out, _with_a_link, lambda _: b"", lambda _: b"x" * 999])
def test_what_is_no_whole_backup_is_refused_and_nothing_is_touched(
    run: Commands, mailing: SmtpServer, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / "b.tar.gz"
    run("backup", file)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    shutil.rmtree(run.home / "data", ignore_errors=True)
    before = sorted(run.home.rglob("*"))
    refused = run("restore", file)
    assert refused.code == 1
    assert "is no whole backup" in refused.err
    assert sorted(run.home.rglob("*")) == before
    assert not (tmp_path / "escaped").exists()


def test_a_store_that_holds_something_is_never_mixed_with_a_backup(
    run: Commands, mailing: SmtpServer, tmp_path: Path
) -> None:
    run("backup", tmp_path / "b.tar.gz")
    before = run.files()
    refused = run("restore", tmp_path / "b.tar.gz")
    assert refused.code == 1
    assert "holds something already" in refused.err
    after = run.files()
    assert all(after[name] == data for name, data in before.items() if not name.startswith("lock"))


@EMBEDDED
def test_a_backup_holds_no_secret_unless_it_is_asked_to(run: Commands, mailing: SmtpServer, tmp_path: Path) -> None:
    with (run.home / ".env").open("a") as env:
        env.write(f"DIGESTBOT_TO_LAB=https://hooks.example.org/{CANARY}\n")
    for name, options in (("without", []), ("with", ["--with-secrets"])):
        file = tmp_path / name
        assert run("backup", *options, file).code == 0
        assert file.stat().st_mode & 0o777 == 0o600
        assert (CANARY.encode() in gzip.decompress(file.read_bytes())) is bool(options)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".backup")]


@EMBEDDED
def test_a_backup_never_takes_the_place_of_another_file(run: Commands, mailing: SmtpServer, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    assert "is there already" in run("backup", tmp_path / "b").err
    assert (tmp_path / "b").read_text() == "mine"
    assert run("backup", tmp_path / "no" / "folder").code == 1


@EMBEDDED
@pytest.mark.parametrize("arguments", [["--complete"], ["--hold", "b.tar.gz"], ["--complete", "--hold"]])
def test_options_that_do_not_go_together_are_told(run: Commands, arguments: list[str]) -> None:
    assert run("restore", *arguments).code == 2
