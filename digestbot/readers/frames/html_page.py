"""An HTML page as a tree, parsed as browsers do, whatever is wrong with it."""

from __future__ import annotations

from typing import Any

from digestbot.model.errors import DumpError, Problem
from digestbot.readers.content import Content
from digestbot.readers.text.markup import fold_spaces

_LARGEST = 32 * 1024 * 1024  # characters; a month's listing with abstracts has some 10 million


def page_text(content: Content) -> str:
    """The page's text. Raises DumpError for one that is larger than any listing: its tree would fill the memory."""
    length = 0
    blocks = []
    for block in content.blocks():
        length += len(block)
        if length > _LARGEST:
            way_out = "check that this is the right file, or save the listing in several pages"
            raise DumpError(Problem("a page larger than any listing", content.name, way_out=way_out))
        blocks.append(block)
    return "".join(blocks)


def tree(text: str) -> Any:
    """The root element (lxml's) of a page's text; None where there is no element in it at all."""
    import lxml.etree  # type: ignore[import-untyped]  # lxml ships no types
    import lxml.html  # type: ignore[import-untyped]  # the same

    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        return lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return None


def shown(element: Any) -> str:
    """The element's text with all within it, spaces folded; empty for None."""
    return "" if element is None else fold_spaces("".join(element.itertext()))


def by_class(element: Any, name: str) -> Any:
    """The first element within `element` that has the CSS class `name`, or None."""
    return next((each for each in element.iter() if name in (each.get("class") or "").split()), None)
