"""Whole dumps: the real ones where they are at hand, and our samples, as they are, mutilated, and cut."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from digestbot.model.errors import DumpError
from digestbot.model.papers import Paper
from digestbot.readers.formats.daily_papers.prose import looks_finished
from tests.readers.kit import Listing, understand

REPO = Path(__file__).parents[2]
SAMPLES = sorted((REPO / "digestbot" / "cli" / "samples").glob("daily-*.txt"))
REAL = REPO.parent / "shared" / "dumps"
REAL_DUMPS = sorted((REAL / "daily_papers_text").glob("*.txt"))
ALL = [pytest.param(path, id=path.stem) for path in (*SAMPLES, *REAL_DUMPS)]
needs_real = pytest.mark.skipif(not REAL_DUMPS, reason="the real dumps are not in ../shared/dumps/daily_papers_text")


@cache
def papers_of(path: Path) -> tuple[Paper, ...]:
    return tuple(understand(path.read_bytes(), path.name).papers)


def compact(text: str) -> bool:
    return "\n\n" not in text


@needs_real
@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in REAL_DUMPS])
def test_a_real_dump_gives_exactly_the_expected_papers(path: Path) -> None:
    listings = json.loads((REAL / "expected.json").read_text(encoding="utf-8"))
    expected = next(each for each in listings if each["file"] == f"daily_papers_text/{path.name}")
    listing = understand(path.read_bytes(), path.name)
    assert listing.layout == expected["layout"]
    assert [as_expected(paper) for paper in listing.papers] == [
        {"author_count": None, "organization": None, "upvotes": None, "published": None, **paper}
        for paper in expected["papers"]
    ]
    assert not listing.incomplete
    for paper in listing.papers:
        assert paper.source == "daily-papers"
        assert (paper.authors, paper.categories, dict(paper.ids), paper.url, paper.kind) == ((), (), {}, None, None)


def as_expected(paper: Paper) -> dict[str, Any]:
    assert paper.abstract is not None
    return {
        "title": paper.title,
        "author_count": paper.author_count,
        "organization": paper.organization,
        "upvotes": paper.upvotes,
        "published": paper.published.isoformat() if paper.published else None,
        "abstract_start": paper.abstract[:80],
        "abstract_length": len(paper.abstract),
    }


@needs_real
def test_the_pages_own_date_is_no_papers_date() -> None:
    assert [understand(p.read_bytes(), p.name).listed_on for p in REAL_DUMPS] == ["Jan 1", "Sep 24", "Jun 29", None]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_read_whole_in_its_layout(path: Path) -> None:
    listing = understand(path.read_bytes(), path.name)
    assert f"daily-{listing.layout}" == path.stem
    assert 8 <= len(listing.papers) <= 14
    assert not listing.incomplete
    for paper in listing.papers:
        assert paper.abstract is not None
        assert 500 <= len(paper.abstract) <= 1200
        assert not re.search("[\u0e00-\u0e7f\x80-\x9f]", paper.title + paper.abstract)


def test_papers_recur_in_the_samples_with_richer_facts() -> None:
    by_title: dict[str, list[Paper]] = {}
    for path in SAMPLES:
        for paper in papers_of(path):
            by_title.setdefault(paper.title, []).append(paper)
    recurring = [seen for seen in by_title.values() if len(seen) > 1]
    assert len(recurring) >= 5
    assert all(len({paper.abstract for paper in seen}) == 1 for seen in recurring)
    assert any(len({paper.author_count for paper in seen}) > 1 for seen in recurring)


def without_head(text: str) -> str:
    lines = text.split("\n")
    last = max(
        n for n, line in enumerate(lines[:25]) if re.match(r"Get trending|Subscribe$|by|AK|[A-Z][a-z]{2} \d+$", line)
    )
    return "\n".join(lines[last + 1 :])


def head_of(text: str) -> str:
    return text[: len(text) - len(without_head(text))]


def head_in_the_middle(text: str) -> str:
    """Two pages one after the other, the second with its own head."""
    body = without_head(text)
    first = papers_of_text(body)[5].title
    at = body.index("\n" + first) + 1
    return head_of(text).rstrip("\n") + ("\n" if compact(text) else "\n\n") + body[:at] + head_of(text) + body[at:]


def papers_of_text(text: str) -> list[Paper]:
    return list(understand(text.encode(), "text").papers)


def blank_lines_here_and_there(text: str) -> str:
    chance = random.Random(4)
    return "\n".join(line + ("\n" if chance.random() < 0.2 else "") for line in text.split("\n"))


FOOT = "".join(
    f"\n\n{line}"
    for line in (
        *("Previous", "1", "2", "Next", "Company", "© Hugging Face", "TOS", "Privacy", "About", "Careers"),
        *("Website", "Models", "Datasets", "Spaces", "Pricing", "Docs"),
    )
)

MUTATIONS: dict[str, Callable[[str], str | bytes]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "UTF-8 BOM": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 BE": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "Windows-1252": lambda text: text.encode("cp1252", errors="replace"),
    "no head": without_head,
    "head twice": lambda text: head_of(text) + text,
    "head in the middle": head_in_the_middle,
    "foot": lambda text: text.rstrip("\n") + FOOT,
    "foot in a block": lambda text: text.rstrip("\n") + FOOT.replace("\n\n", "\n"),
    "doubled blank lines": lambda text: text.replace("\n\n", "\n\n\n"),
    "trailing spaces": lambda text: text.replace("\n", "  \t\n"),
    "tabs": lambda text: text.replace("  •", "\t•").replace(" authors", "\tauthors"),
    "NBSP": lambda text: text.replace(" ", "\xa0"),
    "no final newline": lambda text: text.rstrip("\n"),
    "many final newlines": lambda text: text.rstrip("\n") + "\n\n\n\n",
    "no blank line after facts": lambda text: re.sub(r"(?m)^((?:·|ยท)(?:\n.{1,16})?)\n\n", r"\1\n", text),
    "facts on one line": lambda text: re.sub(r"authors\n·\n", "authors · ", text),
    "misdecoded twice over": lambda text: text.replace("·", "Â·").replace("•", "â€¢"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("path", ALL)
def test_a_mutilated_dump_gives_the_same_papers(path: Path, mutation: str) -> None:
    text = path.read_text(encoding="utf-8")
    if mutation == "Windows-1252" and re.search("[\u0e00-\u0e7f]", text):
        pytest.skip("Windows-1252 has no Thai letters: such a file cannot be")
    mutated = MUTATIONS[mutation](text)
    listing = understand(mutated if isinstance(mutated, bytes) else mutated.encode(), path.name)
    assert list(listing.papers) == list(papers_of(path))
    assert not listing.incomplete, [piece for piece in listing.skipped if piece.kind != "furniture"]


@pytest.mark.parametrize("path", [p for p in ALL if "compact" in str(p.id) or "003" in str(p.id)])
def test_a_compact_dump_bears_blank_lines_here_and_there(path: Path) -> None:
    mutated = blank_lines_here_and_there(path.read_text(encoding="utf-8"))
    assert papers_of_text(mutated) == list(papers_of(path))


def test_dumps_of_all_layouts_may_be_put_together() -> None:
    together = b"\n".join(path.read_bytes() for path in SAMPLES)
    assert list(understand(together, "all").papers) == [paper for path in SAMPLES for paper in papers_of(path)]


@pytest.mark.parametrize("path", ALL)
def test_a_title_that_lost_its_abstract_is_reported_and_the_others_are_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    papers = list(papers_of(path))
    chance = random.Random(7)
    lines = text.split("\n")
    for index in chance.sample(range(1, len(papers) - 1), 4):
        victim = papers[index]
        at = next(n for n, line in enumerate(lines) if line.endswith(victim.title))
        gap = 1 if compact(text) else 2
        broken = [*lines[: at + 1], *lines[at + gap + 1 :]]
        listing = understand("\n".join(broken).encode(), path.name)
        assert list(listing.papers) == papers[:index] + papers[index + 1 :]
        pieces = [(piece.kind, piece.line) for piece in listing.skipped if piece.kind != "furniture"]
        assert pieces == [("unreadable", at + 1)]


def beginning(path: Path, count: int = 7) -> tuple[bytes, list[Paper]]:
    """The dump up to its first `count` papers, and these."""
    text = path.read_text(encoding="utf-8")
    papers = list(papers_of(path))
    end = text.index("\n" + papers[count].title) if len(papers) > count else len(text)
    return text[:end].rstrip("\n").encode(), papers[:count]


def may_come_of(paper: Paper, whole: Paper) -> bool:
    """What cannot be told from a whole entry: facts that may be absent, an abstract ending with a sentence."""
    if paper.abstract == whole.abstract:
        bare = replace(whole, upvotes=None)
        stripped = replace(bare, author_count=None, organization=None, published=None)
        undated = replace(bare, published=None)  # no other paper yet shows that a date must follow
        return replace(paper, upvotes=None) in (bare, stripped, undated)
    return (
        (whole.abstract or "").startswith(paper.abstract or "?")
        and looks_finished(paper.abstract or "")
        and replace(paper, abstract=None) == Paper(title=whole.title, source=whole.source)
    )


@pytest.mark.parametrize("path", ALL)
def test_a_cut_at_any_byte_gives_no_wrong_paper_and_is_reported(path: Path) -> None:
    data, papers = beginning(path)
    chance = random.Random(11)
    last_entries = data.rindex(papers[-2].title.encode())
    cuts = {
        *range(last_entries, len(data), 7),
        *chance.sample(range(len(data)), 80),
        *range(len(data) - 60, len(data)),
    }
    for cut in sorted(cuts):
        try:
            listing = understand(data[:cut], "cut")
        except DumpError:
            # the second title is where the first paper is whole for certain
            assert cut <= data.index(papers[1].title.encode()), f"cut at {cut}"
            continue
        check_cut(listing, papers, data, cut)


def check_cut(listing: Listing, papers: list[Paper], data: bytes, cut: int) -> None:
    read = list(listing.papers)
    assert read[:-1] == papers[: len(read) - 1], f"cut at {cut}"
    last = papers[len(read) - 1]
    assert read[-1] == last or may_come_of(read[-1], last), f"cut at {cut}: {read[-1]}"
    if b"\xc2\xb7" in data and len(read) > 1:  # every entry of a bulleted dump ends with its date
        assert replace(read[-1], upvotes=None) == replace(last, upvotes=None), f"cut at {cut}"
    text = data[:cut].decode("utf-8", errors="ignore")
    begun = [paper for paper in papers if re.search(rf"(?m)^(?:Subscribe)?{re.escape(paper.title)}$", text)]
    if len(begun) > len(read):
        broken = [piece for piece in listing.skipped if piece.kind == "incomplete"]
        at = next(n for n, line in enumerate(text.split("\n"), 1) if line.endswith(begun[len(read)].title))
        assert at in [piece.line for piece in broken], f"cut at {cut}"


@pytest.mark.parametrize("path", ALL)
def test_every_line_is_in_a_paper_or_reported(path: Path) -> None:
    data, papers = beginning(path)
    listing = understand(data[: len(data) - 40] + b"\n\nand then something\n\nPrevious\n\n", "dump")
    text = data.decode()
    skipped = {piece.line for piece in listing.skipped}
    told = " ".join(f"{paper.title} {paper.abstract}" for paper in papers)
    for number, line in enumerate(text.split("\n")[: text.count("\n") // 2], 1):
        is_fact = re.match(r"\s*(?:•|·|ยท|๐|\d{1,3}$|[A-Z][a-z]{2} \d+, \d{4})", line)
        if line.strip() and not is_fact and number not in skipped:
            name = line.strip().removeprefix("Subscribe")
            repaired = not line.isascii()
            assert repaired or name in told or any(name == p.organization for p in papers), line
