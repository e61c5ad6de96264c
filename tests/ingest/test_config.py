"""`sources.toml`: what it may say, and every problem with its line."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.ingest.sources.config import read_sources
from digestbot.ingest.sources.polling import SourceConfig
from digestbot.model.errors import UsageError

SAMPLE = Path(__file__).parents[2] / "digestbot" / "cli" / "samples" / "sources.toml"
FORMATS = ("arxiv-mail", "feed")


def read(tmp_path: Path, text: str) -> list[SourceConfig]:
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return list(read_sources(path, "sources.toml", FORMATS))


def test_no_file_is_no_sources(tmp_path: Path) -> None:
    assert list(read_sources(tmp_path / "sources.toml", "sources.toml", FORMATS)) == []


def test_the_sample_fetches_nothing_until_its_hash_signs_are_taken_away(tmp_path: Path) -> None:
    sample = SAMPLE.read_text(encoding="utf-8")
    assert read(tmp_path, sample) == []
    found = read(tmp_path, re.sub(r"^# (?=\[|\w+ = )", "", sample, flags=re.MULTILINE))
    assert {each.kind for each in found} == {"arxiv-api", "url", "folder", "arxiv-oai", "imap", "zotero"}
    assert {each.name for each in found if each.library} == {"my-zotero", "my-papers"}


def test_a_preset_stands_for_its_keys_and_a_key_beside_it_wins(tmp_path: Path) -> None:
    (found,) = read(tmp_path, '[x]\npreset = "arxiv:cs.CL"\nevery = "daily 08:00"\n')
    assert (found.kind, found.options) == ("arxiv-api", {"categories": ["cs.CL"]})
    assert getattr(found.every, "text", None) == "daily 08:00"
    assert found.stale_after == timedelta(days=5)


@pytest.mark.parametrize(
    ("written", "days", "baseline"),
    [('"baseline"', None, True), ('"last 7 days"', 7, False), ('"30 days"', 30, False)],
)
def test_every_kind_of_source_may_have_a_first_run(
    tmp_path: Path, written: str, days: int | None, baseline: bool
) -> None:
    (found,) = read(tmp_path, f'[x]\nkind = "url"\nurl = "https://example.org/"\nfirst_run = {written}\n')
    assert (found.first_run, found.baseline) == (days and timedelta(days=days), baseline)


def test_another_place_is_another_source_another_schedule_is_not(tmp_path: Path) -> None:
    text = '[x]\nkind = "folder"\npath = "in"\n'
    (one,), (same,) = read(tmp_path, text), read(tmp_path, f'{text}every = "1 hour"\nsettled_for = "5 seconds"\n')
    (other,) = read(tmp_path, text.replace('"in"', '"out"'))
    assert one.place == same.place != other.place


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ('kind = "url"\n', 1, "outside a table"),
        ('[x]\nkind = "folders"\n', 2, "did you mean 'folder'?"),
        ("[x]\n\n", 1, "without kind"),
        ('[x]\npreset = "hacker-news"\n', 2, "no preset 'hacker-news'"),
        ('[x]\nkind = "url"\npreset = "daily-papers"\n', 2, "kind and preset"),
        ('[x]\nkind = "folder"\n', 1, "needs path"),
        ('[x]\nkind = "folder"\npath = 3\n', 3, "must be a text"),
        ('[x]\nkind = "url"\nurls = "http://x"\n', 3, "did you mean 'url'?"),
        ('[x]\nkind = "url"\nurl = "https://u:p@x/"\n', 3, "DIGESTBOT_SOURCE_X"),
        ('[x]\nkind = "url"\nevery = "1 minute"\n', 3, "too often"),
        ('[x]\nkind = "url"\nevery = "instant"\n', 3, "every cannot be"),
        ('[x]\nkind = "url"\nevery = "0 hours"\n', 3, "every cannot be"),
        ('[x]\nkind = "url"\nstale_after = 3\n', 3, "stale_after cannot be"),
        ('[x]\nkind = "url"\nfirst_run = "yesterday"\n', 3, "first_run cannot be"),
        ('[x]\nkind = "url"\ntimezone = "Europe/Berlln"\n', 3, "Europe/Berlin"),
        ('[x]\nkind = "url"\ntimezone = 5\n', 3, "unknown time zone"),
        ('[x]\nkind = "url"\nformat = "arxiv-mial"\n', 3, "did you mean 'arxiv-mail'?"),
        ('[x]\nkind = "url"\nformat = ["feed"]\n', 3, "unknown format"),
        ('[x]\nkind = "url"\nlargest_mb = true\n', 3, "largest_mb cannot be"),
        ('[x]\nkind = "arxiv-api"\ncategories = []\n', 3, "list of texts"),
        ('["a b"]\nkind = "url"\n', 1, "cannot be called"),
    ],
)
def test_every_problem_has_its_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    (problem,) = caught.value.problems
    assert (problem.line, told in str(problem)) == (line, True), str(problem)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, '[a]\nkind = "x"\n[b]\nkind = "url"\nevery = "never"\nformat = "x"\n')
    assert [each.line for each in caught.value.problems] == [2, 5, 6]
