"""Terms that mean the same, and the file that lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from digestbot.bootstrap import shipped
from digestbot.model.errors import RuleError
from digestbot.rules.ast import Words
from digestbot.rules.parser import parse
from digestbot.rules.synonyms import Synonyms
from digestbot.rules.topics import Topics
from digestbot.subscribers.files import subscription_files
from digestbot.subscribers.synonym_file import SYNONYMS, read_synonyms

TOPICS = Topics({}, synonyms=Synonyms([["LLM", "large language model"], ["EHR", "EMR", "electronic health record"]]))


def alternatives(rule: str) -> set[str]:
    root = parse(rule, TOPICS).root
    assert isinstance(root, Words)
    return {" ".join(each) for each in root.alternatives}


@pytest.mark.parametrize("rule", ["~LLM", "~llms", '~"large language models"', "title:~LLM^2"])
def test_a_tilde_finds_the_whole_group_however_the_term_is_written(rule: str) -> None:
    assert {each.rstrip("s") for each in alternatives(rule)} == {"llm", "large language model"}


def test_without_a_tilde_nothing_is_expanded_and_an_unlisted_term_is_itself() -> None:
    assert alternatives("LLM") == {"llm"}
    assert alternatives("~tensor") == {"tensor"}
    assert alternatives("~EHR") == {"ehr", "emr", "electronic health record"}


@pytest.mark.parametrize(
    "rule", ["~", "~ LLM", "~(a b)", "~=LLM", "~LLM*", "category:~cs", "author:~Marsh", "a~b", '~"a b"~3']
)
def test_a_tilde_before_anything_but_words_is_an_error(rule: str) -> None:
    with pytest.raises(RuleError):
        parse(rule, TOPICS)


def test_the_shipped_file_is_right_and_lists_each_term_once() -> None:
    synonyms, problems = read_synonyms(Path("nowhere"), shipped("subscriptions"))
    assert not problems
    assert len(synonyms.groups) > 150
    terms = [term for group in synonyms.groups for term in group]
    assert len(terms) == len({term.casefold() for term in terms})
    for group in synonyms.groups:
        for term in group:
            found = parse(f'~"{term}"', Topics({}, synonyms=synonyms)).root
            assert isinstance(found, Words)
            assert len(found.alternatives) >= len(group), term


def test_ones_own_file_is_read_in_place_of_it_and_is_no_subscription(tmp_path: Path) -> None:
    (tmp_path / SYNONYMS).write_text('synonyms = [["a", "b c"], ["alone"]]\nother = 1\n')
    synonyms, problems = read_synonyms(tmp_path, shipped("subscriptions"))
    assert synonyms.groups == (("a", "b c"),)
    assert ["unknown key" in str(each) or "two texts or more" in str(each) for each in problems] == [True, True]
    assert subscription_files(tmp_path) == []
