"""What was compiled is kept by the content of its file, and whatever becomes of that the folder is read right."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from digestbot.model.papers import Paper
from digestbot.subscribers import compiled_cache, files
from digestbot.subscribers.compiled_cache import CompiledCache, KeptRules, key_of
from digestbot.subscribers.files import Folder, read_folder
from digestbot.subscribers.library import NO_LIBRARIES, Libraries

TO = '[[to]]\nchannel = "email"\naddress = "ada@example.org"\n'
TOPICS = '[ml]\ntitle = "Machine learning"\nkeywords = ["learning"]\n'
RICH = """name = "All of the language"
timezone = "Europe/Berlin"
cadence = "monthly 31 08:00"
topics = ["ml"]
keywords = ["speech recognition", "pre-training^2.5", "~LLM"]
require = ["=BERT"]
exclude = ["category:cs.CV"]
query = 'title:(graph* OR "a b c"~3) upvotes>=5 published>=2026-02 NOT /[Cc]ar/ author:"Smith JA" id:2309.11585'
query_name = "By hand"
waiting_share = 1
paused_until = 2026-04-01
order = "newest"
gist = "model"
[like]
papers = ["2309.11585"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "topics.toml").write_text(TOPICS)
    (tmp_path / "shipped" / "synonyms.toml").write_text('synonyms = [["LLM", "large language model"]]\n')
    (tmp_path / "subscriptions").mkdir()
    put(tmp_path, "a", f'keywords = ["speech"]\n{TO}')
    put(tmp_path, "b", f'topics = ["ml"]\n{TO}')
    return tmp_path


def put(home: Path, name: str, text: str) -> None:
    (home / "subscriptions" / f"{name}.toml").write_text(text, encoding="utf-8")


def read(home: Path, cache: CompiledCache | None = None, libraries: Libraries = NO_LIBRARIES) -> Folder:
    """The folder as a process reads it that starts now, and keeps what it compiled."""
    cache = cache or CompiledCache(home / "data" / "compiled", least=1)
    folder = read_folder(home / "subscriptions", home / "shipped" / "topics.toml", cache=cache, libraries=libraries)
    cache.save()
    return folder


