"""A term written as the rule language has it, wherever it stood: the same for every rule that asks for the same."""

from __future__ import annotations

from functools import lru_cache

from digestbot.rules.ast import Compare, Everything, Exact, Label, Leaf, Name, Near, Regex, Words
from digestbot.rules.fields import Field


@lru_cache(maxsize=16_384)
def written(term: Leaf, *, anywhere: bool = False) -> str:
    """The term without its weight, as ``title:"language model"``: in its first spelling, folded.

    With `anywhere` it is written without the field that it is looked for in.
    """
    if isinstance(term, Compare):
        return f"{term.number}{term.operator}{term.low}"
    if isinstance(term, Everything):
        return "*"
    field = "" if anywhere or term.field is Field.TEXT else f"{term.field}:"
    return field + _wanted(term)


def _wanted(term: Words | Near | Exact | Regex | Label | Name) -> str:
    match term:
        case Exact():
            return f"={term.text}"
        case Regex():
            return f"/{term.pattern}/{'i' if term.ignore_case else ''}"
        case Name():
            return f'"{term.name}"' if " " in term.name else term.name
        case Label():
            return f"{term.scheme}:{term.value}" if term.scheme else term.value
        case _:
            words = " ".join(term.alternatives[0])
            if isinstance(term, Near):
                return f'"{words}"~{term.slop}'
            return f"{words}*" if term.prefix else f'"{words}"' if " " in words else words
