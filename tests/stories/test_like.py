"""`like` and `gist` on the command line: a library tried on dumps before anybody relies on it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import count, repeat
from pathlib import Path
from typing import Any

import pytest

from digestbot.bootstrap import App
from digestbot.digests.likes import likes_of
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import Paper
from digestbot.subscribers.library import MOST_LIKED, Library
from tests.stories.commands import Commands

THEMES = {
    "speech": "speech recognition of {} accents with acoustic transcripts from {} speakers",
    "glass": "molten glass in a {} furnace and the viscosity of {} silica",
    "birds": "the migration of {} songbirds and the plumage of their {} flocks",
    "bread": "sourdough fermentation of {} flour and the crumb of {} loaves",
    "mills": "windmills with {} sails and the grinding of {} millstones",
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
    assert "measured by 360 past papers over 2.0 weeks" in ran.err
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
    assert "measured by 360 past papers over 0.1 weeks" in stored.err
    assert stored.out.splitlines()[1].endswith(tuple(each["title"] for each in papers("speech", range(3))))
    of_the_store = run("like", liked, "--json")
    assert len(ranked(of_the_store.out)) == 360
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


LIKER = """
name = "Speech"
cadence = "daily 08:00"
max_entries = 8
{more}
[like]
library = "../liked.jsonl"
per_week = {per_week}

