"""What of a paper each field, label and comparison of a rule looks at, read from the table of fields."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

from digestbot.model.papers import Paper
from digestbot.rules.ast import Compare, Label
from digestbot.rules.fields import TEXT_PARTS, Field, FieldKind, Number, ordinal
from digestbot.rules.fields import Value as Compared

Value: TypeAlias = tuple[str, str]
"""The name of a field, and one text that stands in it."""


def values(paper: Paper, field: Field) -> Iterator[Value]:
    """The texts of a field, each with the name of the field it is: title and abstract for ``text``."""
    for part in TEXT_PARTS if field is Field.TEXT else (field,):
        for raw in part.row.of(paper):
            yield part.value, raw


def labels(paper: Paper, field: Field) -> Iterator[tuple[str | None, str]]:
    """The labels of a field, or its ids with their schemes. Raises TypeError for a field that has neither."""
    match field.row.kind:
        case FieldKind.LABELS:
            yield from ((None, each) for each in field.row.of(paper))
        case FieldKind.IDS:
            assert field.row.schemes is not None  # its kind says so
            yield from zip(field.row.schemes(paper), field.row.of(paper), strict=True)
        case _:
            raise TypeError(f"{field.value} is no field of labels or ids")


def wholes(value: str, kind: FieldKind) -> Iterator[str]:
    """What a rule may ask for to find a label or an id: it, and what a label is under, casefolded."""
    folded = value.casefold()
    if kind is FieldKind.LABELS:
        yield from (folded[:at] for at, each in enumerate(folded) if each == ".")
    yield folded


def labelled(paper: Paper, label: Label) -> Iterator[str]:
    """The paper's labels, or ids, that the label finds, as the paper writes them."""
    kind = label.field.row.kind
    for scheme, each in labels(paper, label.field):
        if label.scheme in (None, (scheme or "").casefold()) and label.value in wholes(each, kind):
            yield each


def compared(paper: Paper, number: Number, today: date) -> Compared:
    """The paper's value a comparison looks at, None when it has none; days ago are counted up to `today`."""
    value = number.row.of(paper)
    if number.row.ago and value is not None:
        return today.toordinal() - ordinal(value)
    return value


def holds(compare: Compare, value: Compared) -> bool:
    """Whether the comparison is true of the value; never of None."""
    if value is None:
        return False
    place, low, high = ordinal(value), ordinal(compare.low), ordinal(compare.high)
    return {
        "<": place < low,
        "<=": place <= high,
        "=": low <= place <= high,
        ">=": place >= low,
        ">": place > high,
    }[compare.operator]
