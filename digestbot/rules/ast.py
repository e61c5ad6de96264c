"""What a rule is once parsed: a small tree of immutable nodes, each knowing where in the text it stood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias


class Field(StrEnum):
    """A field a rule can name. TEXT is what a bare word looks at: title or abstract."""

    TEXT = "text"
    TITLE = "title"
    ABSTRACT = "abstract"
    AUTHOR = "author"
    ORG = "org"
    CATEGORY = "category"
    SOURCE = "source"
    ID = "id"


class Number(StrEnum):
    """A value a rule can compare: upvotes, the number of authors, the publication date, its age in days."""

    UPVOTES = "upvotes"
    AUTHORS = "authors"
    PUBLISHED = "published"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Span:
    """Where a node stood in the rule's text: character offsets, `end` exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """Words that stand side by side, in this order, in one reading of one field (one word: a plain term).

    Each of ``alternatives`` is one spelling as folded words; a hyphenated word doubles the spellings
    (``pre-training`` is ``(("pre", "training"), ("pretraining",))``). Every word also finds its regular
    plural and singular. With ``prefix`` the last word of each spelling is a prefix (and only that one
    word is not inflected).
    """

    field: Field
    alternatives: tuple[tuple[str, ...], ...]
    span: Span
    prefix: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Near:
    """All words of one spelling, in any order, within (number of words + slop) words of one field."""

    field: Field
    alternatives: tuple[tuple[str, ...], ...]
    slop: int
    span: Span
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Exact:
    """A word exactly as written, in the raw field: case kept, nothing folded, whole words only."""

    field: Field
    text: str
    span: Span
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression (RE2 syntax) searched in the raw field."""

    field: Field
    pattern: str
    span: Span
    ignore_case: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """A category (which also finds what is under it) or an id, compared without case.

    ``field`` is CATEGORY or ID; ``value`` is casefolded. For ID, ``scheme`` narrows to one kind of id.
    """

    field: Field
    value: str
    span: Span
    scheme: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison; false when the paper lacks the value. ``operator`` is one of < <= = >= >.

    For PUBLISHED, `low` and `high` are the first and last day of the written date (2024, 2024-06 and
    2024-06-03 are all dates); for numbers both are the number. ``<`` is before low, ``<=`` up to high,
    ``=`` from low to high, ``>=`` from low on, ``>`` after high.
    """

    number: Number
    operator: str
    low: int | date
    high: int | date
    span: Span


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic included by name, already resolved to its rule."""

    name: str
    rule: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """True where its rule is not."""

    rule: Node
    span: Span


@dataclass(frozen=True, slots=True)
class And:
    """True where all its rules are; two or more of them, or none: that is every paper."""

    rules: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Or:
    """True where one of its rules is; two or more of them."""

    rules: tuple[Node, ...]
    span: Span


Leaf: TypeAlias = Words | Near | Exact | Regex | Label | Compare
Node: TypeAlias = Leaf | Topic | Not | And | Or


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule with its text."""

    text: str
    root: Node
