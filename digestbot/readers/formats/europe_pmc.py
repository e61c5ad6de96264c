"""Reads the answers of Europe PMC's search, in JSON and in XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.element_papers import element_papers
from digestbot.readers.frames.element_text import child, children, text_of
from digestbot.readers.frames.json_records import papers, part, parts, text
from digestbot.readers.frames.xml import local, root_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.markup import readable
from digestbot.readers.text.short_names import short_name

_RESULTS = re.compile(r'"resultList"\s*:\s*\{')
_RECORD = re.compile(r'"(?:authorString|abstractText|pubYear|firstPublicationDate|hasTextMinedTerms|inEPMC)"\s*:')


class EuropePMC:
    """The reader of Europe PMC's search answers."""

    name = "europe-pmc"
    title = "Europe PMC search results, JSON or XML"

    def recognises(self, head: str) -> float:
        """By the list of results, or fields that only its records have."""
        start = head.lstrip()[:1]
        if start == "<":
            is_answer = root_of(head) == "responseWrapper" and re.search(
                r"<(?:resultList|hitCount|request)[\s/>]", head
            )
            return 0.95 if is_answer else 0.0
        if start not in ("{", "["):
            return 0.0
        if _RESULTS.search(head):
            return 0.95 if _RECORD.search(head) or '"hitCount"' in head else 0.6
        return 0.7 if '"title"' in head and len(set(_RECORD.findall(head))) >= 2 else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Result by result."""
        if content.head.lstrip().startswith("<"):
            yield from element_papers(content, ("result",), _from_xml, when_empty="the answer holds no results")
        else:
            yield from papers(content, ("resultList.result",), _paper)


def _from_xml(result: Element) -> Paper | None:
    return _paper(_as_json(result))


def _as_json(result: Element) -> JsonObject:
    """The result as the same answer in JSON has it, as far as it is read here."""
    record: JsonObject = {local(each.tag): text_of(each) for each in result if not len(each) or each.text}
    people = children(child(result, "authorList"), "author")
    record["authorList"] = {
        "author": [{local(each.tag): text_of(each) for each in person if not len(each)} for person in people]
    }
    for name in ("title", "abstractText"):
        record[name] = text_of(child(result, name))
    return record


def _paper(record: JsonObject) -> Paper | None:
    title = readable(text(record, "title") or "")
    if not title:
        return None
    pmid, pmcid, doi = text(record, "pmid"), text(record, "pmcid"), text(record, "doi")
    source, own = text(record, "source"), text(record, "id")
    if pmid is None and source == "MED":
        pmid = own
    return Paper(
        title=title,
        abstract=readable(text(record, "abstractText") or "") or None,
        authors=_authors(record),
        journal=text(part(part(record, "journalInfo"), "journal"), "title") or text(record, "journalTitle"),
        published=most_exact(
            (
                iso_date(text(record, "firstPublicationDate")),
                iso_date(text(part(record, "journalInfo"), "printPublicationDate")),
                iso_date(text(record, "pubYear")),
            )
        ),
        keywords=fields.keywords(
            [
                *(text(each, "descriptorName") for each in parts(part(record, "meshHeadingList"), "meshHeading")),
                *(each for each in parts(part(record, "keywordList"), "keyword") if isinstance(each, str)),
            ]
        ),
        ids=fields.ids(
            doi=doi,
            pmid=pmid if pmid and pmid.isdecimal() else None,
            pmcid=pmcid if pmcid and re.fullmatch(r"PMC\d+", pmcid) else None,
        ),
        url=f"https://europepmc.org/article/{source}/{own}" if source and own else None,
        source=EuropePMC.name,
    )


def _authors(record: JsonObject) -> tuple[str, ...]:
    """Full names where the answer has them ("core"), else its line of short ones, "Smith J" as "J Smith"."""
    people = []
    for person in parts(part(record, "authorList"), "author"):
        first, last = text(person, "firstName", "initials"), text(person, "lastName")
        whole = " ".join(filter(None, (first, last))) if last else text(person, "collectiveName", "fullName")
        if whole:
            people.append(readable(whole))
    if people:
        return tuple(people)
    line = readable(text(record, "authorString") or "").rstrip(".")
    return fields.named(name if name == "et al" else short_name(name) for name in line.split(", ") if name)
