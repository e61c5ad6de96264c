"""The likeness benchmark: ``python -m tests.bench.likeness [--profiles N] [--papers N] [--corpus PATH]``.

Profiles of real papers (ten liked ones each) scored against papers that none of them likes, by one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from digestbot.matching.like.frequencies import Frequencies
from digestbot.matching.like.profile import Profile, centroid
from digestbot.matching.like.terms import counts
from digestbot.matching.like.vectors import Vectors
from tests.bench.matching import seconds
from tests.bench.workload import CORPUS, papers

_SEED = 7
_PAST = 5_000
_LIKED = 10
_DISTINCT = 2_000  # profiles that are made; the rest repeats them


def main() -> None:
    """Print what it takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--papers", type=int, default=2_000)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    options = parser.parse_args()
    random = Random(_SEED)
    texts = [counts(each) for each in papers(options.corpus, _PAST + options.papers, random)]
    past, new = texts[:_PAST], texts[_PAST:]
    frequencies = Frequencies.of(past)
    vectors = [frequencies.vector(each) for each in past]
    profiles: list[Profile] = []

    def build() -> None:
        profiles.extend(
            Profile.of(centroid([(each, 1.0) for each in random.sample(vectors, _LIKED)])) for _ in range(_DISTINCT)
        )

    made = seconds(build)
    size = sum(each.words.nbytes + each.levels.nbytes for each in profiles) / len(profiles)
    table = Vectors([frequencies.vector(each) for each in new])
    best = 0.0

    def score() -> None:
        nonlocal best
        for at in range(options.profiles):
            best = max(best, float(profiles[at % _DISTINCT].scores(table).max()))

    scored = seconds(score)
    print(f"a profile: {size:,.0f} bytes, made of vectors in {made / _DISTINCT * 1e3:.2f} ms")
    pairs = f"{options.profiles:,} profiles against {table.papers:,} papers"
    print(f"{pairs}: {scored:.1f} s of one core; the nearest {best:.2f}")


if __name__ == "__main__":
    main()
