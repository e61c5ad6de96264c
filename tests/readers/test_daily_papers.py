"""The grammar of Daily Papers pages on pages written for the test: what a title, an abstract, a fact is."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestbot.model.papers import Paper
from tests.readers.kit import Listing, understand

SENTENCES = (
    "We study how language models acquire the grammar of a language they have rarely seen.",
    "Large language models (LLMs) have shown remarkable abilities, yet they are costly to serve.",
    "Our method improves over the baseline by 4.2 points on average.",
    "In this work, we introduce a benchmark of 1,200 tasks, e.g. planning and search.",
    "Existing approaches rely on data that is not available for most languages.",
    'The results suggest that "scale" alone does not explain the gains.',
    "Code and data will be released.",
)
ENDINGS = (
    "Code is available at https://github.com/example/model",
    "See \\url{https://example.org/data}",
    'We call it "small-bench."',
    "This holds for all of them (see https://example.org/x)",
    "",
)


def entry(paper: Paper, spaced: bool = True, facts: Sequence[str] = ()) -> str:
    gap = "\n\n" if spaced else "\n"
    return gap.join([paper.title, paper.abstract or "", *(["\n".join(facts)] if facts else [])])


def read(text: str) -> Listing:
    return understand(text.encode(), "page", format="daily-papers")


def misread(text: str, *code_pages: str) -> str:
    """UTF-8 read with the first code page that knows each byte."""

    def character(byte: int) -> str:
        for code_page in code_pages:
            try:
                return bytes([byte]).decode(code_page)
            except UnicodeDecodeError:
                continue
        return chr(byte)

    return "".join(map(character, text.encode()))


def a_paper(title: str = "Learning to Read Slowly", sentences: int = 4, **facts: Any) -> Paper:
    return Paper(title=title, abstract=" ".join(SENTENCES[:sentences]), source="daily-papers", **facts)


OTHERS = [a_paper(f"Paper Number {word}: A Study of Something") for word in ("One", "Two", "Three", "Four")]


def among_others(middle: str, spaced: bool = True) -> str:
    gap = "\n\n" if spaced else "\n"
    before, after = OTHERS[:2], OTHERS[2:]
    return gap.join([*(entry(p, spaced) for p in before), middle, *(entry(p, spaced) for p in after)]) + "\n"


@pytest.mark.parametrize("spaced", [True, False], ids=["spaced", "compact"])
@pytest.mark.parametrize(
    "title",
    [
        "Is Attention All You Need?",
        "Attention is not all you need.",
        "Large Language Models: A Survey",
        "A Bibliometric Review of Language Models From 2017 to 2023",
        "Spaces",
        "Datasets",
        "d1: scaling reasoning",
        "52B to 1T: Lessons Learned",
        "dMel",
        "1 Author Is Enough: On Ghostwriting With Models",
        "Subscriber Churn in the Age of Models",
        "Previous Work Is Not Over",
        "We Need to Talk About Data: How It Is Selected and Why This Is Not Enough",
        "Long " + "and Ever Longer " * 15 + "Titles",
        '"Sorry, Come Again?" Prompting',
        "Jan 6 and After: Political Speech Online",
        "·Dots· in the Title",
    ],
)
def test_a_title_is_known_by_its_place(title: str, spaced: bool) -> None:
    paper = a_paper(title)
    listing = read(among_others(entry(paper, spaced), spaced))
    assert list(listing.papers) == [*OTHERS[:2], paper, *OTHERS[2:]]


@pytest.mark.parametrize("spaced", [True, False], ids=["spaced", "compact"])
@pytest.mark.parametrize(
    "abstract",
    [
        "A short abstract of a hundred characters, which is about as short as an abstract can be these days.",
        "lower case begins here. We then go on for a while, and stop with a quote: " + SENTENCES[5],
        "sec:abstract Large models are large. " + SENTENCES[0],
        *(f"{SENTENCES[0]} {SENTENCES[1]} {ending}".strip() for ending in ENDINGS),
        f"{SENTENCES[0]} {SENTENCES[3]} These chains may be used in future applications",
    ],
)
def test_an_abstract_may_begin_and_end_in_many_ways(abstract: str, spaced: bool) -> None:
    paper = Paper(title="On Beginnings and Ends", abstract=abstract, source="daily-papers")
    listing = read(among_others(entry(paper, spaced), spaced))
    assert list(listing.papers) == [*OTHERS[:2], paper, *OTHERS[2:]]


@pytest.mark.parametrize("joint", ["\n\n", "\n"], ids=["paragraphs", "lines"])
@pytest.mark.parametrize("facts", [(), ("  • 3 authors", "·", "Feb 3, 2026")], ids=["spaced", "bulleted"])
def test_an_abstract_may_have_paragraphs_and_line_breaks(joint: str, facts: tuple[str, ...]) -> None:
    parts = (" ".join(SENTENCES[:2]), " ".join(SENTENCES[2:4]), SENTENCES[5] + " " + SENTENCES[6])
    paper = Paper(title="In Several Parts", abstract=joint.join(parts), source="daily-papers")
    listing = read(among_others(entry(paper, facts=facts)))
    assert [p.abstract for p in listing.papers][2] == paper.abstract
    assert len(listing.papers) == 5


def test_a_hard_wrapped_abstract_stays_one() -> None:
    words = " ".join(SENTENCES).split(" ")
    wrapped = "\n".join(" ".join(words[n : n + 11]) for n in range(0, len(words), 11))
    paper = Paper(title="Wrapped at Eleven Words", abstract=wrapped, source="daily-papers")
    assert list(read(among_others(entry(paper))).papers) == [*OTHERS[:2], paper, *OTHERS[2:]]


EYE = "\N{EYE}"
FACTS: list[tuple[str, dict[str, Any]]] = [
    ("  • 1 author\n·\nFeb 26, 2024", {"author_count": 1, "published": date(2024, 2, 26)}),
    ("  • 1 authors\n·", {"author_count": 1}),
    ("  • 10 authors\n·\nApr 30, 2024 19", {"author_count": 10, "published": date(2024, 4, 30), "upvotes": 19}),
    ("  • 10 authors · Feb 26, 2024", {"author_count": 10, "published": date(2024, 2, 26)}),
    ("• 10 authors · 26 Feb 2024 · 4", {"author_count": 10, "published": date(2024, 2, 26), "upvotes": 4}),
    ("10 authors\n·\n2024-02-26 1.2k", {"author_count": 10, "published": date(2024, 2, 26), "upvotes": 1200}),
    ("·\n1,204", {"upvotes": 1204}),
    ("·", {}),
    ("  • 3 authors\n·\nFeb 26", {"author_count": 3}),
    ("  • 3 authors\n·\nFeb 31, 2024", {"author_count": 3}),
    ("  • 3 authors\n·\nSeptember 9, 2025 2k", {"author_count": 3, "published": date(2025, 9, 9), "upvotes": 2000}),
    (f"{EYE} nyu\nNew York University\n·\n3", {"organization": "New York University", "upvotes": 3}),
    (f"{EYE}\nNew York University\n·", {"organization": "New York University"}),
    (f"{EYE} kinit\n·", {"organization": "kinit"}),
    (
        f"{EYE} nyu\nNew York University\n·\nFeb 26, 2024 4",
        {"organization": "New York University", "published": date(2024, 2, 26), "upvotes": 4},
    ),
    (
        f"{EYE} nyu\nNew York University\n  • 4 authors\n·\nFeb 26, 2024",
        {"organization": "New York University", "author_count": 4, "published": date(2024, 2, 26)},
    ),
    (f"{EYE} nyu\nNew York University · 12", {"organization": "New York University", "upvotes": 12}),
]


@pytest.mark.parametrize("how", ["as it is", "Thai", "Western", "a byte lost", "NBSP"])
@pytest.mark.parametrize(("facts", "expected"), FACTS, ids=[facts for facts, _ in FACTS])
def test_the_facts_of_a_paper_come_in_many_forms(facts: str, expected: dict[str, Any], how: str) -> None:
    if how == "NBSP":
        facts = facts.replace(" ", "\xa0")
    elif how != "as it is":
        facts = misread(facts, *(["cp1252"] if how == "Western" else ["cp874", "cp1252"]))
        facts = facts.replace("\x81", "") if how == "a byte lost" else facts
    paper = a_paper()
    listing = read(among_others(entry(paper) + "\n\n" + facts))
    assert list(listing.papers) == [*OTHERS[:2], a_paper(**expected), *OTHERS[2:]]
    assert not listing.incomplete


def test_a_bare_day_in_the_head_is_the_pages_own_even_with_a_year() -> None:
    head = "Daily Papers\n\nbyAK and the research community\n\nJan 1, 2026\n\n"
    listing = read(head + among_others(entry(a_paper())))
    assert listing.listed_on == "Jan 1, 2026"
    assert all(paper.published is None for paper in listing.papers)


@pytest.mark.parametrize(
    ("tail", "title"),
    [
        ("A Title and No More", "A Title and No More"),
        ("A Title\n\nWe begin to say something and", "A Title"),
        ("A Title\n\nWe begin to say something (as others do)", "A Title"),
        ("A Title\n\nWe begin to say something, e.g.", "A Title"),
        ("A Title\n\nWe say it. It is said.\n\n  • 4 auth", "A Title"),
        ("A Title\n\nWe say it. It is said.\n\n  • 4 authors", "A Title"),
        ("A Title\n\nWe say it. It is said.\n\n  • 4 authors\n·", "A Title"),
        ("A Title\n\nWe say it. It is said.\n\n  • 4 authors\n·\nF", "A Title"),
        ("A Title\n\nWe say it. It is said.\n\n  • 4 authors\n·\nFeb 2", "A Title"),
        ("A Title\n\nWe say it. It is said.\n\n  • 4 authors\n·\nFeb 26, 202", "A Title"),
        ("A Title\n\nWe say it. It is said.", "A Title"),
    ],
)
def test_the_last_entry_of_a_bulleted_dump_is_kept_out_when_cut_off(tail: str, title: str) -> None:
    facts = ("  • 3 authors", "·", "Feb 3, 2026")
    text = "\n\n".join(entry(paper, facts=facts) for paper in OTHERS) + "\n\n" + tail
    listing = read(text)
    assert [paper.title for paper in listing.papers] == [paper.title for paper in OTHERS]
    line = text.split("\n").index(title) + 1
    assert [(p.kind, p.line, p.excerpt) for p in listing.skipped] == [("incomplete", line, title)]


def test_a_dump_that_begins_within_an_entry_says_so_and_reads_the_rest() -> None:
    listing = read("of the models that we have tested.\n\n" + among_others(entry(a_paper())))
    assert len(listing.papers) == 5
    assert [(piece.kind, piece.line) for piece in listing.skipped] == [("incomplete", 1)]


def test_mojibake_in_prose_is_mended_and_counted_and_thai_is_left_alone() -> None:
    thai = "คำว่า ภาษาไทย"
    abstract = f"We’re naïve about “language” – not about {thai}. " + SENTENCES[1]
    broken = misread("We’re naïve about “language” – not about ", "cp874", "cp1252") + f"{thai}. " + SENTENCES[1]
    listing = read(among_others(f"A Title\n\n{broken}"))
    assert listing.papers[2].abstract == abstract
    assert listing.notes == ["text misread with another code page mended in 5 places"]


FURNITURE = """new|Get trending papers in your email inbox once a day!|Get trending papers in your email inbox!
|Subscribe|Daily Papers|byAK and the research community|by AK and the research community|byAK
|and the research community|by๐Ÿ‘ Image|AK and the research community|URL: https://huggingface.co/papers?q=x
|VOOZH about|⇱ Daily Papers - Hugging Face|โ‡ฑ Daily Papers - Hugging Face|Previous|Next|Company|© Hugging Face
|TOS|Privacy|About|Careers|Website|Models|Datasets|Spaces|Pricing|Docs|Log In|Sign Up|Upvote|View arXiv page
|View PDF|Add to collection|Edit Preview|3 days ago""".replace("\n", "").split("|")


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_no_paper_wherever_it_stands(line: str) -> None:
    for spaced in (True, False):
        text = among_others(line, spaced)
        listing = read(text)
        assert list(listing.papers) == OTHERS
        assert [(p.kind, p.line) for p in listing.skipped] == [("furniture", text.split("\n").index(line) + 1)]


WORDS = st.sampled_from(
    ["Learning", "Models", "Speech", "of", "for", "Few", "Data:", "GPT-4", "Low-Resource", "2024", "a"]
)
TITLES = st.lists(WORDS, min_size=3, max_size=14).map(lambda words: " ".join(words).capitalize())
ABSTRACTS = st.builds(
    lambda body, end: " ".join([*body, end]).strip(),
    st.lists(st.sampled_from(SENTENCES), min_size=2, max_size=12),
    st.sampled_from(ENDINGS),
)
PAPERS = st.builds(
    Paper,
    title=TITLES,
    abstract=ABSTRACTS,
    author_count=st.integers(1, 3000),
    published=st.dates(date(1991, 1, 1), date(2035, 1, 1)),
    upvotes=st.none() | st.integers(1, 9999),
    source=st.just("daily-papers"),
)
quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quickly
@given(st.lists(PAPERS, min_size=1, max_size=9))
def test_what_is_written_bulleted_is_read_back(papers: list[Paper]) -> None:
    def facts(paper: Paper) -> list[str]:
        votes = f" {paper.upvotes}" if paper.upvotes else ""
        day = paper.published or date.min
        return [f"  • {paper.author_count} authors", "·", f"{day:%b} {day.day}, {day.year}{votes}"]

    assert list(read("\n\n".join(entry(p, facts=facts(p)) for p in papers)).papers) == papers


@quickly
@given(st.lists(PAPERS, min_size=1, max_size=9), st.booleans())
def test_what_is_written_spaced_or_compact_is_read_back(papers: list[Paper], spaced: bool) -> None:
    bare = [Paper(title=p.title, abstract=p.abstract, source=p.source) for p in papers]
    listing = read(("\n\n" if spaced else "\n").join(entry(p, spaced) for p in bare))
    assert list(listing.papers) == bare
    assert listing.layout == ("spaced" if spaced else "compact")


@quickly
@given(st.lists(PAPERS, min_size=1, max_size=9), st.sampled_from(["Ünïversité", "Sárl – “Lab”", None]))
def test_what_is_written_misdecoded_is_read_back(papers: list[Paper], organization: str | None) -> None:
    bare = [
        Paper(title=p.title, abstract=p.abstract, upvotes=p.upvotes, organization=organization, source=p.source)
        for p in papers
    ]
    facts = [f"{EYE} slug", organization] if organization else []
    text = "\n\n".join(entry(p, facts=[*facts, "·", *([str(p.upvotes)] if p.upvotes else [])]) for p in bare)
    listing = read(misread(text, "cp874", "cp1252").replace("\x81", ""))
    assert list(listing.papers) == bare
    assert listing.layout == "misdecoded"


def test_a_large_dump_is_read_fast() -> None:
    """A guard against quadratic work, with room for a busy machine: it takes about 0.05 s."""
    chance = random.Random(3)
    papers = [a_paper(f"Study {n} of Things Learned", sentences=chance.randint(4, 7)) for n in range(600)]
    text = "\n".join(entry(paper, spaced=False) for paper in papers)
    began = time.process_time()
    assert list(read(text).papers) == papers
    assert time.process_time() - began < 2
