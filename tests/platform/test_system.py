"""Where systems differ: in one module, and each fallback tried by taking away what it stands in for."""

from __future__ import annotations

import ast
import asyncio
import errno
import os
import re
import select
import signal
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from digestbot.bounces.mailbox import Maildir
from digestbot.channels import Permanent
from digestbot.channels.file.transport import FileChannel
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.subscriptions import Destination
from digestbot.platform import system
from digestbot.rules.parser import parse
from digestbot.web.answers import CountQuestion
from digestbot.web.search_process import SearchProcess
from tests.house import MODULES, PACKAGE, imports
from tests.platform import elsewhere

POSIX_MODULES = {*elsewhere.MODULES, "msvcrt", "posix", "pty", "select", "signal", "syslog", "tty", "winreg"}
POSIX_CALLS = "chmod|fchmod|fsync|getloadavg|kill|killpg|mkfifo|name|setsid|sysconf|umask"
POSIX_NAMES = re.compile(
    rf"os\.({'|'.join(elsewhere.CALLS)}|{POSIX_CALLS}|O_(?!RDONLY|WRONLY|RDWR|CREAT|EXCL|TRUNC)\w+)"
    r"|sys\.(platform|getwindowsversion)|platform\.system|socket\.(AF_UNIX|SO_\w+|socketpair|MSG_\w+|fromshare)"
    r"|\w*\.(add_signal_handler|chmod)|pass_fds"
)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "digestbot.platform.system"])
def test_no_other_module_asks_what_the_system_is(name: str) -> None:
    _, tree = MODULES[name]
    assert not POSIX_MODULES & set(imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            said = f"{node.value.id if isinstance(node.value, ast.Name) else ''}.{node.attr}"
            assert POSIX_NAMES.fullmatch(said) is None, f"line {node.lineno}: {said}"
        if isinstance(node, ast.keyword) and node.arg is not None:
            assert POSIX_NAMES.fullmatch(node.arg) is None, f"line {node.lineno}: {node.arg}"


# The whole of it: a first hour on a system that lacks all of them at once


def run(folder: Path, *words: str, code: int = 0) -> str:
    environ = {
        name: value for name, value in os.environ.items() if name not in ("USER", "LOGNAME", "LNAME", "USERNAME")
    }
    environ |= {
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONWARNDEFAULTENCODING": "1",
        "PYTHONIOENCODING": "cp1252",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        [sys.executable, elsewhere.__file__, *words], cwd=folder, env=environ, capture_output=True, check=False
    )
    told = (done.stdout + done.stderr).decode("cp1252")
    assert done.returncode == code, told
    return told


def test_a_first_hour_where_the_system_lacks_what_linux_has(tmp_path: Path) -> None:
    assert "Your first digest" in run(tmp_path, "init", "own", "--yes", "--interests", "translation", "--to", "out")
    dump = tmp_path / "day.jsonl"
    dump.write_text(
        '{"title": "Multilingual models \\u2260 monolingual ones", "abstract": "Words."}\n', encoding="utf-8"
    )
    (tmp_path / "own" / "subscriptions" / "con.toml").write_text(
        'cadence = "instant"\nfirst_run = "last 7 days"\nquery = "*"\n[[to]]\nchannel = "file"\npath = "folder"\n',
        encoding="utf-8",
    )
    assert "1 new" in run(tmp_path, "--home", "own", "ingest", "day.jsonl")
    assert "sent" in run(tmp_path, "--home", "own", "send")
    written = [path.parent.name for path in (tmp_path / "own" / "folder").rglob("*.html")]
    assert [name.startswith("x_") for name in written] == [True]  # `con` names no folder on Windows
    assert "nothing new" in run(tmp_path, "--home", "own", "send")
    assert "\\u2260" in run(tmp_path, "--home", "own", "match", "multilingual")
    assert "1 entries in the paper log" in run(tmp_path, "--home", "own", "status")
    assert "read back" in run(tmp_path, "--home", "own", "backup", "saved.tgz")
    (tmp_path / "fresh").mkdir()
    run(tmp_path, "--home", "fresh", "restore", "saved.tgz")
    assert "1 entries in the paper log" in run(tmp_path, "--home", "fresh", "status")


# One by one


def opened(tmp_path: Path, data: bytes = b"0123456789") -> int:
    path = tmp_path / "file"
    path.write_bytes(data)
    return system.open_file(path, os.O_RDWR)


@pytest.mark.parametrize("lacking", [(), ("pread", "pwrite")])
def test_places_of_a_file_are_read_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: tuple[str, ...]
) -> None:
    for name in lacking:
        monkeypatch.delattr(os, name)
    descriptor = opened(tmp_path)
    assert system.read_at(descriptor, 3, 4) == b"456"
    assert system.write_at(descriptor, b"xy", 1) == 2
    assert system.read_at(descriptor, 99, 0) == b"0xy3456789"
    os.close(descriptor)


@pytest.mark.parametrize("lacking", [(), ("posix_fallocate",)])
def test_room_is_reserved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: tuple[str, ...]) -> None:
    for name in lacking:
        monkeypatch.delattr(os, name)
    descriptor = opened(tmp_path, b"ab")
    system.reserve(descriptor, 2, 3)
    os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == b"ab\0\0\0"


