"""What tests of sources share: a clock that only pauses move, and a fetch read to its end."""

from __future__ import annotations

from datetime import UTC, datetime

from digestbot.ingest.sources.base import Memory, Source
from digestbot.ingest.sources.web import Web
from digestbot.model.errors import DigestbotError
from digestbot.platform.net.fence import Fence
from digestbot.platform.net.network import Network

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Pace:
    """A clock in seconds that stands still but for pauses; ``pauses`` are those that were made."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.pauses.append(seconds)
        self.time += seconds

    def web(self) -> Web:
        """The web at this pace."""
        return Web(self.pause, lambda: self.time, lambda: NOW, Network(Fence.allowing(["127.0.0.1", "::1"])))


def fetched(source: Source, memory: Memory, now: datetime = NOW) -> dict[str, bytes | str]:
    """What each dump holds, or how it fails; every one taken as merged."""
    content: dict[str, bytes | str] = {}
    for dump in source.fetch(memory, now):
        try:
            with dump.open() as stream:
                content[dump.name] = stream.read()
        except DigestbotError as error:
            content[dump.name] = str(error)
    return content
