"""What a person sees at a terminal: pager, colours, lines that fit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digestbot.cli.progress import ByteBar, PaperBar
from tests.stories.commands import SAMPLES
from tests.stories.terminal import at_terminal

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A pager that says that it was there."""
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho PAGED; exec cat\n")
    pager.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return {**kept, "PAGER": str(pager)}


def test_long_results_go_through_the_pager_in_colour(tmp_path: Path, environ: dict[str, str]) -> None:
    with at_terminal("match", "multilingual", "--dump", str(SAMPLES[0]), home=tmp_path, environ=environ) as terminal:
        assert terminal.end() == 0
    assert terminal.seen.startswith("PAGED\n")
    assert "\x1b[2m" in terminal.raw
    assert "papers match" in terminal.seen


def test_no_colour_where_none_is_wanted(tmp_path: Path, environ: dict[str, str]) -> None:
    plain = {**environ, "NO_COLOR": "1"}
    with at_terminal("match", "multilingual", "--dump", str(SAMPLES[0]), home=tmp_path, environ=plain) as terminal:
        assert terminal.end() == 0
    assert "\x1b[" not in terminal.raw


def test_a_pager_that_is_left_early_is_no_failure(tmp_path: Path, environ: dict[str, str]) -> None:
    Path(environ["PAGER"]).write_text("#!/bin/sh\nexec head -n 1\n")
    with at_terminal("topics", "computer-science", home=tmp_path, environ=environ) as terminal:
        assert terminal.end() == 0
    assert "Traceback" not in terminal.seen


def test_lines_of_a_table_fit_the_terminal(tmp_path: Path, environ: dict[str, str]) -> None:
    with at_terminal("doctor", "--offline", home=tmp_path, environ=environ) as terminal:
        terminal.end()
    lines = terminal.seen.splitlines()
    assert [line for line in lines if len(line) > 80 and " " in line.strip()] == []  # a path is not broken
    assert any(line.startswith(" " * 14) and not line.strip().startswith("mend:") for line in lines)


def test_a_bar_says_how_fast_it_goes_and_what_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([100.0, 102.0, 102.0, 102.0, 104.0, 104.0, 104.0])
    monkeypatch.setattr("digestbot.cli.progress.time.monotonic", lambda: next(times))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    bar = ByteBar("a.txt", 10_000_000)
    bar(2_000_000)
    bar(2_000_000)
    shown = capsys.readouterr().err.split("\r\x1b[K")[1:]
    assert shown == [
        "a.txt  [######------------------------]  20% of 10.0 MB, 1.0 MB/s, 8 s left",
        "a.txt  [############------------------]  40% of 10.0 MB, 1.0 MB/s, 6 s left",
    ]


def test_nothing_is_said_of_the_pace_before_it_can_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.0, 0.2, 0.2, 0.2, 131.0, 131.0, 131.0])
    monkeypatch.setattr("digestbot.cli.progress.time.monotonic", lambda: next(times))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "50")
    bar = PaperBar("log", 262)
    bar(1)
    bar(130)
    shown = capsys.readouterr().err.split("\r\x1b[K")[1:]
    assert shown == [
        "log  [------------------------------]   0% of 262",
        "log  [###############---------------]  50% of 262",
    ]
