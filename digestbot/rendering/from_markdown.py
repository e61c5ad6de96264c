"""HTML from a theme's Markdown: written by `markdown`, then cleaned of whatever a digest has no use for."""

from __future__ import annotations

import string

import markdown
import nh3

_TAGS = frozenset((
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "li", "mark", "ol", "p", "pre", "s", "small", "strong", "sub", "sup",
    "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
))  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}}


def to_html(text: str) -> str:
    """A fragment of HTML with links to http, https and mailto only, and no pictures."""
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
