"""How well topics find: ``python -m tests.bench.topics [LABELS ...] [--topics FILE] [--without-categories]
[--reading] [--all]``.

Measured over the shared corpus and dumps, against papers labelled by reading (lines of JSON with ``topic`` or
``field``, ``title`` and ``label``) and against the arXiv category that each paper has. Topics are listed worst first,
each with the papers that are wrongly found or missed; a field is judged by the topic of its name, else by the one
that suits it best. Of labels, a fixed half of the titles is held out: nobody reads its papers when words are chosen, so
its figures, told beside the whole's, show what was fitted to single titles (`--reading` leaves its titles untold).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from digestbot.bootstrap import shipped
from digestbot.matching.engine import Engine
from digestbot.model.papers import Paper
from digestbot.rules.ast import And, Label, Node, Or
from digestbot.rules.fields import Field
from digestbot.rules.topics import Topics
from digestbot.subscribers.files import read_topics
from tests.bench.workload import CORPUS
from tests.readers.kit import understand

SHARED = CORPUS.parent.parent
LABELS = (SHARED / "topics" / "labels.jsonl", SHARED / "topics" / "new-fields.jsonl")
DUMPS = SHARED / "dumps" / "daily_papers_text"
TODAY = date(2026, 1, 1)
FEWEST_OF_A_CATEGORY = 20

Found = Mapping[str, frozenset[str]]
"""For each topic, the titles of the papers it finds."""


@dataclass(slots=True)
class Score:
    """How one topic stands against labels: titles rightly found, wrongly found, and missed."""

    name: str
    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of what it finds that is about it."""
        return share(len(self.right), len(self.wrong))

    @property
    def recall(self) -> float:
        """The share of what is about it that it finds."""
        return share(len(self.right), len(self.missed))

    @property
    def balance(self) -> float:
        """Precision and recall in one number."""
        return share(2 * len(self.right), len(self.wrong) + len(self.missed))

    def faults(self) -> tuple[tuple[str, list[str]], ...]:
        """What it got wrong, by how."""
        return ("found though it is not", self.wrong), ("missed", self.missed)

    def judge(self, title: str, about: bool, found: bool) -> None:
        """Count one labelled paper."""
        if found:
            (self.right if about else self.wrong).append(title)
        elif about:
            self.missed.append(title)


def share(hits: int, others: int) -> float:
    """The share of hits; 1 where there is nothing."""
    return hits / (hits + others) if hits + others else 1.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", nargs="*", type=Path, default=LABELS, help="papers labelled by reading (JSON Lines)")
    ours = shipped("subscriptions") / "topics.toml"
    parser.add_argument("--topics", type=Path, default=ours, help="the topics to measure, else those that come along")
    parser.add_argument("--without-categories", action="store_true", help="as if no paper had one: words alone")
    parser.add_argument("--reading", action="store_true", help="tell no title of the half that is held out")
    parser.add_argument("--all", action="store_true", help="topics without a fault too")
    asked = parser.parse_args()
    topics, _, problems = read_topics(Path("nowhere"), asked.topics)
    for each in (*problems, *topics.problems()):
        print(f"{asked.topics}: {each}")
    papers = everything()
    known = {each.title for each in papers}
    by_words = finds(topics, [replace(each, categories=()) for each in papers])
    found = by_words if asked.without_categories else finds(topics, papers)
    for path in asked.labels:
        show(path.name, scores(path, found, known), faultless=asked.all, unread=asked.reading)
    show("the arXiv category that the topic names, by its words alone", against(topics, by_words, papers), titles=False)
    missed = {each.title for each in corpus()} - set().union(*found.values())
    print(f"\n{len(topics)} topics; in none of them: {len(missed):,} papers of the corpus")


def everything() -> list[Paper]:
    """The corpus and the Daily Papers dumps, each title once."""
    papers = {each.title: each for each in corpus()}
    for dump in sorted(DUMPS.iterdir()):
        for paper in understand(dump.read_bytes(), dump.name).papers:
            papers.setdefault(paper.title, paper)
    return list(papers.values())


