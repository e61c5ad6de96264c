"""Dumps from files and from standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from digestbot.core.errors import DumpError, Problem, UsageError
from digestbot.sources.base import Dump

# Far above any listing of papers; a file beyond it is named by mistake and would only fill the memory.
LARGEST = 512 * 1024 * 1024


def read_dump(name: str) -> Dump:
    """The dump in the file `name`, or on standard input for ``-``.

    Raises UsageError for a name that is no readable file (missing, a folder), DumpError for one that fails
    while it is read or is larger than `LARGEST`.
    """
    if name == "-":
        return Dump(name, sys.stdin.buffer.read())
    path = Path(name)
    try:
        if path.is_dir():
            raise UsageError(Problem("is a folder, not a dump", name, way_out=f"name the files in it: {name}/*"))
        if path.stat().st_size > LARGEST:
            raise DumpError(Problem(f"is larger than {LARGEST >> 20} MB", name, way_out="split it"))
        return Dump(name, path.read_bytes())
    except FileNotFoundError:
        raise UsageError(Problem("no such file", name, way_out="check the path")) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DumpError(Problem(f"cannot be read: {reason}", name, way_out="check its permissions")) from None
