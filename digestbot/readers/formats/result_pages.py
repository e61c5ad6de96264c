"""Reads pages of results and proceedings: Google Scholar's, and the CVF's open access pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.html_page import by_class, page_text, shown, tree
from digestbot.readers.text import fields
from digestbot.readers.text.markup import readable

_SCHOLAR = re.compile(r"""class\s*=\s*["']?gs_rt\b""")
_CVF = re.compile(r"""<dt\b[^<>]*class\s*=\s*["']?ptitle\b""")
_KIND_MARK = re.compile(r"\s*(?:\[(?:PDF|HTML|BOOK|B|CITATION|C|DOC|PS)\]\s*)+", re.IGNORECASE)
_PARTS = re.compile(r"\s+-\s+")


class ResultPages:
    """The reader of such pages."""

    name = "results-html"
    title = "page of Google Scholar's results or of CVF's proceedings, saved as HTML"

    def recognises(self, head: str) -> float:
        """By the classes of its entries."""
        return 0.93 if _SCHOLAR.search(head) or _CVF.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Entry by entry."""
        root = tree(page_text(content))
        for element in () if root is None else root.iter("h3", "dt"):
            classes = (element.get("class") or "").split()
            if "gs_rt" in classes:
                yield _result(element)
            elif "ptitle" in classes:
                yield _proceeding(element)


def _result(heading: Any) -> Paper | Skipped:
    title = _KIND_MARK.sub("", readable(shown(heading)))
    if not title:
        return Skipped(heading.sourceline or 1, "unreadable", "an entry without a title", "")
    entry = heading.getparent()
    people = _PARTS.split(shown(by_class(entry, "gs_a")))[0]
    url = _address(heading)
    return Paper(
        title=title,
        abstract=readable(shown(by_class(entry, "gs_rs"))) or None,
        authors=fields.names(people.replace("…", ", et al.")) if people else (),
        ids=fields.ids(doi=url, arxiv=url),
        url=url,
        source=ResultPages.name,
    )


def _proceeding(heading: Any) -> Paper | Skipped:
    title = readable(shown(heading))
    if not title:
        return Skipped(heading.sourceline or 1, "unreadable", "an entry without a title", "")
    people = heading.getnext()
    names = [shown(each).strip(" ,") for each in people.iter("a")] if people is not None and people.tag == "dd" else []
    path = next((each.get("href") or "" for each in heading.iter("a")), "")
    url = f"https://openaccess.thecvf.com{path}" if path.startswith("/content") else _address(heading)
    return Paper(title=title, authors=fields.named(names), url=url, source=ResultPages.name)


def _address(heading: Any) -> str | None:
    href = next((each.get("href") or "" for each in heading.iter("a")), "")
    return href if href.startswith(("http://", "https://")) else None
