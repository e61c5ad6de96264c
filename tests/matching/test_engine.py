"""The engine: equal to the plain evaluator and to the oracle, however it is built, changed or loaded."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from importlib.util import find_spec
from random import Random

import pytest

from digestbot.matching import engine as engine_module
from digestbot.matching.constant_rules import ConstantVerdict
from digestbot.matching.constant_rules import verdict as verdict_of
from digestbot.matching.engine import Engine, Speed
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.folded_paper import FoldedPaper
from digestbot.model.errors import DigestbotError
from digestbot.model.papers import Paper
from digestbot.rules.ast import Node, Rule
from digestbot.rules.parser import parse_node
from tests.matching.drawn import TODAY, Drawer, papers
from tests.matching.oracle import Oracle

WAYS: tuple[Speed, ...] = ("python", "numpy", "numba")
SPEEDS = [each for each in WAYS if each == "python" or find_spec(each)]


def built(**rules: str) -> Engine:
    return Engine.build((name, parse_node(text)) for name, text in rules.items())


def pairs(engine: Engine, some: list[Paper], speed: Speed = "python") -> set[tuple[str, int]]:
    engine.speed = speed
    return {*engine.match(some, today=TODAY).pairs()}


def drawn(seed: int, paper_count: int, rule_count: int) -> tuple[list[Paper], list[tuple[str, Node]]]:
    random = Random(seed)
    some = papers(paper_count, random)
    drawer = Drawer(some, random)
    return some, [(f"rule {at}", drawer.node()) for at in range(rule_count)]


@pytest.mark.parametrize("seed", [1, 2])
def test_engine_evaluator_and_oracle_agree_on_every_pair(seed: int) -> None:
    some, rules = drawn(seed, 240, 250)
    folded = [FoldedPaper(each) for each in some]
    oracles = [Oracle(each, TODAY) for each in some]
    evaluators = [(name, Evaluator(Rule("", node), TODAY)) for name, node in rules]
    told = {(name, at) for name, each in evaluators for at, paper in enumerate(folded) if each.matches(paper)}
    assert told == {(name, at) for name, node in rules for at, each in enumerate(oracles) if each.answers(node)}
    engine = Engine.build(rules)
    for speed in SPEEDS:
        assert pairs(engine, some, speed) == told, speed


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize(
    ("rule", "title", "matches"),
    [
        ("pretraining", "On pre-training", True),
        ("pre-training", "On pretraining", True),
        ('"pre training"', "On pre-training", True),
        ("pre-training", "training pre", False),
        ('"deep pretraining works"', "Deep pre-training works", True),
        ('"deep pre-training works"', "Deep pretraining works", True),
        ('"x state of the art models"', "X state-of-the-art models", True),
        ("policy", "Policies", True),
        ("policies", "A policy", True),
        ("analysis", "Analyses", True),
        ('"neural network"', "Neural networks", True),
        ("viru", "A virus", True),
        ("virus", "A viru", False),
        ("=RAG", "rag and RAGs", False),
        ("=RAG", "RAG-based", True),
        ("=C", "C++ and C#", False),
        ("C++", "c++ for all", True),
        ("深層学習", "新しい深層学習の研究", True),
        ("深学", "深層学習", False),
        ("schrodinger", "Schrödinger's cat", True),
        ('"deep net"~1', "nets that are deep", False),
        ('"deep net"~2', "nets that are deep", True),
        ("quantiz*", "Quantization", True),
        ("upvotes<5", "no value", False),
        ("NOT upvotes<5", "no value", True),
        ("/[Ll]ong.*title/", "A long-ish title", True),
    ],
)
def test_the_designs_words(rule: str, title: str, matches: bool, speed: Speed) -> None:
    assert bool(pairs(built(it=rule), [Paper(title=title)], speed)) is matches


@pytest.mark.parametrize("speed", SPEEDS)
def test_words_among_odd_marks_are_those_of_the_evaluator(speed: Speed) -> None:
    random = Random(6)
    pieces = ("a", "be", "c", "-", "-", "--", "+", "++", "#", " ", " ", "'s", "`", "\0", "\1", "é", "\\", "{", "深")
    some = [
        Paper(title="".join(random.choices(pieces, k=9)), abstract="".join(random.choices(pieces, k=30)))
        for _ in range(400)
    ]
    texts = ("a", "c++", "c#", "ab", "abe", '"a be"', '"a be c"', '"c++ a"', "title:a", '"be ab"', "abstract:bec", "é")
    rules = {text: parse_node(text) for text in texts}
    folded = [FoldedPaper(each) for each in some]
    told = {
        (name, at)
        for name, node in rules.items()
        for at, paper in enumerate(folded)
        if Evaluator(Rule("", node), TODAY).matches(paper)
    }
    assert pairs(Engine.build(rules.items()), some, speed) == told


@pytest.mark.parametrize("speed", SPEEDS)
def test_numbers_too_large_for_a_float_are_compared_exactly(speed: Speed) -> None:
    some = [Paper(title="a", upvotes=each) for each in (2**53, 2**53 + 1, 2**60, 3)]
    engine = built(some=f"upvotes>{2**53}", few="upvotes<=3", less=f"upvotes<{2**53}")
    assert pairs(engine, some, speed) == {("some", 1), ("some", 2), ("few", 3), ("less", 3)}


def test_one_paper_alone_is_matched_as_among_others() -> None:
    some, rules = drawn(8, 60, 250)
    engine = Engine.build(rules)
    alone = {(name, at) for at, paper in enumerate(some) for name, _ in pairs(engine, [paper])}
    assert alone == pairs(engine, some)


def test_rules_added_to_many_answer_an_alert() -> None:
    some, rules = drawn(9, 40, 400)
    engine = Engine.build(rules[:380])
    pairs(engine, some[:1])
    for name, node in rules[380:]:
        engine.add(name, node)
    expected = pairs(Engine.build(rules), some)
    assert {(name, at) for at, paper in enumerate(some) for name, _ in pairs(engine, [paper])} == expected
    assert engine._program.watches.late
    assert engine._register.hangs.late


def test_a_gate_waits_for_what_few_rules_ask_for() -> None:
    """Of a hundred rules with a common word, the alert on a paper that has only it looks at hardly any."""
    rules = [(str(at), parse_node(f"common own{at} upvotes>=3")) for at in range(100)]
    engine = Engine.build([("one", parse_node("common")), *rules])
    engine.match([Paper(title="common", upvotes=5)], today=TODAY)
    watched = [len(some) // 2 for _, some in engine._program.watches.under(range(len(engine._program)))]
    assert sum(watched) == 100
    assert max(watched) <= 5


def test_what_is_quickest_is_chosen_without_being_asked() -> None:
    engine = built(one="a")
    engine.match([Paper(title="a")] * 250, today=TODAY)
    assert not engine._matchers
    if find_spec("numpy"):
        engine.match([Paper(title="a")] * 9000, today=TODAY)
        assert engine._matchers


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_phrase_stays_within_one_field_and_one_name(speed: Speed) -> None:
    some = [Paper(title="deep", abstract="learning", authors=("Ada King", "Lovelace Ann"))]
    engine = built(text='"deep learning"', name='author:"king lovelace"', fine='author:"ada king"')
    assert pairs(engine, some, speed) == {("fine", 0)}


@pytest.mark.parametrize("speed", SPEEDS)
def test_many_papers_in_several_blocks_keep_their_index(speed: Speed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "PAPERS_AT_ONCE", 100)
    some = [Paper(title="even" if at % 2 == 0 else "odd", abstract="été" * (at % 3)) for at in range(5000)]
    engine = built(even="even", not_even="NOT even", rare="ete", all="x OR NOT x", none="x NOT x")
    engine.speed = speed
    matches = engine.match(some, today=TODAY)
    found = matches.by_rule()
    assert found["even"] == [*range(0, 5000, 2)]
    assert found["not_even"] == [*range(1, 5000, 2)]
    assert found["all"] == [*range(5000)]
    assert found["rare"] == [at for at in range(5000) if at % 3 == 1]
    assert "none" not in found
    told = {(matches.rule(slot), at) for each in matches.arrays() for slot, at in zip(*each, strict=True)}
    assert told == {*matches.pairs()}
    assert matches.count() == len(told)


@pytest.mark.parametrize("speed", SPEEDS)
def test_adding_and_removing_gives_what_building_anew_gives(speed: Speed) -> None:
    some, rules = drawn(3, 60, 300)
    engine = Engine.build(rules[:150])
    pairs(engine, some, speed)
    for name, _ in rules[:50]:
        engine.remove(name)
    for at, (name, node) in enumerate(rules[100:]):
        engine.add(name, node)
        if at == 20:
            pairs(engine, some, speed)
    engine.add("rule 120", rules[0][1])
    expected = dict(rules[50:]) | {"rule 120": rules[0][1]}
    assert pairs(engine, some, speed) == pairs(Engine.build(expected.items()), some, speed)
    assert len(engine) == len(expected)
    with pytest.raises(KeyError):
        engine.remove("rule 0")


def test_matches_are_not_read_after_the_rules_changed() -> None:
    engine = built(one="a")
    matches = engine.match([Paper(title="a")], today=TODAY)
    engine.add("two", parse_node("b"))
    with pytest.raises(DigestbotError, match="match again"):
        list(matches.pairs())


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("x NOT x", ConstantVerdict.NEVER),
        ("x OR NOT x", ConstantVerdict.ALWAYS),
        ("upvotes>5 upvotes<3", ConstantVerdict.NEVER),
        ("upvotes>5 upvotes<7", None),
        ("upvotes>5 upvotes<6", ConstantVerdict.NEVER),
        ("upvotes<3 OR upvotes>=3", None),
        ("NOT (upvotes<3 upvotes>=3)", ConstantVerdict.ALWAYS),
        ("published<2023 published>2022-12", ConstantVerdict.NEVER),
        ("title:x -x", ConstantVerdict.NEVER),
        ("x -title:x", None),
        ("category:cs.CL -category:cs", ConstantVerdict.NEVER),
        ("(a OR b) NOT a NOT b", ConstantVerdict.NEVER),
        ("a b c", None),
    ],
)
def test_rules_that_never_or_always_match_are_told(rule: str, verdict: ConstantVerdict | None) -> None:
    assert verdict_of(parse_node(rule)) is verdict


def test_equal_parts_of_rules_are_one_and_brackets_do_not_multiply() -> None:
    """50 bracketed pairs would be 2**50 groups if they were multiplied out."""
    wide = " AND ".join(f"(left{at} OR right{at})" for at in range(50))
    engine = Engine.build((str(at), parse_node(wide)) for at in range(100))
    assert len(engine._program) < 300
    everything = " ".join(f"left{at}" for at in range(50))
    assert len(pairs(engine, [Paper(title=everything), Paper(title=everything[6:])])) == 100


def test_a_shared_topic_is_compiled_once() -> None:
    topics = {"t0": parse_node("a OR b")}
    for at in range(1, 40):
        topics[f"t{at}"] = parse_node(f'topic:t{at - 1} NOT "w{at}"', topics)
    rules = [(str(at), parse_node(f"topic:t39 OR own{at}", topics)) for at in range(500)]
    engine = Engine.build(rules)
    assert len(engine._program) < 1200
    assert len(pairs(engine, [Paper(title="a"), Paper(title="b w20"), Paper(title="own3")])) == 501


@pytest.mark.parametrize("speed", SPEEDS)
def test_hostile_rules_leave_the_others_their_answer(speed: Speed) -> None:
    rules = {
        "deep": "(" * 90 + "x" + ")" * 90,
        "turned": "NOT (" * 40 + "x" + ")" * 40,
        "many": " OR ".join(f"word{at}*" for at in range(2000)),
        "regex": "/(a+)+$/",
        "slop": '"a a a a a a a a"~10000',
        "fine": "fine",
    }
    some = [Paper(title="fine x", abstract="a" * 50_000 + " b"), Paper(title="a " * 20_000)]
    found = pairs(built(**rules), some, speed)
    assert {("deep", 0), ("turned", 0), ("fine", 0), ("slop", 1)} <= found
    assert ("regex", 0) not in found


@pytest.mark.parametrize("speed", SPEEDS)
def test_no_papers_and_no_rules_match_nothing(speed: Speed) -> None:
    assert pairs(built(one="a"), [], speed) == set()
    assert pairs(Engine.build([]), [Paper(title="a")], speed) == set()
    assert pairs(built(one="NOT a"), [Paper(title="")], speed) == {("one", 0)}


def test_ages_are_counted_to_the_day_of_the_match() -> None:
    engine = built(fresh="age<=7")
    some = [Paper(title="a", published=date(2024, 6, 1))]
    assert engine.match(some, today=date(2024, 6, 8)).count() == 1
    assert engine.match(some, today=date(2024, 6, 9)).count() == 0


def test_small_work_imports_no_compiled_library() -> None:
    program = (
        "import sys; from datetime import date; from digestbot.model.papers import Paper;"
        "from digestbot.matching.engine import Engine, Speed; from digestbot.rules.parser import parse_node;"
        "engine = Engine.build((str(at), parse_node('model')) for at in range(20));"
        "engine.match([Paper(title='model')] * 250, today=date(2024, 1, 1)).by_rule();"
        "assert not {'numpy', 'numba', 're2'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
