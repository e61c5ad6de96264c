"""Runs the command line as a person would, in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from digestbot.cli.main import main

REAL_DUMPS = Path(__file__).parents[3] / "shared" / "dumps" / "daily_papers_text"
SAMPLES = sorted((Path(__file__).parents[2] / "digestbot" / "samples").glob("*.txt"))


@dataclass(frozen=True)
class Ran:
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Commands:
    """The command line over one working directory."""

    home: Path
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path) -> Ran:
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(self.home), *map(str, arguments)])
        written = self.capture.readouterr()
        return Ran(int(ended.value.code or 0), written.out, written.err)

    def subscribe(self, name: str, text: str) -> None:
        """Write a subscription's file."""
        folder = self.home / "subscriptions"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """Every file of the store, for a look at whether something changed."""
        data = self.home / "data"
        return {str(p.relative_to(data)): p.read_bytes() for p in sorted(data.rglob("*")) if p.is_file()}
