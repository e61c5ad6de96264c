"""The papers of a Markdown page that stand in lists and under headings, gathered line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from digestbot.model.papers import Paper
from digestbot.readers.base import Skipped
from digestbot.readers.formats.markdown.inline import (
    MarkdownLink,
    dated,
    links,
    says_nothing,
    simplified,
    text_of,
    title_in,
)
from digestbot.readers.formats.markdown.labels import told
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.fields import arxiv_id, doi, excerpt, ids, names
from digestbot.readers.text.markup import fold_spaces
from digestbot.readers.text.people import byline

SOURCE = "markdown"
_HEADING = re.compile(r"\s{0,3}#{1,6}[ \t]++(\S.*)")
_ITEM = re.compile(r"(\s*)(?:[-*+•]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?(.*)$")
_KEYS = {
    "aut": "authors", "dat": "date", "pub": "date", "sub": "date", "cat": "categories", "doi": "doi", "arx": "arxiv",
}  # fmt: skip
_TITLE_HEADING = re.compile(r"(?:paper )?title\s*:\s*(.*)", re.IGNORECASE)
_BOLD_LINE = re.compile(r"\s{0,3}\*\*([^*]{8,400})\*\*\s*(?:<br\s*/?>)?\s*")
_AND_OTHERS = re.compile(r"\bet\.?\s?al\b", re.IGNORECASE)
_ET_AL = re.compile(r"[\s,.:|–—-]{0,10}(?:by\s+)?([^\[\]()]{2,300}?),?\s+et\.?\s?al\b\.?", re.IGNORECASE)
_BY = re.compile(
    r"[\s,.:|–—-]{0,10}(?:by|authors?:)\s+([^\[\]()]{2,1000}?)(?=\.\s|\.?\s*$|\s*\[|\s*[|(]|\s+[-–—]\s)", re.I
)
_IN_ITALICS = re.compile(
    r"[\s,.:|–—-]{0,10}(?:<br\s*/?>\s*)?[*_]([^\W\d][\w.'’-]*+(?:,?\s+[^\W\d_][\w.'’-]*+){1,100})[*_]"
)
_EMPHASISED = re.compile(r"\s*[*_]{1,2}([^*_].{2,4000}?)[*_]{1,2}\s*")
_ANY_FILE = re.compile(r"^(?!.*(?:arxiv|doi|openreview|proceedings|paper|acl|rxiv)).*\.pdf\b", re.IGNORECASE)
_OF_LINKS = re.compile(
    r"\W*(?:(?:essential|useful|key|related|additional|further|more|external)\s+)?(?:resources?|links?|references?|reading|papers?)\W*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\s*\d{1,4}[.)]\s+")
_WHERE = ("paper", "pdf", "arxiv")
_FEWEST_WORDS = 2
_LONGEST_ITEM = 20_000  # characters


@dataclass(slots=True)
class _Entry:
    """A paper as far as it was gathered; ``is_sure`` once something but its title says it is one."""

    line: int
    title: str
    raw: str
    is_sure: bool
    said: dict[str, str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    abstract: list[str] = field(default_factory=list)
    awaits_title: bool = False


class Entries:
    """Gathers papers from lines; what a line ends is handed out at once."""

    def __init__(self) -> None:
        self._entry: _Entry | None = None
        self._item: tuple[int, str] | None = None
        self._indent = 0  # of the item
        self._bold: tuple[int, str] | None = None  # a line that may be the title of the links below it
        self._in_abstract = False

    def line(self, number: int, line: str) -> Iterator[Paper | Skipped]:
        """Take the next line of the page."""
        if not line.strip():
            yield from self._close_item()
            self._in_abstract = self._in_abstract and not (self._entry and self._entry.abstract)
            return
        heading, item = _HEADING.match(line), _ITEM.match(line)
        labelled = None if heading else told(line)
        if labelled and self._takes(labelled[0]):
            yield from self._begin_above(labelled[0], len(line) - len(line.lstrip()))
            yield from self._close_item()
            yield from self._labelled(number, *labelled)
        elif heading:
            yield from self.end()
            self._bold = None
            self._heading(number, heading[1].rstrip("# \t"))
        elif item:
            yield from self._close_item()
            self._in_abstract = False
            self._item, self._indent = (number, item[2]), len(item[1])
        else:
            yield from self._other(number, line)

    def _other(self, number: int, line: str) -> Iterator[Paper | Skipped]:
        """A line that is neither labelled nor a heading or an item."""
        entry = self._entry
        if entry is not None and entry.awaits_title:
            entry.title, entry.awaits_title = text_of(simplified(line)), False
        elif (people := _EMPHASISED.fullmatch(line)) and self._takes_byline(people[1]):
            return
        elif bold := _BOLD_LINE.fullmatch(line):
            yield from self._close_item()
            self._bold = number, bold[1]
        elif self._in_abstract and entry is not None:
            self._abstract_line(entry, line)
        elif self._item is not None and (line[:1] in " \t" or len(line) < 400):
            self._item = self._item[0], f"{self._item[1]} {line.strip()}"[:_LONGEST_ITEM]
        elif links(simplified(line)) and line.lstrip()[:1] in ("*", "[", "_", "h", "<"):
            self._item, self._indent = (number, line), 0
            yield from self._close_item()

    def end(self) -> Iterator[Paper | Skipped]:
        """Hand out what is still open."""
        yield from self._close_item()
        entry, self._entry, self._in_abstract = self._entry, None, False
        if entry is None or not entry.is_sure or _is_any_file(entry):
            return
        yield (
            _paper(entry)
            if entry.title
            else Skipped(entry.line, "unreadable", "an entry without a title", excerpt(entry.raw))
        )

    def _takes(self, label: str) -> bool:
        """Whether the labelled line says something of the entry above, or begins one."""
        if self._bold is not None and label.startswith(_WHERE):
            return True
        return self._entry is not None or self._item is not None or label == "title"

    def _begin_above(self, label: str, indent: int) -> Iterator[Paper | Skipped]:
        """What stands above a labelled line is a title: a line in bold print, where it says where the paper is; an
        item with nothing but words, where it is set in below it.
        """
        if self._bold is not None and label.startswith(_WHERE):
            (number, text), self._bold = self._bold, None
            yield from self.end()
            self._heading(number, text)
        elif self._item is not None and indent > self._indent:
            number, text = self._item[0], simplified(self._item[1])
            title = text_of(text)
            if not links(text) and len(title.split()) > _FEWEST_WORDS and not title.endswith((":", ".")):
                self._item = None
                yield from self.end()
                self._entry = _Entry(number, title, text, is_sure=False)

    def _takes_byline(self, line: str) -> bool:
        """Whether an emphasised line under a heading is its authors'."""
        entry = self._entry
        if entry is None or "authors" in entry.said or entry.abstract or byline(text_of(line)) is None:
            return False
        entry.said["authors"] = line
        return True

    def _heading(self, number: int, text: str) -> None:
        text = _NUMBERED.sub("", simplified(text))
        if headed := _TITLE_HEADING.fullmatch(text):
            self._entry = _Entry(number, text_of(headed[1]), text, is_sure=False, awaits_title=not headed[1])
            return
        date, rest = dated(text)
        found = [each for each in links(rest) if each.leads_to_paper]
        named = title_in(rest) if found else None
        entry = _Entry(number, named[0] if named else text_of(rest), text, is_sure=bool(named))
        entry.addresses.extend(each.address for each in found)
        if date:
            entry.said["date"] = date
        self._entry = entry

    def _close_item(self) -> Iterator[Paper | Skipped]:
        if self._item is None:
            return
        (number, text), self._item = self._item, None
        date, rest = dated(simplified(text))
        found = links(rest)
        papers = [each for each in found if each.leads_to_paper]
        if not papers and not (_AND_OTHERS.search(rest) and "**" in rest):
            return
        entry = self._entry
        if (
            entry is not None
            and not entry.is_sure
            and _only_links(rest, found)
            and not _OF_LINKS.fullmatch(entry.title)
        ):
            entry.is_sure = True
            entry.addresses.extend(each.address for each in papers)
            return
        yield from self.end()
        title = title_in(rest)
        entry = _Entry(number, title[0] if title else "", text, is_sure=True)
        entry.addresses.extend(each.address for each in papers)
        if date:
            entry.said["date"] = date
        if title and (people := _people(rest[title[1] :])):
            entry.said["authors"] = people
        self._entry = entry

    def _labelled(self, number: int, label: str, value: str) -> Iterator[Paper | Skipped]:
        value = simplified(value).strip()
        self._in_abstract = False
        if label == "title":
            yield from self.end()
            named = links(value)
            self._entry = _Entry(number, text_of(value), value, is_sure=False, addresses=[n.address for n in named])
            return
        entry = self._entry
        if entry is None:
            return
        entry.addresses.extend(each.address for each in links(value))
        if label[:3] in ("abs", "sum", "tld"):
            entry.is_sure = True
            if not entry.abstract:
                self._in_abstract = True
                self._abstract_line(entry, value)
        elif label.startswith(("author", "date", "publish", "submit", "categ", "subj", "doi", "arxiv")):
            names_people = label.startswith("author") and _names_people(text_of(value))
            is_number = label.startswith(("arxiv", "doi")) and bool(doi(value) or arxiv_id(value))
            entry.is_sure = entry.is_sure or names_people or is_number
            entry.said.setdefault(_KEYS[label[:3]], value)
        elif label.startswith(("pdf", "paper", "link", "url")):
            entry.is_sure = entry.is_sure or any(each.leads_to_paper for each in links(value))

    def _abstract_line(self, entry: _Entry, line: str) -> None:
        ends = "</details>" in line
        text = line.replace("</details>", "").strip().lstrip(">").strip()
        if text:
            entry.abstract.append(text)
        self._in_abstract = not ends


