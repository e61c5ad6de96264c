"""The fields as people read them: the table in REFERENCE, the help of commands, the pages."""

from __future__ import annotations

from typing import NamedTuple

from digestbot.rules.fields import NAMED, FieldKind, Number, TextRow


class FieldHelp(NamedTuple):
    """One line about a field: how it is written, with its aliases, and what it looks at."""

    written: str
    aliases: tuple[str, ...]
    about: str


def fields() -> list[FieldHelp]:
    """A line for each field that a rule can name, and then for each number."""
    named = [FieldHelp(f"{each}:{each.row.example}", each.row.aliases, _about(each.row)) for each in NAMED]
    return named + [FieldHelp(f"{each}>={each.row.example}", each.row.aliases, each.row.about) for each in Number]


def _about(row: TextRow) -> str:
    return f"{row.about}, and what is under one" if row.kind is FieldKind.LABELS else row.about


def table() -> str:
    """The fields as a table in Markdown, without a line end at its end."""
    lines = ["| field | looks at |", "|---|---|"]
    for each in fields():
        also = "".join(f", `{alias}:`" for alias in each.aliases)
        lines.append(f"| `{each.written}`{also} | {each.about} |")
    return "\n".join(lines)
