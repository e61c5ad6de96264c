"""What people's rules do on the command line: wrong ones stop no others, foregone ones are told, starting is light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.commands import SAMPLES, WITHOUT_STORE, Commands

FILE_OUT = '[[to]]\nchannel = "file"\npath = "out"\n'
HOSTILE = {
    "terms": f'query = "{" OR ".join(f"term{n}" for n in range(10_000))}"\n',
    "deep": f'query = "{"(" * 1000}x{")" * 1000}"\n',
    "repeated": "query = '/a{1000}{1000}/'\n",
    "large": "query = '/(\\pL\\pN){1,300}/'\n",
}
BOUNDED = {
    "backtracking": "query = '/(a+)+$/'\n",
    "everything": 'keywords = ["the*", "mod*"]\n',
    "list": f"keywords = [{', '.join(f'{chr(34)}word{n}{chr(34)}' for n in range(5_000))}]\n",
}


def test_hostile_and_wrong_files_are_told_and_the_others_are_sent(run: Commands) -> None:
    for name, text in (HOSTILE | BOUNDED).items():
        run.subscribe(name, text + FILE_OUT)
    run.subscribe("fine", 'keywords = ["language model"]\n' + FILE_OUT)
    run.subscribe("no-toml", 'keywords = ["a"')
    run.subscribe("no-topic", 'topics = ["nosuch"]\n' + FILE_OUT)
    wrong = {*HOSTILE, "no-toml", "no-topic"}
    run("ingest", SAMPLES[0])
    for command in (("send", "--dry-run"), ("send",)):
        ran = run(*command)
        assert ran.code == 2
        told = [line for line in ran.err.splitlines() if line.startswith("error: ")]
        assert {line.split("/")[1].split(".toml")[0] for line in told} == wrong
        assert all(line.endswith(")") for line in told), "each with a way out"
        assert {line.split(":")[0] for line in ran.out.splitlines()} >= {"fine", *BOUNDED}
    assert (run.home / "out" / "fine").is_dir()
    assert run("send", "deep").code == 2
    assert run("send", "fine").code == 0


def test_a_wrong_topic_stops_only_those_who_name_it(run: Commands) -> None:
    topics = '[bad]\nkeywords = ["(x"]\n[slip]\nkeywrods = ["x"]\n[good]\nkeywords = ["language model"]\n'
    run.subscribe("topics", topics)
    run.subscribe("one", 'topics = ["bad"]\n' + FILE_OUT)
    run.subscribe("two", 'topics = ["slip"]\n' + FILE_OUT)
    run.subscribe("three", 'topics = ["good"]\n' + FILE_OUT)
    run("ingest", SAMPLES[0])
    sent = run("send")
    assert sent.code == 2
    assert sent.out.startswith("three: ")
    assert "subscriptions/one.toml:1:12: the topic `bad` cannot be used: bad.keywords[0]" in sent.err
    assert "subscriptions/two.toml:1:12: the topic `slip` cannot be used" in sent.err
    checked = run("check")
    assert "subscriptions/topics.toml:2:14: this bracket is never closed" in checked.err
    assert "subscriptions/topics.toml:4: unknown key 'keywrods'" in checked.err


@WITHOUT_STORE
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('keywords = [\n  "speech",\n  "zarma",\n]\nexclude = ["speech"]\n', "2:4: with what is required and excluded"),
        ('keywords = ["a b"]\nquery = "speech upvotes>=5 upvotes<3"\n', "2:10: this part can never match"),
        ('query = "category:cs.CL -category:cs"\n', "this rule can never match"),
        ('keywords = ["x"]\nquery = "speech OR -speech"\n', "2:10: this"),
        ('keywords = ["agents or models"]\nquery = "agents\\tor"\n', "2:"),
        ('keywords = ["agents", "x y", "agents"]\n', "1:31: `agents` stands here twice"),
    ],
)
def test_check_tells_what_is_foregone_with_file_and_line(run: Commands, text: str, told: str) -> None:
    run.subscribe("mine", text + FILE_OUT)
    ran = run("check")
    assert ran.code == 0
    warnings = [line for line in ran.err.splitlines() if line.startswith("warning: subscriptions/mine.toml")]
    assert any(told in line for line in warnings), warnings


@WITHOUT_STORE
def test_a_topic_that_can_never_match_is_told(run: Commands) -> None:
    run.subscribe("topics", '[t]\nkeywords = ["x"]\n\n[never]\nkeywords = ["speech"]\nexclude = ["speech"]\n')
    run.subscribe("mine", 'topics = ["t"]\n' + FILE_OUT)
    assert "subscriptions/topics.toml:5:14: this rule can never match" in run("check").err


def test_a_rule_on_a_dump_starts_without_what_it_does_not_need() -> None:
    """What makes the first line late is importing: none of these is for a rule on a dump."""
    heavy: tuple[str, ...] = ("numpy", "numba", "jinja2", "dotenv", "httpx", "tinydb", "apscheduler", "re2", "tomllib")
    heavy += ("digestbot.delivery", "digestbot.channels", "digestbot.rendering", "digestbot.subscribers.files")
    program = (
        "import sys; from digestbot.cli.main import _run; "
        f"code = _run(['match', 'speech OR model*', '--dump', {str(SAMPLES[0])!r}]); "
        f"print([each for each in {heavy!r} if each in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert ran.stderr.splitlines()[-1] == "[]"
