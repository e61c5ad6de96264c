"""The contract of matching: why a paper answers a rule, in words and places."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from digestbot.rules.ast import Leaf


@dataclass(frozen=True, slots=True)
class Reason:
    """One place in a paper that a rule's term found.

    ``rule`` is the term as the rule writes it, or ``topic:name`` for what an included topic found.
    ``field`` is title, abstract, author, org, category, source, id, upvotes, authors, published or age.
    ``text`` is what stands there; ``start`` and ``end`` are character offsets into the raw value (of an
    author: into that name), None for a comparison, whose ``text`` is the paper's value.
    """

    rule: str
    field: str
    text: str
    start: int | None = None
    end: int | None = None
    term: Leaf | None = dataclasses.field(default=None, compare=False)
