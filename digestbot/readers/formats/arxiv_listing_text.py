"""Reads arXiv's listing pages as text or Markdown: copied from a browser, or as converters write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv
from digestbot.readers.formats.markdown.inline import simplified, text_of
from digestbot.readers.text import fields
from digestbot.readers.text.markup import readable
from digestbot.readers.text.people import byline

_ID = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
_MARKS = r"(?:[*+-][ \t]++)?(?:\\?\[\d{1,5}\\?\][ \t]*+(?:\([^()\s]*+\))?[ \t]*+)?\[?[ \t]*+"
_NUMBERED = rf"[ \t]*+{_MARKS}arXiv:[ \t]*+"
_BEGINS = re.compile(rf"{_NUMBERED}(?P<id>{_ID})\b(?P<rest>.*)")
_HEAD = re.compile(rf"^{_NUMBERED}{_ID}\b", re.MULTILINE)
_LABEL = re.compile(
    r"(?::[ \t])?[ \t]*+(?:[*_]{2})?(?P<name>Title|Authors?|Subjects?|Comments?|Journal-ref|Abstract)(?:[*_]{2})?\s*:"
    r"(?:[*_]{2})?\s*(?P<value>.*)"
)
_TITLE = re.compile(r"^(?::[ \t])?[ \t]*+(?:[*_]{2})?Title(?:[*_]{2})?\s*:", re.MULTILINE)
_SECTION = re.compile(
    r"[ \t]*#{0,6}[ \t]*(?P<name>New submissions?|Cross[- ](?:lists|submissions)|Replacements?|Replacement submissions)"
    r"\b.{0,60}\Z",
    re.IGNORECASE,
)
_KINDS = {"new": "new", "cro": "cross", "rep": "replaced"}
_MARK = re.compile(r"\(\s*(cross-list|replaced)", re.IGNORECASE)
_ENDS = re.compile(r"[ \t]*(?:#{1,6}[ \t]|[-=_*]{3,}[ \t]*\Z|Total of \d+ entries|\[?Showing )")
_NARROWEST, _WIDEST = 70, 79  # characters of the lines of texts that are cut to a width
_CODE = re.compile(r"\(([a-z][\w-]*(?:\.[\w-]+)?)\)")


@dataclass(slots=True)
class _Entry:
    line: int
    id: str
    kind: str | None
    said: dict[str, list[str]] = field(default_factory=dict)
    current: list[str] | None = None

    def say(self, name: str, value: str) -> None:
        self.current = self.said.setdefault(name, [])
        self.current.append(value)

    def says_who(self, line: str) -> bool:
        """Whether an unlabelled line is the byline: right behind the title, where it is links or several names."""
        if "title" not in self.said or self.said.keys() & {"author", "abstract"}:
            return False
        names = byline(text_of(simplified(line.strip())))
        return names is not None and (self.current is None or "](" in line or "," in names)

    def text(self, name: str) -> str:
        return text_of(simplified(" ".join(self.said.get(name, ()))))


class ArxivListingText:
    """The reader of arXiv's listing pages as text."""

    name = "arxiv-listing-text"
    title = "listing page of arxiv.org as text or Markdown"

    def recognises(self, head: str) -> float:
        """By lines that begin with an id of arXiv, and labelled titles."""
        if head.lstrip()[:1] in ("<", "{") or "\n\\\\\n" in head:
            return 0.0
        return 0.96 if _HEAD.search(head) and _TITLE.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Entry by entry; the abstract is the paragraph that has no label."""
        entry: _Entry | None = None
        kind: str | None = None
        for number, line in content.lines():
            begins = _BEGINS.match(line)
            if begins:
                if entry is not None:
                    yield _made(entry)
                marked = _MARK.search(begins["rest"])
                entry = _Entry(number, begins["id"], _KINDS[marked[1][:3].lower()] if marked else kind)
            elif (section := _SECTION.match(line)) or _ENDS.match(line):
                if entry is not None:
                    yield _made(entry)
                entry = None
                kind = _KINDS[section["name"][:3].lower()] if section else kind
            elif entry is not None:
                _take(entry, line)
        if entry is not None:
            yield _made(entry)


def _take(entry: _Entry, line: str) -> None:
    labelled = _LABEL.match(line)
    if labelled:
        entry.say(labelled["name"].rstrip("s").lower(), labelled["value"].strip())
    elif not line.strip():
        entry.current = None
    elif entry.says_who(line):
        entry.say("author", line.strip())
    elif entry.current is not None:
        entry.current.append(line.strip())
    elif "title" in entry.said and "abstract" not in entry.said:
        entry.say("abstract", line.strip())


def _is_uncut(entry: _Entry) -> bool:
    """Whether the text is not cut to a width, so that each line of a title is one thing."""
    lines = (line for name, said in entry.said.items() if name != "title" for line in said)
    return any(len(line) > _WIDEST and "](" not in line for line in lines)


def _begins_anew(before: str, line: str) -> bool:
    """Whether a line is no rest of the one before, which was not full, or was never cut: the authors' line."""
    return len(before) > _WIDEST or len(before) + len(line.split()[0]) < _NARROWEST


def _made(entry: _Entry) -> Paper | Skipped:
    title = readable(entry.text("title"))
    if not title:
        return Skipped(entry.line, "unreadable", "an entry without a title", f"arXiv:{entry.id}")
    lines = [each for each in entry.said["title"] if each]
    if "author" not in entry.said and len(lines) > 1 and (_is_uncut(entry) or _begins_anew(*lines[-2:])):
        entry.said["author"] = [lines[-1]]
        title = readable(" ".join(lines[:-1]))
    listed = entry.text("author")
    people = arxiv.authors(listed)
    found = fields.arxiv_id(entry.id)
    return Paper(
        title=title,
        abstract=readable(entry.text("abstract")) or None,
        authors=people,
        author_count=arxiv.author_count(listed, people),
        journal=arxiv.journal(entry.text("journal-ref")),
        categories=arxiv.categories(_CODE.findall(entry.text("subject"))),
        ids={"arxiv": found[0]} if found else {},
        url=f"https://arxiv.org/abs/{found[0]}" if found else None,
        source=arxiv.SOURCE,
        kind=entry.kind,
    )
