"""Learn the weights of the gist: ``python -m tests.training.gist FOLDER [--rate FOLDER]...``.

A folder holds ``papers.jsonl.gz`` (title and abstract a line) and ``gold.json.gz`` (by title: ``summaries``, each one
sentence that a person wrote of the paper). The shipped weights were learnt on the training part of SciTLDR-A (Cachola
et al. 2020, github.com/allenai/scitldr at 5ccad9c, Apache-2.0): 1,956 computer science papers. What is learnt is
how near each sentence comes to the summaries by ROUGE-1: a softmax over the sentences of an abstract, towards
exp(ROUGE / `SHARPNESS`). The weights are written to ``digestbot/rendering/gist_weights.py``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from digestbot.rendering import gist_weights
from digestbot.rendering.gist import gist, scores, sentences
from digestbot.rendering.gist_weights import WEIGHTS

SHARPNESS = 0.08
_STEPS, _RATE, _DECAY = 1_500, 0.1, 0.01
_UNITS = dict(zip(WEIGHTS, np.eye(len(WEIGHTS)), strict=True))  # a score is a sum of weights: of these, the row itself

Numbers = npt.NDArray[np.float64]


class Example(NamedTuple):
    """An abstract, a row of features for each of its sentences, and how near each comes to a summary."""

    title: str
    abstract: str
    summaries: list[str]
    rows: Numbers
    near: Numbers


def rouge1(one: str, other: str) -> float:
    """The F measure of shared words, from 0 to 1."""
    mine, theirs = (Counter(re.findall(r"[a-z0-9]+", text.lower())) for text in (one, other))
    shared = sum((mine & theirs).values())
    return 2 * shared / (sum(mine.values()) + sum(theirs.values())) if shared else 0.0


def nearest(text: str, summaries: list[str]) -> float:
    """ROUGE-1 against the summary that is nearest."""
    return max(rouge1(text, each) for each in summaries)


def examples(folder: Path) -> list[Example]:
    """All abstracts of a folder that hold a sentence."""
    with gzip.open(folder / "gold.json.gz", "rt", encoding="utf-8") as file:
        gold = json.load(file)
    with gzip.open(folder / "papers.jsonl.gz", "rt", encoding="utf-8") as file:
        papers = [json.loads(line) for line in file]
    return [
        Example(
            paper["title"],
            abstract := paper["abstract"],
            summaries := gold[paper["title"]]["summaries"],
            np.array(scores(found, paper["title"], _UNITS), np.float64),
            np.array([nearest(abstract[each.start : each.end], summaries) for each in found]),
        )
        for paper in papers
        if paper["title"] in gold and (found := sentences(paper["abstract"]))
    ]


def learn(some: list[Example]) -> Numbers:
    """A weight for each feature, as it comes (not standardised)."""
    rows = np.concatenate([each.rows for each in some])
    spread = rows.std(0)
    spread[spread == 0] = np.inf  # what never varies tells nothing
    standard = (rows - rows.mean(0)) / spread
    counts = [len(each.near) for each in some]
    starts, whose = np.cumsum([0, *counts[:-1]]), np.repeat(np.arange(len(counts)), counts)

    def softmax(values: Numbers) -> Numbers:
        powers: Numbers = np.exp(values - np.maximum.reduceat(values, starts)[whose])
        shares: Numbers = powers / np.add.reduceat(powers, starts)[whose]
        return shares

    wanted = softmax(np.concatenate([each.near for each in some]) / SHARPNESS)
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        weights -= _RATE * (standard.T @ (softmax(standard @ weights) - wanted) / len(counts) + _DECAY * weights)
    learnt: Numbers = weights / spread
    return learnt


def rating(some: list[Example]) -> float:
    """ROUGE-1 in percent of the sentences that the shipped weights take."""
    taken = [(gist(each.abstract, each.title), each.summaries) for each in some]
    return 100 * float(np.mean([nearest(found.text, summaries) for found, summaries in taken if found]))


def main() -> None:
    """Learn, write, and say what the shipped weights reach on other folders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rate", type=Path, action="append", default=[], help="measure the shipped weights here")
    options = parser.parse_args()
    if options.folder:
        learnt = learn(examples(options.folder))
        lines = "".join(f'    "{name}": {weight:.4f},\n' for name, weight in zip(WEIGHTS, learnt, strict=True))
        text = '"""Written by `tests/training/gist.py`: what each feature of a sentence weighs."""\n\nWEIGHTS = {\n'
        Path(gist_weights.__file__).write_text(f"{text}{lines}}}\n", encoding="utf-8")
        print(f"learnt: {len(learnt)} weights; measure them by a second run")
        return
    for folder in options.rate:
        print(f"{folder.name}: ROUGE-1 {rating(examples(folder)):.2f}")


if __name__ == "__main__":
    main()
