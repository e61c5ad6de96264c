"""Syntax of other search engines, which means nothing here: told as an error that names what to write instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from digestbot.rules.fields import ELSEWHERE, FIELDS, Field, Number


class Foreign(NamedTuple):
    """Where a piece of foreign syntax begins, what it is, and how it is said here."""

    start: int
    message: str
    way_out: str


_TAG = re.compile(r"\[(1?[A-Za-z][\w /:.-]{0,40})\]")
_DISTANCE = re.compile(r"(?:(?:near|onear|pre|within|prox)/)([0-9]{1,4})", re.IGNORECASE)
_DISTANCE_BETWEEN = re.compile(r"(?:NEAR|ADJ)([0-9]{0,4})|[Aa][Dd][Jj]([0-9]{1,4})|[WwNnPp]/([0-9]{1,4})")
_AT = re.compile(r"@([0-9]+)")
_WILDCARD = re.compile(r"[^\W_](\?+)[^\W_]|(?<=[A-Za-z]{2})(#)(?=[a-z])|(?<=[A-Za-z]{3})(\$)(?=[a-z]+\Z)")
_TRUNCATED = re.compile(r"([^\W\d_]{3,})\$[0-9]{0,2}")
_SUFFIX = re.compile(r"(.*?)\.([a-z]{2}(?:,[a-z]{2})*)\.")
_SUFFIXES = {"ti", "ab", "tw", "mp", "af", "au", "jn", "jw", "kw", "kf", "sh", "hw", "ot", "nm", "yr"}
_SUBJECT = re.compile(r"([^\W\d_][\w-]*)/")
_YEAR = re.compile(r"PUBYEAR\s+(AFT|BEF|IS)\s+([0-9]{4})")
_DAYS = re.compile(r"[0-9]{4}(?:[/-][0-9]{2}){0,2}")
_FIELD_BEFORE = re.compile(r"[A-Za-z-]+:")
_NEXT_WORD = re.compile(r"\s*(?:[\"“”]([^\"“”]*)[\"“”]|([^\s()\"“”]+))")
_BOTH = (
    "title-abs-key", "title-abs", "tiab", "title/abstract", "ts", "all", "topic", "tw", "text-word", "all-fields",
    "ti,ab", "ab,ti", "mp", "af", "tak",
)  # fmt: skip
_COMMON = ("title", "abstract", "author")
"""Fields whose name before a bracket is hardly a word."""


def after_term(text: str, end: int, written: str) -> Foreign | None:
    """What is foreign right after a word or a phrase that ends at `end`: a tag, a distance, a bracket."""
    tag = _TAG.match(text, end)
    if tag:
        return Foreign(end, _of_another(tag[0]), _instead_of(tag[1], tag[0], written))
    at = _AT.match(text, end)
    if at and written.startswith('"'):
        return Foreign(end, _of_another(at[0]), f"for words near each other: `{written}~{at[1]}`")
    suffix = _SUFFIX.match(text, end)
    return _suffixed(end, suffix, written) if suffix and written.startswith('"') else None


def word(text: str, start: int, raw: str, before: str | None) -> Foreign | None:
    """What is foreign in or around a bare word; `before` is the term before it, as it is searched for."""
    opening = raw.find("[")
    if opening > 0 and _TAG.match(text, start + opening):
        return after_term(text, start + opening, _FIELD_BEFORE.sub("", raw[:opening]))
    end = start + len(raw)
    if text[end : end + 1] == "(" and (way_out := _function(raw)):
        return Foreign(start, _of_another(f"{raw}(...)"), way_out)
    return (
        _distance(text, start, raw, before)
        or _operator(start, raw, before, text[end : end + 1])
        or _shortened(text, start, raw)
        or _command(text, start, raw)
    )


def assigned(name: str, operand: str, following: str) -> str | None:
    """How to say ``TI=graph``: what stands after the sign, or before what bracket or quote."""
    folded = name.casefold()
    if folded in _BOTH:
        return "leave it out: words are looked for in title and abstract"
    field = field_of(folded)
    rest = operand or {"(": "(...)", '"': '"..."'}.get(following, "word")
    return f"to look there: `{field}:{rest}`" if field else None


def field_of(name: str) -> str | None:
    """The field that another search engine calls so, or that is called so here."""
    folded = name.casefold().removeprefix("1").strip()
    if folded in FIELDS:
        return FIELDS[folded].value
    found = ELSEWHERE.get(folded)
    return found if found in FIELDS else None


def is_everywhere(name: str) -> bool:
    """Whether another search engine calls title and abstract, or all there is, so."""
    return name.casefold() in _BOTH


def _of_another(written: str) -> str:
    return f"`{written}` is of another search engine"


def _distance(text: str, start: int, raw: str, before: str | None) -> Foreign | None:
    distance = _DISTANCE.fullmatch(raw) or (_DISTANCE_BETWEEN.fullmatch(raw) if before else None)
    if not distance:
        return None
    after = _NEXT_WORD.match(text, start + len(raw))
    number = next(filter(None, distance.groups()), "10")
    words = f"{before or 'a'} {(after[1] or after[2]) if after else 'b'}"
    return Foreign(start, _of_another(raw), f'for words near each other, in any order: `"{words}"~{number}`')


def _operator(start: int, raw: str, before: str | None, following: str) -> Foreign | None:
    if raw.strip("|&") and ("|" in raw or "&&" in raw):
        sign = next(each for each in ("||", "&&", "|") if each in raw)
        meant = "AND" if sign == "&&" else "OR"
        parts = [each for each in raw.split(sign) if each]
        way_out = f"write `{f' {meant} '.join(parts) if len(parts) > 1 else meant}`; quote it if it is meant"
        return Foreign(start + raw.index(sign), f"`{sign}` is no operator", way_out)
    if raw == "ANDNOT" and before:
        return Foreign(start, _of_another(raw), "write `AND NOT`, or `-` right before the term")
    if raw[0] == "+" and (raw[1:2].isalpha() or (raw == "+" and following in tuple('("'))):
        return Foreign(start, "`+` is no operator", "leave it out: words side by side all have to be there")
    return None


def _shortened(text: str, start: int, raw: str) -> Foreign | None:
    """A sign for any letters, at the end of a word or within it."""
    if text.count("$", 0, start) % 2 == 0 and (cut := _TRUNCATED.fullmatch(raw)):
        return Foreign(start + raw.index("$"), "`$` stands for no letters here", f"a prefix: `{cut[1]}*`")
    wildcard = _WILDCARD.search(raw)
    if not wildcard or (wildcard[3] and text.count("$") % 2 == 0):
        return None
    sign = next(filter(None, wildcard.groups()))
    beginning = raw.partition(sign[0])[0]
    prefix = f"a prefix: `{beginning}*`; or " if len(beginning) > 2 else ""
    what = f"{prefix}each spelling with OR; or a regular expression: `/{raw.replace(sign[0], '.?')}/i`"
    return Foreign(start + raw.index(sign), f"`{sign[0]}` stands for no letter here", what)


def _command(text: str, start: int, raw: str) -> Foreign | None:
    """What Ovid writes behind a term (``asthma.ti,ab.``, ``asthma/``), and Scopus's years."""
    suffix = _SUFFIX.fullmatch(raw)
    if suffix:
        return _suffixed(start + len(suffix[1]), suffix, suffix[1])
    subject = _SUBJECT.fullmatch(raw)
    if subject:
        return Foreign(start, _of_another(raw), f"write `keyword:{subject[1]}`; quote it if it is meant")
    year = _YEAR.match(text, start)
    if year:
        sign = {"AFT": ">", "BEF": "<", "IS": "="}[year[1]]
        return Foreign(start, _of_another(year[0]), f"write `published{sign}{year[2]}`")
    return None


