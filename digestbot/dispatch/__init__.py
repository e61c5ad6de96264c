"""The life of a digest: due -> match -> compose -> into the ledger."""

from digestbot.dispatch.composing import leaves, plan, quiet
from digestbot.dispatch.due import due_turns, hand_slot
from digestbot.dispatch.opening import open_digest, pending, take_turn
from digestbot.dispatch.together import Together

__all__ = ["Together", "due_turns", "hand_slot", "leaves", "open_digest", "pending", "plan", "quiet", "take_turn"]
