"""Where operating systems differ: what Windows or macOS lack of Linux, and what is done there instead.

No other module asks what the system is, imports what only some have, or calls of ``os`` what is not everywhere
(tests/platform/test_system.py holds it, and tries each fallback by taking away what it stands in for).
"""

from __future__ import annotations

import io
import os
import re
import signal
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    import socket
    import subprocess
    from multiprocessing.connection import Connection
    from pathlib import Path

pwd: ModuleType | None
resource: ModuleType | None
fcntl: ModuleType | None
try:
    import fcntl
    import pwd
    import resource
except ImportError:  # Windows
    fcntl = pwd = resource = None

RESERVED_NAMES = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
"""No names of files on Windows; they are written nowhere, so that a folder may be carried there."""
COLONS = os.name != "nt"
"""Whether the name of a file may hold a colon; on Windows it ends a drive's letter, or begins a stream."""
NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
"""The flag by which no symbolic link is opened, where there is one."""
_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows writes "\n" as "\r\n" without it
_FILES = 512  # that a process may have open where no limit can be asked for: what C on Windows is content with
_WORD = 32  # bytes

# files


def open_file(path: Path | str, flags: int, mode: int = 0o600) -> int:
    """A descriptor of a file, bytes as they are; one that is made is its owner's alone, where files have modes."""
    return os.open(path, flags | _BINARY, mode)


def sync(descriptor: int) -> None:
    """Wait until a file is on the disk. macOS leaves it in the drive's memory unless it is told otherwise."""
    if not _flushed_by_drive(descriptor):
        os.fsync(descriptor)


def sync_data(descriptor: int) -> None:
    """Wait until what was written is on the disk, times of access aside, where the system can."""
    if not _flushed_by_drive(descriptor):
        getattr(os, "fdatasync", os.fsync)(descriptor)


def _flushed_by_drive(descriptor: int) -> bool:
    command = getattr(fcntl, "F_FULLFSYNC", None)
    if fcntl is None or command is None:
        return False
    with suppress(OSError):  # not every file system there can
        fcntl.fcntl(descriptor, command)
        return True
    return False


def sync_folder(folder: Path) -> None:
    """Wait until the folder's names are on the disk. Windows opens no folder, and NTFS keeps a journal of names."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:
        if has_modes():
            raise
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def read_at(descriptor: int, length: int, start: int) -> bytes:
    """That stretch of a file; its place is moved where the system cannot leave it."""
    if hasattr(os, "pread"):
        data: bytes = os.pread(descriptor, length, start)
        return data
    os.lseek(descriptor, start, os.SEEK_SET)
    return os.read(descriptor, length)


def write_at(descriptor: int, data: bytes, start: int) -> int:
    """Write at that place of a file; how many bytes were written. Its own place is moved as by `read_at`."""
    if hasattr(os, "pwrite"):
        written: int = os.pwrite(descriptor, data, start)
        return written
    os.lseek(descriptor, start, os.SEEK_SET)
    return os.write(descriptor, data)


def reserve(descriptor: int, start: int, length: int) -> None:
    """Have the disk's room for so many bytes from `start`, the file's end; they are NUL. Raises OSError."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, start, length)
        return
    os.lseek(descriptor, start, os.SEEK_SET)
    rest = memoryview(bytes(length))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def maildir_info() -> str:
    """What stands between the name of a mail in a maildir and its flags."""
    return ":2," if COLONS else "!2,"


def leads_elsewhere(name: str) -> bool:
    """Whether a relative name leads out of its folder by a drive's letter, or into a stream of a file."""
    return not COLONS and ":" in name


# who may


def has_modes() -> bool:
    """Whether files say by a mode who may read them, and users have numbers."""
    return hasattr(os, "geteuid")


def user() -> str:
    """Who runs this, as they are called."""
    if pwd is not None and hasattr(os, "geteuid"):
        try:
            return str(pwd.getpwuid(os.geteuid()).pw_name)
        except KeyError:
            return str(os.geteuid())
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # nothing in the environment says it
        return "this user"


