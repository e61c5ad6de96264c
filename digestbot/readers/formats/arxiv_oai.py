"""Reads answers of OAI-PMH archives: arXiv's own records (arXiv, arXivRaw, arXivOld) and Dublin Core of any archive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from digestbot.model.errors import DumpError, Problem
from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv, marc_xml, plain_xml
from digestbot.readers.frames.xml import XmlElement, elements, local, root_of
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.fields import arxiv_id, excerpt, ids, name
from digestbot.readers.text.markup import fold_spaces, readable, untex

_OWN = ("arXiv", "arXivRaw", "arXivOld")
_NO_PAPERS = frozenset({"noRecordsMatch", "idDoesNotExist"})
_MARK = re.compile(r"openarchives\.org/OAI/2\.0|oai:[\w.-]+:|arxiv\.org/OAI/")


class OaiPmh:
    """The reader of OAI-PMH answers, and of single records of them."""

    name = "oai-pmh"
    title = "answer of an OAI-PMH archive (arXiv, arXivRaw, oai_dc)"

    def recognises(self, head: str) -> float:
        """By its root element."""
        root = root_of(head).rpartition(":")[2]
        if root == "OAI-PMH":
            return 0.95
        known = ("record", "records", "ListRecords", "GetRecord", "dc", *_OWN)
        return 0.9 if root in known and _MARK.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers of its records; a deleted record is none. Raises DumpError for an answer that is an error."""
        is_empty = True
        withdrawn = arxiv.Withdrawals()
        for found in elements(content, {"record", "error", "resumptionToken", "dc", *_OWN}):
            if isinstance(found, Skipped):
                is_empty = False
                yield found
                continue
            kind = local(found.element.tag)
            if kind == "error":
                yield _error(found, content.name)
                is_empty = False
            elif kind == "resumptionToken":
                yield from _goes_on(found.element)
            else:
                is_empty = False
                made = _record(found)
                yield made
                if isinstance(made, Paper) and any(map(arxiv.is_withdrawn, _comments(found.element))):
                    withdrawn.add(made.ids.get("arxiv", made.title))
        yield from withdrawn.told()
        if is_empty:
            yield Layout(notes=["the answer holds no records"], empty=True)


def _error(found: XmlElement, place: str) -> Layout:
    code, message = found.element.get("code") or "an error", fold_spaces(found.element.text or "")
    if code in _NO_PAPERS:
        return Layout(notes=[f"the archive has no such records: {message or code}"], empty=True)
    raise DumpError(
        Problem(f"the archive answered {code}: {message}"[:300], place, found.line, way_out="mend the request")
    )


def _goes_on(token: Element) -> Iterator[Layout]:
    text = (token.text or "").strip()
    if text:
        of = f" of {token.get('completeListSize')}" if token.get("completeListSize") else ""
        yield Layout(notes=[f"the list goes on{of}: fetch the rest with the resumption token {text[:200]}"])


def _record(found: XmlElement) -> Paper | Skipped:
    header = _child(found.element, "header")
    if header is not None and header.get("status") == "deleted":
        return Skipped(found.line, "furniture", "a deleted record", excerpt(_text(header, "identifier") or ""))
    metadata = next((each for each in found.element.iter() if local(each.tag) in (*_OWN, "dc")), None)
    identifier = "" if header is None else _text(header, "identifier") or ""
    if metadata is None:
        return _of_others(found) or _unreadable(found, "a record without metadata of a kind that is known")
    made = _dublin_core(metadata, identifier) if local(metadata.tag) == "dc" else _arxiv(metadata, identifier)
    return made or _unreadable(found, "a record without a title")


def _of_others(found: XmlElement) -> Paper | None:
    """Of the many kinds of metadata that archives give: MARC, and what names its fields as people do."""
    metadata = _child(found.element, "metadata")
    if metadata is None or not len(metadata):
        return None
    of_marc = any(local(each.tag) == "datafield" for each in metadata.iter())
    return marc_xml.made(metadata) if of_marc else plain_xml.made(metadata[0])


