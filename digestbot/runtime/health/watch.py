"""The watch: hears what the daemon does, step by step. This one keeps the pulse; another may count as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from digestbot.model.deliveries import Delivery, Outcome
from digestbot.model.digests import DigestRecord
from digestbot.runtime.health.pulse import Pulse

if TYPE_CHECKING:
    from digestbot.ingest.poller import Polled


class Watch:
    """What the daemon calls; ``tried`` comes from the threads that send."""

    def __init__(self, pulse: Pulse) -> None:
        self.pulse = pulse

    def began(self) -> None:
        """A round begins."""
        self.pulse.began()

    def ended(self) -> None:
        """A round is over."""
        self.pulse.beat()

    def opened(self, record: DigestRecord, channels: Sequence[str]) -> None:
        """A digest was opened, with one delivery to each of these channels."""
        self.pulse.beat()

    def tried(self, channel: str, seconds: float, error: Exception | None) -> None:
        """A channel was asked to send, and how that went."""

    def decided(self, delivery: Delivery, outcome: Outcome) -> None:
        """What became of a delivery was written down."""
        self.pulse.beat()

    def polled(self, polled: Polled) -> None:
        """A source was polled."""
        self.pulse.beat()