def _suffixed(at: int, suffix: re.Match[str], written: str) -> Foreign | None:
    names = suffix[2].split(",")
    if not _SUFFIXES.issuperset(names):
        return None
    return Foreign(at, _of_another(f".{suffix[2]}."), _instead_of(suffix[2], f".{suffix[2]}.", written))


def _instead_of(tag: str, shown: str, written: str) -> str:
    name = "-".join(tag.casefold().split()).partition(":")[0]
    written = written or "word"
    if name in _BOTH:
        return f"leave `{shown}` out: `{written}` is looked for in title and abstract"
    if ELSEWHERE.get(name) == Number.PUBLISHED:
        days = [each.replace("/", "-") for each in _DAYS.findall(written)] or ["2024"]
        until = f" published<={days[1]}" if len(days) > 1 else ""
        return f"write `published{'>=' if until else '='}{days[0]}{until}`"
    field = field_of(name)
    if field == Field.KEYWORD:
        return f"write `keyword:{written}`; or leave `{shown}` out: `{written}` is looked for in title and abstract"
    return f"write `{field}:{written}`" if field else f"leave `{shown}` out, or quote it if it is meant"


def _function(raw: str) -> str | None:
    """How to say what a function of another search engine looks at; None for a word before a group."""
    name = raw.casefold()
    if name in _BOTH and (raw.isupper() or "-" in raw):
        return "leave it out: words are looked for in title and abstract; or write `title:(...)`"
    field = field_of(name)
    return f"write `{field}:(...)`" if field and (raw.isupper() or name in _COMMON) else None
