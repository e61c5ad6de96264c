"""Mutated and mixed dumps: no fault, no rubbish taken for papers, bounded time and memory.

What is rubbish is told here by a simple judge of its own: a title that is an address, a heading, a mark of a list,
markup, or a word of a page's menu with nothing that says it is a paper.
"""

from __future__ import annotations

import random
import re
import resource
import time
from pathlib import Path

import pytest

from digestbot.model.errors import DigestbotError
from digestbot.model.papers import Paper
from tests.readers.kit import understand
from tests.readers.test_fuzz import damaged, seeds

CASES = Path(__file__).parents[3] / "shared" / "cases" / "reading"
MOST_SECONDS = 10.0  # of processor time for one of these small dumps
MOST_MEGABYTES = 600  # that the process grows by
ADDRESS = re.compile(r"\s*<?(?:https?://|www\.)\S+>?\s*")
MARK = re.compile(
    r"\s*#{1,6}\s.*|\s*[-*•]\s+\S{1,20}\s*|.*\]\(https?://.*|\s*!\[.*|\s*<[a-z]+>.*|[\W_]*", re.ASCII | re.DOTALL
)
MENU = frozenset(
    [
        "home",
        "search",
        "donate",
        "login",
        "subscribe",
        "unsubscribe",
        "help",
        "about",
        "privacy",
        "contact",
        "menu",
        "next",
        "previous",
        "pdf",
        "html",
        "other",
        "daily",
        "weekly",
        "monthly",
        "datasets",
        "models",
        "spaces",
        "docs",
        "pricing",
    ]
) | {"log in", "sign up", "daily papers", "trending papers", "new submissions", "skip to main content"}


def rubbish(paper: Paper) -> bool:
    title = paper.title
    if ADDRESS.fullmatch(title) or (title.isascii() and MARK.fullmatch(title)):
        return True
    told = paper.ids or paper.authors or paper.author_count or len(paper.abstract or "") > 80
    return title.strip().lower() in MENU and not told


def all_seeds() -> list[tuple[str, bytes]]:
    cases = sorted(CASES.glob("*.*")) if CASES.exists() else []
    return seeds() + [
        (path.name, path.read_bytes()) for path in cases if path.name not in ("expected.json", "README.md")
    ]


def mixed(number: int, found: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """One seed damaged, or two joined: behind one another, one within the other, or line by line."""
    chance = random.Random(number)
    name, data = chance.choice(found)
    if chance.random() < 0.7:
        return name, damaged(name, data, number)
    other_name, other = chance.choice(found)
    name = f"{name}+{other_name}"
    at = chance.randrange(len(data) + 1)
    ways = (
        lambda: data + b"\n" + other,
        lambda: data[:at] + b"\n" + other + b"\n" + data[at:],
        lambda: b"\n".join(line for pair in zip(data.split(b"\n"), other.split(b"\n"), strict=False) for line in pair),
    )
    joined = chance.choice(ways)()[:96_000] or b"\n"
    return name, damaged(name, joined, number) if chance.random() < 0.5 else joined


def try_all(numbers: range) -> None:
    found = all_seeds()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in numbers:
        name, data = mixed(number, found)
        start = time.process_time()
        try:
            papers = understand(data, name).papers
        except DigestbotError:
            papers = ()
        except Exception as error:
            error.add_note(f"mixed({number}): {name}, {len(data)} bytes")
            raise
        assert time.process_time() - start < MOST_SECONDS, f"mixed({number}): {name}"
        taken = [paper.title for paper in papers if rubbish(paper)]
        assert not taken, f"mixed({number}): {name}: {taken[:3]}"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MOST_MEGABYTES * 1024


def test_hundreds_of_mutated_and_mixed_dumps_give_no_rubbish() -> None:
    try_all(range(400))


@pytest.mark.slow
def test_twenty_thousand_mutated_and_mixed_dumps_give_no_rubbish() -> None:
    try_all(range(400, 20_400))