[[to]]
channel = "file"
path = "out"
"""


def liker(run: Commands, more: str = "", *, themes: Iterable[str] = THEMES, per_week: int = 400) -> None:
    """A subscription that likes speech, over a log into which sixty papers of each theme came on one day."""
    write(run.home / "liked.jsonl", papers("speech", range(1000, 1006)))
    run("ingest", write(run.home / "past.jsonl", [one for theme in themes for one in papers(theme, range(100, 160))]))
    run.subscribe("speech", LIKER.format(more=more, per_week=per_week))
    run("status")
    run("send")  # begins with what comes from now on


def entries(run: Commands) -> list[dict[str, Any]]:
    """Those of the digest that would be sent now."""
    data = json.loads(run("preview", "speech", "--format", "json").out)["data"]
    return [each | {"heading": section["heading"]} for section in data["sections"] for each in section["entries"]]


def titles(some: list[dict[str, Any]]) -> set[str]:
    return {each["paper"]["title"] for each in some}


def test_a_digest_has_what_is_like_a_library_in_a_section_of_its_own(run: Commands) -> None:
    liker(run, 'keywords = ["sourdough"]\nexclude = ["jade"]')
    known = papers("speech", range(1000, 1001))[0]
    known = {**known, "title": known["title"].upper() + "."}
    new = [*papers("speech", range(12)), *papers("bread", range(2)), *papers("glass", range(9)), known]
    run("ingest", write(run.home / "new.jsonl", new))
    found = entries(run)
    ruled = [each for each in found if each["heading"] != "Like what you like"]
    liked = [each for each in found if each["heading"] == "Like what you like"]
    assert titles(ruled) == titles([{"paper": each} for each in papers("bread", range(2))])
    assert liked
    assert all(each["paper"]["title"].startswith("Speech paper") for each in liked)
    assert found[: len(ruled)] == ruled, "likeness comes after the rules"
    assert not any("jade" in json.dumps(each["paper"]) for each in found), "what is excluded stays out"
    assert known["title"] not in titles(found), "what is liked already is no news"
    assert len(found) <= 10, "eight, and likeness has room for a quarter more"
    shown = run("preview", "speech").out
    assert "Like “Speech paper" in shown
    assert "By likeness about 400 papers a week" in shown
    before = run("preview", "speech", "--format", "json").out
    assert run("send", "speech").code == 0
    assert run("preview", "speech", "--format", "json").out == before, "what was sent is what was shown"
    run("ingest", write(run.home / "later.jsonl", papers("tides", range(3))))
    run("send", "speech")
    with App.open(str(run.home), read_only=True) as app:
        assert app.store.digests("speech")[-1].entries == (), "what had no room does not come later"


def test_a_subscription_may_have_likes_and_no_rule(run: Commands) -> None:
    liker(run)
    run("ingest", write(run.home / "new.jsonl", [*papers("speech", range(3)), *papers("glass", range(9))]))
    found = entries(run)
    assert titles(found) == titles([{"paper": each} for each in papers("speech", range(3))])
    assert all(each["likeness"] > 0 and each["near"].startswith("Speech") for each in found)
    assert run("check").code == 0


def test_an_empty_week_sends_nothing_by_likeness(run: Commands) -> None:
    liker(run)
    run("ingest", write(run.home / "new.jsonl", papers("glass", range(9))))
    ran = run("send", "speech")
    assert ran.code == 0
    assert "none of 9 new papers" in ran.out + ran.err


def test_more_like_this_joins_what_is_liked_and_explain_says_why(run: Commands) -> None:
    liker(run, "query = 'title:\"amber 0\"'", themes=("birds", "bread", "tides", "mills"), per_week=100)
    run("ingest", write(run.home / "few.jsonl", papers("glass", range(200, 204))))
    run("send")
    run("ingest", write(run.home / "one.jsonl", papers("glass", range(1))))
    assert run("send", "speech").code == 0
    run("ingest", write(run.home / "two.jsonl", papers("glass", range(1, 9))))
    wanted = papers("glass", range(6, 7))[0]["title"]
    assert "not above the cut" in run("explain", wanted, "speech").out
    before = entries(run)
    assert wanted not in titles(before)
    with App.open(str(run.home)) as app:
        place = app.store.digests("speech")[-1].entries[0].sequence
        app.store.put_opinions([Feedback("speech", place, Liking.MORE, app.clock())])
    assert wanted in titles(entries(run))
    explained = run("explain", wanted, "speech").out
    assert "likeness: " in explained
    assert "above the cut" in explained
    assert "nearest to 'Glass paper amber 0'" in explained
    (words,) = (line for line in explained.splitlines() if "words in common: " in line)
    assert {"glass", "molten", "furnace", "viscosity", "silica"} & {*words.lower().replace(",", "").split()}


def test_what_likeness_lacks_is_told(run: Commands) -> None:
    text = LIKER.format(more="", per_week=5)
    run.subscribe("speech", text.replace('library = "../liked.jsonl"', 'papers = ["2301.00001", "2301.00002"]'))
    checked = run("check")
    assert checked.code == 0
    assert "subscriptions/speech.toml: [like]: nothing is known of what you like" in checked.err
    assert "2 papers you like are not known here" in checked.err


@pytest.mark.parametrize(
    ("table", "line", "said"),
    [
        ('like = "this"', 3, "like must be a table"),
        ("[like]", 3, "nothing is said to be liked"),
        ("[like]\npapers = []\nper_weak = 3", 5, "did you mean 'per_week'?"),
        ('[like]\nabout = "x"\nper_week = 0', 5, "per_week cannot be 0"),
        ('[like]\nlibrary = "gone.bib"', 4, "there is no file 'gone.bib'"),
        ('exclude = ["("]\n[like]\nabout = "glass"', 3, "this bracket is never closed"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(run: Commands, table: str, line: int, said: str) -> None:
    run.subscribe("speech", f'name = "x"\ncadence = "daily 08:00"\n{table}\n[[to]]\nchannel = "file"\npath = "out"\n')
    checked = run("check")
    assert checked.code == 2
    assert f"subscriptions/speech.toml:{line}" in checked.err
    assert said in checked.err


def test_a_library_that_breaks_is_told_and_stops_no_other(run: Commands) -> None:
    liker(run)
    run.subscribe("other", 'keywords = ["glass"]\n[[to]]\nchannel = "file"\npath = "out"\n')
    run("send")
    (run.home / "liked.jsonl").write_text("nothing of the kind", encoding="utf-8")
    run("ingest", write(run.home / "new.jsonl", papers("glass", range(3))))
    assert "[like] cannot be used: " in run("check").err
    sent = run("send")
    assert sent.code != 0
    assert "other: 3" in sent.out or (run.home / "out" / "other").is_dir()


def test_plain_words_are_searched_for_and_a_rule_is_matched(run: Commands, tmp_path: Path) -> None:
    new = write(tmp_path / "new.jsonl", [*papers("speech", range(3)), *papers("bread", range(5))])
    searched = run("match", "--rank", "acoustic transcripts of sourdough", "--dump", new, "--json")
    assert [each["title"].split()[0] for each in ranked(searched.out)] == ["Speech"] * 3 + ["Bread"] * 5
    assert "8 of 8 papers hold some of the words, ranked by BM25" in searched.err
    scores = [each["score"] for each in ranked(searched.out)]
    assert scores == sorted(scores, reverse=True)
    rule = run("match", "--rank", "acoustic OR transcripts", "--dump", new, "--json")
    assert len(ranked(rule.out)) == 3
    assert "3 of 8 papers match exactly: this is a rule, and not ranked" in rule.err


def test_what_is_liked_and_in_the_log_itself_does_not_raise_the_cut(run: Commands) -> None:
    past = [one for theme in ("birds", "bread", "tides", "mills") for one in papers(theme, range(100, 160))]
    run("ingest", write(run.home / "past.jsonl", [*past, *papers("speech", range(1000, 1006))]))
    run("ingest", write(run.home / "liked.jsonl", papers("speech", range(1000, 1006))))
    run.subscribe("speech", LIKER.format(more="", per_week=7))
    run("status")
    run("send")
    with App.open(str(run.home), read_only=True) as app:
        (compiled,) = app.wants(["speech"])
        taste = likes_of(app.store).taste(compiled, app.store.head(), ())
        liked = [taste.likeness(each).score for each in taste.known.papers]
    assert len(liked) == 6
    assert taste.likened.cut < min(liked)


def test_of_a_library_beyond_all_bounds_the_first_papers_count_and_that_is_told(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digestbot.subscribers.library.MOST_LIKED", 3)
    liker(run)
    assert "the library has more than 3 papers: the first of them count" in run("check").err
    new = write(run.home / "new.jsonl", papers("glass", range(3)))
    ran = run("like", run.home / "liked.jsonl", "--dump", new)
    assert "3 liked papers; more than 3 are there: the rest is left aside" in ran.err


@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
@pytest.mark.parametrize(("likes", "loaded"), [("", "[]"), ('[like]\nabout = "acoustic accents"\n', "['numpy']")])
def test_arrays_are_loaded_for_those_who_like_something_and_no_client_of_a_model_without_one(
    run: Commands, tmp_path: Path, likes: str, loaded: str
) -> None:
    wants = 'keywords = ["acoustic"]\nfirst_run = "last 7 days"\n'
    run.subscribe("mine", f'{wants}{likes}[[to]]\nchannel = "file"\npath = "out"\n')
    assert run("ingest", dumps(tmp_path)[1]).code == 0
    program = (
        f"import sys; from digestbot.cli.main import _run; _run(['--home', {str(run.home)!r}, 'send']); "
        "print([each for each in ('numpy', 'digestbot.platform.net.chat_model') if each in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == loaded
    assert "sent" in ran.stderr


def test_a_library_without_end_is_read_no_further_than_it_counts() -> None:
    told = count()

    def endless(path: Path) -> Iterator[Paper]:
        return (Paper(title=f"The liked one of number {next(told)}") for _ in repeat(None))

    library = Library(Path(__file__), "mine", endless)
    assert len(library.works()) == MOST_LIKED
    assert library.more
    assert next(told) == MOST_LIKED + 1
