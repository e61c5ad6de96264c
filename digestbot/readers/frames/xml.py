"""XML of any size, element by element: mended where it is nearly right, taken up again behind what is broken.

Text goes to expat; entities are never fetched, and a document that builds some out of others is refused.
A file may hold several documents one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import escape
from html.entities import html5
from typing import Any
from xml.etree.ElementTree import Element
from xml.parsers import expat

from digestbot.model.errors import DumpError, Problem
from digestbot.readers.base import Skipped
from digestbot.readers.content import Content

_QUOTED = '"%s"'
_DEEPEST = 200  # elements within one another
_LARGEST_RECORD = 16 * 1024 * 1024  # characters of text
_LONGEST_ENTITY = 64  # characters a document's own entity may stand for

# what XML 1.0 has no place for
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][\w.-]{0,40});)")
_BEGUN_REFERENCE = re.compile(r"&#?\w{0,40}\Z")
# atomic, for comments in a row must not be tried in every combination
_ROOT = re.compile(r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*+<([\w:.-]+)", re.DOTALL)
_DOCUMENT = re.compile(rb"<[?!A-Za-z_]")
_NEXT_DOCUMENT = frozenset({9, 17, 30})  # junk after the root, a declaration within (misplaced PI, or text decl)


@dataclass(frozen=True, slots=True)
class XmlElement:
    """An element with all within it, its tags and attributes as ``{namespace}name``, and the line it begins on."""

    line: int
    element: Element


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


def root_of(head: str) -> str:
    """The name of the document's root with its prefix, from a dump's beginning; empty where it has none."""
    found = _ROOT.match(head)
    return found[1] if found else ""


def elements(content: Content, names: Collection[str]) -> Iterator[XmlElement | Skipped]:
    """The outermost elements with one of these local names, in order; each is complete and then forgotten.

    An element that is no XML becomes Skipped ``unreadable``; a document that ends within itself ends with
    Skipped ``incomplete``. Raises DumpError for entity bombs and for what is nested or grows beyond reason.
    """
    starts = re.compile(rf"<(?:[\w.-]+:)?(?:{'|'.join(map(re.escape, sorted(names)))})(?=[\s/>])".encode())
    parser = _Parser(content.name, names, line=1, ancestors=())
    line = 1
    seeking = None  # after a break: what must come before parsing goes on
    for block in _mended(content):
        data = block.encode("utf-8", "replace")
        at = 0
        while at < len(data):
            if seeking is not None:
                found = seeking.search(data, at)
                if found is None:
                    break
                at, seeking = found.start(), None
                parser = _Parser(content.name, names, line + data.count(b"\n", 0, at), parser.ancestors)
            broken = parser.feed(data, at)
            yield from parser.take()
            if broken is None:
                break
            if broken.next_document:
                at, seeking = broken.at, _DOCUMENT
                parser.ancestors = ()
            else:
                yield broken.skipped
                at, seeking = max(broken.at, at) + 1, starts
        line += block.count("\n")
    yield from parser.end(line) if seeking is None or seeking is starts else ()


@dataclass(frozen=True, slots=True)
class _Broken:
    at: int
    next_document: bool
    skipped: Skipped


class _Parser:
    """One run of expat, from a document's beginning or from an element within it."""

    def __init__(self, name: str, names: Collection[str], line: int, ancestors: tuple[tuple[str, dict[str, str]], ...]):
        self.ancestors = ancestors
        self._name, self._names, self._line = name, names, line
        self._open: list[tuple[str, dict[str, str]]] = []
        self._scopes: list[dict[str, str]] = [{"xml": "xml"}]
        self._stack: list[Element] = []
        self._text: list[str] = []
        self._length = 0
        self._begins = 0
        self._done: list[XmlElement] = []
        self._fed = 0
        self._closed = False
        self._expat = expat.ParserCreate("utf-8")
        self._expat.buffer_text = True
        self._expat.UseForeignDTD(True)
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.EntityDeclHandler = self._entity_declared
        prelude = "".join(_opening(tag, attributes) for tag, attributes in ancestors)
        self._expat.Parse(prelude.encode(), False)
        self._fed += len(prelude.encode())
        self._expat.CharacterDataHandler = self._characters
        self._expat.SkippedEntityHandler = self._entity

    def feed(self, data: bytes, at: int) -> _Broken | None:
        try:
            self._expat.Parse(memoryview(data)[at:], False)
        except expat.ExpatError as error:
            where = at + max(self._expat.ErrorByteIndex - self._fed, 0)
            line = self._line + self._expat.ErrorLineNumber - 1
            reason = f"this is no XML: {expat.ErrorString(error.code)}"
            inside = bool(self._stack)
            excerpt = _excerpt(data, where)
            place = self._begins if inside else line
            following = error.code in _NEXT_DOCUMENT and not inside and self._closed
            return _Broken(where, following, Skipped(place, "unreadable", reason, excerpt))
        self._fed += len(data) - at
        return None

    def take(self) -> list[XmlElement]:
        done, self._done = self._done, []
        return done

    def end(self, line: int) -> Iterator[Skipped]:
        """What a document that ends here lacks."""
        if self._stack:
            yield Skipped(self._begins, "incomplete", "the file ends within this entry", _start_tag(self._stack[0]))
        elif not self._closed:
            yield Skipped(line, "incomplete", "the file ends before its last closing tag", "")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise self._refusal("elements nested too deeply", "check that this is the right file")
        declared = {key[6:]: value for key, value in attributes.items() if key[:5] == "xmlns"}
        self._scopes.append({**self._scopes[-1], **declared} if declared else self._scopes[-1])
        self._open.append((name, attributes))
        element = None
        if self._stack:
            self._flush()
            element = Element(self._tag(name), self._attributes(attributes))
            self._stack[-1].append(element)
        elif name.rpartition(":")[2] in self._names:
            self._begins = self._line + self._expat.CurrentLineNumber - 1
            self._length = 0
            self.ancestors = tuple(self._open[:-1])
            element = Element(self._tag(name), self._attributes(attributes))
        else:
            self.ancestors = tuple(self._open)
        if element is not None:
            self._stack.append(element)

    def _end(self, name: str) -> None:
        if self._stack:
            self._flush()
            element = self._stack.pop()
            if not self._stack:
                self._done.append(XmlElement(self._begins, element))
        self._open.pop()
        self._scopes.pop()
        self._closed = not self._open

    def _characters(self, text: str) -> None:
        if self._stack:
            self._text.append(text)
            self._length += len(text)
            if self._length > _LARGEST_RECORD:
                raise self._refusal("an entry larger than any paper's", "check that this is the right file")

    def _entity(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            self._characters(html5.get(f"{name};", f"&{name};"))

    def _entity_declared(self, name: str, is_parameter: bool, value: str | None, *_: Any) -> None:
        if value is not None and (len(value) > _LONGEST_ENTITY or set(value) & set("&%<")):
            raise self._refusal(f"it declares the entity {name!r}, made of others", "fetch it from where it comes from")

    def _refusal(self, what: str, way_out: str) -> DumpError:
        return DumpError(Problem(what, self._name, self._line + self._expat.CurrentLineNumber - 1, way_out=way_out))

    def _flush(self) -> None:
        if not self._text:
            return
        text = "".join(self._text)
        self._text = []
        parent = self._stack[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text

    def _tag(self, name: str) -> str:
        prefix, _, own = name.rpartition(":")
        namespace = self._scopes[-1].get(prefix, prefix)
        return f"{{{namespace}}}{own}" if namespace else own

    def _attributes(self, attributes: dict[str, str]) -> dict[str, str]:
        return {
            (self._tag(key) if ":" in key else key): value for key, value in attributes.items() if key[:5] != "xmlns"
        }


def _opening(tag: str, attributes: dict[str, str]) -> str:
    return f"<{tag}{''.join(f' {key}={_QUOTED % escape(value)}' for key, value in attributes.items())}>"


def _mended(content: Content) -> Iterator[str]:
    """The text without blanks before it and characters that XML has not, bare ampersands written out."""
    begun = False
    in_cdata = False
    held = ""
    for block in content.blocks():
        text = held + block
        if not begun:
            text = text.lstrip()
            begun = bool(text)
        cut = _BEGUN_REFERENCE.search(text, max(len(text) - 42, 0))
        held = text[cut.start() :] if cut else ""
        text = _FORBIDDEN.sub("", text[: cut.start()] if cut else text)
        if _BARE_AMPERSAND.search(text):
            text = _outside_cdata(text, in_cdata)
        opened, closed = text.rfind("<![CDATA["), text.rfind("]]>")
        in_cdata = opened > closed or (in_cdata and closed < 0)
        yield text
    yield held


def _outside_cdata(text: str, in_cdata: bool) -> str:
    pieces = re.split(r"(<!\[CDATA\[|\]\]>)", text)
    for index, piece in enumerate(pieces):
        if piece == "<![CDATA[":
            in_cdata = True
        elif piece == "]]>":
            in_cdata = False
        elif not in_cdata:
            pieces[index] = _BARE_AMPERSAND.sub("&amp;", piece)
    return "".join(pieces)


def _excerpt(data: bytes, at: int) -> str:
    start = max(data.rfind(b"<", max(at - 200, 0), at), at - 60, 0)
    return " ".join(data[start : start + 160].decode("utf-8", "ignore").split())[:80]


def _start_tag(element: Element) -> str:
    text = " ".join("".join(element.itertext()).split())
    return text[:80] or f"<{local(element.tag)}>"
