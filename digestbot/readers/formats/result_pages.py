"""Reads pages of results and proceedings: Google Scholar, PubMed, bioRxiv and its kin, OpenReview, the CVF."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.html_page import by_class, page_text, shown, tree
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import readable
from digestbot.readers.text.short_names import short_name

_KIND_MARK = re.compile(r"\s*(?:\[(?:PDF|HTML|BOOK|B|CITATION|C|DOC|PS)\]\s*)+", re.IGNORECASE)
_PARTS = re.compile(r"\s+-\s+")
_IN_YEAR = re.compile(r"(?:(?P<journal>.*?)\s*,\s*)?(?P<year>(?:1[89]|20)\d\d)")
_CITED = re.compile(r"(?P<journal>[^.]+)\.\s*(?P<date>\d{4}(?: [A-Z][a-z]{2}(?: \d{1,2})?)?)")
_CONFERENCE = re.compile(r"_([A-Z]{3,6})_((?:19|20)\d\d)_paper")
_FORUM = re.compile(r"/forum\?id=([\w-]{6,})")
_PREPRINTS = re.compile(r"\b(bio|med)rxiv\b", re.IGNORECASE)
_HIGHEST = 12  # levels between a title and its entry


class ResultPages:
    """The reader of such pages."""

    name = "results-html"
    title = "page of results (Scholar, PubMed, bioRxiv, OpenReview, CVF), saved as HTML"

    def recognises(self, head: str) -> float:
        """By the classes of its entries."""
        return 0.93 if _CLASSES.search(head) or _OPENREVIEW.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Entry by entry."""
        root = tree(page_text(content))
        for element in () if root is None else root.iter("h3", "h4", "dt", "a"):
            kind = next((_KINDS[each] for each in (element.get("class") or "").split() if each in _KINDS), None)
            if kind is None and element.tag == "a" and _of_note(element) is not None:
                kind = _note
            if kind is not None:
                told = readable(_KIND_MARK.sub("", shown(element)))
                line = element.sourceline or 1
                yield kind(element, told) if told else Skipped(line, "unreadable", "an entry without a title", "")


def _of_scholar(heading: Any, title: str) -> Paper:
    entry = heading.getparent()
    people, place, *_ = (*_PARTS.split(shown(by_class(entry, "gs_a"))), "", "")
    where = _IN_YEAR.fullmatch(place)
    url = _address(heading)
    return Paper(
        title=title,
        abstract=readable(shown(by_class(entry, "gs_rs"))) or None,
        authors=fields.names(people.replace("…", ", et al.")) if people else (),
        journal=(where["journal"] or None) if where and "…" not in place else None,
        published=iso_date(where["year"]) if where else None,
        ids=fields.ids(doi=url, arxiv=url),
        url=url,
        source=ResultPages.name,
    )


def _of_cvf(heading: Any, title: str) -> Paper:
    people = heading.getnext()
    names = [shown(each).strip(" ,") for each in people.iter("a")] if people is not None and people.tag == "dd" else []
    url = _address(heading, "https://openaccess.thecvf.com")
    where = _CONFERENCE.search(url or "")
    return Paper(
        title=title,
        authors=fields.named(names),
        journal=" ".join(where.groups()) if where else None,
        published=iso_date(where[2]) if where else None,
        url=url,
        source=ResultPages.name,
    )


def _of_highwire(link: Any, title: str) -> Paper:
    """As bioRxiv, medRxiv and the journals of their host list them."""
    entry = _around(link, "highwire-article-citation", "highwire-cite")
    told = {name: shown(by_class(entry, f"highwire-cite-metadata-{name}")) for name in ("doi", "date", "journal")}
    host = _PREPRINTS.search(f"{entry.get('data-pisa', '')} {told['journal']}")
    href = link.get("href") or ""
    found = fields.doi(told["doi"]) or fields.doi(f"https://{href}")
    url = _address(link, f"https://www.{host[0].lower()}.org" if host else None)
    return Paper(
        title=title,
        abstract=readable(shown(by_class(entry, "highwire-cite-snippet"))) or None,
        authors=fields.named(map(shown, entry.find_class("highwire-citation-author"))),
        journal=told["journal"].strip(" .;") or None,
        published=iso_date(told["date"].strip(" ,;")),
        ids=fields.ids(doi=found),
        url=url or (f"https://doi.org/{found}" if found else None),
        source=ResultPages.name,
    )


