"""From nothing to a first digest of one's own."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.stories.commands import SAMPLES, WITHOUT_STORE, Commands
from tests.stories.terminal import at_terminal

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def written(home: Path) -> dict[str, object]:
    return tomllib.loads((home / "subscriptions" / "my-digest.toml").read_text(encoding="utf-8"))


def test_three_questions_are_asked_and_the_first_digest_is_shown(tmp_path: Path) -> None:
    with at_terminal("init", "papers", home=tmp_path) as terminal:
        terminal.until("What are you interested in?")
        terminal.type("multilingual, title:(broken")
        terminal.until("this bracket is never closed")
        terminal.until("What are you interested in?")
        terminal.type("multilingual, glosses")
        terminal.until("topics: Multilingual models and low-resource languages")
        terminal.until("words: glosses")
        terminal.until("How do you want it?")
        terminal.type("ada@example.org")
        terminal.until("When?")
        terminal.type("daly 08:00")
        terminal.until("did you mean 'daily'?")
        terminal.until("When?")
        terminal.type("")
        terminal.until("Your first digest, of 30 papers at hand:")
        terminal.until("1. ")
        terminal.until("papers/.env write DIGESTBOT_SMTP_URL and DIGESTBOT_MAIL_FROM")
        assert terminal.end() == 0
    made = written(tmp_path / "papers")
    assert (made["topics"], made["keywords"]) == (["multilingual"], ["glosses"])
    assert (made["cadence"], made["to"]) == ("weekdays 08:00", [{"channel": "email", "address": "ada@example.org"}])
    assert not (tmp_path / "papers" / "data").exists()  # the samples are kept nowhere


def test_options_ask_nothing_and_a_dump_makes_the_first_digest(run: Commands) -> None:
    home = run.home / "new"
    asked = ("--interests", "multilingual", "--to", "out", "--when", "weekly mon 09:00", "--timezone", "Asia/Tokyo")
    ran = run("init", home, *asked, "--dump", SAMPLES[0])
    assert ran.code == 0
    assert "== Multilingual models and low-resource languages" in ran.out
    assert (written(home)["cadence"], written(home)["timezone"]) == ("weekly mon 09:00", "Asia/Tokyo")
    sent = run("--home", home, "send")
    assert (sent.code, sent.out.count("in the digest")) == (0, 1)
    assert list((home / "out").rglob("*.html"))


@WITHOUT_STORE
@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--interests", '"'), "quote"),
        (("--interests", "papers/none.bib"), "papers/none.bib: no such file"),
        (("--to", "ada@"), "ada@ is no e-mail address (write it as ada@example.org)"),
        (("--when", "daly 08:00"), "cadence 'daly 08:00' is not understood (did you mean 'daily'?"),
        (("--timezone", "Europe/Berln"), "unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)"),
    ],
)
def test_a_wrong_option_is_told_and_nothing_is_written(run: Commands, option: tuple[str, str], message: str) -> None:
    ran = run("init", run.home / "new", *option)
    assert (ran.code, message in ran.err) == (2, True), ran.err
    assert not (run.home / "new").exists()


@WITHOUT_STORE
def test_a_folder_that_has_a_subscription_keeps_it(run: Commands) -> None:
    assert run("init", run.home, "--interests", "astronomy").code == 0
    before = written(run.home)
    again = run("init", run.home, "--interests", "chemistry")
    assert (again.code, "is there already" in again.err) == (2, True)
    assert run("init", run.home).code == 0
    assert written(run.home) == before


@WITHOUT_STORE
def test_topics_with_a_category_of_arxiv_bring_its_source(run: Commands) -> None:
    ran = run("init", run.home, "--interests", "neuroscience")
    assert "digestbot ingest        what arXiv brings in q-bio.NC" in ran.err
    sources = tomllib.loads((run.home / "sources.toml").read_text(encoding="utf-8"))
    assert sources["arxiv"]["categories"] == ["q-bio.NC"]
    assert run("check").code == 0
