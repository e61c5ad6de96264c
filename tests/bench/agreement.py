"""Random rules over random papers: the oracle, the evaluator, every engine and the search, pair by pair.

    python -m tests.bench.agreement [PAIRS] [SEED]

Ends with 1 at the first pair about which they do not agree, and says which it is.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from random import Random

from digestbot.matching.engine import Engine, Speed
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.folded_paper import FoldedPaper
from digestbot.matching.search.inverted_index import InvertedIndex
from digestbot.model.errors import RuleError
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rules.ast import Rule
from digestbot.rules.parser import parse
from tests.matching.drawn import TODAY, TOPICS, Drawer, papers
from tests.matching.oracle import Oracle

PAPERS, RULES = 250, 240
WAYS: tuple[Speed, ...] = ("python", "numpy", "numba")
_NOW = datetime(2024, 6, 15, tzinfo=UTC)


def drawn_rules(drawer: Drawer) -> list[Rule]:
    """Rules that parse, with their texts."""
    found: list[Rule] = []
    while len(found) < RULES:
        try:
            found.append(parse(drawer.rule(), TOPICS))
        except RuleError:
            continue
    return found


def disagreements(rules: list[Rule], some: list[Paper]) -> list[str]:
    """What is not said by all, told for people."""
    oracles = [Oracle(each, TODAY) for each in some]
    right = {(n, at) for n, rule in enumerate(rules) for at, each in enumerate(oracles) if each.answers(rule.root)}
    folded = [FoldedPaper(each) for each in some]
    said = {"evaluator": set[tuple[int, int]]()}
    for n, rule in enumerate(rules):
        evaluator = Evaluator(rule, TODAY)
        said["evaluator"] |= {(n, at) for at, each in enumerate(folded) if evaluator.matches(each)}
    index = InvertedIndex([LoggedPaper(at, str(at), _NOW, each) for at, each in enumerate(some, 1)])
    found = [index.answering(rule.root, TODAY).nonzero()[0].tolist() for rule in rules]
    said["search"] = {(n, at) for n, those in enumerate(found) for at in those}
    engine = Engine.build((str(n), rule.root) for n, rule in enumerate(rules))
    for engine.speed in filter(find_spec_of, WAYS):
        said[str(engine.speed)] = {(int(n), at) for n, at in engine.match(some, today=TODAY).pairs()}
    return [
        f"{who}: {rules[n].text!r} on {some[at]!r}: {'yes' if (n, at) in pairs else 'no'}"
        for who, pairs in said.items()
        for n, at in sorted(pairs ^ right)
    ]


def find_spec_of(speed: Speed) -> bool:
    """Whether the way is installed."""
    return speed == "python" or find_spec(speed) is not None


def main() -> int:
    """Draw until there were enough pairs."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    done = 0
    while done < wanted:
        random = Random(seed)
        some = papers(PAPERS, random)
        rules = drawn_rules(Drawer(some, random))
        for each in (wrong := disagreements(rules, some))[:10]:
            print(each)
        if wrong:
            print(f"{len(wrong)} disagreements with seed {seed}")
            return 1
        done, seed = done + len(rules) * len(some), seed + 1
        print(f"{done:,} pairs agree", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