def _unreadable(found: XmlElement, reason: str) -> Skipped:
    return Skipped(found.line, "unreadable", reason, excerpt("".join(found.element.itertext())))


def _arxiv(metadata: Element, identifier: str) -> Paper | None:
    title = readable(_text(metadata, "title") or "")
    if not title:
        return None
    known = ids(arxiv=_text(metadata, "id") or identifier, doi=_text(metadata, "doi"))
    created = _text(metadata, "created") or next(
        (_text(each, "date") for each in metadata if local(each.tag) == "version"), None
    )
    return Paper(
        title=title,
        abstract=readable(_text(metadata, "abstract") or "") or None,
        authors=_authors(_child(metadata, "authors")),
        journal=arxiv.journal(_text(metadata, "journal-ref")),
        published=iso_date(created),
        categories=arxiv.categories((_text(metadata, "categories") or "").split()),
        ids=known,
        url=f"https://arxiv.org/abs/{known['arxiv']}" if "arxiv" in known else None,
        source=arxiv.SOURCE,
    )


def _authors(authors: Element | None) -> tuple[str, ...]:
    if authors is None:
        return ()
    if not len(authors):
        return arxiv.authors(authors.text or "")
    parts = (
        [_text(author, part) for part in ("forenames", "keyname", "suffix")]
        for author in authors
        if local(author.tag) == "author"
    )
    joined = (untex(" ".join(part for part in name_parts if part)) for name_parts in parts)
    return tuple(each for each in joined if any(map(str.isalpha, each)))


def _dublin_core(metadata: Element, identifier: str) -> Paper | None:
    title = next((readable(text) for text in _texts(metadata, "title") if text), "")
    if not title:
        return None
    names = [*_texts(metadata, "identifier"), *_texts(metadata, "relation")]
    found = arxiv_id(identifier) or next((known for text in names if (known := arxiv_id(text))), None)
    is_arxiv = arxiv_id(identifier) is not None
    digital = next((text for text in _texts(metadata, "identifier") if ids(doi=text)), None)
    other = identifier if identifier and not is_arxiv else None
    all_ids = ids(arxiv=found[0] if found else None, doi=digital, oai=other)
    abstracts = (text for text in _texts(metadata, "description") if not text.startswith(("Comment:", "Comments:")))
    return Paper(
        title=title,
        abstract=readable(next(abstracts, "")) or None,
        authors=tuple(filter(None, (untex(name(text)) for text in _texts(metadata, "creator")))),
        published=most_exact(map(iso_date, _texts(metadata, "date"))),
        categories=tuple(_texts(metadata, "subject")) if is_arxiv else (),
        ids=all_ids,
        url=next((text for text in _texts(metadata, "identifier") if re.match(r"https?://\S+$", text)), None),
        source=arxiv.SOURCE if is_arxiv else OaiPmh.name,
    )


def _comments(record: Element) -> list[str]:
    """The authors' comments on the paper: a field of arXiv's own kinds, a description in Dublin Core."""
    texts = ((local(each.tag), fold_spaces(each.text or "")) for each in record.iter())
    own = (text for tag, text in texts if tag == "comments" or (tag == "description" and text.startswith("Comment")))
    return [re.sub(r"^Comments?:\s*", "", text) for text in own]


def _child(element: Element, tag: str) -> Element | None:
    return next((each for each in element if local(each.tag) == tag), None)


def _texts(element: Element, tag: str) -> list[str]:
    """The texts of all children of that name that have one, spaces folded."""
    texts = (fold_spaces("".join(each.itertext())) for each in element if local(each.tag) == tag)
    return [text for text in texts if text]


def _text(element: Element, tag: str) -> str | None:
    return next(iter(_texts(element, tag)), None)