@pytest.mark.parametrize(
    ("data_only", "lacking", "drive", "expected"),
    [
        (False, (), "none", ["fsync"]),
        (True, (), "none", ["fdatasync"]),
        (True, ("fdatasync",), "none", ["fsync"]),  # Windows
        (False, ("fdatasync",), "flushes", ["F_FULLFSYNC"]),  # macOS
        (True, ("fdatasync",), "flushes", ["F_FULLFSYNC"]),
        (True, ("fdatasync",), "refuses", ["F_FULLFSYNC", "fsync"]),  # a share that macOS mounted
    ],
)
def test_what_is_written_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_only: bool, lacking: tuple[str, ...], drive: str,
    expected: list[str],
) -> None:  # fmt: skip
    called: list[str] = []

    def flush(descriptor: int, command: int) -> None:
        called.append({51: "F_FULLFSYNC"}[command])
        if drive == "refuses":
            raise OSError(errno.ENOTSUP, "not supported")

    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, lambda _, name=name: called.append(name))
    for name in lacking:
        monkeypatch.delattr(os, name)
    has = {"F_FULLFSYNC": 51, "fcntl": flush} if drive != "none" else {}
    monkeypatch.setattr(system, "fcntl", SimpleNamespace(**has))
    (system.sync_data if data_only else system.sync)(3)
    assert called == expected


def test_a_folder_that_cannot_be_opened_is_synced_by_the_system_and_on_linux_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", lambda path, *_: elsewhere.refuse(path))
    with pytest.raises(PermissionError):
        system.sync_folder(tmp_path)
    monkeypatch.delattr(os, "geteuid")
    system.sync_folder(tmp_path)


def test_who_runs_this_and_who_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"")
    path.chmod(0o644)
    assert system.others_may_read(path)
    assert not system.mounted_read_only(path)
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.delattr(os, "geteuid")
    monkeypatch.delattr(os, "statvfs")
    monkeypatch.setattr(system, "pwd", None)
    assert system.user() == "ada"
    assert not system.others_may_read(path)  # 0o666 is what Windows says of every file
    assert not system.mounted_read_only(path)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "pwd", None)
    assert system.user() == "this user"


def test_what_a_process_may_take_where_nothing_bounds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "resource", None)
    monkeypatch.delattr(os, "nice")
    assert system.open_files() == 512
    system.bound_memory(1)
    system.give_way(10)


def test_a_bound_of_memory_that_the_system_refuses_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("current limit exceeds maximum limit")

    has = {"RLIMIT_AS": 9, "setrlimit": refuse, "getrlimit": lambda _: (-1, -1)}
    monkeypatch.setattr(system, "resource", SimpleNamespace(**has))
    system.bound_memory(1 << 30)


@pytest.mark.parametrize("polls", [True, False])
def test_whether_a_connection_says_something(monkeypatch: pytest.MonkeyPatch, polls: bool) -> None:
    if not polls:
        monkeypatch.delattr(select, "poll")
    ours, its = socket.socketpair()
    with ours:
        with its:
            assert not system.says_something(ours.fileno())
            its.sendall(b"x")
            assert system.says_something(ours.fileno())
            assert ours.recv(1) == b"x"
        assert system.says_something(ours.fileno())  # its end


def test_an_address_is_taken_up_at_once_and_by_nobody_beside_us(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listening:
        system.exclusively(listening)
        assert listening.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 1
    with socket.socket() as listening:
        monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_KEEPALIVE, raising=False)
        system.exclusively(listening)
        assert listening.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0
        assert listening.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


@pytest.mark.parametrize("handles", [True, False])
def test_a_loop_hears_that_it_is_to_stop(monkeypatch: pytest.MonkeyPatch, handles: bool) -> None:
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]

    async def told() -> str:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        if not handles:
            monkeypatch.setattr(loop, "add_signal_handler", elsewhere.no_handler)
        system.when_stopped_in(loop, stopped.set)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stopped.wait(), 60)
        return "stopped"

    try:
        assert asyncio.run(told()) == "stopped"
    finally:
        for number, handler in before:
            signal.signal(number, handler)


@pytest.mark.parametrize("hands_over", [True, False])
def test_the_process_that_searches_is_reached(monkeypatch: pytest.MonkeyPatch, hands_over: bool) -> None:
    """Where no open socket is handed to a process, it comes back for it."""
    if not hands_over:
        monkeypatch.delattr(os, "fork")
    process = SearchProcess()
    try:
        process.hand_over([], 0)
        question = CountQuestion({"all": parse("*").root}, date(2026, 11, 23), 60)
        assert process.ask(question, 60, lambda: False) == {"all": 0}
    finally:
        process.end()


def test_who_does_not_know_the_word_gets_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    intruder = (
        "import socket, sys, time; at = ('127.0.0.1', int(sys.argv[1][1:])); word = sys.stdin.buffer.read();"
        " bad = socket.create_connection(at); bad.sendall(bytes(32)); assert bad.recv(1) == b'';"
        " good = socket.create_connection(at); good.sendall(word); good.recv(1)"
    )
    process, connection = system.start_connected([sys.executable, "-c", intruder], dict(os.environ), 60)
    with connection:
        pass
    assert process.wait(60) == 0


def test_where_a_colon_names_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "COLONS", False)
    box = Maildir(tmp_path / "box")
    box.put(b"mail")
    (mail,) = box.unread()
    box.done(mail)
    assert [path.name.endswith("!2,S") for path in (tmp_path / "box" / "cur").iterdir()] == [True]
    assert list(box.unread()) == []
    with FileChannel(ChannelSettings(tmp_path)) as channel:
        for path, name in (("C:", "d.html"), ("out", "d.html:hidden")):
            with pytest.raises(Permanent):
                channel.send(Part(name, "text/html", b"x"), Destination("file", {"path": path}), key="k")


@pytest.mark.slow
@pytest.mark.parametrize("other", ["win32", "darwin"])
def test_types_hold_where_the_system_is_another(tmp_path: Path, other: str) -> None:
    """What that system's Python lacks is an error to mypy."""
    command = [sys.executable, "-m", "mypy", "--platform", other, "--cache-dir", str(tmp_path), "-p", "digestbot"]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
