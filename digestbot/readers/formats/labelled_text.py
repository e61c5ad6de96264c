"""Reads text dumps that label what they say: ``Title:``, ``PDF:``, ``Summary:``, one paper after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv
from digestbot.readers.formats.daily_papers.prose import looks_finished
from digestbot.readers.formats.yaml import is_listed
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import readable
from digestbot.readers.text.names import FIELDS, folded

# what a label may say; shorter names are other formats' tags, or words
_LABELS: Mapping[str, str] = {
    name: field
    for name, field in FIELDS.items()
    if field not in ("loose title", "kind", "s2", "openalex") and (len(name) > 2 or name == "id")
}
# before a label: a bullet, a number, bold print
_FRONT = r"[ \t]*(?:[-*•>#]+[ \t]+)?(?:\d+[.)][ \t]+)?(?:\*\*|__)?"
_NAME = r"(?P<name>[A-Za-z][A-Za-z()]*(?: [A-Za-z]+)?)"
_LABEL = re.compile(rf"{_FRONT}{_NAME}(?:\*\*|__)?:(?:\*\*|__)?[ \t]*(?P<value>.*)")
_FRONT_MATTER = re.compile(r"\s*---\n(?:[^\n]*\n){0,60}?title:", re.ASCII)  # of a page, as YAML writes it
_CODE = re.compile(r"^```", re.MULTILINE)
_SEVERAL = 2  # titles
_KEY = re.compile(r"^[ \t]*(?:- )?([A-Za-z][A-Za-z0-9_@-]*):(?:[ \t]|$)", re.MULTILINE)
_RULER = re.compile(r"[ \t]*(?:[-=*_#~] ?){3,}[ \t]*")
_TITLE = re.compile(rf"^{_FRONT}(?:Paper )?Title(?:\*\*)?:", re.IGNORECASE | re.MULTILINE)
_TEXT = re.compile(rf"^{_FRONT}(?:Summary|Abstract|PDF|URL|Link|arXiv)(?:\*\*)?:", re.IGNORECASE | re.MULTILINE)


@dataclass(slots=True)
class _Entry:
    line: int
    said: dict[str, list[str]] = field(default_factory=dict)
    current: list[str] = field(default_factory=list)
    closed: bool = False

    def say(self, name: str, value: str) -> None:
        """What is said twice (PDF and URL, summary and abstract) is taken as said first."""
        self.current = [value]
        self.said.setdefault(name, self.current)

    def go_on(self, line: str) -> None:
        """What has a label that nobody knows belongs to no title."""
        if self.current is self.said.get("title") and _LABEL.fullmatch(line):
            self.current = []
        self.current.append(line)

    def text(self, name: str) -> str:
        return readable(" ".join(self.said.get(name, ())))


class LabelledText:
    """The reader of labelled text."""

    name = "labelled-text"
    title = "text with Title:, PDF:, Summary: lines"

    def recognises(self, head: str) -> float:
        """By titles with their label, each with a summary or an address."""
        if head.lstrip()[:1] in "<{[@" or is_listed(head) or _FRONT_MATTER.match(head):
            return 0.0
        if _CODE.search(head) or _is_settings(head):
            return 0.0
        titles, others = len(_TITLE.findall(head)), len(_TEXT.findall(head))
        if not titles or not others:
            return 0.0
        first = next((line for line in head.split("\n") if line.strip()), "")
        if titles > _SEVERAL and others >= titles and _LABEL.match(first):
            return 0.9
        return 0.8 if _LABEL.match(first) or others >= titles else 0.4

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """A paper for each title; the last one is cut off where it lacks what all others have."""
        entry: _Entry | None = None
        always: set[str] | None = None  # what every entry has had so far
        ruled = False
        for number, line in content.lines():
            name, value = _labelled(line)
            if _RULER.fullmatch(line):
                if entry is not None:
                    entry.closed = ruled = True
            elif name is None:
                if entry is not None and not entry.closed:
                    entry.go_on(line)
            elif name == "title" or entry is None:
                if entry is not None:
                    yield _told(entry)
                    always = set(entry.said) if always is None else always & set(entry.said)
                entry = _Entry(number)
                entry.say(name, value)
            else:
                entry.say(name, value)
        if entry is not None:
            cut = (always or set()) - set(entry.said)
            unclosed = ruled and not entry.closed and not looks_finished(entry.text("abstract"))
            if entry.text("title") and (cut or unclosed):
                yield Skipped(entry.line, "incomplete", "the dump ends within this entry", entry.text("title")[:80])
            else:
                yield _told(entry)


def _is_settings(head: str) -> bool:
    """Whether most lines are keys that no paper has, written as programs' settings are."""
    keys = [found[1] for found in _KEY.finditer(head)]
    if len(_TITLE.findall(head)) > 1:  # a list with labels of its own
        keys = [key for key in keys if key.islower()]
    return 2 * sum(folded(key) not in FIELDS for key in keys) > len(keys) > _SEVERAL


def _labelled(line: str) -> tuple[str | None, str]:
    found = _LABEL.fullmatch(line)
    return (_LABELS.get(folded(found["name"])), found["value"]) if found else (None, "")


def _told(entry: _Entry) -> Paper | Skipped:
    title = entry.text("title")
    if not title:
        return Skipped(entry.line, "unreadable", "an entry without a title", entry.text("abstract")[:80])
    urls = [entry.text(field) for field in ("url", "arxiv", "id") if field in entry.said]
    url = next((each for each in urls if each.startswith(("http://", "https://")) and " " not in each), None)
    numbers = [entry.text("arxiv"), entry.text("id"), entry.text("url")]
    arxivs = (fields.arxiv_id(each) for each in numbers)
    upvotes = entry.text("upvotes").replace(",", "")
    organization = entry.text("organization")
    return Paper(
        title=title,
        abstract=entry.text("abstract") or None,
        authors=fields.names(entry.text("authors")) if entry.text("authors") else (),
        organization=organization or None,
        upvotes=int(upvotes) if upvotes.isdecimal() and len(upvotes) < 9 else None,
        journal=entry.text("journal") or None,
        published=iso_date(entry.text("date")),
        categories=arxiv.categories(re.split(r"[\s,;]+", entry.text("categories"))),
        ids=fields.ids(
            arxiv=next((found[0] for found in arxivs if found), None),
            doi=next(filter(None, map(fields.doi, (entry.text("doi"), *numbers))), None),
            pmid=pmid if (pmid := entry.text("pmid")).isdecimal() else None,
        ),
        url=url,
        source=LabelledText.name,
    )
