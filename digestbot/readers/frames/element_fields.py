"""What an XML record says of a field, by whatever name its elements go and however deep they stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from digestbot.readers.frames.element_text import text_of
from digestbot.readers.frames.xml import local
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.fields import name
from digestbot.readers.text.names import FAMILY_KEYS, FIELDS, GIVEN_KEYS, NAME_KEYS, NAMES, folded

_DEEPEST = 5
# what tells of the journal that the paper is in
_PART_OF = frozenset({"relateditem", "secondarytitle", "periodical", "ispartof"})


class ElementFields:
    """A record's elements by their names: those of its own, and those that tell of the journal around it."""

    def __init__(self, record: Element) -> None:
        self._own: dict[str, list[Element]] = {}
        self._around: dict[str, list[Element]] = {}
        self._gather(record, self._own, 0)

    def _gather(self, element: Element, into: dict[str, list[Element]], depth: int) -> None:
        for each in element:
            key = folded(local(each.tag))
            below = self._around if key in _PART_OF else into
            if key in FIELDS and not (len(each) and _is_list(each, key)):
                below.setdefault(key, []).append(each)
            if depth < _DEEPEST:
                self._gather(each, below, depth + 1)

    def elements(self, field: str) -> list[Element]:
        """The elements under the first of the field's names that has any with a text."""
        for key in NAMES[field]:
            if found := [each for each in self._own.get(key, ()) if text_of(each)]:
                return found
        return []

    def texts(self, field: str) -> list[str]:
        """Their texts."""
        return [text_of(each) for each in self.elements(field)]

    def all_texts(self, *fields: str) -> Iterator[str]:
        """The texts under all names of the fields, those of the surest first."""
        found = (each for field in fields for key in NAMES[field] for each in self._own.get(key, ()))
        return filter(None, map(text_of, found))

    def first(self, field: str) -> str:
        """The first of the texts; "" for none."""
        return next(iter(self.texts(field)), "")

    def dates(self) -> Iterator[date | None]:
        """Every date it tells, in one text or in parts."""
        for key in NAMES["date"]:
            for each in self._own.get(key, ()):
                parts = {folded(local(part.tag)): text_of(part) for part in each}
                if "year" in parts:
                    yield iso_date(parts["year"], parts.get("month"), parts.get("day"))
                else:
                    yield iso_date(text_of(each))

    def journal(self) -> str:
        """What the paper is in, as it or what is around it says; "" for none."""
        named = (text_of(each) for key in (*NAMES["journal"], "title") for each in self._around.get(key, ()))
        return next(filter(None, named), "") or self.first("journal")


def _is_list(element: Element, key: str) -> bool:
    """Whether the element only holds others that tell: authors, one by one, a journal's title and number."""
    field = FIELDS[key]
    if field == "date":  # which may be told in parts
        return False
    within = {FIELDS.get(folded(local(each.tag))) for each in element}
    return bool(within - {None}) if field == "journal" else field in within


def person(element: Element) -> str:
    """The name in an author's element: of its parts, of the one that is the whole name, or its text."""
    if not len(element):
        return text_of(element)
    parts: dict[str, str] = {}
    for each in element:
        parts.setdefault(folded(local(each.tag)), text_of(each))
    family, given = (next((parts[key] for key in keys if parts.get(key)), "") for keys in (FAMILY_KEYS, GIVEN_KEYS))
    if family:
        return f"{given} {family}".strip()
    return name(next((parts[key] for key in NAME_KEYS if parts.get(key)), "") or text_of(element))
