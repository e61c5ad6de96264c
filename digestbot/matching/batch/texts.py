"""The titles and abstracts of a block of papers laid end to end, with only ASCII left to fold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from digestbot.model.papers import Paper
from digestbot.rules.folding import fold_beyond_ascii
from digestbot.rules.latex import has_latex


def texts_of(papers: Iterable[Paper]) -> list[str]:
    """The papers' texts: number 2p is the title of paper p, and 2p + 1 its abstract, empty where it has none."""
    return [text for paper in papers for text in (paper.title, paper.abstract or "")]


def laid(texts: Sequence[str], end: bytes) -> bytes:
    """The texts as UTF-8, `end` (a NUL among what separates words) after each.

    Bytes beyond ASCII are all of letters and digits, and of words that are cut already.
    """
    plain = [
        (each if each.isascii() and not has_latex(each) and "\0" not in each else _plain(each)).encode()
        for each in texts
    ]
    plain.append(b"")
    return end.join(plain)


def _plain(text: str) -> str:
    # Any other control character separates words just as a NUL does.
    return fold_beyond_ascii(text.replace("\0", "\1"))
