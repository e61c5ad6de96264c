"""What opening a digest does to how far its subscription has come: decided here, written down by a backend."""

from __future__ import annotations

from digestbot.model.digests import DigestRecord
from digestbot.store.base import Cursor


def moved(before: Cursor | None, record: DigestRecord) -> Cursor | None:
    """How far it has come with this digest; None for one that was composed before the last one was opened.

    Two that meet (a send by hand, the daemon; two workers) must not both show a paper: whoever comes second
    composed its digest from a window that has been covered, or a carry that has been spent.
    """
    if before is None:
        before = Cursor(record.window.after, record.opened_at, None, ())
    if before.position is not None and record.window.after != before.position:
        return None
    carry = set(before.carry)
    if any(entry.carried and entry.sequence not in carry for entry in record.entries):
        return None
    cursor = max(record.window.upto, before.position or 0)
    return Cursor(before.first_head, before.first_seen, cursor, record.carry)
