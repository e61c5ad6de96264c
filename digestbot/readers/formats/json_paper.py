"""The papers that a record of JSON tells of, by the names that APIs and people give the fields.

They may be nested: in wrappers, lists within lists, objects keyed by an id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Skipped
from digestbot.readers.formats import arxiv
from digestbot.readers.frames.json_records import whole
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.markup import readable
from digestbot.readers.text.names import FAMILY_KEYS, GIVEN_KEYS, NAME_KEYS, NAMES, folded
from digestbot.readers.text.polishing import KINDS

SOURCE = "json"
ABSTRACTS = frozenset(NAMES["abstract"])
IDS = frozenset((*NAMES["doi"], *NAMES["arxiv"], *NAMES["pmid"], "pids", "pid", "articleids", "abstractnote"))
_VENUES = frozenset((*NAMES["journal"], "year"))
# what nothing but a work has, whatever else is told of it
_OF_ANYTHING = {"summary", "summaries", "description", "descriptions", "contenttext", "contenthtml"}
_ABSTRACTS_OF_WORKS = ABSTRACTS - _OF_ANYTHING
_SEVERAL_AUTHORS = frozenset(("authors", "authorlist", "authornames", "creators", "authfullnames"))
_WORKS = frozenset(
    ("article", "article-journal", "journal-article", "paper-conference", "preprint", "thesis", "report")
)
NAMED_KEYS = frozenset(("name", "abstract", "authors"))
_TEXT_KEYS = (
    *("title", "value", "text", "name", "content", "$", "#text", "id", "identifier", "html", "self_html", "url", "doi"),
)
_NO_AUTHORS = frozenset({"editor", "translator", "seriesEditor", "bookAuthor", "reviewedAuthor", "contributor"})
# what Zotero's items are
_ITEM_TYPES = frozenset(
    """artwork audioRecording bill blogPost book bookSection case computerProgram conferencePaper dataset
    dictionaryEntry document encyclopediaArticle film forumPost hearing interview journalArticle letter
    magazineArticle manuscript map newspaperArticle patent podcast preprint presentation radioBroadcast report
    standard statute thesis tvBroadcast videoRecording webpage""".split()  # noqa: SIM905 - one name a line would be a page
)
_NO_WORKS = frozenset({"attachment", "note", "annotation"})  # what hangs on Zotero's items
_ARXIV_ID = re.compile(r"\d\d(?:0[1-9]|1[0-2])\.\d{4,5}(?:v\d{1,3})?")
_LEADS_TO_ARXIV = re.compile(r"arxiv\.org|huggingface\.co/papers/")
_NUMBERED = re.compile(r" \d{4}$")  # DBLP's way to tell people of one name apart

_DEEPEST = 12  # levels between a record and the papers in it
# where a record keeps what is the paper's, beside what is its own
_WRAPPINGS = ("data", "metadata", "attributes", "bibjson", "info", "_source", "paper", "document")

Made = Paper | Skipped | None
Make = Callable[[JsonObject], Made]


def works(record: Any, make: Make, depth: int = 0) -> Iterator[Paper | Skipped]:
    """What `make` makes of the record, else of what is in it: a paper, a piece skipped, or None for no work at all.

    Beside papers, what is no work is skipped for certain; in a record without any it says nothing.
    """
    if isinstance(record, dict):
        made = make(_taken_off(record))
        if isinstance(made, Paper) or depth == _DEEPEST:
            yield from () if made is None else (made,)
            return
        within = list(_within(record.values(), make, depth))
        if any(isinstance(each, Paper) for each in within):
            yield from within
        elif made is not None:
            yield made
    elif isinstance(record, list) and depth < _DEEPEST:
        yield from _within(record, make, depth)


def _within(values: Iterable[Any], make: Make, depth: int) -> Iterator[Paper | Skipped]:
    for each in values:
        if isinstance(each, dict | list):
            yield from works(each, make, depth + 1)


def _taken_off(record: JsonObject) -> JsonObject:
    """The record with what it is wrapped in taken off, two layers at most."""
    inner = record
    for _ in range(2):
        for key in _WRAPPINGS:
            if isinstance(inner.get(key), dict):
                inner = {**inner, **inner[key]}
    return inner


def paper_of(record: JsonObject, *, line: int, is_feed: bool) -> Paper | Skipped | None:
    """The paper that a record tells of; skipped where it may be none, and None where it has nothing of one."""
    told = {folded(key): value for key, value in record.items()}
    if told.get("itemtype") in _NO_WORKS:
        return Skipped(line, "furniture", "an attachment or a note", fields.excerpt(str(record)[:400]))
    title = readable(_first(told, "title"))
    if not title and told.keys() >= NAMED_KEYS:  # conferences' programmes
        title = readable(_text_under(told, ("name",)))
    if not title:
        is_work = told.keys() & _SEVERAL_AUTHORS and told.keys() & (_ABSTRACTS_OF_WORKS | IDS)
        reason = "a record without a title"
        return Skipped(line, "unreadable", reason, fields.excerpt(str(record)[:400])) if is_work else None
    paper = _paper(told, title)
    if is_feed or paper.ids or told.get("itemtype") in _ITEM_TYPES or _says_it_is_a_paper(told, paper):
        return paper
    reason = "nothing in this record says that it is a paper"
    return Skipped(line, "unreadable", reason, fields.excerpt(str(record)[:400]))


def _says_it_is_a_paper(told: JsonObject, paper: Paper) -> bool:
    """Whether a record without an identifier is one all the same: anything may have a title and a description."""
    if paper.authors and (told.keys() & _VENUES or (paper.url and told.keys() & _SEVERAL_AUTHORS)):
        return True
    if paper.authors and str(told.get("type", "")).lower() in _WORKS:
        return True
    dated_summary = bool(paper.authors and paper.published) and "summary" in told
    return bool(paper.abstract) and (dated_summary or bool(told.keys() & _ABSTRACTS_OF_WORKS))


def _paper(told: JsonObject, title: str) -> Paper:
    found = _ids(told)
    dates = (each for name in NAMES["date"] for each in _dates(told.get(name)))
    kind = next(filter(None, (KINDS.get(str(told.get(name, "")).lower()) for name in NAMES["kind"])), None)
    urls = (each for name in NAMES["url"] for each in _texts(told.get(name)))
    return Paper(
        title=title,
        abstract=readable(_abstract(told)) or None,
        authors=next(filter(None, (_people(told.get(name)) for name in NAMES["authors"])), ()),
        author_count=whole(told, "authorcount"),
        journal=readable(_first(told, "journal")) or None,
        upvotes=whole(told, "upvotes"),
        published=most_exact(dates),
        keywords=fields.keywords("; ".join(each for name in NAMES["keywords"] for each in _texts(told.get(name)))),
        categories=arxiv.categories(each for name in NAMES["categories"][:4] for each in _texts(told.get(name))),
        ids=found,
        url=next((each for each in urls if each.startswith(("http://", "https://"))), None),
        source=SOURCE,
        kind=kind,
    )


def _dates(value: Any) -> Iterator[date | None]:
    """Of a text, or in parts, as Crossref and CSL write them."""
    parts = value.get("date-parts") if isinstance(value, dict) else None
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        yield iso_date(*(*parts[0], None, None)[:3])
    else:
        yield from map(iso_date, _texts(value))


def _ids(told: JsonObject) -> dict[str, str]:
    """By the keys that name them, and those that an identifier names itself."""
    others = [each for name in NAMES["id"] for each in _identifiers(told.get(name))]
    arxivs = [each for name in NAMES["arxiv"] for each in _texts(told.get(name))]
    if "zbmathurl" not in told:  # whose own numbers look alike
        arxivs += [each for _, each in others if "arxiv" in each.lower() or _ARXIV_ID.fullmatch(each)]
    urls = [each for name in NAMES["url"] for each in _texts(told.get(name)) if _LEADS_TO_ARXIV.search(each)]
    dois = [each for name in NAMES["doi"] for each in _texts(told.get(name))]
    dois += [each for scheme, each in others if scheme in ("", "doi")]
    dois += [each for name in NAMES["url"] for each in _texts(told.get(name)) if "doi.org/" in each]
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
        if isinstance(each, dict) and not any(
            isinstance(each.get(key), str) for key in ("value", "id", "identifier", "$")
        ):
            yield from ((folded(scheme), text) for scheme, text in each.items() if isinstance(text, str))
        elif isinstance(each, dict):
            scheme = next(
                (each[key] for key in ("type", "idtype", "scheme", "identifierType", "@classid") if key in each), ""
            )
            texts = [each[key] for key in ("value", "id", "identifier", "$") if isinstance(each.get(key), str)]
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
    told = {key if key == "$" else folded(key): value for key, value in person.items()}
    family, given = _text_under(told, FAMILY_KEYS), _text_under(told, GIVEN_KEYS)
    if family:
        return readable(f"{given} {family}")
    name = readable(_text_under(told, NAME_KEYS))
    return _NUMBERED.sub("", fields.name(name))


def _text_under(data: JsonObject, keys: tuple[str, ...]) -> str:
    return next((value for key in keys if isinstance(value := data.get(key), str) and value), "")


def _abstract(told: JsonObject) -> str:
    """The first text that is no address: "abs" is either."""
    texts = (each for name in NAMES["abstract"] for each in _texts(told.get(name)))
    return next((each for each in texts if each.strip() and not each.startswith(("http://", "https://"))), "")


def _first(told: JsonObject, field: str) -> str:
    """The first text under one of the names of a field."""
    return next((each for name in NAMES[field] for each in _texts(told.get(name)) if each.strip()), "")


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
