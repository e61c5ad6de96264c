"""Soft bounces in a row: when an address that never quite says no is to be left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.model.refusals import Weight, judge

IN_A_ROW = 5
"""So many digests in a row that came back, ..."""
SPAN = timedelta(days=4)
"""... over so long at least: a mailbox may well be full for a weekend."""
SETTLED = timedelta(days=5)
"""A mail that has not come back by then has arrived: RFC 5321, 4.5.4.1 has servers try for four to five days."""


def strikes(deliveries: Sequence[Delivery], struck: Mapping[str, datetime], now: datetime) -> list[datetime]:
    """When the last digests in a row came back softly, newest first.

    ``deliveries`` are those to one address, newest first; ``struck`` says when one of them (by id) came back after
    it had been taken. A digest that arrived ends the row; one of which that is not known yet does not, nor does
    one that was refused for what the address cannot help.
    """
    found: list[datetime] = []
    for each in deliveries:
        if each.id in struck:
            found.append(struck[each.id])
        elif each.state is DeliveryState.SENT:
            if each.done_at is not None and now - each.done_at >= SETTLED:
                break
        elif each.state is DeliveryState.FAILED and judge(each.answer or "").weight is Weight.SOFT:
            found.append(each.done_at or each.planned_at)
    return found


def too_many(row: Sequence[datetime]) -> bool:
    """Whether a row of soft bounces weighs as much as a hard one."""
    return len(row) >= IN_A_ROW and max(row) - min(row) >= SPAN
