"""FAULTS 85: any byte of any file of a data folder changed: refused by name, or harmless; never a traceback.

5,000 of them, and not only these few hundred: ``python -m tests.store.damage``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.store.damage import carried_out, damageable, drawn, judged, prepared, said

ROUNDS = 420


@pytest.fixture
def home(tmp_path: Path) -> Path:
    prepared(tmp_path)
    return tmp_path


def test_any_change_of_any_file_is_refused_by_name_or_harmless(home: Path) -> None:
    files = damageable(home)
    assert len(files) == 14
    whole = {path: said(home, path) for path in files}
    found = [
        (judged(home, path, data, whole[path]), f"{number}: {path.name} {kind}")
        for number, path, kind, data in drawn(home, ROUNDS)
    ]
    assert [story for how, story in found if how == "silent"] == []
    assert sum(how == "refused" for how, _ in found) > ROUNDS // 4


def test_commands_end_in_words_and_a_restore_sends_nothing_again(
    home: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that ended in anything but its exit would raise here."""
    shutil.rmtree(home / "out")
    for number, path, kind, data in drawn(home, ROUNDS):
        if number % 35 == 0 and data != path.read_bytes():
            case = tmp_path_factory.mktemp("case") / "home"
            assert carried_out(home, case, path, data) == "", f"{number}: {path.name} {kind}"
            shutil.rmtree(case.parent)
    capsys.readouterr()