def rules_of(folder: Folder) -> dict[str, str]:
    return {each.subscription.id: each.rule.rule.text for each in folder.wants}


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were compiled, as it happens."""
    names: list[str] = []
    compile_it = files._compiled

    def noted(path: Path, *told: object) -> object:
        names.append(path.stem)
        return compile_it(path, *told)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(files, "_compiled", noted)
    return names


def test_the_next_start_compiles_nothing_and_reads_the_same(home: Path, compiled: list[str]) -> None:
    assert rules_of(read(home)) == {"a": "speech", "b": 'topic:"ml"'}
    again = read(home)
    assert compiled == ["a", "b"]
    assert rules_of(again) == {"a": "speech", "b": 'topic:"ml"'}
    assert [each.headings for each in again.wants] == [(("speech", "Speech"),), (("topic:ml", "Machine learning"),)]


def test_every_part_of_a_subscription_comes_back_as_it_was(home: Path) -> None:
    put(home, "rich", RICH + TO)
    plain = read_folder(home / "subscriptions", home / "shipped" / "topics.toml").wants[-1]
    read(home)
    kept = read(home).wants[-1]
    assert isinstance(kept.rules, KeptRules)
    assert kept.subscription == plain.subscription
    assert (kept.rule, kept.headings, kept.allowed) == (plain.rule, plain.headings, plain.allowed)
    assert kept.rule.rule.text.startswith('("speech recognition" OR pre-training^2.5 OR ~LLM OR topic:"ml" OR (')
    assert (kept.subscription.waiting_share, str(kept.subscription.paused_until)) == (1.0, "2026-04-01")


def test_what_stands_in_several_places_of_a_rule_is_one_object_again(home: Path) -> None:
    put(home, "rich", RICH + TO)
    read(home)
    folder = read(home)
    rule = folder.wants[-1].rule
    shared = [piece.node is clause.rule.root for piece, clause in zip(rule.pieces, rule.clauses, strict=False)]
    assert shared == [True] * 5
    assert folder.wants[1].rule.rule.root.rule is folder.topics["ml"]  # type: ignore[union-attr]  # it is a topic


def test_a_changed_file_alone_is_compiled_anew(home: Path, compiled: list[str]) -> None:
    read(home)
    put(home, "a", f'keywords = ["vision"]\n{TO}')
    assert rules_of(read(home)) == {"a": "vision", "b": 'topic:"ml"'}
    assert compiled == ["a", "b", "a"]


def test_a_process_that_goes_on_compiles_only_what_changed(home: Path, compiled: list[str]) -> None:
    cache = CompiledCache()
    first = read(home, cache)
    put(home, "b", f'keywords = ["vision"]\n{TO}')
    second = read(home, cache)
    assert rules_of(second) == {"a": "speech", "b": "vision"}
    assert compiled == ["a", "b", "b"]
    assert second.wants[0] is first.wants[0]
    assert second.topics is first.topics


def test_the_same_content_under_another_name_is_another_subscription(home: Path) -> None:
    read(home)
    (home / "subscriptions" / "a.toml").rename(home / "subscriptions" / "c.toml")
    assert rules_of(read(home)) == {"b": 'topic:"ml"', "c": "speech"}
    assert key_of("ab", b"c") != key_of("a", b"bc")


@pytest.mark.parametrize(
    "change",
    [
        lambda home: (home / "shipped" / "topics.toml").write_text(TOPICS.replace("learning", "teaching")),
        lambda home: (home / "subscriptions" / "topics.toml").write_text(TOPICS.replace("learning", "teaching")),
        lambda home: (home / "subscriptions" / "synonyms.toml").write_text('synonyms = [["LLM", "GPT"]]\n'),
    ],
    ids=["the topics that came with it", "topics of its own", "synonyms"],
)
def test_other_topics_or_synonyms_are_compiled_anew(
    home: Path, compiled: list[str], change: Callable[[Path], object]
) -> None:
    read(home)
    change(home)
    read(home)
    assert compiled == ["a", "b", "a", "b"]


def test_a_topic_that_is_wrong_now_is_told_though_its_words_are_the_same(home: Path) -> None:
    read(home)
    (home / "shipped" / "topics.toml").write_text(f'{TOPICS}colour = "red"\n')
    folder = read(home)
    assert rules_of(folder) == {"a": "speech"}
    assert any("unknown key 'colour'" in each.message for each in folder.problems)


def test_another_version_compiles_anew(home: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    read(home)
    monkeypatch.setattr(compiled_cache, "_version", lambda: "the next one")
    read(home)
    assert compiled == ["a", "b", "a", "b"]


def test_the_version_is_another_once_a_module_that_decides_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    module = tmp_path / "rules" / "parser.py"
    module.write_text("DEFAULT = 1\n")
    monkeypatch.setattr(compiled_cache, "_PACKAGE", tmp_path)
    before = compiled_cache._version.__wrapped__()
    os.utime(module, (1, 1))
    assert compiled_cache._version.__wrapped__() != before


@pytest.mark.parametrize("damage", range(5))
def test_a_damaged_file_is_thrown_away_and_made_again(home: Path, compiled: list[str], damage: int) -> None:
    read(home)
    path = home / "data" / "compiled"
    whole = path.read_bytes()
    assert b"speech" in whole
    path.write_bytes([b"", whole[:-9], whole.replace(b"speech", b"poison"), whole[200:], b"\x00" * len(whole)][damage])
    assert rules_of(read(home)) == {"a": "speech", "b": 'topic:"ml"'}
    assert compiled == ["a", "b", "a", "b"]
    assert path.read_bytes() == whole


def test_a_folder_in_its_place_or_one_that_cannot_be_written_is_no_harm(home: Path, compiled: list[str]) -> None:
    (home / "data" / "compiled").mkdir(parents=True)
    assert rules_of(read(home)) == {"a": "speech", "b": 'topic:"ml"'}
    unwritable = CompiledCache(home / "subscriptions" / "a.toml" / "compiled", least=1)
    assert rules_of(read(home, unwritable)) == {"a": "speech", "b": 'topic:"ml"'}
    assert compiled == ["a", "b", "a", "b"]


def test_what_a_file_that_is_gone_said_is_kept_no_longer(home: Path) -> None:
    path = home / "data" / "compiled"
    put(home, "gone", f'keywords = ["secret wish"]\n{TO}')
    read(home)
    assert b"secret wish" in path.read_bytes()
    (home / "subscriptions" / "gone.toml").unlink()
    read(home)
    assert b"secret wish" not in path.read_bytes()


def test_only_its_owner_reads_the_file_and_few_subscriptions_need_none(home: Path) -> None:
    read(home)
    path = home / "data" / "compiled"
    assert path.stat().st_mode & 0o777 == 0o600
    cache = CompiledCache(path, least=3)
    put(home, "b", f'topics = ["ml"]\nmax_entries = 3\n{TO}')
    read(home, cache)
    assert not path.exists()


def test_what_is_wrong_is_told_at_every_start(home: Path) -> None:
    put(home, "wrong", f'keywords = ["("]\n{TO}')
    told = [[str(each) for each in read(home).problems] for _ in range(2)]
    assert told[0] == told[1]
    assert told[0][0].startswith("subscriptions/wrong.toml:1:14: this bracket is never closed")


def test_a_time_zone_that_this_machine_no_longer_knows_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, "a", f'keywords = ["speech"]\ntimezone = "Europe/Berlin"\n{TO}')
    read(home)

    def unknown(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(compiled_cache, "ZoneInfo", unknown)
    monkeypatch.setattr("digestbot.subscribers.schema.ZoneInfo", unknown)
    assert "unknown time zone" in str(read(home).problems[0])


def test_a_library_is_looked_for_at_every_start(home: Path) -> None:
    put(home, "a", f'{TO}[like]\nlibrary = "my.bib"\n')
    (home / "subscriptions" / "my.bib").write_text("one")
    libraries = Libraries(lambda path: [Paper(title=path.read_text())])
    for _ in range(2):
        library = read(home, libraries=libraries).wants[0].library
        assert library is not None
        assert [each.title for each in library.works().papers] == ["one"]
    (home / "subscriptions" / "my.bib").unlink()
    folder = read(home, libraries=libraries)
    assert [each.subscription.id for each in folder.wants] == ["b"]
    assert "there is no file 'my.bib'" in str(folder.problems[0])
