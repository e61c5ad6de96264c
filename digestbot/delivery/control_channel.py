"""Orders to the process that has the store: files it picks up, does and answers, so that none waits for its end."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from digestbot.model.errors import Problem, StoreError
from digestbot.platform import system
from digestbot.platform.files.file_queue import Damaged, FileQueue

_KEPT = 86_400.0  # seconds that an answer waits for whoever gave the order
_GLANCE = 0.05  # seconds between two looks for an answer
_PIECE = 1024 * 1024
_ATTENDING = 5.0  # seconds; somebody who looks whether orders are attended to has the lock for a moment


SEND, SEND_WAITING = SENDS = ("send", "send-waiting")
"""Send what is new, and with it all that waits."""


@dataclass(frozen=True, slots=True)
class Command:
    """`do` is retry, hold or drop, and `names` the ids of deliveries; or one of `SENDS`, and those of subscriptions; or
    subscribers, and the word and the arguments of `digestbot.subscribers.administration`; or ingest, and what
    `digestbot.ingest.upload` makes of the dumps. `who` gave it.
    """

    do: str
    names: tuple[str, ...]
    who: str = "operator"

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Command:
        """The order that a file holds. Raises TypeError or KeyError for none."""
        return cls(str(said["do"]), tuple(map(str, said["names"])), str(said.get("who", "operator")))


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What came of an order: the deliveries decided about, the keys of the digests opened, lines to be told, or what
    became of each dump, as JSON; or a problem."""

    done: tuple[str, ...] = ()
    problem: str = ""

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> CommandResult:
        """The answer that a file holds. Raises TypeError or KeyError for none."""
        return cls(tuple(map(str, said["done"])), str(said["problem"]))


class ControlChannel:
    """The orders in a working directory: each is there until it is answered, whoever dies meanwhile.

    One that was done and not yet answered is done again: that must do no harm.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "data" / "orders"
        self._orders = FileQueue(self._folder, ".order", Command.read)
        self._answers = FileQueue(self._folder, ".answer", CommandResult.read)

    # the side that does them

    @contextmanager
    def attended(self) -> Iterator[None]:
        """Within, this process, or another that came first, does the orders; its end, of whatever kind, ends that.

        Raises StoreError where the folder cannot be made.
        """
        with ExitStack() as held:
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with suppress(Timeout):
                    held.enter_context(self._lock(_ATTENDING))
                self._tidy()
            except OSError as error:
                raise StoreError(Problem(f"cannot be used: {error.strerror}", str(self._folder))) from error
            yield

    def _tidy(self) -> None:
        """Take away the answers nobody came for, and the bytes of orders that were never given."""
        for path in [*self._folder.glob("*.answer"), *self._folder.glob("*.bytes")]:
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _KEPT and not self._is_wanted(path):
                    path.unlink()

    def _is_wanted(self, path: Path) -> bool:
        """Whether an order that waits names this file."""
        return any(path.name.encode() in order.read_bytes() for order in self._folder.glob("*.order"))

    def waiting(self, *kinds: str) -> list[tuple[str, Command]]:
        """The orders of these kinds not yet answered, by name, first given first."""
        return [(name, order) for name, order in self._orders.all() if order.do in kinds]

    def damaged(self) -> list[str]:
        """The names of orders that cannot be read: nobody can do them."""
        return self._orders.damaged()

    def answer(self, name: str, answer: CommandResult) -> bool:
        """Say what came of an order, which is done with now; False when it was taken back. Raises OSError."""
        self._answers.put(asdict(answer), name)
        return self._orders.remove(name)

    # the side that gives them

    def ask(self, order: Command, patience: float, impatient: Callable[[], object]) -> CommandResult | None:
        """Give an order and wait for its answer; None when nobody attends any more: it is taken back then.

        ``impatient`` is called once, after ``patience`` seconds; what it raises ends the waiting and leaves the
        order to whoever attends. Raises StoreError.
        """
        try:
            name = self.give(order)
        except OSError as error:
            raise StoreError(Problem(f"cannot be left for the daemon: {error.strerror}", str(self._folder))) from error
        until = time.monotonic() + patience
        while True:
            attended = self.is_attended()  # asked first: what was answered before the end counts
            answer = self.answered(name)
            if answer is not None:
                return answer
            if not attended:
                return None if self.take_back(name) else self.answered(name)
            if time.monotonic() > until:
                impatient()
                until = float("inf")
            time.sleep(_GLANCE)

    def is_attended(self) -> bool:
        """Whether a process is there that does them."""
        if not self._folder.is_dir():
            return False
        try:
            with self._lock(0):
                return False
        except Timeout:
            return True

    def give(self, order: Command) -> str:
        """Leave an order there, whole or not at all; its name. Raises OSError."""
        return self._orders.put(asdict(order))

    def put_aside(self, stream: BinaryIO) -> Path:
        """Keep a stream's bytes beside the orders, on the disk when this returns; where they are. Raises OSError."""
        path = self._folder / f"{time.time_ns():020d}-{os.getpid()}.bytes"
        file = open(system.open_file(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb")  # noqa: SIM115 - closed below
        try:
            with file:
                shutil.copyfileobj(stream, file, _PIECE)
                file.flush()
                system.sync(file.fileno())
        except BaseException:
            path.unlink()
            raise
        return path

    def discard(self, places: Iterable[str]) -> None:
        """Take away those of the files that were put aside."""
        for path in map(Path, places):
            if path.parent == self._folder and path.suffix == ".bytes":
                path.unlink(missing_ok=True)

    def answered(self, name: str) -> CommandResult | None:
        """What came of it; None as long as nobody has said. An answer is read once."""
        try:
            answer = self._answers.get(name)
        except Damaged:
            answer = CommandResult(problem="it was done, but what came of it cannot be read")
        if answer is not None:
            self._answers.remove(name)
        return answer

    def take_back(self, name: str) -> bool:
        """Nobody is to do it any more; False when it was answered before."""
        return self._orders.remove(name)

    def _lock(self, timeout: float) -> FileLock:
        return FileLock(self._folder / "attended", timeout=timeout, mode=0o600)
