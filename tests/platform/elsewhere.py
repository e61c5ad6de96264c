"""digestbot where the system lacks what Linux has: this Python made as poor as Windows', then the command line.

    python tests/platform/elsewhere.py send --dry-run

All of it at once: no fcntl, pwd, resource; none of the calls that only POSIX has; folders are not opened, files in
use not replaced, moved or removed, and have one name; a colon names no file; loops take no signal handlers; what is
opened as text without its encoding is an error.
"""

from __future__ import annotations

import asyncio
import builtins
import errno
import os
import select
import sys
import warnings
from collections.abc import Callable
from typing import Any

MODULES = ("fcntl", "grp", "pwd", "resource", "termios")
CALLS = (
    "chown", "fdatasync", "fork", "getegid", "geteuid", "getgid", "getuid", "nice", "posix_fadvise",
    "posix_fallocate", "pread", "pwrite", "sched_getaffinity", "statvfs", "uname", "O_CLOEXEC", "O_NOFOLLOW",
)  # fmt: skip


def refuse(path: object, number: int = errno.EACCES) -> None:
    raise OSError(number, os.strerror(number), path)


def in_use(path: str) -> bool:
    """Whether this process has the file open, or mapped."""
    real = os.path.realpath(path)
    for each in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{each}") == real:
                return True
        except OSError:
            continue
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return any(line.rstrip("\n").endswith(real) for line in maps)


def guarded(call: Callable[..., Any], *, moves: bool) -> Callable[..., Any]:
    """A call whose first argument (``moves``: and the second) is a path."""

    def checked(*given: Any, **named: Any) -> Any:
        for path in given[: 2 if moves else 1]:
            if not isinstance(path, int):
                name = os.fspath(path)
                if ":" in (name if isinstance(name, str) else name.decode()):
                    refuse(path, errno.EINVAL)
                if call is not OPEN and "dir_fd" not in named and os.path.isfile(name) and in_use(name):
                    refuse(path)
                if call is OPEN and os.path.isdir(name):
                    refuse(path)
        return call(*given, **named)

    return checked


OPEN = os.open


def no_handler(*_: object) -> None:
    raise NotImplementedError


def impoverish() -> None:
    import filelock
    import numpy  # noqa: F401 - both have their own ways on Windows, and take this system's as long as it looks rich

    assert filelock.FileLock is not filelock.SoftFileLock
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # its import fails
    for name in CALLS:
        if hasattr(os, name):
            delattr(os, name)
    del select.poll
    asyncio.SelectorEventLoop.add_signal_handler = no_handler  # type: ignore[method-assign, assignment]
    for name, moves in (("open", False), ("unlink", False), ("remove", False), ("rename", True), ("replace", True)):
        setattr(os, name, guarded(getattr(os, name), moves=moves))
    os.link = lambda path, *_, **__: refuse(path, errno.EPERM)
    plain = builtins.open

    def named(file: Any, *given: Any, **named: Any) -> Any:
        if isinstance(file, str | os.PathLike) and ":" in os.fspath(file):
            refuse(file, errno.EINVAL)
        return plain(file, *given, **named)

    builtins.open = named
    from digestbot.platform import system

    system.COLONS = False  # it has looked what the system is
    warnings.filterwarnings("error", category=EncodingWarning, module="digestbot")


if __name__ == "__main__":
    impoverish()
    from digestbot.cli.main import main

    main(sys.argv[1:])
