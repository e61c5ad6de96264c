"""Small dumps of the kinds that people hand in: each read to the last field, or refused with a sentence.

They are in ../shared/cases/reading, when that is there; `expected.json` says what is in them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.stories.commands import Commands

CASES = Path(__file__).parents[3] / "shared" / "cases" / "reading"
DESCRIPTION = CASES / "expected.json"
EXPECTED: list[dict[str, Any]] = json.loads(DESCRIPTION.read_text("utf-8")) if DESCRIPTION.exists() else []
ONCE = pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
MISSING = pytest.mark.skipif(not EXPECTED, reason="the cases are not in ../shared/cases/reading")
EVERYTHING = "published>=1900 OR NOT published>=1900"
# what `expected.json` calls the fields, and what a paper does
FIELDS = {
    "authors": "authors",
    "author_counts": "author_count",
    "published": "published",
    "url": "url",
    "kinds": "kind",
}
FEEDS = {
    name: (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Journal of Lamps</title>'
        f"<link>https://lamps.example.org/</link>{items}</channel></rss>"
    )
    for name, items in {
        "first": "".join(
            f"<item><title>Lanterns at teh sea, part {n}</title><link>https://lamps.example.org/a/{n}</link>"
            f"<guid>https://lamps.example.org/a/{n}</guid></item>"
            for n in range(3)
        ),
        "corrected": "".join(
            f"<item><title>Lanterns at the sea, part {n}</title><link>https://lamps.example.org/a/{n}</link>"
            f"<guid>https://lamps.example.org/a/{n}</guid></item>"
            for n in range(3)
        ),
        "one link": "".join(
            f"<item><title>{what} and what they are for</title><link>https://lamps.example.org/now</link>"
            "<guid>https://lamps.example.org/now</guid></item>"
            for what in ("Lanterns", "Ropes", "Wells")
        ),
    }.items()
}


@MISSING
@ONCE
@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["file"])
def test_a_case_is_read_as_described_or_refused(run: Commands, case: dict[str, Any]) -> None:
    path = CASES / case["file"]
    ran = run("read", "--json", path)
    papers = [json.loads(line) for line in ran.out.splitlines()]
    if case["refused"]:
        refused(run, path, case.get("partial", 0))
        assert ran.code == 1
        return
    if case.get("or_refused") and ran.code == 1:
        refused(run, path, 0)
        return
    assert (ran.code, "error" in ran.err) == (case["exit"], False), ran.err
    told = folded if case.get("folded") else str
    assert [told(paper["title"]) for paper in papers] == [told(title) for title in case["titles"]]
    for name, field in FIELDS.items():
        wanted = case.get(name, [None] * len(papers))
        found = [paper[field] if each is not None else None for paper, each in zip(papers, wanted, strict=True)]
        assert found == wanted
    for paper, start in zip(papers, case.get("abstract_starts", [None] * len(papers)), strict=True):
        assert start is None or paper["abstract"].startswith(start)
    for paper, ids in zip(papers, case.get("ids", [None] * len(papers)), strict=True):
        assert (ids or {}).items() <= paper["ids"].items()
    for rule, count in case.get("matches", {}).items():
        assert len(run("match", rule, "--dump", path, "--json").out.splitlines()) == count


def refused(run: Commands, path: Path, partial: int) -> None:
    """Said in a sentence, with nothing stored; `partial`: how many papers are taken all the same when asked for."""
    ran = run("ingest", path)
    assert ran.code == 1
    assert re.search(r"error: .*\(.+\)", ran.err)
    assert run("match", EVERYTHING).out == ""
    if partial:
        assert f"{partial} new" in run("ingest", "--partial", path).out


def folded(title: str) -> str:
    return re.sub(r"[\W_]", "", title).casefold()


def test_a_feeds_corrected_titles_are_no_news(run: Commands, tmp_path: Path) -> None:
    dump = tmp_path / "feed.xml"
    run.subscribe("all", 'query = "lanterns"\nfirst_run = "last 7 days"\n[[to]]\nchannel = "file"\npath = "out"\n')
    dump.write_text(FEEDS["first"])
    assert "3 new" in run("ingest", dump).out
    sent = run("send")
    assert sent.code == 0
    dump.write_text(FEEDS["corrected"])
    assert "0 new, 3 updated" in run("ingest", dump).out
    assert "3 duplicate" in run("ingest", dump).out
    before = sorted((run.home / "out").rglob("*"))
    run("send")
    assert sorted((run.home / "out").rglob("*")) == before
    assert "part 1" in run("match", "the").out


def test_a_feed_that_gives_all_its_items_one_link_loses_none(run: Commands, tmp_path: Path) -> None:
    dump = tmp_path / "feed.xml"
    dump.write_text(FEEDS["one link"])
    assert "3 new" in run("ingest", dump).out
    dump.write_text(FEEDS["one link"].replace("Lanterns", "Kites").replace("Ropes", "Nets"))
    assert "2 new, 0 updated, 1 duplicate" in run("ingest", dump).out


@ONCE
def test_read_says_how_sure_it_is_and_why_not(run: Commands, tmp_path: Path) -> None:
    dump = tmp_path / "list.txt"
    dump.write_text("title\nLanterns at sea and who sees them\n")
    assert "taken for csv with 35% certainty" in run("read", dump).err
    dump.write_text("title,abstract,doi\nLanterns,We hang them.,10.1000/1\n")
    assert "certainty" not in run("read", dump).err


@ONCE
def test_most_of_a_dump_kept_out_is_a_failure_that_stores_nothing(run: Commands, tmp_path: Path) -> None:
    dump = tmp_path / "list.csv"
    dump.write_text("title,abstract\nLanterns,We hang them.\n" + ",An abstract alone.\n" * 3)
    assert run("read", dump).code == 1
    ran = run("ingest", dump)
    assert (ran.code, "most of it was kept out, nothing of it was stored" in ran.err) == (1, True)
    assert "1 new" in run("ingest", "--partial", dump).out
