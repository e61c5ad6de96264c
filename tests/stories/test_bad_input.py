"""Bad input ends in one clear line that names the file and the way out, and leaves the store as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.commands import SAMPLES, Commands

FILE_OUT = '[[to]]\nchannel = "file"\npath = "out"\n'


def bad_dumps(folder: Path) -> dict[str, tuple[Path, int]]:
    folder.mkdir()
    whole = SAMPLES[0].read_bytes()
    made = {
        "empty": (b"", 1),
        "blank": (b"\n \n\t\n", 1),
        "error page": (b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body></body></html>", 1),
        "binary": (bytes(range(256)) * 40, 1),
        "picture": (b"\x89PNG\r\n\x1a\n" + bytes(500), 1),
        "cut in half": (whole[: len(whole) // 2], 1),
        "prose": (b"Dear diary,\n\ntoday I read no paper at all.\n", 1),
    }
    dumps = {}
    for name, (data, code) in made.items():
        path = folder / f"{name}.txt"
        path.write_bytes(data)
        dumps[name] = (path, code)
    (folder / "folder").mkdir()
    return {**dumps, "a folder": (folder / "folder", 2), "missing": (folder / "missing.txt", 2)}


@pytest.mark.parametrize(
    "kind",
    ["empty", "blank", "error page", "binary", "picture", "cut in half", "prose", "a folder", "missing"],
)
def test_a_bad_dump_is_one_line_with_its_name_and_a_way_out(run: Commands, tmp_path: Path, kind: str) -> None:
    path, code = bad_dumps(tmp_path / "bad")[kind]
    assert run("ingest", SAMPLES[1]).code == 0
    before = run.files()
    ran = run("ingest", path)
    assert ran.code == code
    (line,) = ran.err.splitlines()
    assert line.startswith(f"error: {path}")
    assert line.endswith(")"), "the way out stands in brackets"
    assert run.files() == before


def test_a_bad_dump_stops_none_of_the_others(run: Commands, tmp_path: Path) -> None:
    dumps = bad_dumps(tmp_path / "bad")
    ran = run("ingest", dumps["empty"][0], SAMPLES[0], dumps["binary"][0], SAMPLES[1])
    assert ran.code == 1
    assert "together: 21 found" in ran.out or "together:" in ran.out
    assert str(dumps["empty"][0]) in ran.err
    assert str(dumps["binary"][0]) in ran.err


def test_the_whole_papers_of_a_cut_dump_can_be_taken(run: Commands, tmp_path: Path) -> None:
    path, _ = bad_dumps(tmp_path / "bad")["cut in half"]
    read = run("read", "--json", path)
    assert read.code == 1
    papers = len(read.out.splitlines())
    taken = run("ingest", "--partial", path)
    assert taken.code == 0
    assert f"{papers} found, {papers} new" in taken.out


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ('keywords = ["a"]\nmax_entires = 3\n' + FILE_OUT, 2, "max_entries"),
        ('query = "titel:survey"\n' + FILE_OUT, 1, "title"),
        ('query = "(a OR b"\n' + FILE_OUT, 1, "bracket"),
        ('topics = ["multilingal"]\n' + FILE_OUT, 1, "multilingual"),
        ('keywords = ["a"]\ncadence = "dayly 08:00"\n' + FILE_OUT, 2, "daily"),
        ('keywords = ["a"]\ntimezone = "Europe/Berln"\n' + FILE_OUT, 2, "Europe/Berlin"),
        ('keywords = ["a"]\norder = "relevence"\n' + FILE_OUT, 2, "relevance"),
        ('keywords = ["a"]\n[[to]]\nchannel = "emial"\naddress = "a@b.org"\n', 3, "email"),
        ('keywords = ["a"]\n[[to]]\nchannel = "email"\naddress = "nobody"\n', 4, "ada@example.org"),
        ('keywords = ["a"]\n[[to]]\nchannel = "file"\npath = "out"\nformats = ["html", "pfd"]\n', 5, "markdown"),
        ('keywords = ["a"]\n[[to]]\nchannel = "file"\npath = "out"\nformats = []\n', 5, "markdown"),
        ('keywords = ["a"]\n[[to]]\nchannel = "file"\n', 2, "path"),
        ('keywords = ["a"]\n[[to]]\nchannel = "slack"\ndestination = "my lab"\n', 4, "letters, digits"),
        ('keywords = ["a"]\n[[to]]\nchannel = "slack"\ndestination = "lab"\ntags = "a"\n', 5, "destination"),
        ('keywords = ["a"]\n[[to]]\nchannel = "ntfy"\ndestination = "me"\npriority = "9"\n', 5, '"1" (silent)'),
        ('keywords = ["a"]\n[[to]]\nchannel = "ntfy"\ndestination = "me"\ntags = ["a b"]\n', 5, "emojis"),
        ('keywords = ["a"]\nfirst_run = "yesterday"\n' + FILE_OUT, 2, "baseline"),
        ('keywords = ["a"\n' + FILE_OUT, 2, "lists in [ ]"),
        ('keywords = ["a", "b AND"]\n' + FILE_OUT, 1, "AND"),
        (FILE_OUT, None, "keywords"),
        ('keywords = ["a"]\n', None, "[[to]]"),
    ],
)
def test_a_wrong_subscription_is_told_with_its_line_and_stops_sending(
    run: Commands, text: str, line: int | None, hint: str
) -> None:
    run.subscribe("mine", text)
    run("ingest", SAMPLES[0])
    before = run.files()
    for command in (("check",), ("send",), ("preview", "mine")):
        ran = run(*command)
        assert ran.code == 2
        place = "error: subscriptions/mine.toml" + (f":{line}:" if line else ":")
        told = [each for each in ran.err.splitlines() if each.startswith("error: ")]
        assert len(told) == 1
        assert told[0].startswith(place)
        assert hint in told[0]
    assert run.files() == before


def test_check_tells_every_problem_of_every_file_at_once(run: Commands) -> None:
    run.subscribe("one", 'keywords = "a"\nmax_entries = 0\n' + FILE_OUT)
    run.subscribe("two", 'query = "a OR"\ntopics = ["nosuch"]\n[[to]]\nchannel = "slack"\ndestination = "lab"\n')
    run.subscribe("three", 'keywords = ["a"]\n[[to]]\nchannel = "slack"\ndestination = "lab"\n')
    (run.home / "subscriptions" / "topics.toml").write_text('[t]\nkeywords = ["x"]\nincludes = ["u"]\n')
    err = run("check").err
    for expected in (
        "subscriptions/one.toml:1:",
        "subscriptions/one.toml:2:",
        "subscriptions/two.toml:1:",
        "subscriptions/two.toml:2:",
        "subscriptions/topics.toml:3:",
        "subscriptions/three.toml: slack lab has no URL (set DIGESTBOT_TO_LAB in .env)",
    ):
        assert expected in err


@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)  # the environment would win over the file
@pytest.mark.parametrize(
    ("env", "hint"),
    [
        ("DIGESTBOT_SMPT_URL=smtp://localhost", "DIGESTBOT_SMTP_URL"),
        ("DIGESTBOT_SMTP_URL=localhost:25", "smtp+starttls://"),
        ("DIGESTBOT_TO_LAB=not-a-url", "https://"),
        ("DIGESTBOT_STORE=mysql://secret@host/db", "tinydb:"),
        ("DIGESTBOT_MAIL_FROM=nobody", "digest@example.org"),
    ],
)
def test_a_wrong_setting_is_told_without_showing_its_value(run: Commands, env: str, hint: str) -> None:
    run.subscribe("mine", 'keywords = ["a"]\n' + FILE_OUT)
    (run.home / ".env").write_text(env + "\n")
    ran = run("send")
    assert ran.code == 2
    assert hint in ran.err
    assert "secret" not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("match", "a OR"),
        ("match", "titel:x"),
        ("match", ""),
        ("preview", "nosuch"),
        ("nosuch",),
        ("read",),
        ("ingest",),
    ],
)
def test_bad_usage_ends_with_two(run: Commands, arguments: tuple[str, ...]) -> None:
    run.subscribe("mine", 'keywords = ["a"]\n' + FILE_OUT)
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err
