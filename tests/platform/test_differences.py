"""Row 79: what changed in the files is shown; of settings never the values, of addresses nothing that may be secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digestbot.platform.files.watching import Watched


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "subscriptions").mkdir()
    (tmp_path / "subscriptions" / "all.toml").write_text('name = "All"\ncadence = "daily 08:00"\n')
    (tmp_path / ".env").write_text("DIGESTBOT_TO_LAB=https://x.example/CANARY1\nDIGESTBOT_OPERATOR=lab\n")
    return tmp_path


def told(watched: Watched) -> list[str]:
    return list(watched.differences(watched.changed()))


def test_i79_changed_lines_are_shown_once(home: Path) -> None:
    watched = Watched(home)
    assert told(watched) == []
    (home / "subscriptions" / "all.toml").write_text('name = "All"\ncadence = "weekly mon 08:00"\n')
    assert told(watched) == [
        'subscriptions/all.toml: -cadence = "daily 08:00"',
        'subscriptions/all.toml: +cadence = "weekly mon 08:00"',
    ]
    assert told(watched) == []


def test_i79_files_that_come_and_go_and_are_unreadable_are_shown_as_far_as_can_be(home: Path) -> None:
    watched = Watched(home)
    (home / "subscriptions" / "new.toml").write_bytes(b'name = "\xff"\n')
    (home / "subscriptions" / "long.toml").write_text("#" * 100_000)
    (home / "subscriptions" / "all.toml").unlink()
    os.symlink("nowhere", home / "subscriptions" / "dangling.toml")
    assert told(watched) == [
        'subscriptions/all.toml: -name = "All"',
        'subscriptions/all.toml: -cadence = "daily 08:00"',
        'subscriptions/new.toml: +name = "\ufffd"',
    ]


def test_i79_of_settings_only_names_are_shown(home: Path) -> None:
    watched = Watched(home)
    (home / ".env").write_text("DIGESTBOT_TO_LAB=https://x.example/CANARY2\nDIGESTBOT_SECRET=CANARY3\nCANARY4\n")
    assert told(watched) == [
        ".env: DIGESTBOT_OPERATOR is gone",
        ".env: DIGESTBOT_SECRET is new",
        ".env: DIGESTBOT_TO_LAB has another value",
    ]


def test_row_62_an_address_in_the_wrong_file_is_not_told(home: Path) -> None:
    watched = Watched(home)
    (home / "subscriptions" / "all.toml").write_text('destination = "https://hooks.example/CANARY"\n')
    assert "CANARY" not in "".join(told(watched))
