"""Catching up: which digests are made of the slots that came, or were missed, since the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digestbot.model.digests import Slot
from digestbot.model.subscriptions import CatchUp

MOST = 31
"""The most slots that are caught up one by one; the first of them stands for all before it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One digest to be made: for `slot`, of the papers logged up to `until` (None: of all there are).

    ``passed_over``: it is recorded, with what it would have chosen from, and nothing is sent.
    """

    slot: Slot
    until: datetime | None = None
    passed_over: bool = False


def turns(policy: CatchUp, slots: Sequence[Slot]) -> list[Turn]:
    """What is made of the slots that are due, the earliest first."""
    if not slots:
        return []
    *missed, last = slots
    if policy is CatchUp.EACH:
        return [*(Turn(slot, until=slot.at) for slot in missed), Turn(last)]
    if policy is CatchUp.LATEST and missed:
        return [Turn(missed[-1], until=missed[-1].at, passed_over=True), Turn(last)]
    return [Turn(last)]
