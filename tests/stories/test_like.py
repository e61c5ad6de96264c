"""`like` and `gist` on the command line: a library tried on dumps before anybody relies on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.stories.commands import Commands

THEMES = {
    "speech": "speech recognition of {} accents with acoustic transcripts from {} speakers",
    "glass": "molten glass in a {} furnace and the viscosity of {} silica",
    "birds": "the migration of {} songbirds and the plumage of their {} flocks",
    "bread": "sourdough fermentation of {} flour and the crumb of {} loaves",
    "tides": "estuary tides over {} mudflats and the silt of {} lagoons",
}
COLOURS = ("amber", "blue", "crimson", "dun", "emerald", "fawn", "gold", "hazel", "ivory", "jade", "khaki", "lime")


def papers(theme: str, numbers: range, *, day: str = "2026-01-{:02}") -> list[dict[str, Any]]:
    """Papers of a theme, no two alike."""
    said = THEMES[theme]
    return [
        {
            "title": f"{theme.title()} paper {COLOURS[at % 12]} {at}",
            "abstract": f"In this paper we study {said.format(COLOURS[at % 12], COLOURS[at // 12 % 12])}. It is {at}.",
            "published": day.format(1 + at % 14),
        }
        for at in numbers
    ]


def write(path: Path, some: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps({**each, "authors": []}) + "\n" for each in some), encoding="utf-8")
    return path


def dumps(folder: Path) -> tuple[Path, Path, Path]:
    """A library of speech, new papers of which four are speech (one of them liked already), and past ones."""
    liked = papers("speech", range(1000, 1006))
    known = {**liked[0], "title": liked[0]["title"].upper() + "."}
    new = [*papers("speech", range(3)), *papers("glass", range(20)), *papers("birds", range(20)), known]
    past = [one for theme in THEMES for one in papers(theme, range(100, 160))]
    return (
        write(folder / "liked.jsonl", liked),
        write(folder / "new.jsonl", new),
        write(folder / "past.jsonl", past),
    )


def ranked(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_library_ranks_new_papers_and_is_no_news_itself(run: Commands, tmp_path: Path) -> None:
    liked, new, past = dumps(tmp_path)
    ran = run("like", liked, "--dump", new, "--background", past, "--per-week", "30", "--json")
    assert ran.code == 0
    found = ranked(ran.out)
    assert len(found) == 43
    assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)
    assert {each["title"] for each in found[:3]} == {each["title"] for each in papers("speech", range(3))}
    for each in found[:3]:
        assert each["near"].startswith("Speech paper")
        assert "acoustic" in each["terms"]
    assert "measured by 300 past papers over 2.0 weeks" in ran.err
    assert [each["passes"] for each in found[3:]] == [False] * 40
    again = run("like", liked, "--dump", new, "--background", past, "--per-week", "30", "--json")
    assert again.out == ran.out


def test_nothing_is_sent_to_fill_an_empty_week(run: Commands, tmp_path: Path) -> None:
    liked, _, past = dumps(tmp_path)
    empty = write(tmp_path / "empty.jsonl", papers("glass", range(30)))
    ran = run("like", liked, "--dump", empty, "--background", past, "--json")
    assert not any(each["passes"] for each in ranked(ran.out))


def test_words_alone_will_do(run: Commands, tmp_path: Path) -> None:
    _, new, past = dumps(tmp_path)
    ran = run("like", "--about", "songbirds and their plumage", "--dump", new, "--background", past, "--json")
    found = ranked(ran.out)
    assert found[0]["title"].startswith("Birds")
    assert found[0]["near"] is None


def test_past_papers_are_those_of_the_store_unless_others_are_named(run: Commands, tmp_path: Path) -> None:
    liked, new, past = dumps(tmp_path)
    without = run("like", liked, "--dump", new)
    assert "there are no past papers: measured by the papers themselves" in without.err
    run("ingest", past)
    stored = run("like", liked, "--dump", new)
    assert "measured by 300 past papers over 0.1 weeks" in stored.err
    assert stored.out.splitlines()[1].endswith(tuple(each["title"] for each in papers("speech", range(3))))
    of_the_store = run("like", liked, "--json")
    assert len(ranked(of_the_store.out)) == 300
    assert ranked(of_the_store.out)[0]["title"].startswith("Speech")


def test_a_library_that_says_little_is_told(run: Commands, tmp_path: Path) -> None:
    _, new, past = dumps(tmp_path)
    bare = tmp_path / "bare.bib"
    entries = "@misc{a, title={Speech of amber speakers}}\n@misc{b, title={Acoustic transcripts}}\n"
    bare.write_text(entries, encoding="utf-8")
    told = run("like", bare, "--dump", new, "--background", past)
    assert "2 liked papers; 2 of them without an abstract" in told.err
    assert told.code == 0


def test_what_cannot_be_ranked_is_an_error_with_a_way_out(run: Commands, tmp_path: Path) -> None:
    _, new, _ = dumps(tmp_path)
    nothing = run("like", "--dump", new)
    assert nothing.code == 2
    assert "name dumps of papers, or --about TEXT" in nothing.err
    broken = tmp_path / "broken.bib"
    broken.write_text("@article{a, title = {", encoding="utf-8")
    ran = run("like", broken, "--dump", new)
    assert ran.code in (1, 2)
    assert "broken.bib" in ran.err
    wordless = run("like", "--about", "of the", "--dump", new)
    assert wordless.code == 2


def test_the_gist_is_a_sentence_of_each_abstract(run: Commands, tmp_path: Path) -> None:
    some, bare = write(tmp_path / "some.jsonl", papers("glass", range(3))), tmp_path / "bare.bib"
    bare.write_text("@misc{a, title={Speech of amber speakers}}\n", encoding="utf-8")
    ran = run("gist", "--dump", some, "--dump", bare, "--json")
    assert ran.code == 0
    sentences = [each["abstract"].partition(" It is")[0] for each in papers("glass", range(3))]
    assert [each["gist"] for each in ranked(ran.out)] == [*sentences, None]
    assert "1 of 4 papers have no abstract" in ran.err
    shown = run("gist", "--dump", some)
    assert "    In this paper we study molten glass" in shown.out
