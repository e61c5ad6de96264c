"""Syntax of other search engines, which means nothing here: told as an error that names what to write instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from digestbot.rules.fields import ELSEWHERE, FIELDS


class Foreign(NamedTuple):
    """Where a piece of foreign syntax begins, what it is, and how it is said here."""

    start: int
    message: str
    way_out: str


_TAG = re.compile(r"\[(1?[A-Za-z][\w /:.-]{0,40})\]")
_DISTANCE = re.compile(r"(?:(?:near|onear|pre|within|prox)/)([0-9]{1,4})", re.IGNORECASE)
_DISTANCE_BETWEEN = re.compile(r"(?:NEAR|ADJ)([0-9]{0,4})|[Aa][Dd][Jj]([0-9]{1,4})|[WwNnPp]/([0-9]{1,4})")
_AT = re.compile(r"@([0-9]+)")
_WILDCARD = re.compile(r"[^\W_]\?+[^\W_]")
_NEXT_WORD = re.compile(r"\s*(?:[\"“”]([^\"“”]*)[\"“”]|([^\s()\"“”]+))")
_BOTH = ("title-abs-key", "title-abs", "tiab", "title/abstract", "ts", "all", "topic", "tw", "text word")
_NO_INDEX = ("mesh", "mh", "mesh terms", "majr", "key", "kw", "keyword", "keywords", "authkey", "indexterms", "de")
_FUNCTIONS = {
    "author-name": "author", "authlastname": "author", "authfirst": "author", "srctitle": "journal",
    "conf": "journal", "confname": "journal", "pubyear": "published",
}  # fmt: skip
_COMMON = ("title", "abstract", "author")
"""Fields whose name before a bracket is hardly a word."""


def after_term(text: str, end: int, written: str) -> Foreign | None:
    """What is foreign right after a word or a phrase that ends at `end`: a tag, a distance, a bracket."""
    tag = _TAG.match(text, end)
    if tag:
        return Foreign(end, f"`{tag[0]}` is of another search engine", _instead_of(tag[1], written))
    at = _AT.match(text, end)
    if at and written.startswith('"'):
        return Foreign(end, f"`{at[0]}` is of another search engine", f"for words near each other: `{written}~{at[1]}`")
    return None


def word(text: str, start: int, raw: str, before: str | None) -> Foreign | None:
    """What is foreign in or around a bare word; `before` is the term before it, as it is searched for."""
    opening = raw.find("[")
    if opening > 0 and _TAG.match(text, start + opening):
        return after_term(text, start + opening, raw[:opening])
    end = start + len(raw)
    if text[end : end + 1] == "(" and (way_out := _function(raw)):
        return Foreign(start, f"`{raw}(...)` is of another search engine", way_out)
    distance = _DISTANCE.fullmatch(raw) or (_DISTANCE_BETWEEN.fullmatch(raw) if before else None)
    if distance:
        after = _NEXT_WORD.match(text, end)
        number = next(filter(None, distance.groups()), "10")
        words = f"{before or 'a'} {(after[1] or after[2]) if after else 'b'}"
        what = f'for words near each other, in any order: `"{words}"~{number}`'
        return Foreign(start, f"`{raw}` is of another search engine", what)
    if raw.strip("|&") and ("|" in raw or "&&" in raw):
        return _operator(start, raw)
    if raw == "ANDNOT" and before:
        return Foreign(start, "`ANDNOT` is of another search engine", "write `AND NOT`, or `-` right before the term")
    if _WILDCARD.search(raw):
        pattern = raw.replace("?", ".?")
        beginning = raw.partition("?")[0]
        prefix = f"a prefix: `{beginning}*`; or " if len(beginning) > 2 else ""
        what = f"{prefix}each spelling with OR; or a regular expression: `/{pattern}/i`"
        return Foreign(start + raw.index("?"), "`?` stands for no letter here", what)
    return None


def _operator(start: int, raw: str) -> Foreign:
    sign = next(each for each in ("||", "&&", "|") if each in raw)
    meant = "AND" if sign == "&&" else "OR"
    parts = [each for each in raw.split(sign) if each]
    way_out = f"write `{f' {meant} '.join(parts) if len(parts) > 1 else meant}`; quote it if it is meant"
    return Foreign(start + raw.index(sign), f"`{sign}` is no operator", way_out)


def field_of(name: str) -> str | None:
    """The field that another search engine calls so, or that is called so here."""
    folded = name.casefold().removeprefix("1").strip()
    if folded in FIELDS:
        return FIELDS[folded].value
    found = _FUNCTIONS.get(folded) or ELSEWHERE.get(folded)
    return found if found in FIELDS else None


def _instead_of(tag: str, written: str) -> str:
    name = tag.casefold().strip()
    if name in _BOTH:
        return f"leave `[{tag}]` out: `{written}` is looked for in title and abstract"
    if name.partition(":")[0] in _NO_INDEX:
        return f"leave `[{tag}]` out: no list of subjects is looked at, `{written}` is found where it is written"
    field = field_of(name)
    if field:
        return f"write `{field}:{written}`"
    return f"leave `[{tag}]` out, or quote it if it is meant"


def _function(raw: str) -> str | None:
    """How to say what a function of another search engine looks at; None for a word before a group."""
    name = raw.casefold()
    if name in _BOTH and (raw.isupper() or "-" in raw):
        return "leave it out: words are looked for in title and abstract; or write `title:(...)`"
    if name in _NO_INDEX and raw.isupper():
        return "leave it out: words are looked for in title and abstract"
    field = field_of(name)
    return f"write `{field}:(...)`" if field and (raw.isupper() or name in _COMMON) else None