def corpus() -> Iterator[Paper]:
    """The shared corpus."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        for told in map(json.loads, lines):
            yield Paper(title=told["title"], abstract=told["abstract"], categories=tuple(told["categories"].split()))


def finds(topics: Topics, papers: Sequence[Paper]) -> Found:
    """What each topic finds."""
    engine = Engine.build([(name, topics[name]) for name in topics])
    matches = engine.match(papers, today=TODAY).by_rule()
    return {name: frozenset(papers[at].title for at in matches.get(name, ())) for name in topics}


def scores(path: Path, found: Found, known: set[str]) -> list[Score]:
    """How the topics stand against the labels of a file."""
    labels: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        if told["title"] in known:
            labels[told.get("topic") or told["field"]].append((told["title"], bool(told["label"])))
    return [suiting(name, rows, found) for name, rows in labels.items()]


def suiting(name: str, rows: Iterable[tuple[str, bool]], found: Found) -> Score:
    """The score of the topic of this name, else of the one that suits the labels best."""
    rows = list(rows)
    judged = []
    for topic in [name] if name in found else found:
        score = Score(name if topic == name else f"{name} (by {topic})")
        for title, about in rows:
            score.judge(title, about, title in found[topic])
        judged.append(score)
    return max(judged, key=lambda each: each.balance)


def against(topics: Topics, by_words: Found, papers: Sequence[Paper]) -> list[Score]:
    """How topics with a category of their own stand against it, over the papers that have one.

    A rough sign: a category is wider than a topic, and a paper has but one first category.
    """
    judged = []
    for name in topics:
        own = tuple(categories_of(topics[name]))
        score = Score(name)
        for each in papers if own else ():
            if each.categories:
                first = each.categories[0].casefold()
                about = any(first == one or first.startswith(f"{one}.") for one in own)
                score.judge(each.title, about, each.title in by_words[name])
        if len(score.right) + len(score.missed) >= FEWEST_OF_A_CATEGORY:
            judged.append(score)
    return judged


def categories_of(node: Node) -> Iterator[str]:
    """The categories by which a topic finds papers: not those of its topics, nor those that it excludes."""
    match node:
        case And() | Or():
            for each in node.rules:
                yield from categories_of(each)
        case Label(field=Field.CATEGORY):
            yield node.value


def held_out(title: str) -> bool:
    """Whether a paper is of the half that no word is chosen by."""
    return hashlib.sha256(title.encode()).digest()[0] % 2 == 1


def show(
    what: str, judged: Sequence[Score], *, faultless: bool = False, titles: bool = True, unread: bool = False
) -> None:
    """The worst first, then all together; where titles are told, by the half that is held out and by the other too."""
    print(f"\nAgainst {what}")
    for each in sorted(judged, key=lambda each: each.balance):
        if faultless or each.wrong or each.missed:
            print(f"  {each.balance:.2f}  precision {each.precision:.2f}  recall {each.recall:.2f}  {each.name}")
            told = [(f"{how}: {title[:100]}", title) for how, some in each.faults() for title in some if titles]
            for line, title in told:
                if not (unread and held_out(title)):
                    print(f"            {line}")
    print(f"  together: {together(judged, lambda _: True)}")
    if titles:
        print(f"  the half that is held out: {together(judged, held_out)}")
        print(f"  the other half: {together(judged, lambda title: not held_out(title))}")


def together(judged: Sequence[Score], counted: Callable[[str], bool]) -> str:
    """The precision and recall of all topics together, over the titles that are counted."""
    right = sum(counted(title) for each in judged for title in each.right)
    wrong = sum(counted(title) for each in judged for title in each.wrong)
    missed = sum(counted(title) for each in judged for title in each.missed)
    return f"precision {share(right, wrong):.3f}, recall {share(right, missed):.3f}"


if __name__ == "__main__":
    main()
