"""The life of a digest: due -> match -> compose -> into the ledger."""

from digestbot.digests.composing import leaves, plan, quiet
from digestbot.digests.due import due_turns, hand_slot
from digestbot.digests.opening import open_digest, pending, take_turn
from digestbot.digests.together import Together

__all__ = ["Together", "due_turns", "hand_slot", "leaves", "open_digest", "pending", "plan", "quiet", "take_turn"]
