"""A digest to be taken along: its papers as BibTeX and as RIS, for whatever keeps a reader's library."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from digestbot.model.deliveries import Message, Part
from digestbot.model.digests import Digest
from digestbot.model.papers import Paper
from digestbot.model.partial_date import PartialDate
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.links import web_link
from digestbot.rendering.readable import readable_text
from digestbot.rendering.subject import subject
from digestbot.rendering.text import clean
from digestbot.rendering.view import view

# What TeX would take for more than a letter.
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}  # fmt: skip
_KEY = re.compile(r"[^a-z0-9]+")
_SMALL = frozenset(["a", "an", "the", "on", "of", "in", "for", "to", "and", "with", "from", "by", "at", "is", "are"])


class BibTeXRenderer:
    """Each paper as an entry."""

    name = "bibtex"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part, ``digest.bib``."""
        return _message(digest, envelope, "digest.bib", "application/x-bibtex", bibtex)


class RISRenderer:
    """Each paper as a record."""

    name = "ris"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part, ``digest.ris``."""
        return _message(digest, envelope, "digest.ris", "application/x-research-info-systems", ris)


def _message(
    digest: Digest, envelope: Envelope, name: str, kind: str, write: Callable[[Iterable[Paper]], str]
) -> Message:
    body = write(entry.paper.paper for entry in digest.entries).encode()
    return Message((Part(name, f"{kind}; charset=utf-8", body),), subject(view(digest, envelope)))


def bibtex(papers: Iterable[Paper]) -> str:
    """BibTeX in UTF-8; no two entries have the same key."""
    taken: set[str] = set()
    entries = []
    for paper in papers:
        fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _bibtex_fields(paper))
        entries.append(f"@misc{{{_key(paper, taken)},\n{fields}}}\n")
    return "\n".join(entries)


def _bibtex_fields(paper: Paper) -> Iterator[tuple[str, str]]:
    authors = [_tex(name) for name in _names(paper)] + (["others"] if paper.more_authors else [])
    told = (
        ("title", _tex(_plain(paper.title))),
        ("author", " and ".join(authors)),
        ("year", str(paper.published.year) if paper.published else ""),
        ("doi", _bare(paper.ids.get("doi", ""))),
        ("eprint", _bare(paper.ids.get("arxiv", ""))),
        ("archiveprefix", "arXiv" if "arxiv" in paper.ids else ""),
        ("url", web_link(paper.link) or ""),
        ("abstract", _tex(_plain(paper.abstract or ""))),
    )
    yield from ((name, value) for name, value in told if value)


def _key(paper: Paper, taken: set[str]) -> str:
    """``lovelace2025tokenizer``, with a letter or more behind it where that is taken."""
    family = _names(paper)[0].split()[-1] if _names(paper) else ""
    word = next((each for each in _plain(paper.title).lower().split() if each not in _SMALL), "")
    year = str(paper.published.year) if paper.published else ""
    key = _ascii(family) + year + _ascii(word) or "paper"
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    taken.add(free)
    return free


def ris(papers: Iterable[Paper]) -> str:
    """RIS in UTF-8, with the line ends it asks for."""
    return "".join(f"{tag}  - {value}\r\n" for paper in papers for tag, value in _ris_fields(paper))


def _ris_fields(paper: Paper) -> Iterator[tuple[str, str]]:
    yield "TY", "GEN"
    yield "TI", _plain(paper.title)
    for name in _names(paper):
        yield "AU", name
    told = (
        ("PY", str(paper.published.year) if paper.published else ""),
        ("DA", _day(paper.published)),
        ("DO", _plain(paper.ids.get("doi", ""))),
        ("UR", web_link(paper.link) or ""),
        ("AB", _plain(paper.abstract or "")),
    )
    yield from ((tag, value) for tag, value in told if value)
    yield "ER", ""


def _day(published: date | None) -> str:
    """A day as RIS has it; nothing where only the month or the year is known."""
    return "" if published is None or isinstance(published, PartialDate) else published.strftime("%Y/%m/%d")


def _names(paper: Paper) -> list[str]:
    return [name for name in map(_plain, paper.authors) if name]


def _plain(raw: str) -> str:
    return clean(readable_text(raw))


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in text)


def _bare(identifier: str) -> str:
    """An id as it stands, but for what would end its field."""
    return re.sub(r"[{}\s\\]", "", clean(identifier))


def _ascii(text: str) -> str:
    return _KEY.sub("", unicodedata.normalize("NFKD", text).lower())