def _is_any_file(entry: _Entry) -> bool:
    """Whether all that is known are a word or two and the address of some PDF: a manual's, a poster's."""
    told = entry.said.keys() - {"date"} or entry.abstract
    return not told and len(entry.title.split()) in (1, 2) and all(_ANY_FILE.search(each) for each in entry.addresses)


def _names_people(value: str) -> bool:
    """Whether these are names: a line "author: the name to search for" tells of a setting."""
    people = names(value)
    return byline(value) is not None or (len(people) > 1 and all(len(each) < 30 and "`" not in each for each in people))


def _only_links(text: str, found: list[MarkdownLink]) -> bool:
    """Whether the line has nothing to read but labels of links ("PDF: https://...")."""
    at, between = 0, []
    for each in found:
        if each.text and not each.is_label:
            return False
        between.append(text[at : each.start])
        at = each.end
    pieces = (piece.strip(" ,;|[]()-") for piece in [*between, text[at:]])
    return all(len(piece.split()) < 4 and says_nothing(piece) for piece in pieces)


def _people(rest: str) -> str | None:
    found = _ET_AL.match(rest) or _BY.match(rest) or _IN_ITALICS.match(rest)
    return found[1] if found else None


def _paper(entry: _Entry) -> Paper:
    addresses = entry.addresses
    preprint = arxiv_id(entry.said.get("arxiv")) or next((f for each in addresses if (f := arxiv_id(each))), None)
    digital = next((each for each in addresses if doi(each) and "doi.org" in each), None)
    people = re.sub(r"\bet\.?\s?al\b\.?", "", text_of(entry.said.get("authors", "")))
    terms = re.split(r"\s*[;,|]\s*", text_of(entry.said.get("categories", "")))
    return Paper(
        title=entry.title,
        abstract=text_of(" ".join(entry.abstract)) or None,
        authors=tuple(fold_spaces(each) for each in names(people.strip(" ,."))) if people.strip(" ,.") else (),
        published=iso_date(text_of(entry.said.get("date", "")).replace("/", "-").replace(".", "-")),
        categories=tuple(filter(None, terms)),
        ids=ids(arxiv=preprint[0] if preprint else None, doi=entry.said.get("doi") or digital),
        url=next(iter(addresses), None),
        source=SOURCE,
    )
