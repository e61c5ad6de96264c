"""What of a paper each field, label and comparison of a rule looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

from digestbot.model.papers import Paper
from digestbot.rules.ast import Compare, Field, Label, Number

Value: TypeAlias = tuple[str, str]
"""The name of a field, and one text that stands in it."""


def values(paper: Paper, field: Field) -> Iterator[Value]:
    """The texts of a field, each with the name of the field it is: title and abstract for ``text``."""
    if field in (Field.TEXT, Field.TITLE):
        yield "title", paper.title
    if field in (Field.TEXT, Field.ABSTRACT) and paper.abstract is not None:
        yield "abstract", paper.abstract
    if field is Field.AUTHOR:
        yield from (("author", name) for name in paper.authors)
    if field is Field.ORG and paper.organization is not None:
        yield "org", paper.organization
    if field is Field.SOURCE and paper.source is not None:
        yield "source", paper.source
    if field is Field.CATEGORY:
        yield from (("category", each) for each in paper.categories)
    if field is Field.ID:
        yield from (("id", each) for each in paper.ids.values())


def under(category: str, value: str) -> bool:
    """Whether a paper's category is the casefolded `value` or stands under it."""
    folded = category.casefold()
    return folded == value or folded.startswith(value + ".")


def labelled(paper: Paper, label: Label) -> Iterator[str]:
    """The paper's categories, or ids, that the label finds, as the paper writes them."""
    if label.field is Field.CATEGORY:
        yield from (each for each in paper.categories if under(each, label.value))
    else:
        for scheme, each in paper.ids.items():
            if label.scheme in (None, scheme.casefold()) and each.casefold() == label.value:
                yield each


def compared(paper: Paper, number: Number, today: date) -> int | date | None:
    """The paper's value a comparison looks at, None when it has none; its age is in days."""
    match number:
        case Number.UPVOTES:
            return paper.upvotes
        case Number.AUTHORS:
            return paper.author_count
        case Number.PUBLISHED:
            return paper.published
        case Number.AGE:
            return (today - paper.published).days if paper.published else None


def holds(compare: Compare, value: int | date | None) -> bool:
    """Whether the comparison is true of the value; never of None."""
    if value is None:
        return False
    ordinal, low, high = _ordinal(value), _ordinal(compare.low), _ordinal(compare.high)
    return {
        "<": ordinal < low,
        "<=": ordinal <= high,
        "=": low <= ordinal <= high,
        ">=": ordinal >= low,
        ">": ordinal > high,
    }[compare.operator]


def _ordinal(value: int | date) -> int:
    return value.toordinal() if isinstance(value, date) else value
