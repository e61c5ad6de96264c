"""HTML from a theme's Markdown: written by `markdown`, then cleaned of whatever a digest has no use for."""

from __future__ import annotations

import re
import string

import markdown
import nh3

_TAGS = frozenset((
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "li", "mark", "ol", "p", "pre", "s", "small", "strong", "sub", "sup",
    "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
))  # fmt: skip
_BLANK = re.compile(r"\n\s*\n")
_OPENING = re.compile(r"(?<!\\)[\[<]")
_EMPHASIS = re.compile(r"(?<!\\)[`*_]")
_NUMBERS = re.compile(r"(?m)^[ \t]*(?:(?:\d{1,9}[.)]|[-+*>])[ \t]+|>)+")
_MOST_OPENINGS, _MOST_EMPHASIS, _LONGEST_NUMBERS = 400, 4000, 100
_ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}}


def to_html(text: str) -> str:
    """A fragment of HTML with links to http, https and mailto only, and no pictures.

    Raises ValueError for one that `markdown` would take minutes for.
    """
    _bounded(text)
    writer = markdown.Markdown(extensions=["sane_lists", "tables", "fenced_code"], output_format="html")
    # As in CommonMark, a backslash takes the meaning from every punctuation mark.
    writer.ESCAPED_CHARS = sorted({*writer.ESCAPED_CHARS, *string.punctuation})
    return nh3.clean(
        writer.convert(text),
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _bounded(text: str) -> None:
    """Its time grows with the square of the openings in a paragraph, its recursion with the lists in lists.

    Words of papers are escaped, and so count for nothing, but for the stars around those that matched.
    """
    for block in _BLANK.split(text):
        openings = len(_OPENING.findall(block))
        if openings > _MOST_OPENINGS:
            raise ValueError(f"a paragraph with {openings:,} opening marks; {_MOST_OPENINGS} are the most")
        if len(_EMPHASIS.findall(block)) > _MOST_EMPHASIS:
            raise ValueError(f"a paragraph with more than {_MOST_EMPHASIS:,} stars, underscores and backticks")
        if max(map(len, _NUMBERS.findall(block)), default=0) > _LONGEST_NUMBERS:
            raise ValueError("lists in lists without an end")
