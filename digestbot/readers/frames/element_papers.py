"""The frame of readers of XML: a paper for each element of some names, and what could not be read between them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from xml.etree.ElementTree import Element

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.element_text import text_of
from digestbot.readers.frames.xml import elements, local
from digestbot.readers.text.fields import excerpt


def element_papers(
    content: Content,
    names: Collection[str],
    paper: Callable[[Element], Paper | None],
    *,
    when_empty: str | None,
    passed_over: Collection[str] = (),
) -> Iterator[Paper | Skipped | Layout]:
    """The papers that `paper` makes of the elements named so; one it returns None for has no title.

    Elements `passed_over` are no works. A dump without any is empty, and notes `when_empty`; None
    is for kinds that are never empty.
    """
    is_empty = True
    for found in elements(content, (*names, *passed_over)):
        if not isinstance(found, Skipped) and local(found.element.tag) in passed_over:
            continue
        is_empty = False
        if isinstance(found, Skipped):
            yield found
            continue
        made = paper(found.element)
        yield made or Skipped(found.line, "unreadable", "a record without a title", excerpt(text_of(found.element)))
    if is_empty and when_empty:
        yield Layout(notes=[when_empty], empty=True)
