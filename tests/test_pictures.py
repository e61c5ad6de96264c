"""README's pictures are small, and made by a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import pictures
from tests.web.browser import chromium

ROOT = Path(__file__).parents[1]


def test_the_pictures_are_small_and_those_that_the_command_makes() -> None:
    shown = {path.name: path for path in pictures.FOLDER.iterdir()}
    names = {"digest-desktop.png", "digest-phone-dark.png", "sign-up-phone.png", "archive-phone.png"}
    assert set(shown) == {pictures.name(*each) for each in pictures.README} == names
    for path in shown.values():
        head = path.read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        assert (path.stat().st_size < 150_000, int.from_bytes(head[16:20])) == (
            True,
            360 if "phone" in path.name else 760,
        )
    assert "deploy/pictures/digest-desktop.png" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of playwright's own loop
def test_a_picture_is_made_of_the_sample_and_the_same_each_time(tmp_path: Path) -> None:
    with chromium() as browser, pictures.site() as served:
        first, again = (
            pictures.take(browser, served, "archive", "phone", True, tmp_path).read_bytes() for _ in range(2)
        )
    assert first == again
