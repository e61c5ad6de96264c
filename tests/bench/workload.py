"""The workload of the matching benchmark: rules drawn from the n-grams of real papers, and those papers."""

from __future__ import annotations

import gzip
import json
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random

from digestbot.model.papers import Paper
from digestbot.rules.ast import And, Compare, Field, Node, Not, Number, Or, Span, Words
from digestbot.rules.folding import words

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "arxiv-20k.jsonl.gz"
_NOWHERE = Span(0, 0)
_MOST_COMMON = 0.01  # the share of the papers that hold an atom, at most
_KINDS = ("word", "phrase", "prefix", "absent")
_SHARES = (0.44, 0.78, 0.90)


def papers(path: Path, count: int, random: Random) -> list[Paper]:
    """Real papers, and perturbed copies of them (words dropped and swapped) when more are asked for."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]
    found = [_paper(each, random) for each in read]
    while len(found) < count:
        each = random.choice(read)
        some = each["abstract"].split(" ")
        for _ in range(len(some) // 10):
            some[random.randrange(len(some))] = random.choice(some)
        found.append(_paper({**each, "abstract": " ".join(some)}, random))
    return found


def _paper(read: dict[str, str], random: Random) -> Paper:
    return Paper(
        title=read["title"],
        abstract=read["abstract"] or None,
        upvotes=int(random.expovariate(1 / 10)),
        categories=tuple(read["categories"].split()),
        ids={"arxiv": read["id"]},
    )


@dataclass(frozen=True, slots=True)
class Pool:
    """Atoms of one kind in the order of their popularity, with the running sums of their Zipf weights."""

    atoms: Sequence[tuple[str, ...]]
    weights: Sequence[float]

    @classmethod
    def of(cls, counts: Counter[tuple[str, ...]], papers: int) -> Pool:
        """The atoms that two papers hold and no more than a hundredth of them."""
        allowed = [(-n, each) for each, n in counts.items() if 2 <= n <= max(2, papers * _MOST_COMMON)]
        kept = [each for _, each in sorted(allowed)]  # the same in every process
        return cls(kept, list(accumulate(1 / rank for rank in range(1, len(kept) + 1))))

    def draw(self, random: Random) -> tuple[str, ...]:
        """One atom, the popular ones more often."""
        return self.atoms[bisect(self.weights, random.random() * self.weights[-1], hi=len(self.atoms) - 1)]


class Workload:
    """Rules by number: each an OR of 1 to 4 AND groups of 1 to 3 atoms, some with NOT, field or threshold."""

    def __init__(self, papers: Sequence[Paper], seed: int) -> None:
        grams: dict[str, Counter[tuple[str, ...]]] = {"word": Counter(), "phrase": Counter()}
        stems: Counter[tuple[str, ...]] = Counter()
        for paper in papers:
            split = words(paper.abstract or paper.title).split
            grams["word"].update({(each,) for each in split if len(each) > 2})
            grams["phrase"].update({*pairwise(split)})
            grams["phrase"].update({*zip(split, split[1:], split[2:], strict=False)})
            stems.update({(each[:size],) for each in split for size in (5, 6, 7) if len(each) > size})
        self._pools = {kind: Pool.of(counts, len(papers)) for kind, counts in grams.items()}
        self._pools["prefix"] = Pool.of(stems, len(papers))
        self._seed = seed

    def rules(self, count: int) -> Iterator[tuple[str, Node]]:
        """The first `count` rules, each with its id; always the same."""
        random = Random(self._seed)
        for at in range(count):
            yield f"rule-{at}", self._rule(random)

    def term(self, kind: str, random: Random) -> str:
        """A word or phrase as people write it; `kind` is word or phrase."""
        return " ".join(self._pools[kind].draw(random))

    def _rule(self, random: Random) -> Node:
        field = Field.TITLE if random.random() < 0.15 else Field.TEXT
        groups = [self._group(random, field) for _ in range(1 + int(4 * random.random()))]
        rule = groups[0] if len(groups) == 1 else Or(tuple(groups), _NOWHERE)
        extra: list[Node] = []
        if random.random() < 0.10:
            extra.append(Not(self._atom(random, field), _NOWHERE))
        if random.random() < 0.10:
            least = random.choice((1, 3, 5, 10, 20, 50))
            extra.append(Compare(Number.UPVOTES, ">=", least, least, _NOWHERE))
        return And((rule, *extra), _NOWHERE) if extra else rule

    def _group(self, random: Random, field: Field) -> Node:
        atoms = tuple(self._atom(random, field) for _ in range(1 + int(3 * random.random())))
        return atoms[0] if len(atoms) == 1 else And(atoms, _NOWHERE)

    def _atom(self, random: Random, field: Field) -> Node:
        kind = _KINDS[bisect(_SHARES, random.random())]
        if kind == "absent":
            return Words(field, ((f"absent{random.randrange(20_000)}",),), _NOWHERE)
        return Words(field, (self._pools[kind].draw(random),), _NOWHERE, prefix=kind == "prefix")