def others_may_read(path: Path) -> bool:
    """Whether others on this machine may read it; False where no mode can tell."""
    try:
        return has_modes() and bool(stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False


def mounted_read_only(path: Path) -> bool:
    """Whether it is on a disk that nobody writes to, as far as the system tells."""
    return hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & getattr(os, "ST_RDONLY", 0))


# what a process may take


def open_files() -> int:
    """How many files this process may have open."""
    return _FILES if resource is None else int(resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def bound_memory(size: int) -> None:
    """This process gets so many bytes at most; without a bound where there is none (macOS knows it, and refuses)."""
    if resource is not None:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))


def give_way(niceness: int) -> None:
    """This process lets others go first, where the system has a way to say so."""
    if hasattr(os, "nice"):
        os.nice(niceness)


def says_something(connection: int, within: float = 0) -> bool:
    """Whether bytes, or its end, come by an open connection within so many seconds."""
    import select

    if not hasattr(select, "poll"):  # Windows; elsewhere this one knows the first thousand files only
        return bool(select.select([connection], [], [], within)[0])
    poll = select.poll()
    poll.register(connection, getattr(select, "POLLIN", 0))
    return bool(poll.poll(within * 1000))


def exclusively(listening: socket.socket) -> None:
    """The address is taken up at once after a restart, and by nobody beside us (Windows: by another word)."""
    import socket

    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR if exclusive is None else exclusive, 1)


# another process


def start_connected(
    command: Sequence[str], environ: Mapping[str, str], within: float
) -> tuple[subprocess.Popen[bytes], Connection]:
    """Start a program, which calls `connected` with its last argument, and our end of the connection to it.

    Where a process hands no open socket to another (Windows) it comes back for it by this machine's own network, and
    shows a word that only it was told. Raises OSError.
    """
    import socket
    import subprocess
    from multiprocessing.connection import Connection

    if hasattr(os, "fork"):
        ours, its = socket.socketpair()
        with ours, its:
            handed = its.fileno()
            process = subprocess.Popen(
                [*command, f"{handed}"], stdin=subprocess.DEVNULL, pass_fds=[handed], env=environ
            )
            return process, Connection(ours.detach())
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(within)
        word = os.urandom(_WORD)
        process = subprocess.Popen([*command, f":{server.getsockname()[1]}"], stdin=subprocess.PIPE, env=environ)
        assert process.stdin is not None  # it was asked for
        with process.stdin as told:
            told.write(word)
        while True:
            came, _ = server.accept()
            came.settimeout(within)
            if came.recv(_WORD, socket.MSG_WAITALL) == word:
                came.settimeout(None)
                return process, Connection(came.detach())
            came.close()


def connected(how: str) -> Connection:
    """The other end, within the program that was started."""
    import socket
    from multiprocessing.connection import Connection

    if not how.startswith(":"):
        return Connection(int(how))
    came = socket.create_connection(("127.0.0.1", int(how[1:])))
    came.sendall(sys.stdin.buffer.read(_WORD))
    return Connection(came.detach())


# being told to stop

_STOPS = (signal.SIGTERM, signal.SIGINT, *([signal.SIGBREAK] if hasattr(signal, "SIGBREAK") else []))


def when_stopped(told: Callable[[], object]) -> None:
    """From now on `told` is called for each SIGTERM and Ctrl-C (and Ctrl-Break, Windows' only word to a service)."""
    for number in _STOPS:
        signal.signal(number, lambda *_: told())


def when_stopped_in(loop: asyncio.AbstractEventLoop, told: Callable[[], object]) -> None:
    """As `when_stopped`, within a loop that is to wake up for it."""
    try:
        for number in _STOPS:
            loop.add_signal_handler(number, told)
    except NotImplementedError:  # Windows' loops
        when_stopped(lambda: loop.call_soon_threadsafe(told))


def ignore_stops() -> None:
    """Being told to stop is for whoever has started this process."""
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def terminating(told: Callable[[], object]) -> Iterator[None]:
    """Within, SIGTERM calls `told`; afterwards it does what it did before."""
    before = signal.signal(signal.SIGTERM, lambda *_: told())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# standard streams


def escape_what_cannot_be_shown() -> None:
    """From now on letters that a terminal or pipe has no place for are written as escapes (``\\u2260``)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
