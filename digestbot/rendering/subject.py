"""The subject: whose digest, how many papers, and the titles that stand first."""

from __future__ import annotations

from digestbot.rendering.text import Passage, cut
from digestbot.rendering.view import DigestView

LONGEST = 120
_LONGEST_NAME = 60


def subject(digest: DigestView) -> str:
    """One clean line of at most 120 characters; a test or preview begins with its note in brackets."""
    note = f"[{cut(Passage(digest.note), 30)}] " if digest.note else ""
    line = f"{note}{cut(Passage(digest.name), _LONGEST_NAME)}: {digest.count}"
    titles = "; ".join(entry.title.text for entry in digest.entries[:5])
    return cut(Passage(outside_encoded_words(f"{line} - {titles}" if titles else line)), LONGEST).text


def outside_encoded_words(text: str) -> str:
    """A text for a header that no mail program takes for an encoded word (RFC 2047) of our own."""
    return text.replace("=?", "= ?")
