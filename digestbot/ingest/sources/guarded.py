"""Streams that can be trusted: bounded in size, seekable, and failing in one way only."""

from __future__ import annotations

import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Any, BinaryIO

from digestbot.model.errors import DumpError, Problem

# A listing of papers packs 3 to 20 times smaller; what unpacks to more than this is no listing but a trap.
LARGEST_RATIO = 200
UNSUSPICIOUS = 64 * 1024 * 1024  # bytes that may come out of however few
LARGEST_SPOOLED = 16 * 1024 * 1024 * 1024  # bytes kept aside on the disk
_IN_MEMORY = 16 * 1024 * 1024
_PIECE = 1024 * 1024

# what damaged archives make the unpacking raise
DAMAGE: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    NotImplementedError,  # zipfile's way: of a compression it does not know
    RuntimeError,  # zipfile's: of a password
    ValueError,  # both have it for numbers that cannot be
)


class Allowance:
    """How much may come out of an archive of so many bytes, all its members together."""

    def __init__(self, packed: int, name: str) -> None:
        self._left = UNSUSPICIOUS + LARGEST_RATIO * packed
        self._name = name

    def take(self, count: int) -> None:
        """Raises DumpError when too much came out."""
        self._left -= count
        if self._left < 0:
            what = f"unpacks to more than {LARGEST_RATIO} times its size, as archives made to fill disks do"
            raise DumpError(Problem(what, self._name, way_out="unpack it by hand and name the files in it"))


class Guarded(io.RawIOBase):
    """A stream whose failures are DumpErrors naming `name`, and whose bytes count against an allowance once."""

    def __init__(
        self,
        stream: IO[bytes],
        name: str,
        allowance: Allowance | None = None,
        watch: Callable[[int], object] | None = None,
    ) -> None:
        self._stream, self._name, self._allowance, self._watch = stream, name, allowance, watch
        self._furthest = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As files do."""
        data = self._tried(lambda: self._stream.read(len(buffer)))
        buffer[: len(data)] = data
        at = self._tried(self._stream.tell)
        if at > self._furthest:
            if self._allowance:
                self._allowance.take(at - self._furthest)
            if self._watch:
                self._watch(at - self._furthest)
            self._furthest = at
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As files do."""
        return int(self._tried(lambda: self._stream.seek(offset, whence)))

    def tell(self) -> int:
        """As files do."""
        return int(self._tried(self._stream.tell))

    def close(self) -> None:
        """The stream below is closed too."""
        if not self.closed:
            self._stream.close()
        super().close()

    def _tried(self, attempt: Callable[[], Any]) -> Any:
        try:
            return attempt()
        except DAMAGE as error:
            raise damaged(error, self._name) from None


def guarded(
    stream: IO[bytes], name: str, allowance: Allowance | None = None, watch: Callable[[int], object] | None = None
) -> BinaryIO:
    """The stream, guarded; `watch` hears of bytes when they are read for the first time."""
    return io.BufferedReader(Guarded(stream, name, allowance, watch), 128 * 1024)


def damaged(error: Exception, name: str) -> DumpError:
    """The one error for all ways in which archives and files can be damaged."""
    if isinstance(error, EOFError):
        return DumpError(Problem("the file breaks off", name, way_out="fetch it again"))
    if "password" in str(error):
        return DumpError(Problem("is locked with a password", name, way_out="unpack it by hand"))
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return DumpError(Problem(f"cannot be read: {reason}", name, way_out="fetch it again, or check its permissions"))


def spooled(stream: IO[bytes], name: str) -> BinaryIO:
    """All of a stream set aside, in memory while it is small, so that it can be read from its beginning again."""
    aside = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by who asked for it
    size = 0
    try:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > LARGEST_SPOOLED:
                raise DumpError(Problem(f"more than {LARGEST_SPOOLED >> 30} GiB", name, way_out="read it in parts"))
            aside.write(piece)
        aside.seek(0)
    except DAMAGE as error:
        aside.close()
        raise damaged(error, name) from None
    except BaseException:
        aside.close()
        raise
    return guarded(aside, name)
