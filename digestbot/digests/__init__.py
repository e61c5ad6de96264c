"""The life of a digest: due -> match -> compose -> into the ledger."""

from digestbot.digests.composing import leaves, plan, quiet
from digestbot.digests.due import NotYetDue, due_turns, hand_slot
from digestbot.digests.opening import open_by_hand, open_digest, open_turns, pending

__all__ = [
    "NotYetDue",
    "due_turns",
    "hand_slot",
    "leaves",
    "open_by_hand",
    "open_digest",
    "open_turns",
    "pending",
    "plan",
    "quiet",
]
