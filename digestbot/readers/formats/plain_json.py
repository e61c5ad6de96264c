"""Reads JSON of papers that no other reader knows, by the names that APIs and people give the fields.

Among those read so: CORE, DBLP, DOAJ, E-utilities' summaries, HAL, Hugging Face, IEEE Xplore, INSPIRE, JSON Feed,
NASA ADS, OSF, Papers with Code, PLOS, Scopus, Springer, Unpaywall, Zenodo, Zotero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv
from digestbot.readers.frames.json_records import records, whole
from digestbot.readers.text import fields
from digestbot.readers.text.markup import readable

# where answers keep their lists
_PATHS = (
    *("results", "data", "items", "papers", "articles", "records", "entries", "docs", "publications", "works"),
    *("documents", "preprints", "collection", "result", "hits", "response.docs", "hits.hits", "result.hits.hit"),
    *("search-results.entry", "feed.entry", "message.items", "response.results"),
)
# where a record keeps what is the paper's
_WRAPPINGS = ("data", "metadata", "attributes", "bibjson", "info", "_source", "paper", "document")
# per field the names of its keys, letters and digits only, the surest first
_NAMES: Mapping[str, tuple[str, ...]] = {
    field: tuple(names.split())
    for field, names in {
        "title": "title titles titledisplay papertitle articletitle dctitle",
        "abstract": "abstract abstracts abstractnote abstracttext paperabstract summary dcdescription description"
        " contenthtml contenttext",
        "authors": "authors author creators authfullnames authordisplay zauthors authornames names dccreator creator",
        "date": "publicationdate publisheddate datepublished publishedat published publicationdatetdate prismcoverdate"
        " preprintdate earliestdate produceddates pubdate date submitteddate",
        "doi": "doi dois doiids prismdoi",
        "arxiv": "arxivid arxivids arxiveprints arxiv eprint urlabs entryid",
        "pmid": "pmid pubmedid",
        "url": "urlpublichtml url paperurl urlabs htmlurl uris link links ee pdfurl urlpdf",
        "upvotes": "upvotes",
        "ids": "identifiers identifier externalids articleids id extra",
        "categories": "arxivclass categories arxivcategories",
    }.items()
}
_KEY = re.compile(r'"([A-Za-z][\w:]{1,24})"\s*:')
_TITLE_KEYS = frozenset(_NAMES["title"])
_SURE_KEYS = frozenset(
    ("doi", "dois", "doiids", "prismdoi", "arxivid", "arxivids", "arxiveprints", "pmid", "abstractnote", "articleids")
)
_AUTHOR_KEYS = frozenset(_NAMES["authors"])
_ABSTRACT_KEYS = frozenset(_NAMES["abstract"])
_PROPER_ABSTRACT = frozenset(("abstract", "abstracts", "abstractnote", "abstracttext", "paperabstract"))
_VENUE_KEYS = frozenset(("venue", "journal", "journalname", "publicationtitle", "conference", "booktitle", "year"))
_NAMED_KEYS = frozenset(("name", "abstract", "authors"))
# an answer to a question that nothing answers
_EMPTY = re.compile(
    r'"(?:results|data|items|papers|articles|records|entries|docs|hits|publications|works|documents|entry)"\s*:\s*\[\s*\]'
    r'|"@?(?:total|count|numFound|total_records|totalHits|opensearch:totalResults)"\s*:\s*"?0"?\s*[,}]'
)
_FEED = "://jsonfeed.org/version/"
_TEXT_KEYS = ("title", "value", "text", "name", "content", "$", "#text", "id", "identifier", "html", "self_html", "url")
_NAME_KEYS = (
    "full_name",
    "fullName",
    "name",
    "text",
    "display_name",
    "displayName",
    "fullname",
    "literal",
    "creator",
    "preferred_name",
)
_GIVEN = ("given", "firstName", "first_name", "given_name", "first")
_FAMILY = ("family", "lastName", "last_name", "family_name", "last")
_NO_AUTHORS = frozenset({"editor", "translator", "seriesEditor", "bookAuthor", "reviewedAuthor", "contributor"})
_NO_WORKS = frozenset({"attachment", "note", "annotation"})  # what hangs on Zotero's items
_ARXIV_ID = re.compile(r"\d\d(?:0[1-9]|1[0-2])\.\d{4,5}(?:v\d{1,3})?")
_NUMBERED = re.compile(r" \d{4}$")  # DBLP's way to tell people of one name apart


class PlainJson:
    """The reader of JSON whose fields are named as papers' fields are."""

    name = "json"
    title = "JSON with a paper's usual fields (CORE, DBLP, HAL, INSPIRE, ADS, Zotero, JSON Feed)"

    def recognises(self, head: str) -> float:
        """By a title with an identifier, or with authors and an abstract, among the keys."""
        if head.lstrip()[:1] not in ("[", "{"):
            return 0.0
        if _FEED in head:
            return 0.9
        keys = {_folded(key) for key in _KEY.findall(head)}
        if not keys & _TITLE_KEYS and not keys >= _NAMED_KEYS:
            return 0.32 if _EMPTY.search(head) else 0.0
        return 0.36 if keys & _SURE_KEYS or (keys & _AUTHOR_KEYS and keys & _ABSTRACT_KEYS) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record: of the outermost list, of an answer's list, or one a line."""
        is_feed, is_empty = _FEED in content.head, True
        told_empty = _EMPTY.search(content.head) is not None
        for piece in records(content, *_PATHS):
            if isinstance(piece, Skipped):
                is_empty = False
                yield piece
                continue
            line, record = piece
            for each in _works(record):
                made = _read(each, line, is_feed=is_feed)
                if not told_empty or isinstance(made, Paper):
                    is_empty = False
                    yield made
        if is_empty:
            yield Layout(notes=["the answer holds no papers"], empty=True)


