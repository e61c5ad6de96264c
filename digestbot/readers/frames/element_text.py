"""The readable text of an XML element and of what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, tostring

from digestbot.readers.frames.xml import local
from digestbot.readers.text.markup import readable


def text_of(element: Element | None) -> str:
    """All text within the element, its markup (emphasis, indices, formulas) made readable; "" for none."""
    if element is None:
        return ""
    if not len(element):
        return readable(element.text or "")
    if any(local(each.tag) in ("math", "tex-math") for each in element.iter()):
        return readable(tostring(element, encoding="unicode", method="xml").rpartition("</")[0].partition(">")[2])
    return readable("".join(element.itertext()))


def children(element: Element | None, *path: str) -> Iterator[Element]:
    """The elements at `path` below `element`, by their local names."""
    if element is None:
        return
    if not path:
        yield element
        return
    for child in element:
        if local(child.tag) == path[0]:
            yield from children(child, *path[1:])


def child(element: Element | None, *path: str) -> Element | None:
    """The first of `children`."""
    return next(children(element, *path), None)


def text_at(element: Element | None, *path: str) -> str:
    """The readable text of the first element at `path` that has any; "" for none."""
    return next(filter(None, map(text_of, children(element, *path))), "")
