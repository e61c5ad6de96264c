"""The papers that rise, day by day from the command line, and what `explain` says of them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.stories.commands import Commands

RISING = """
cadence = "daily 09:00"
query = "*"
order = "trending"
max_entries = 2
carry = false
first_run = "last 7 days"

[[to]]
channel = "file"
path = "out"
formats = "json"
"""


def ingested(run: Commands, folder: Path, day: int, upvotes: dict[str, int]) -> None:
    """A listing of these papers, as it stood that day."""
    dump = folder / f"day{day}.jsonl"
    told = [{"title": name, "abstract": f"We study {name}.", "upvotes": n} for name, n in upvotes.items()]
    dump.write_text("".join(f"{json.dumps(each)}\n" for each in told))
    assert run("ingest", dump).code == 0


def test_explain_tells_the_gain_that_the_digest_went_by_whatever_came_since(run: Commands, tmp_path: Path) -> None:
    run.subscribe("rising", RISING)
    ingested(run, tmp_path, 1, {"Slow": 9, "Late": 1, "Early": 20, "Never": 2})
    assert run("send", "rising").code == 0
    told = "trending, in the digest rising/"
    first = run("explain", "Early", "rising").out
    assert told in first
    assert ": 20 upvotes, 0 when the digest before it was made: +20 in its time, 20.00 for its age" in first
    ingested(run, tmp_path, 2, {"Slow": 10, "Late": 31, "Early": 50, "Never": 3})
    assert "20 upvotes, 0 when" in run("explain", "Early", "rising").out
    assert (
        "trending, now: 31 upvotes, 1 when the digest before it was made: +30" in run("explain", "Late", "rising").out
    )
    assert run("send", "rising").code == 0
    late = run("explain", "Late", "rising").out
    assert told in late
    assert ": 31 upvotes, 1 when the digest before it was made: +30 in its time, 30.00 for its age" in late
    shown = [json.loads(each.read_text()) for each in sorted((run.home / "out" / "rising").glob("*.json"))]
    titles = [[each["paper"]["title"] for s in day["data"]["sections"] for each in s["entries"]] for day in shown]
    assert sorted(titles) == [["Early", "Slow"], ["Late", "Never"]]
