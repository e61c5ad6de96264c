"""Reads the Daily Papers page as Markdown, as converters and scraping services write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats.daily_papers_json import SOURCE
from digestbot.readers.formats.markdown.inline import simplified, text_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import fold_spaces

_HEADING = re.compile(
    r"^[ \t]{0,3}#{1,5}[ \t]+\[(?P<title>(?:[^\[\]]|\[[^\[\]]{0,200}\]){3,600}?)\]"
    r"\(\s*<?(?:https?://huggingface\.co)?/papers/(?P<id>\d{4}\.\d{4,5})[^()\s]*\s*\)",
    re.MULTILINE,
)
_LINE_BREAK = re.compile(r"\\+[ \t]*\n|\\+[ \t]{2,}")
_ABSTRACT_AS_LINK = re.compile(r"\[(?P<text>.*)\]\([^()\s]*/papers/[\w.]+\s*\)\Z", re.DOTALL)
_NO_PROSE = re.compile(r"(?:[\[*+·•!|<]|-\s|\d+\Z|#|Submitted by|\]\()")
_AUTHORS = re.compile(r"\b(\d{1,5})\s+authors?\b")
_DATE = re.compile(r"\b([A-Z][a-z]{2,8} \d{1,2}, \d{4})\b")
_ORGANIZATION = re.compile(
    r"\[!\[[^\[\]]{0,200}\]\([^()]{0,500}\)\s*([^\[\]]{2,100})\]\((?:https?://huggingface\.co)?/[\w.-]+\)"
)
_UPVOTES = r"\[\s*(\d{{1,6}})\s*\]\([^()\s]*/login\?next=(?:%2F|/)papers(?:%2F|/){}\s*\)"
_SHORTEST_ABSTRACT = 20


class DailyPapersMarkdown:
    """The reader of the Daily Papers page as Markdown."""

    name = "daily-papers-markdown"
    title = "Hugging Face Daily Papers page as Markdown (html2text, markdownify, reader services)"

    def recognises(self, head: str) -> float:
        """By headings that link to the page of a paper there."""
        return 0.97 if head.lstrip()[:1] != "<" and _HEADING.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Heading by heading."""
        text = content.text()
        found = list(_HEADING.finditer(text))
        for heading, following in zip(found, (*found[1:], None), strict=True) if found else ():
            end = following.start() if following else len(text)
            yield _paper(heading, text[heading.end() : end], text)
        yield Layout("markdown")


def _paper(heading: re.Match[str], body: str, page: str) -> Paper:
    number = heading["id"]
    count, dated, group = _AUTHORS.search(body), _DATE.search(body), _ORGANIZATION.search(body)
    around = page[max(heading.start() - 2_000, 0) : heading.end() + len(body)]
    upvotes = re.search(_UPVOTES.format(re.escape(number)), around)
    return Paper(
        title=text_of(fold_spaces(_LINE_BREAK.sub(" ", heading["title"]))),
        abstract=_abstract(body),
        author_count=int(count[1]) if count else None,
        organization=fold_spaces(group[1]) if group else None,
        upvotes=int(upvotes[1]) if upvotes else None,
        published=iso_date(dated[1]) if dated else None,
        ids=fields.ids(arxiv=number),
        url=f"https://huggingface.co/papers/{number}",
        source=SOURCE,
    )


def _abstract(body: str) -> str | None:
    """The paragraphs of prose that the paper begins with, plain or as one link."""
    told: list[str] = []
    for paragraph in re.split(r"\n[ \t]*\n", body.strip("\n")):
        piece = _LINE_BREAK.sub(" ", paragraph).strip()
        linked = _ABSTRACT_AS_LINK.fullmatch(piece) if not told else None
        if linked and len(linked["text"]) >= _SHORTEST_ABSTRACT and not _NO_PROSE.match(linked["text"]):
            return text_of(fold_spaces(linked["text"])) or None
        if not piece or _NO_PROSE.match(piece):
            if told or piece.startswith(("[\n", "*", "-")):
                break
            continue
        told.append(text_of(simplified(fold_spaces(piece))))
    return "\n\n".join(told) or None
