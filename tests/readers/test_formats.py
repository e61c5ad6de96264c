"""The table of formats comes from the readers, so that it cannot say what is not so."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from digestbot.readers import READERS, formats
from digestbot.readers.format_table import rows, table

# of readers without a sample among the kinds, where their tests are called otherwise
TESTED_BY = {
    "arxiv-atom": "feeds",
    "biorxiv": "json_formats",
    "csl-json": "json_formats",
    "datacite": "json_formats",
    "dblp": "dblp_and_acl",
    "europe-pmc": "json_formats",
    "oai-pmh": "arxiv_oai",
}


def test_every_reader_has_a_row_under_a_name_of_its_own() -> None:
    assert [name for name, _ in rows()] == sorted({reader.name for reader in READERS})
    assert len(rows()) == len(READERS)


def test_names_and_titles_fit_the_command_line_and_the_table() -> None:
    for name, title in rows():
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name)
        assert 0 < len(title) < 90
        assert f"| `{name}` | {title} |" in table()


def test_every_class_that_reads_is_registered() -> None:
    """Each public class of a module of `formats` that has all that a reader has."""
    found = set()
    for module in iter_modules(formats.__path__, f"{formats.__name__}."):
        for name, each in vars(import_module(module.name)).items():
            is_own = isinstance(each, type) and each.__module__.startswith(module.name) and not name.startswith("_")
            if is_own and all(hasattr(each, part) for part in ("name", "title", "recognises", "read")):
                found.add(each)
    assert found == {type(reader) for reader in READERS}


def test_every_reader_has_a_sample_or_a_test_of_its_own() -> None:
    here = Path(__file__).parent
    told = json.loads((here / "kinds" / "expected.json").read_text("utf-8"))
    sampled = {each["format"] for each in told.values() if "format" in each}
    tested = {path.stem.removeprefix("test_") for path in here.glob("test_*.py")}
    without = {reader.name for reader in READERS} - sampled
    assert {name for name in without if TESTED_BY.get(name, name.replace("-", "_")) not in tested} == set()
