"""Reads papers as Semantic Scholar gives them: search, bulk, batch, recommendations, citations, authors, data sets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.json_records import papers, part, parts, text
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.fields import ids, names
from digestbot.readers.text.markup import readable

_ID = re.compile(r'"(?:paperId|corpusId|corpusid)"\s*:')
_TITLE = re.compile(r'"title"\s*:')
_LISTS = re.compile(r'\A\s*\{\s*(?:"(?:total|offset|next|token)"[^\[{]*)?"(?:data|recommendedPapers)"\s*:\s*\[')
_WRAPPINGS = ("citingPaper", "citedPaper", "paper")


class SemanticScholar:
    """The reader of Semantic Scholar's answers."""

    name = "semantic-scholar"
    title = "papers from Semantic Scholar (JSON, JSON Lines)"

    def recognises(self, head: str) -> float:
        """By the ids of its papers; an empty answer by its outer form."""
        if head.lstrip()[:1] not in ("{", "["):
            return 0.0
        if _ID.search(head) and _TITLE.search(head):
            return 0.9
        answer = _LISTS.match(head)
        return 0.5 if answer and head[answer.end() :].lstrip().startswith("]") else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers in the answer's order, whichever of the API's shapes it has."""
        return papers(content, ("data", "recommendedPapers", "papers"), _paper)


def _paper(record: JsonObject) -> Paper | None:
    record = next((inner for key in _WRAPPINGS if (inner := part(record, key))), record)
    title = readable(text(record, "title") or "")
    if not title:
        return None
    known = part(record, "externalIds") or part(record, "externalids")
    fields = [text(each, "category") for each in parts(record, "s2FieldsOfStudy") or parts(record, "s2fieldsofstudy")]
    fields = [each for each in parts(record, "fieldsOfStudy") if isinstance(each, str)] or fields
    medical = text(known, "PubMedCentral")
    return Paper(
        title=title,
        abstract=readable(text(record, "abstract") or "") or None,
        authors=names(text(each, "name") for each in parts(record, "authors")),
        journal=text(part(record, "journal"), "name") or text(record, "venue"),
        published=most_exact(map(iso_date, (text(record, "publicationDate", "publicationdate"), text(record, "year")))),
        categories=tuple(dict.fromkeys(filter(None, fields))),
        ids=ids(
            arxiv=text(known, "ArXiv"),
            doi=text(known, "DOI") or text(record, "doi"),
            pmid=text(known, "PubMed"),
            pmcid=f"PMC{medical.upper().removeprefix('PMC')}" if medical else None,
            acl=text(known, "ACL"),
            dblp=text(known, "DBLP"),
            s2=text(record, "paperId") or _corpus_id(record),
        ),
        url=text(record, "url") or text(part(record, "openAccessPdf"), "url"),
        source=SemanticScholar.name,
    )


def _corpus_id(record: JsonObject) -> str | None:
    number = text(record, "corpusId", "corpusid")
    return f"CorpusID:{number}" if number else None