def _read(record: JsonObject, line: int, *, is_feed: bool) -> Paper | Skipped:
    told = {_folded(key): value for key, value in record.items()}
    excerpt = fields.excerpt(str(record)[:400])
    if told.get("itemtype") in _NO_WORKS:
        return Skipped(line, "furniture", "an attachment or a note", excerpt)
    title = readable(_first(told, "title"))
    if not title and told.keys() >= _NAMED_KEYS:  # conferences' programmes
        title = readable(_text_under(told, ("name",)))
    if not title:
        return Skipped(line, "unreadable", "a record without a title", excerpt)
    paper = _paper(told, title)
    if is_feed or paper.ids or _says_it_is_a_paper(told, paper):
        return paper
    return Skipped(line, "unreadable", "nothing in this record says that it is a paper", excerpt)


def _says_it_is_a_paper(told: JsonObject, paper: Paper) -> bool:
    """Whether a record without an identifier is one all the same: anything may have a title and a description."""
    if paper.authors and told.keys() & _VENUE_KEYS:
        return True
    dated_summary = bool(paper.authors and paper.published) and "summary" in told
    return bool(paper.abstract) and (dated_summary or bool(told.keys() & _PROPER_ABSTRACT))


def _works(record: JsonObject) -> Iterator[JsonObject]:
    """The record with what it is wrapped in taken off; each of the works in an object of them."""
    inner = record
    for _ in range(2):
        for key in _WRAPPINGS:
            if isinstance(inner.get(key), dict):
                inner = {**inner, **inner[key]}
    if any(_folded(key) in _TITLE_KEYS for key in inner):
        yield inner
        return
    by_number = inner.get("result", inner)  # as E-utilities have their records
    members = by_number.values() if isinstance(by_number, dict) else ()
    works = [each for each in members if isinstance(each, dict) and "title" in each]
    yield from works or [inner]


