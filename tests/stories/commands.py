"""Runs the command line as a person would, in this process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from digestbot.cli.main import main

REAL_DUMPS = Path(__file__).parents[3] / "shared" / "dumps" / "daily_papers_text"
WITHOUT_STORE = pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
"""For what opens no store: once is enough."""
SAMPLES = sorted((Path(__file__).parents[2] / "digestbot" / "cli" / "samples").glob("*.txt"))


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
        """Everything in the store, file by file or table by table, for a look at whether something changed."""
        url = os.environ.get("DIGESTBOT_STORE")
        if url:
            return tables(url)
        data = self.home / "data"
        return {str(p.relative_to(data)): p.read_bytes() for p in sorted(data.rglob("*")) if p.is_file()}


def tables(url: str) -> dict[str, bytes]:
    """Every table of a PostgreSQL store."""
    with psycopg.connect(url) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = current_schema()").fetchall()
        found = {}
        for (name,) in names:
            with connection.cursor().copy(f"copy {name} to stdout".encode()) as copy:
                found[name] = b"".join(sorted(bytes(row) for row in copy))
        return found
