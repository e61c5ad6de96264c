"""How good the order of a digest is: papers labelled by reading, ranked as a reader sees them.

    python -m tests.bench.ranking [LABELS.jsonl] [--shared FOLDER]

Each line of LABELS (topics/labels.jsonl of the shared folder unless given) names a topic, the title of a paper and
whether the paper is about it. Told are

- the AUC within topics: the chance that a paper about one stands above one that is not (0.5 is chance), as the mean of
  the topics that have both among what they find, and over all such pairs;
- the same for five readers who ask for several topics each, by the place in their digests, sections and all, and the
  share of wanted papers among the first ten that have a label, and the next ten;
- the share of neighbours in those digests that have the same score, and of those whose terms and places differ.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

from digestbot.digests.composing import Candidates, choose, compose
from digestbot.matching.ranking import RankedMatch, rank
from digestbot.matching.stretch import find
from digestbot.model.cadence import parse_cadence
from digestbot.model.digests import Slot, Window, assemble
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import RuleSpec, SortOrder, Subscription
from digestbot.rules.combine import combine
from digestbot.rules.topics import Topics
from digestbot.subscribers.compiled import CompiledRules, CompiledSubscription, headings
from digestbot.subscribers.files import read_topics
from tests.readers.kit import understand

ROOT = Path(__file__).parent.parent.parent
TODAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
OTHERS = 1_500
"""So many papers without a label stand among those with one."""
READERS = {
    "a linguist": ("machine-translation", "multilingual", "embeddings", "summarization", "instruction-tuning"),
    "a physician": ("medical", "biology", "privacy"),
    "an engineer": ("code", "information-retrieval", "optimization", "reinforcement-learning"),
    "a chemist": ("chemistry-and-materials", "optimization", "robotics"),
    "a teacher": ("education", "fairness-and-bias", "interpretability", "privacy"),
}


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("labels", type=Path, nargs="?")
    options.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    asked = options.parse_args()
    labels: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for line in (asked.labels or asked.shared / "topics" / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        labels[told["topic"]][told["title"]] = bool(told["label"])
    papers = _papers(asked.shared, {title for topic in labels.values() for title in topic})
    folder = ROOT / "subscriptions"
    topics, _, _ = read_topics(folder, folder / "topics.toml")
    print(f"{len(papers):,} papers, {sum(map(len, labels.values())):,} labels")
    print(_within_topics(labels, papers, topics))
    for line in _readers(labels, papers, topics):
        print(line)


def auc(good: Sequence[int], bad: Sequence[int]) -> float:
    """The share of pairs in which the good one stands at the earlier place."""
    return sum(a < b for a in good for b in bad) / (len(good) * len(bad))


def _papers(shared: Path, labelled: Collection[str]) -> list[LoggedPaper]:
    """Those with a label and some without, in the order of the corpus; what it lacks comes from the sample dumps."""
    papers: dict[str, Paper] = {}
    others = OTHERS
    corpus = gzip.decompress((shared / "corpus" / "arxiv-20k.jsonl.gz").read_bytes())
    for read in map(json.loads, corpus.decode().splitlines()):
        if read["title"] in labelled or others > 0:
            others -= read["title"] not in labelled
            categories = tuple(read["categories"].split())
            papers[read["title"]] = Paper(title=read["title"], abstract=read["abstract"], categories=categories)
    for dump in sorted((shared / "dumps" / "daily_papers_text").glob("*.txt")):
        for paper in understand(dump.read_bytes(), dump.name).papers:
            if paper.title in labelled:
                papers.setdefault(paper.title, paper)
    return [LoggedPaper(place, f"title:{place}", NOW, each) for place, each in enumerate(papers.values(), 1)]


def _within_topics(labels: dict[str, dict[str, bool]], papers: Sequence[LoggedPaper], topics: Topics) -> str:
    scores, right, pairs = list[float](), 0.0, 0
    for name in sorted(labels.keys() & set(topics)):
        found = find(combine(topics=[name], taxonomy=topics), papers, today=TODAY)
        titles = [each.logged.paper.title for each in rank(found, SortOrder.RELEVANCE)]
        good, bad = _split(titles, [labels[name]])
        if good and bad:
            scores.append(auc(good, bad))
            right, pairs = right + scores[-1] * len(good) * len(bad), pairs + len(good) * len(bad)
    mean = sum(scores) / len(scores)
    return f"{len(scores)} topics: AUC {mean:.2f} on average, {right / pairs:.2f} over all pairs"


def _readers(labels: dict[str, dict[str, bool]], papers: Sequence[LoggedPaper], topics: Topics) -> Iterator[str]:
    scores, first, second, tied, unlike, neighbours = [], list[bool](), list[bool](), 0, 0, 0
    for name, asked in READERS.items():
        titles, found = _digests(asked, papers, topics)
        known = [labels[topic] for topic in asked if topic in labels]
        good, bad = _split(titles, known)
        scores.append(auc(good, bad))
        wanted = [each in good for each in sorted([*good, *bad])]
        first, second = first + wanted[:10], second + wanted[10:20]
        yield f"{name}: AUC {scores[-1]:.2f} over {len(good)} wanted and {len(bad)} others of {len(titles)}"
        for one, other in pairwise(rank(found, SortOrder.RELEVANCE)):
            neighbours += 1
            if one.score == other.score:
                tied += 1
                unlike += one.words != other.words
    yield (
        f"{len(READERS)} readers: AUC {sum(scores) / len(scores):.2f}; wanted of the first ten "
        f"{sum(first) / len(first):.2f}, of the next ten {sum(second) / len(second):.2f}"
    )
    yield f"ties: {tied / neighbours:.3f} of {neighbours:,} neighbours, {unlike / neighbours:.3f} found by other words"


def _digests(
    asked: Sequence[str], papers: Sequence[LoggedPaper], topics: Topics
) -> tuple[list[str], Sequence[RankedMatch]]:
    """The titles of a reader's digests in order, as many digests as it takes, and what was found."""
    rule = combine(topics=asked, taxonomy=topics)
    spec = RuleSpec(topics=tuple(asked))
    subscription = Subscription("reader", "Reader", "UTC", parse_cadence("daily 08:00"), spec, ())
    compiled = CompiledSubscription(subscription, CompiledRules(rule, tuple(headings(rule, topics))))
    left = found = find(rule, papers, today=TODAY)
    slot, titles = Slot("2026-11-30T08:00", TODAY, NOW), list[str]()
    while left:
        candidates = Candidates(Window(0, len(papers)), papers, (), frozenset())
        record = compose(compiled, candidates, left, choose(subscription, candidates, left), slot, NOW)
        entries = assemble(record, {each.sequence: each for each in papers}).entries
        titles += [each.paper.paper.title for each in entries]
        shown = {each.paper.sequence for each in entries}
        left = [each for each in left if each.logged.sequence not in shown]
    return titles, found


def _split(titles: Sequence[str], known: Sequence[dict[str, bool]]) -> tuple[list[int], list[int]]:
    """The places of the papers that are wanted by one of these lists of labels, and of those that are labelled else."""
    good = [place for place, title in enumerate(titles) if any(each.get(title) for each in known)]
    labelled = [place for place, title in enumerate(titles) if any(title in each for each in known)]
    return good, [place for place in labelled if place not in set(good)]


if __name__ == "__main__":
    main()
