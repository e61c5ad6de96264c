"""`ingest` without dumps: what a person sees of the sources."""

from __future__ import annotations

import json
import os

from tests.stories.commands import SAMPLES, Commands


def test_ingest_without_dumps_reads_the_sources_and_says_what_each_brought(run: Commands) -> None:
    folder = run.home / "incoming"
    folder.mkdir()
    (folder / "daily.txt").write_bytes(SAMPLES[0].read_bytes())
    os.utime(folder / "daily.txt", (1_700_000_000, 1_700_000_000))
    text = '[incoming]\nkind = "folder"\npath = "incoming"\n[gone]\nkind = "folder"\npath = "nosuch"\n'
    (run.home / "sources.toml").write_text(text)
    ran = run("ingest")
    assert ran.code == 1
    assert "daily.txt: " in ran.out
    assert "source incoming: " in ran.out
    assert "source gone: " in ran.err
    assert "no such folder" in ran.err
    rows = [json.loads(line) for line in run("ingest", "--json").out.splitlines()]
    assert {row["source"]: (row["found"], row["health"]) for row in rows} == {
        "incoming": (0, "quiet"),
        "gone": (0, "broken"),
    }


def test_ingest_with_neither_dumps_nor_sources_is_bad_usage(run: Commands) -> None:
    ran = run("ingest")
    assert ran.code == 2
    assert "sources.toml" in ran.err


def test_a_wrong_sources_file_is_bad_configuration_with_its_line(run: Commands) -> None:
    (run.home / "sources.toml").write_text('[x]\nkind = "urll"\n')
    ran = run("ingest")
    assert ran.code == 2
    assert "sources.toml:2: [x] unknown kind 'urll' (did you mean 'url'?)" in ran.err


def test_init_writes_a_sources_file_that_fetches_nothing_yet(run: Commands) -> None:
    assert run("init", run.home).code == 0
    assert (run.home / "sources.toml").is_file()
    assert run("ingest").code == 2