def _of_pubmed(link: Any, title: str) -> Paper:
    entry = _around(link, "docsum-content")
    cited = shown(by_class(entry, "full-journal-citation"))
    where = _CITED.match(cited)
    pmid = (link.get("data-article-id") or link.get("href") or "").strip("/").rpartition("/")[2]
    people = shown(by_class(entry, "full-authors")).rstrip(".").split(", ")
    return Paper(
        title=title,
        abstract=readable(shown(by_class(entry, "full-view-snippet"))) or None,
        authors=fields.named(map(short_name, people)),
        journal=where["journal"] if where else None,
        published=iso_date(where["date"]) if where else None,
        ids=fields.ids(doi=fields.doi(cited), pmid=pmid if pmid.isdecimal() else None),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() else None,
        source=ResultPages.name,
    )


def _note(link: Any, title: str) -> Paper:
    """As OpenReview lists submissions."""
    entry = _around(link, "note")
    labels = {shown(each).rstrip(": ").lower(): each for each in entry.find_class("note-content-field")}
    abstract = labels["abstract"].getnext() if "abstract" in labels else None
    said = [shown(each) for group in entry.find_class("note-meta-info") for each in group]
    number = _FORUM.search(link.get("href") or "")
    return Paper(
        title=title,
        abstract=readable(shown(abstract)) or None,
        authors=fields.named(shown(each) for group in entry.find_class("note-authors") for each in group.iter("a")),
        journal=next((each for each in said if re.search(r"\b(?:19|20)\d\d\b", each) and ":" not in each), None),
        published=next((iso_date(each[10:].split(",")[0].strip()) for each in said if each[:10] == "Published:"), None),
        ids=fields.ids(openreview=number[1] if number else None),
        url=_address(link, "https://openreview.net"),
        source=ResultPages.name,
    )


def _of_note(link: Any) -> Any:
    """The heading of an OpenReview entry whose title this link is; None for other links."""
    heading = link.getparent()
    is_forum = _FORUM.search(link.get("href") or "") is not None
    return heading if is_forum and heading is not None and heading.tag == "h4" and shown(link) else None


def _around(element: Any, *classes: str) -> Any:
    """The entry around a title: the innermost element with the first of the classes that one has, else its parent."""
    near = [each for each, _ in zip(element.iterancestors(), range(_HIGHEST), strict=False)]
    for name in classes:
        for each in near:
            if name in (each.get("class") or "").split():
                return each
    return element.getparent()


def _address(element: Any, host: str | None = None) -> str | None:
    """Where the element, or the first link in it, leads; what has no host is on `host`."""
    href = next((each.get("href") or "" for each in element.iter("a")), "")
    if host and href.startswith("/"):
        return host + href
    return href if href.startswith(("http://", "https://")) else None


_KINDS: Mapping[str, Callable[[Any, str], Paper]] = {
    "gs_rt": _of_scholar,
    "ptitle": _of_cvf,
    "highwire-cite-linked-title": _of_highwire,
    "docsum-title": _of_pubmed,
}
"""The class of an entry's title, and who reads the entry around it."""
_CLASSES = re.compile(rf"""<(?:h3|dt|a)\b[^<>]*class\s*=\s*["'](?:[^"']*\s)?(?:{"|".join(_KINDS)})["'\s]""")
_OPENREVIEW = re.compile(r"""<h4[^<>]*>\s*<a\b[^<>]*href=["'](?:https://openreview\.net)?/forum\?id=""")
