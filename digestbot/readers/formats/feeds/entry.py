"""What one entry of a feed says, in whichever of RSS, RDF, Atom, Dublin Core and PRISM it says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from digestbot.readers.frames.xml import local

# namespaces whose title, description or author is another thing's: a picture's, a podcast's, the feed's source
_OTHERS = ("search.yahoo.com/mrss", "itunes", "podcast", "mediarss", "georss")


class FeedEntry:
    """An item or entry, asked by local names in any namespace that speaks of the paper."""

    def __init__(self, element: Element) -> None:
        self._element = element
        self._own: dict[str, list[Element]] = {}
        for child in element:
            if not any(other in child.tag for other in _OTHERS):
                self._own.setdefault(local(child.tag).lower(), []).append(child)

    def all(self, *names: str) -> Iterator[str]:
        """The texts of all children so called, in the order of the names; empty ones left out."""
        for name in names:
            for child in self._own.get(name, ()):
                text = inner(child)
                if text:
                    yield text

    def first(self, *names: str) -> str:
        """The first of them, or an empty text."""
        return next(self.all(*names), "")

    def links(self) -> Iterator[str]:
        """Web addresses of the entry, the page's before others."""
        later = []
        for child in self._own.get("link", ()):
            href = child.get("href") or (child.text or "").strip()
            is_page = not (child.get("type") or "").startswith("application/")
            if child.get("rel", "alternate") == "alternate" and is_page:
                yield href
            else:
                later.append(href)
        about = next((value for key, value in self._element.attrib.items() if local(key) == "about"), "")
        yield from (text for text in (*self.all("guid", "id"), about, *later) if text)

    def people(self) -> Iterator[str]:
        """What is written of each author: a name, or several in one text."""
        for child in self._own.get("author", ()):
            yield _person(child)
        for group in self._own.get("authors", ()):
            yield from map(_person, group)
        if not self._own.get("author") or not any(map(_person, self._own["author"])):
            yield from self.all("creator")

    def terms(self) -> Iterator[str]:
        """Its categories: Atom's terms, RSS's and Dublin Core's texts."""
        for child in self._own.get("category", ()):
            yield (child.get("term") or child.text or "").strip()
        yield from self.all("subject")


def inner(element: Element) -> str:
    """The text within an element; of XHTML within it, with its tags, for what is bold or a paragraph matters."""
    if not len(element):
        return (element.text or "").strip()
    pieces = [element.text or ""]
    for child in element:
        name = local(child.tag)
        pieces.append(f"<{name}>{inner(child)}</{name}>{child.tail or ''}")
    return "".join(pieces).strip()


_MAIL_AND_NAME = re.compile(r"\S+@\S+\s*\(([^()]+)\)")


def _person(element: Element) -> str:
    parts = {local(child.tag).lower(): " ".join("".join(child.itertext()).split()) for child in element}
    if "name" in parts:
        return parts["name"]
    given = " ".join(parts[key] for key in ("given_name", "givenname", "first_name", "middle_name") if parts.get(key))
    last = parts.get("last_name") or parts.get("surname") or parts.get("familyname") or parts.get("family_name") or ""
    if given or last:
        return f"{given} {last}".strip()
    text = " ".join("".join(element.itertext()).split())
    named = _MAIL_AND_NAME.fullmatch(text)
    return named[1] if named else ("" if "@" in text else text)