def _paper(told: JsonObject, title: str) -> Paper:
    found = _ids(told)
    dates = (fields.iso_date(each) for name in _NAMES["date"] for each in _texts(told.get(name)))
    urls = (each for name in _NAMES["url"] for each in _texts(told.get(name)))
    return Paper(
        title=title,
        abstract=readable(_first(told, "abstract")) or None,
        authors=next(filter(None, (_people(told.get(name)) for name in _NAMES["authors"])), ()),
        author_count=whole(told, "authorcount"),
        upvotes=whole(told, "upvotes"),
        published=next(filter(None, dates), None),
        categories=arxiv.categories(each for name in _NAMES["categories"] for each in _texts(told.get(name))),
        ids=found,
        url=next((each for each in urls if each.startswith(("http://", "https://"))), None),
        source=PlainJson.name,
    )


def _ids(told: JsonObject) -> dict[str, str]:
    """By the keys that name them, and those that an identifier names itself."""
    others = [each for name in _NAMES["ids"] for each in _identifiers(told.get(name))]
    arxivs = [each for name in _NAMES["arxiv"] for each in _texts(told.get(name))]
    arxivs += [each for _, each in others if "arxiv" in each.lower() or _ARXIV_ID.fullmatch(each)]
    urls = [each for name in _NAMES["url"] for each in _texts(told.get(name)) if "arxiv.org" in each]
    dois = [each for name in _NAMES["doi"] for each in _texts(told.get(name))]
    dois += [each for scheme, each in others if scheme in ("", "doi")]
    pmids = [*_texts(told.get("pmid")), *_texts(told.get("pubmedid"))]
    pmids += [each for scheme, each in others if scheme in ("pubmed", "pmid")]
    return fields.ids(
        arxiv=next((known[0] for each in (*arxivs, *urls) if (known := fields.arxiv_id(each))), None),
        doi=next(filter(None, map(fields.doi, dois)), None),
        pmid=next((each for each in pmids if each.isdecimal()), None),
    )


def _identifiers(value: Any) -> Iterator[tuple[str, str]]:
    """Scheme ("" where it does not say) and text of each identifier, however it is written."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and not any(isinstance(each.get(key), str) for key in ("value", "id", "identifier")):
            yield from ((_folded(scheme), text) for scheme, text in each.items() if isinstance(text, str))
        elif isinstance(each, dict):
            scheme = next((each[key] for key in ("type", "idtype", "scheme", "identifierType") if key in each), "")
            texts = [each[key] for key in ("value", "id", "identifier") if isinstance(each.get(key), str)]
            yield from ((str(scheme).lower(), text) for text in texts)
        elif isinstance(each, str):
            yield "", each


def _people(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict):  # one author, or a list within
        within = value.get("author", value.get("authors"))
        return _people(within) if within is not None else fields.named([_name(value)])
    if isinstance(value, list):
        return fields.named(_name(each) for each in value)
    return fields.names(readable(value)) if isinstance(value, str) else ()


def _name(person: Any) -> str:
    if isinstance(person, str):
        return fields.name(readable(person))
    if not isinstance(person, dict) or person.get("creatorType") in _NO_AUTHORS:
        return ""
    family, given = _text_under(person, _FAMILY), _text_under(person, _GIVEN)
    if family:
        return readable(f"{given} {family}")
    name = readable(_text_under(person, _NAME_KEYS))
    return _NUMBERED.sub("", fields.name(name))


def _text_under(data: JsonObject, keys: tuple[str, ...]) -> str:
    return next((value for key in keys if isinstance(value := data.get(key), str) and value), "")


def _first(told: JsonObject, field: str) -> str:
    """The first text under one of the names of a field."""
    return next((each for name in _NAMES[field] for each in _texts(told.get(name)) if each.strip()), "")


def _texts(value: Any) -> Iterator[str]:
    """The texts in a value: itself, those of a list, those under the keys that hold an object's text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, list):
        for each in value[:50]:
            if not isinstance(each, list):
                yield from _texts(each)
    elif isinstance(value, dict):
        yield from (each for key in _TEXT_KEYS if isinstance(each := value.get(key), str))


def _folded(key: str) -> str:
    return re.sub(r"[\W_]", "", key).lower()
