"""Digests as hypothesis makes them: any number of papers, with text that no renderer may take for its own."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from digestbot.model.digests import Counts, Digest, DigestEntry, EntryRecord, Highlight, Section
from digestbot.model.papers import LoggedPaper, Paper
from tests.rendering.making import DUE, digest

# Digests are large things to draw: making a failing one smaller takes minutes and tells little more.
many = settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)

FRAGMENTS = (
    "<script>alert(1)</script>", "</td></table>", "<img src=x onerror=y>", "&lt;b&gt;", "&copy;",
    "](javascript:alert(1))",
    "[x](http://evil.example)", "![x](http://evil.example/x.png)", "<!channel>", "<!here>", "<@U1>", "<@&1>",
    "<http://evil.example|arxiv.org>", "@everyone", "@here", "`code`", "```", "$x<y$", "_a_b_", "*b*", "**b**", "~s~",
    "~~s~~", "||s||", ":smile:", "# h", "> q", "- l", "1. l", "+ p", "| a | b |", "---", "\\", "\\*", "!", "\u202e",
    "\u2066",
    "\x00", "\ud800", "\udfff", "\u2028", "\r\n", "Bcc: x@y", "=?utf-8?q?x?=", "{{ 7*7 }}", "{% x %}", "\"'", "'>",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "e" + "\u0301" * 30, "多言語", "עברית", "e.g.", "et al.", "word",
    "low-resource", "https://ok.example/a_b", "&", "<", ">", "=_digestbot_", "\n.\n", "From ",
)  # fmt: skip

text = st.lists(st.sampled_from(FRAGMENTS) | st.text(st.characters(exclude_categories=()), max_size=6), max_size=8)
short = st.builds(lambda words, gap: gap.join(words), text, st.sampled_from((" ", "")))
long = st.builds(lambda part, times: part * times, short, st.sampled_from((1, 2, 20)))
links = st.sampled_from(
    (
        None, "https://ok.example/paper", "https://ok.example/a_(b)?x=1&y=*2*#c", "javascript:alert(1)",
        "data:text/html,x",
        "https://ok.example/" + "a&" * 200, "https://ok.example/<script>|x>",
    )
)  # fmt: skip


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    return Paper(
        title=draw(long),
        abstract=draw(st.none() | long),
        authors=tuple(draw(st.lists(short, max_size=5))),
        author_count=draw(st.none() | st.integers(0, 3000)),
        organization=draw(st.none() | long),
        upvotes=draw(st.none() | st.integers(0, 10**6)),
        published=draw(st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1))),
        url=draw(links),
    )


@st.composite
def entries(draw: st.DrawFn, labels: tuple[str, ...]) -> DigestEntry:
    paper = draw(papers())
    spans = st.builds(Highlight, st.sampled_from(("title", "abstract")), st.integers(0, 500), st.integers(0, 500))
    record = EntryRecord(
        sequence=draw(st.integers(1, 10**6)),
        rules=tuple(draw(st.permutations(labels))),
        words=tuple(draw(st.lists(short, max_size=12))),
        highlights=tuple(draw(st.lists(spans, max_size=6))),
        carried=draw(st.booleans()),
    )
    return DigestEntry(LoggedPaper(record.sequence, "key", DUE, paper), record)


@st.composite
def digests(draw: st.DrawFn, most: int = 4) -> Digest:
    """A digest of up to three sections of up to `most` papers, or, now and then, of many alike."""
    labels = tuple(draw(st.lists(short, min_size=1, max_size=3, unique=True)))
    times = draw(st.sampled_from((1, 1, 1, 7)))
    sections = []
    for label in labels:
        found = draw(st.lists(entries(labels), min_size=1, max_size=most)) * times
        sections.append(Section(label, draw(short), tuple(found)))
    shown = sections if draw(st.integers(0, 9)) else []
    return digest(*shown, name=draw(short), counts=Counts(*(draw(st.integers(0, 2000)) for _ in range(6))))
