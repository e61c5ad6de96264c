"""A paper of which every field is filled, whatever fields there are: each by its type, and told by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, get_type_hints

from digestbot.model.papers import Paper

TYPES = get_type_hints(Paper)
_PUBLISHED = date(2024, 6, 15)


def value_of(name: str) -> Any:
    """A value for the field of this name, found in no other. Raises KeyError for a type that is new here."""
    values: dict[Any, Any] = {
        str: f"only {name}",
        str | None: f"only {name}",
        tuple[str, ...]: (f"only {name}",),
        Mapping[str, str]: {"scheme": f"only {name}"},
        int | None: 1_000 + sum(name.encode()),
        date | None: _PUBLISHED,
        bool: True,
    }
    return values[TYPES[name]]


def whole(**other: Any) -> Paper:
    """The paper, with other values for some of its fields."""
    given = {each.name: value_of(each.name) for each in fields(Paper) if each.name != "more_authors"}
    return Paper(**given | other)
