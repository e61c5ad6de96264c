"""Reads arXiv's listing pages (arxiv.org/list/...), of today and as they looked before 2024."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv
from digestbot.readers.frames.html_page import by_class, page_text, shown, tree
from digestbot.readers.text.fields import arxiv_id, excerpt
from digestbot.readers.text.markup import fold_spaces, readable, untex

_PAGE = re.compile(r"<html\b|<!doctype\s+html|<dl\b", re.IGNORECASE)
_ENTRY = re.compile(r"""class=["']?[^"'>]{0,200}\blist-title\b""")
_NOTHING = re.compile(r"No (?:updates|articles|entries)\b[^<.]{0,60}\.?|Total of 0 entries", re.IGNORECASE)
_SECTIONS = (("new", "new"), ("cross", "cross"), ("replace", "replaced"))
_MARKS = re.compile(
    r"\((cross-list|replace)[^)]{0,200}\)|\[(cross|replace)[^\]]{0,200}\]|\(\*cross-listing\*\)", re.IGNORECASE
)
_LISTED_ON = re.compile(
    r"(?:listings|submissions|cross-lists|replacements) for\s+((?:\w{3,9},\s+)?\d[\w\s]{0,30}\d)", re.I
)
_COUNTS = re.compile(r"Total of (\d+) entries\s*:?\s*(\d+)-(\d+)")
_NUMBERS = re.compile(r"^\[\d+\]\s*|\s*\[arXiv:[^\[\]]*\]\s*$")  # as other sites set them beside a title
_CODE = re.compile(r"\(([a-z][\w-]*(?:\.[\w-]+)?)\)\s*$", re.IGNORECASE)
_LABEL = re.compile(r"^(?:Title|Authors?|Comments|Subjects|Abstract|Journal-ref):\s*")


class ArxivHtml:
    """The reader of arXiv's listing pages."""

    name = "arxiv-html"
    title = "listing page of arxiv.org (new, recent, past week, by month), saved as HTML"

    def recognises(self, head: str) -> float:
        """By the classes of its entries, or by what it says when there are none."""
        if not _PAGE.search(head) or "arxiv" not in head.lower():
            return 0.0
        if _ENTRY.search(head):
            return 0.95
        return 0.9 if _NOTHING.search(head) and "/list/" in head else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers with their kind as the section says; pages of today have abstracts only when new."""
        text = page_text(content)
        root = tree(text)
        entries = [] if root is None else list(_entries(root))
        cut = entries[-1][0] if entries and "<dd" in text and "</dl" not in text[text.rfind("<dd") :].lower() else None
        withdrawn = arxiv.Withdrawals()
        for term, data, section in entries:
            if term is cut:
                yield _skipped(term, data, "incomplete", "the page ends within this entry")
                continue
            made = _paper(term, data, section)
            yield made
            if isinstance(made, Paper) and arxiv.is_withdrawn(_field(data, "list-comments")):
                withdrawn.add(made.ids.get("arxiv", made.title))
        yield from withdrawn.told()
        if root is not None:
            yield _layout(root, is_empty=not entries and _NOTHING.search(text) is not None)


def _entries(root: Any) -> Iterator[tuple[Any, Any, str]]:
    """Each entry's dt, its dd (None when it has none) and the heading it stands under."""
    section = ""
    if next(root.iter("dt"), None) is None:
        yield from ((each, each.getparent(), "") for each in _titles(root))
        return
    for element in root.iter("h3", "dt"):
        if element.tag == "h3":
            section = shown(element)
            continue
        data = element.getnext()
        yield element, data if data is not None and data.tag == "dd" else None, section


def _titles(root: Any) -> list[Any]:
    """The titles on a page that another site made of arXiv's, where each stands with its authors in an element."""
    found = [each for each in root.iter("div", "span", "p") if "list-title" in (each.get("class") or "").split()]
    return [each for each in found if by_class(each.getparent(), "list-authors") is not None]


def _paper(term: Any, data: Any, section: str) -> Paper | Skipped:
    title = _NUMBERS.sub("", _field(data, "list-title"))
    if not title:
        return _skipped(term, data, "unreadable", "an entry without a title")
    found = next((known for link in term.iter("a") if (known := arxiv_id(shown(link)))), None) or arxiv_id(shown(term))
    abstract = next((shown(each) for each in data.iter("p")), "") or _field(data, "list-abs")
    people = by_class(data, "list-authors")
    authors = _authors(people)
    return Paper(
        title=readable(title),
        abstract=readable(abstract) or None,
        authors=authors,
        author_count=arxiv.author_count(shown(people), authors),
        journal=arxiv.journal(_field(data, "list-journal-ref")),
        categories=_categories(_field(data, "list-subjects")),
        ids={"arxiv": found[0]} if found else {},
        url=f"https://arxiv.org/abs/{found[0]}" if found else None,
        source=arxiv.SOURCE,
        kind=_kind(shown(term), section),
    )


def _field(data: Any, name: str) -> str:
    element = None if data is None else by_class(data, name)
    text = shown(element)
    label = None if element is None else by_class(element, "descriptor")
    return _LABEL.sub("", text.removeprefix(shown(label)).strip())


def _authors(element: Any) -> tuple[str, ...]:
    if element is None:
        return ()
    linked = tuple(untex(shown(link)) for link in element.iter("a") if shown(link))
    if linked:
        return linked
    return arxiv.authors(re.sub(r"^Authors?:\s*", "", shown(element)))


def _categories(subjects: str) -> tuple[str, ...]:
    codes = (_CODE.search(fold_spaces(each)) for each in subjects.split(";"))
    return tuple(code[1] for code in codes if code)


def _kind(term: str, section: str) -> str | None:
    mark = _MARKS.search(term)
    if mark:
        return "replaced" if "replace" in mark[0].lower() else "cross"
    return next((kind for start, kind in _SECTIONS if section.lower().startswith(start)), None)


def _layout(root: Any, *, is_empty: bool) -> Layout:
    headings = [shown(each) for each in root.iter("h1", "h2", "h3")]
    dates = (_LISTED_ON.search(heading) for heading in headings)
    listed_on = next((found[1] for found in dates if found), None)
    notes = ["the listing holds no papers"] if is_empty else []
    counts = _COUNTS.search(shown(root))
    if counts and int(counts[3]) - int(counts[2]) + 1 < int(counts[1]):
        notes.append(f"the page shows entries {counts[2]} to {counts[3]} of {counts[1]}")
    return Layout("new" if listed_on else "recent", listed_on, notes, empty=is_empty)


def _skipped(term: Any, data: Any, kind: str, reason: str) -> Skipped:
    return Skipped(term.sourceline or 1, kind, reason, excerpt(f"{shown(term)} {shown(data)}"))  # type: ignore[arg-type]  # one of its kinds
