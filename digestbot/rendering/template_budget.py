"""How much a template may make of a digest: work is counted, not timed, so that it ends the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from digestbot.rendering.text import Passage

MOST = 30_000_000  # characters written or handled, or their worth: about a second; 500 papers take two million
LONGEST = 500_000  # characters or items of one value
WIDEST = 10_000  # the columns a text may be padded to, the digits of a number
_PLACES = 40  # in a format, each of them up to WIDEST, or as long as what is put in
_STEP = 60  # what one turn of a loop or one operation is worth in characters
_CALL = 600  # and one call
_NESTED = 10  # and one list in another
_HANDLED = 20  # what each character that a filter or method reads is worth
_TOO_WIDE = re.compile(r"\d{5,}")
_WIDTH_WITHIN = re.compile(r"\{[^{}]*\{|%[^a-zA-Z%]*\*")  # a width that is itself filled in
_PADDING = frozenset(("ljust", "rjust", "center", "zfill", "expandtabs", "indent", "truncate", "batch", "slice"))
# Methods and filters that may write what they are given once for each of these pieces of their text.
_REPEATING = {"replace": "", "translate": "", "indent": "\n", "expandtabs": "\t"}
_USUAL = 8  # columns of a tab or an indentation that nobody named


class TooMuch(Exception):
    """A template asks for more than any digest needs."""


_spent: ContextVar[list[int] | None] = ContextVar("spent", default=None)


@contextmanager
def counted() -> Iterator[None]:
    """Within it, the work of one template is counted, together with what it includes."""
    before = _spent.get()
    token = _spent.set([0] if before is None else before)
    try:
        yield
    finally:
        _spent.reset(token)


def spend(worth: int = 0) -> None:
    """Count a step that handles so many characters or items. Raises TooMuch."""
    spent = _spent.get()
    if spent is None:  # a template is being compiled; what is constant in it is written when it runs
        return
    spent[0] += _STEP + worth
    if spent[0] > MOST:
        raise TooMuch("it does far more than any digest needs: is there a loop in a loop?")


def sized(value: Any) -> Any:
    """The value, its size counted. Raises TooMuch for one too long."""
    spend(size_of(value))
    return value


def size_of(value: Any) -> int:
    """How many characters, items or decimal digits there are in it, at any depth. Raises TooMuch beyond LONGEST."""
    size = _size(value, LONGEST)
    if size > LONGEST:
        raise TooMuch(f"it makes a value of more than {LONGEST:,} characters or items")
    return size


def _size(value: Any, most: int) -> int:
    if isinstance(value, str | bytes | range):
        return len(value)
    if isinstance(value, int):
        return value.bit_length() // 3 + 1
    if isinstance(value, Passage):
        return len(value.text)
    if not isinstance(value, list | tuple | dict | set | frozenset):
        return 1
    size = 1
    for each in value.items() if isinstance(value, dict) else value:
        size += _size(each, most - size) + _NESTED * isinstance(each, list | tuple | dict)
        if size > most:
            break
    return size


def operate(operator: str, left: Any, right: Any) -> None:
    """Whether an operation is small enough to be done at all. Raises TooMuch."""
    size = size_of(left) + size_of(right)
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if operator == "**" and numbers:
        size = int(size_of(left) * min(abs(right), LONGEST)) + 1
    elif operator == "*" and not numbers:
        size = max(size_of(a) * b for a, b in ((left, right), (right, left), (0, 0)) if isinstance(b, int))
    elif operator == "%" and isinstance(left, str):
        fill(left, (right,))
    if size > (WIDEST if numbers else LONGEST):
        raise TooMuch(f"{operator} makes a value of more than {WIDEST if numbers else LONGEST:,} characters or items")
    spend(size)


def call(name: str, target: Any, values: tuple[Any, ...]) -> None:
    """Count a call of a method or filter of that name on a target. Raises TooMuch."""
    size = size_of(target) + sum(map(size_of, values))
    if name in _PADDING and any(isinstance(each, int) and abs(each) > WIDEST for each in values):
        raise TooMuch(f"{name}: {WIDEST:,} is the most")
    if name == "format" and isinstance(target, str):
        fill(target, values)
    if isinstance(target, str) and name in _REPEATING:
        pieces = target.count(_REPEATING[name]) + 1
        longest = max((abs(each) if isinstance(each, int) else size_of(each) for each in values), default=_USUAL)
        if pieces * longest > LONGEST:
            raise TooMuch(f"{name} may make more than {LONGEST:,} characters")
    if name == "join":
        size += max((len(each) for each in (target, *values) if isinstance(each, str)), default=0) * size
        if size > LONGEST:
            raise TooMuch(f"join may make more than {LONGEST:,} characters")
    spend(_CALL + _HANDLED * size)


def fill(form: str, values: tuple[Any, ...]) -> None:
    """Whether a text, used as a format, keeps within bounds with these values put in. Raises TooMuch."""
    if _TOO_WIDE.search(form) or _WIDTH_WITHIN.search(form):
        raise TooMuch(f"a format with a width above {WIDEST - 1:,}, or one that is filled in")
    places = form.count("{") + form.count("%")
    if places > _PLACES or places * max(map(size_of, values), default=0) > LONGEST:
        raise TooMuch(f"a format with more than {_PLACES} places, or more than {LONGEST:,} characters put in")
