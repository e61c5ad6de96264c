"""Outages: which kinds of channel nothing leaves by, although something should."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome

OPEN = frozenset({DeliveryState.PLANNED, DeliveryState.DEFERRED, DeliveryState.UNKNOWN})
FAILED = frozenset({Cause.TEMPORARY, Cause.ASKED_FOR_PATIENCE, Cause.NO_ANSWER, Cause.MISCONFIGURED})
"""Causes of an attempt that failed and is made again: of the far side, not of one paper, template or reader."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_SEVERAL = 2  # destinations that fail one after the other, with none reached between them


class Outages:
    """Learns from each outcome. A kind is out while a delivery of it has failed and waits, and none of the kind has
    left since that was planned, or several have failed since the last that left: one reader's full mailbox, beside
    others that are reached, is no outage. ``sent`` are the deliveries that left before this process began.
    """

    def __init__(self, sent: Callable[[], Iterable[Delivery]]) -> None:
        self._sent = sent
        self._left_at: dict[str, datetime] | None = None
        self._failing: dict[str, set[str]] = {}

    def learn(self, delivery: Delivery, outcome: Outcome) -> None:
        """What became of a delivery."""
        kind = delivery.destination.channel
        if outcome.state is DeliveryState.SENT:
            self._failing.pop(kind, None)
            if self._left_at is not None:
                self._left_at[kind] = outcome.at
        elif outcome.cause in FAILED:
            self._failing.setdefault(kind, set()).add(delivery.destination.name)

    def reasons(self, waiting: Iterable[Delivery]) -> Iterator[str]:
        """Each kind that is out, in words, once; `waiting` are the deliveries in the states OPEN."""
        told: set[str] = set()
        for each in waiting:
            kind = each.destination.channel
            if kind in told or each.cause not in FAILED:
                continue
            several = len(self._failing.get(kind, ())) >= _SEVERAL
            if several or self._last(kind) < each.planned_at:
                told.add(kind)
                yield f"nothing leaves by {kind}: {each.reason}"

    def _last(self, kind: str) -> datetime:
        """When one of the kind left last; the ledger is asked once."""
        if self._left_at is None:
            self._left_at = {}
            for each in self._sent():
                channel, at = each.destination.channel, each.done_at or each.planned_at
                self._left_at[channel] = max(at, self._left_at.get(channel, at))
        return self._left_at.get(kind, _NEVER)
