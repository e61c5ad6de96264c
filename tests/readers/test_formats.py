"""The table of formats comes from the readers, so that it cannot say what is not so."""

from __future__ import annotations

import re

from digestbot.readers import READERS
from digestbot.readers.format_table import rows, table


def test_every_reader_has_a_row_under_a_name_of_its_own() -> None:
    assert [name for name, _ in rows()] == sorted({reader.name for reader in READERS})
    assert len(rows()) == len(READERS)


def test_names_and_titles_fit_the_command_line_and_the_table() -> None:
    for name, title in rows():
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name)
        assert 0 < len(title) < 90
        assert f"| `{name}` | {title} |" in table()
