"""The table of formats, made from the readers themselves, so that what deploy/DUMPS.md says is what can be read."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.readers.registry import READERS


def rows() -> Sequence[tuple[str, str]]:
    """Each format's name, as `--format` takes it, and what it is; sorted by name."""
    return sorted((reader.name, reader.title) for reader in READERS)


def table() -> str:
    """The rows as a Markdown table, without a line end at its end."""
    lines = ["| format | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {title.replace('|', chr(92) + '|')} |" for name, title in rows()]
    return "\n".join(lines)
