"""Digests made in code, for the golden folders and the tests: small, full, and hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from jinja2 import FileSystemLoader

from digestbot.model.digests import (
    STILL_WAITING,
    Counts,
    Digest,
    DigestEntry,
    DigestRecord,
    DigestVerdict,
    EntryRecord,
    Highlight,
    Section,
    Slot,
    Trend,
    Window,
)
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import Destination
from digestbot.rendering import Templates
from digestbot.rendering.base import Envelope

SHIPPED = Path(__file__).parent.parent.parent / "templates"
DUE = datetime(2025, 3, 5, 7, 0, tzinfo=UTC)
MAIL = Destination("email", {"address": "Ada Lovelace <ada@example.org>"})
FILE = Destination("file", {"path": "out", "formats": "html,markdown,text,email,json"})
CHAT = Destination("slack", {"destination": "lab"})
ENVELOPE = Envelope(
    "0123456789abcdef0123456789abcdef", "Paper digest <digest@example.org>", "https://digest.example.org"
)


def templates() -> Templates:
    return Templates(FileSystemLoader(SHIPPED), shipped=FileSystemLoader(SHIPPED))


def spots(paper: Paper, *words: str) -> tuple[Highlight, ...]:
    """Every place where one of the words stands in title or abstract."""
    found = []
    for field, text in (("title", paper.title), ("abstract", paper.abstract or "")):
        for word in words:
            at = text.lower().find(word)
            while at >= 0:
                found.append(Highlight(field, at, at + len(word)))
                at = text.lower().find(word, at + 1)
    return tuple(found)


def entry(sequence: int, paper: Paper, rules: tuple[str, ...], *words: str, carried: bool = False) -> DigestEntry:
    record = EntryRecord(sequence, rules, words, spots(paper, *words), carried)
    return DigestEntry(LoggedPaper(sequence, f"paper-{sequence}", DUE, paper), record)


TREND = (
    Trend("topic:multilingual", "Multilingual and low-resource language models", 10, 6.25),
    Trend("topic:translation", "Machine translation", 1, 3.0),
    Trend("topic:speech", "Speech <b>&</b> | *sound*", 0, 1.5),
)


def digest(
    *sections: Section,
    name: str = "Multilingual models",
    counts: Counts | None = None,
    trend: tuple[Trend, ...] = (),
) -> Digest:
    shown = sum(len(section.entries) for section in sections)
    old = sum(each.record.carried for section in sections for each in section.entries)
    record = DigestRecord(
        key="multilingual/2025-03-05T08:00",
        subscription="multilingual",
        name=name,
        slot=Slot("2025-03-05T08:00", DUE.date(), DUE),
        opened_at=DUE,
        window=Window(120, 369),
        verdict=DigestVerdict.SEND if shown else DigestVerdict.NOTHING_MATCHED,
        entries=tuple(each.record for section in sections for each in section.entries),
        sections=tuple((section.label, section.heading) for section in sections),
        counts=counts
        or Counts(
            read=249, found=shown + 11, already_sent=4, carried_in=old, left_out=7, shown=shown, waiting_shown=old
        ),
        carry=(),
        trend=trend,
    )
    return Digest(record, sections)


LONG = (
    "Low-resource languages are served badly by today's models, e.g. in speech and in search. We follow Noether "
    "et al. (2021) and train one tokenizer for 214 languages, cf. Fig. 3, with a loss that rewards rare scripts. "
    "On 31 benchmarks it gains 3.5 points on average; the gain is largest (11.2 points) where fewer than 10,000 "
    "sentences are known. We also find that cross-lingual transfer fails in a way nobody has described: the model "
    "answers in the wrong language although it has understood the question. All data and code are public."
)
LATE = (
    "Sparse attention is a well-studied way to read long documents. " * 8
    + "What surprised us is that a multilingual corpus changes which heads are pruned. "
    + "Everything else stays as it was. " * 6
)
PAPERS = (
    Paper(
        title="One Tokenizer for 214 Languages: What Low-Resource Scripts Gain",
        abstract=LONG,
        authors=("Ada Lovelace", "Emmy Noether", "Katherine Johnson", "Grace Hopper", "Mary Cartwright"),
        organization="Institute for Rare Scripts",
        upvotes=42,
        published=date(2025, 3, 3),
        ids={"arxiv": "2503.00001"},
    ),
    Paper(title="Pruned Heads in Long Documents", abstract=LATE, author_count=7, upvotes=1, published=date(2025, 3, 4)),
    Paper(
        title="Кросс-лингвальный перенос: a multilingual survey",
        abstract="We survey it.",
        authors=("Софья Ковалевская", "Zoë Quinn"),
        url="https://openreview.example.org/forum?id=a_b(c)&x=1",
    ),
    Paper(
        title="المعالجة متعددة اللغات: multilingual Arabic parsing",
        abstract="نقدم نموذجا جديدا لتحليل اللغة العربية. It is small.",
        authors=("فاطمة الفهرية",),
        organization="جامعة القرويين",
        upvotes=0,
        published=date(2025, 2, 28),
        ids={"doi": "10.1000/xyz(2025)12"},
    ),
    Paper(
        title="<script>alert(1)</script> & [tricks](javascript:alert(2)) for *multilingual* `code` in $x<y$ and _a_b_",
        abstract="<!channel> @everyone </td> multilingual ![x](http://tracker.example.org/x.png) &lt;b&gt; :smile: > "
        * 3,
        authors=('"; DROP', "</table>"),
        url="javascript:alert(3)",
    ),
    Paper(
        title="多言語モデルの評価：低資源言語における新しいベンチマーク",
        abstract="我々は新しいベンチマークを提案する。" * 40,
        author_count=1,
    ),
    Paper(title="A paper of which only the multilingual title is known"),
    Paper(
        title="A very long title " + "about multilingual models and everything that was ever said of them " * 44,
        abstract="Nosentenceendshere" * 60,
        url="https://example.org/" + "long/" * 60,
        upvotes=1234,
    ),
    Paper(title="👨‍👩‍👧‍👦 Emoji families in multilingual chats 🇩🇪🇫🇷", abstract="Z̷̡̛̗͙a̴l̸g̵o̶. " + LONG, upvotes=3),
    Paper(
        title="Bi\u202edi and \x00controls\ud800 in a multilingual\nworld",
        abstract="One.\u2028Two.\ud83d Three.",
        upvotes=5,
    ),
    Paper(
        title="Carried over: bilingual dictionaries from nothing",
        abstract="We build bilingual dictionaries from nothing, i.e. from text alone. It works. " + LONG,
        authors=("Mary Somerville", "Hypatia", "Caroline Herschel"),
        published=date(2025, 2, 27),
        ids={"arxiv": "2502.12345"},
    ),
)


def eleven() -> Digest:
    entries = [
        entry(200 + n, paper, ("topic:multilingual",), "multilingual", "low-resource", "cross-lingual transfer")
        for n, paper in enumerate(PAPERS[:10])
    ]
    both = entry(131, PAPERS[10], ("topic:translation", "topic:multilingual"), "bilingual", carried=True)
    return digest(
        Section("topic:multilingual", "Multilingual and low-resource language models", tuple(entries)),
        Section("waiting", STILL_WAITING, (both,), waiting=True),
        trend=TREND,
    )


FORMULAS = Paper(
    title=r"$\alpha$-divergence bounds for multilingual $O(n^2 \log n)$ models by Erd\H{o}s and R\'enyi",
    abstract=r"We bound $\hat{\theta}_{t+1} \leq \frac{a+b}{2}$ for $5 and not for $10. \emph{It} is {BERT}.",
    authors=(r"P\'al Erd{\H o}s", r"Jos\'e \~Nandu"),
)


def crowd(papers: int) -> Digest:
    """So many papers with the worst titles there are, in three sections, no two the same work."""
    worst = (*PAPERS, FORMULAS)
    labels = ("topic:multilingual", "topic:translation", "query")
    found = [
        entry(
            n,
            replace(
                worst[n % len(worst)], title=f"{worst[n % len(worst)].title} {n}", url=f"https://ok.example/{n}?a=1"
            ),
            (labels[3 * n // papers],),
            "multilingual",
        )
        for n in range(papers)
    ]
    sections = (
        Section(label, f"Topic {label}", tuple(each for each in found if each.record.rules[0] == label))
        for label in labels
    )
    return digest(*(each for each in sections if each.entries), trend=TREND)


# Too large to keep whole: their golden files hold counts and hashes.
CROWDS = {"fifty-one": lambda: crowd(51), "five-hundred": lambda: crowd(500)}
CASES = {
    "none": lambda: digest(counts=Counts(read=249, found=4, already_sent=4)),
    "one": lambda: digest(
        Section("query", "Multilingual models", (entry(200, PAPERS[0], ("query",), "low-resource"),)),
        counts=Counts(read=1, found=1, shown=1),
    ),
    "eleven": eleven,
}
