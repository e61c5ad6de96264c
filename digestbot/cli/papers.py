"""The papers that a command works on: those of dumps, or of the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from digestbot.bootstrap import App
from digestbot.cli.progress import ByteBar, PaperBar

if TYPE_CHECKING:
    from digestbot.model.papers import Paper

_FEW = 20_000  # papers
AT_FIRST = 256
"""Papers to begin with, for somebody who waits for the first that answers."""


class PaperInput:
    """The papers of the dumps, or of the store where there are none, with a bar while they are read; those of the store
    may come the newest first.
    """

    def __init__(self, app: App, dumps: Sequence[str], *, newest_first: bool = False) -> None:
        from digestbot.ingest.sources.files import bytes_on_disk

        self._app = app
        self._dumps = dumps
        self._newest_first = newest_first
        self._broken = 0
        self.read = 0
        self.bar = (
            ByteBar("reading", sum(map(bytes_on_disk, dumps))) if dumps else PaperBar("reading", app.store.head())
        )

    def __enter__(self) -> Self:
        self.bar.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.bar.give_way()

    @property
    def skipped(self) -> str:
        """What was no paper though it should have been."""
        return f"{self._broken} pieces could not be read: see digestbot read" if self._broken else ""

    @property
    def can_be_read_again(self) -> bool:
        """Whether they are few, and do not come from standard input: a second look takes as long as the first."""
        return "-" not in self._dumps and self.read <= _FEW

    def __iter__(self) -> Iterator[Paper]:
        for paper in self.again():
            self.read += 1
            yield paper

    def again(self) -> Iterator[Paper]:
        """The same papers once more."""
        return self._dumped() if self._dumps else self._stored()

    def _stored(self) -> Iterator[Paper]:
        store = self._app.store
        for each in store.window(0, store.head(), newest_first=self._newest_first):
            self.bar(1)
            yield each.paper

    def _dumped(self) -> Iterator[Paper]:
        from digestbot.ingest.sources.files import read_dumps
        from digestbot.model.papers import Paper
        from digestbot.readers import open_listing

        for name in self._dumps:
            for dump in read_dumps(name, watch=self.bar):
                with dump.open() as stream:
                    for piece in open_listing(stream, dump.name):
                        if isinstance(piece, Paper):
                            yield piece
                        else:
                            self._broken += piece.kind != "furniture"
