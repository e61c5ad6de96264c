"""Mistakes in a rule, told with line, column and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from digestbot.model.errors import Problem, RuleError
from digestbot.rules.fields import ELSEWHERE

_LONGEST_NAME = 40


def problem(text: str, offset: int, message: str, way_out: str | None = None) -> Problem:
    """A problem at a character offset of the rule's text."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return Problem(message, line=line, column=column, way_out=way_out)


def mistake(text: str, offset: int, message: str, way_out: str | None = None) -> RuleError:
    """The error that ends the reading of a rule, at a character offset of its text."""
    return RuleError(problem(text, offset, message, way_out))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, None when none is near."""
    names = list(known)
    wanted = name[:_LONGEST_NAME].casefold()
    other = ELSEWHERE.get(wanted)
    if other in names:
        return other
    by_folded = {each.casefold(): each for each in names}
    close = difflib.get_close_matches(wanted, by_folded)
    return by_folded[close[0]] if close else None


def shown(text: str) -> str:
    """A piece of a rule as an error quotes it: one line, not long."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + '…'}`"
