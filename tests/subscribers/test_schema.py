"""What may stand in a subscription's file, by values: every key, its bounds, and what is said of what is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digestbot.model.cadence import parse_cadence
from digestbot.model.subscriptions import (
    CatchUp,
    Destination,
    GistSource,
    LikeSpec,
    RuleSpec,
    SortOrder,
    Subscription,
    Thread,
    WhenEmpty,
)
from digestbot.platform.files.toml import TomlFile
from digestbot.subscribers.schema import Checker

TO = '[[to]]\nchannel = "email"\naddress = "ada@example.org"\n'
ADA = Destination("email", {"address": "ada@example.org"})


def checked(folder: Path, text: str) -> tuple[Subscription | None, list[tuple[int | None, str, str | None]]]:
    """The subscription of a file, and each problem: its line, what is said, the way out."""
    path = folder / "ada.toml"
    path.write_text(text, encoding="utf-8")
    checker = Checker(TomlFile(path, "ada.toml"))
    found = checker.subscription("ada")
    return found, [(each.line, each.message, each.way_out) for each in checker.problems]


def test_what_a_file_leaves_out_is_as_usual(tmp_path: Path) -> None:
    found, problems = checked(tmp_path, f'keywords = ["moss"]\n{TO}')
    assert problems == []
    assert found is not None
    assert (found.id, found.name, found.timezone, found.to) == ("ada", "ada", "UTC", (ADA,))
    assert found.cadence == parse_cadence("daily 08:00")
    assert found.spec == RuleSpec(keywords=("moss",))
    assert (found.max_entries, found.waiting_share, found.waiting_days) == (20, 0.25, 14)
    assert (found.order, found.when_empty, found.catch_up) == (SortOrder.RELEVANCE, WhenEmpty.SKIP, CatchUp.MERGE)
    assert (found.first_run_days, found.paused_until, found.like) == (None, None, None)
    assert (found.paused, found.public, found.feedback, found.carry) == (False, False, True, True)
    assert (found.thread, found.gist, found.language) == (Thread.SERIES, GistSource.SENTENCE, "en")


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ('name = "Moss"', "name", "Moss"),
        ('timezone = "Europe/Berlin"', "timezone", "Europe/Berlin"),
        *((f"max_entries = {number}", "max_entries", number) for number in (1, 500)),
        *((f"waiting_days = {number}", "waiting_days", number) for number in (1, 365)),
        *(
            (f"waiting_share = {said}", "waiting_share", share)
            for said, share in (("0", 0.0), ("1", 1.0), ("0.5", 0.5))
        ),
        ('order = "newest"', "order", SortOrder.NEWEST),
        ('when_empty = "note"', "when_empty", WhenEmpty.NOTE),
        ('catch_up = "each"', "catch_up", CatchUp.EACH),
        ('thread = "none"', "thread", Thread.NONE),
        ('first_run = "baseline"', "first_run_days", None),
        ('first_run = " Last 7 Days "', "first_run_days", 7),
        ('first_run = "last 1 day"', "first_run_days", 1),
        ('first_run = "last 9999 days"', "first_run_days", 9_999),
        ("paused = true", "paused", True),
        ("public = true", "public", True),
        ("feedback = false", "feedback", False),
        ("carry = false", "carry", False),
        ("paused_until = 2026-04-01", "paused_until", date(2026, 4, 1)),
        ('paused_until = "2026-04-01"', "paused_until", date(2026, 4, 1)),
        ("gist = true", "gist", GistSource.SENTENCE),
        ("gist = false", "gist", GistSource.NONE),
        ('gist = "model"', "gist", GistSource.MODEL),
        *((f'language = "{code}"', "language", code) for code in ("zh", "deu", "pt-BR", "zh-Hant-TW-x1")),
    ],
)
def test_what_a_key_says_is_so(tmp_path: Path, line: str, name: str, value: object) -> None:
    found, problems = checked(tmp_path, f'keywords = ["moss"]\n{line}\n{TO}')
    assert problems == []
    assert (type(getattr(found, name)), getattr(found, name)) == (type(value), value)


def test_every_key_of_a_rule_is_taken(tmp_path: Path) -> None:
    rules = 'topics = ["ml"]\nrequire = ["a"]\nexclude = ["b", "c"]\nquery = "x"\nquery_name = "X"\n'
    found, _ = checked(tmp_path, f"{rules}{TO}")
    assert found is not None
    assert found.spec == RuleSpec((), ("a",), ("b", "c"), ("ml",), "x", "X")


@pytest.mark.parametrize(
    ("line", "said", "way_out"),
    [
        ('keywrods = ["a"]', "unknown key 'keywrods'", "did you mean 'keywords'?"),
        ("sz = 1", "unknown key 'sz'", "known are name, timezone, cadence, topics, keywords, "),
        ("name = 3", "name must be a text in quotes", 'write name = "..." or leave it out'),
        ('name = " "', "name must be a text in quotes", 'write name = "..." or leave it out'),
        ('topics = "ml"', "topics must be a list of texts", 'write topics = ["one", "another"]'),
        ('topics = ["ml", 3]', "topics must be a list of texts", 'write topics = ["one", "another"]'),
        ('topics = ["ml", " "]', "topics must be a list of texts", 'write topics = ["one", "another"]'),
        *(
            (f"max_entries = {wrong}", f"max_entries cannot be {shown}", "write 1 to 500")
            for wrong, shown in (("0", "0"), ("501", "501"), ("true", "True"), ('"7"', "'7'"), ("7.5", "7.5"))
        ),
        *(
            (f"waiting_days = {wrong}", f"waiting_days cannot be {wrong}", "write 1 to 365")
            for wrong in ("0", "366", "-1")
        ),
        *(
            (f"waiting_share = {wrong}", f"waiting_share cannot be {shown}", "write 0 to 1, such as 0.25")
            for wrong, shown in (("-0.1", "-0.1"), ("1.1", "1.1"), ("true", "True"), ('"1"', "'1'"))
        ),
        ('order = "newst"', "order cannot be 'newst'", "did you mean 'newest'?"),
        ('order = "x"', "order cannot be 'x'", "write one of relevance, upvotes, newest, trending"),
        ('when_empty = "x"', "when_empty cannot be 'x'", "write one of skip, note, always"),
        ('catch_up = "x"', "catch_up cannot be 'x'", "write one of merge, each, latest"),
        ('thread = "x"', "thread cannot be 'x'", "write one of series, none"),
        *(
            (
                f'first_run = "{wrong}"',
                f"first_run cannot be '{wrong}'",
                'write "baseline" (only what comes in from now',
            )
            for wrong in ("last 7 weeks", "last 10000 days", "ever")
        ),
        ('paused = "yes"', "paused must be true or false", None),
        ("feedback = 1", "feedback must be true or false", None),
        ("paused_until = 2026-04-01T08:00:00", "paused_until must be a day", 'write paused_until = "2026-04-01"'),
        ("paused_until = 3", "paused_until must be a day", 'write paused_until = "2026-04-01"'),
        ('paused_until = "soon"', "paused_until must be a day", 'write paused_until = "2026-04-01"'),
        ('gist = "yes"', "gist cannot be 'yes'", 'write true, false or "model"'),
        ("gist = 1", "gist cannot be 1", 'write true, false or "model"'),
        *(
            (f'language = "{wrong}"', f"language cannot be '{wrong}'", 'write its code: "en", "zh", "pt-BR"')
            for wrong in ("english", "e", "pt_BR", "zh-Hant-TW-x1-x2")
        ),
        ('timezone = "Europe/Berln"', "unknown time zone 'Europe/Berln'", "did you mean 'Europe/Berlin'?"),
        ('cadence = "dayly"', "", None),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_a_way_out(
    tmp_path: Path, line: str, said: str, way_out: str | None
) -> None:
    found, problems = checked(tmp_path, f'keywords = ["moss"]\n{line}\n{TO}')
    assert found is None
    ((number, message, way),) = problems
    assert number == 2
    assert message.startswith(said)
    if way_out is not None:
        assert (way or "").startswith(way_out)


def liked(folder: Path, text: str) -> tuple[LikeSpec | None, list[tuple[int | None, str, str | None]]]:
    path = folder / "ada.toml"
    path.write_text(f"{TO}{text}", encoding="utf-8")
    checker = Checker(TomlFile(path, "ada.toml"))
    return checker.like, [(each.line, each.message, each.way_out) for each in checker.problems]


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("", None),
        ('[like]\npapers = ["1", "2"]\n', LikeSpec(("1", "2"), None, None, 5)),
        ('[like]\nlibrary = "my.bib"\nper_week = 1\n', LikeSpec((), "my.bib", None, 1)),
        ('[like]\nabout = "moss"\nper_week = 1000\n', LikeSpec((), None, "moss", 1_000)),
    ],
)
def test_what_is_liked(tmp_path: Path, text: str, like: LikeSpec | None) -> None:
    assert liked(tmp_path, text) == (like, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        *(
            (
                f'[like]\nabout = "moss"\nper_week = {wrong}\n',
                (6, f"per_week cannot be {shown}", "write 1 to 1,000: about"),
            )
            for wrong, shown in (("0", "0"), ("1001", "1001"), ("true", "True"), ("1.5", "1.5"))
        ),
        ("[like]\nper_week = 3\n", (4, "nothing is said to be liked", "give at least one of papers, library or about")),
        ('[like]\nabuot = "x"\nabout = "x"\n', (5, "unknown key 'abuot'", "did you mean 'about'?")),
        ('[like]\nzzz = "x"\nabout = "x"\n', (5, "unknown key 'zzz'", "known are papers, library, about, per_week")),
    ],
)
def test_what_is_wrong_with_what_is_liked(tmp_path: Path, text: str, problem: tuple[int, str, str]) -> None:
    _, ((line, message, way_out),) = liked(tmp_path, text)
    assert (line, message) == problem[:2]
    assert (way_out or "").startswith(problem[2])


def test_like_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "ada.toml"
    path.write_text(f'like = "x"\n{TO}', encoding="utf-8")
    checker = Checker(TomlFile(path, "ada.toml"))
    assert checker.like is None
    assert [(each.line, each.message) for each in checker.problems] == [(1, "like must be a table")]


@pytest.mark.parametrize(
    ("tables", "to"),
    [
        (TO, ADA),
        (f'{TO}theme = "dark"\n', Destination("email", {"address": "ada@example.org"}, "dark")),
        ('[[to]]\nchannel = "file"\npath = "out"\n', Destination("file", {"path": "out"})),
        (
            '[[to]]\nchannel = "slack"\ndestination = " lab "\n',
            Destination("slack", {"destination": "lab"}),
        ),
        (
            '[[to]]\nchannel = "file"\npath = "out"\nformats = ["html", "text"]\n',
            Destination("file", {"path": "out", "formats": "html,text"}),
        ),
    ],
)
def test_a_destination_is_what_its_channel_needs(tmp_path: Path, tables: str, to: Destination) -> None:
    found, problems = checked(tmp_path, f'keywords = ["moss"]\n{tables}')
    assert problems == []
    assert found is not None
    assert found.to == (to,)


def test_a_theme_of_the_file_is_that_of_each_destination_which_names_none(tmp_path: Path) -> None:
    other = '[[to]]\nchannel = "file"\npath = "out"\ntheme = "plain"\n'
    found, _ = checked(tmp_path, f'keywords = ["moss"]\ntheme = "dark"\n{TO}{other}')
    assert found is not None
    assert [each.theme for each in found.to] == ["dark", "plain"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('to = "ada"\n', (2, "to must be tables", 'write [[to]] and under it channel = "email" ...')),
        ("to = [1]\n", (2, "to must be tables", 'write [[to]] and under it channel = "email" ...')),
        ("", (None, "has no destination", 'add [[to]] and under it channel = "file" and path = "out"')),
        (f"{TO}{TO}", (5, "the destination email ada@example.org stands there twice", "remove one")),
        ('[[to]]\nchannel = "emial"\n', (3, "unknown channel 'emial'", "did you mean 'email'?")),
        ('[[to]]\nchannel = "zzz"\n', (3, "unknown channel 'zzz'", "write one of ")),
        ('[[to]]\npath = "x"\n', (2, "a destination without channel", "write one of ")),
        ('[[to]]\nchannel = "email"\n', (2, "email needs address = a text in quotes", "")),
        ('[[to]]\nchannel = "email"\naddress = 3\n', (4, "email needs address = a text in quotes", "")),
        ('[[to]]\nchannel = "email"\naddress = "nobody"\n', (4, "address cannot be 'nobody'", "")),
        (f"{TO}adress = 1\n", (5, "unknown key 'adress'", "did you mean 'address'?")),
        ('[[to]]\nchannel = "file"\npath = "out"\nformats = ["html", 3]\n', (5, "formats cannot be ['html', 3]", "")),
        ('[[to]]\nchannel = "file"\npath = "out"\nformats = []\n', (5, "formats cannot be []", "")),
        ('[[to]]\nchannel = "file"\npath = "out"\nformats = ["odd"]\n', (5, "formats cannot be ['odd']", "")),
    ],
)
def test_what_is_wrong_with_a_destination(tmp_path: Path, text: str, problem: tuple[int | None, str, str]) -> None:
    found, ((line, message, way_out),) = checked(tmp_path, f'keywords = ["moss"]\n{text}')
    assert found is None
    assert (line, message) == problem[:2]
    assert (way_out or "").startswith(problem[2])


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    said: Any = checked(tmp_path, 'keywords = "moss"\norder = "x"\npaused = 1\n')[1]
    assert [message for _, message, _ in said] == [
        "keywords must be a list of texts",
        "has no destination",
        "order cannot be 'x'",
        "paused must be true or false",
    ]
