"""One token, and the field around it, made a leaf of the rule; every mistake a term can hold is told here."""

from __future__ import annotations

import re
from datetime import date, timedelta

from digestbot.model.errors import RuleError
from digestbot.rules.ast import Compare, Everything, Exact, Label, Leaf, Name, Near, Regex, Span, Words
from digestbot.rules.fields import ELSEWHERE, FIELDS, NAMED, NUMBERS, Field, FieldKind, Number
from digestbot.rules.foreign import is_everywhere
from digestbot.rules.lexer import TOPIC, Token, TokenKind
from digestbot.rules.mistakes import mistake, nearest, shown
from digestbot.rules.regexes import PatternError, pattern
from digestbot.rules.spelling import MOST_SPELLINGS, TooManySpellingsError, spellings

MOST_SLOP = 10_000
HEAVIEST = 100.0
_LABELLED = (FieldKind.LABELS, FieldKind.IDS)
_SHORTEST_PREFIX = 3
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_WEIGHT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}")
_ID_URL = re.compile(r"https?://(?:www\.|dx\.|export\.)?(arxiv|doi)\.org/(?:abs/|pdf/)?(.+)")
_SCHEME = re.compile(r"([a-z][a-z0-9_-]*):(.+)")
_ARXIV = re.compile(r"([0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[a-z]{2})?/[0-9]{7})v[0-9]+")
_MEANT_OPERATORS = {"&": "AND", "&&": "AND", "|": "OR", "||": "OR"}


def leaf(text: str, token: Token, field: Field, span: Span, weight: float) -> Leaf:
    """The leaf for a word, phrase, exact word or regex of rule `text`. Raises RuleError."""
    if token.kind is TokenKind.REGEX:
        return _regex(text, token, field, span, weight)
    if token.kind is TokenKind.EXACT:
        if "*" in token.value:
            raise _misplaced_star(text, token)
        return Exact(field, token.value, span, weight)
    if token.kind is TokenKind.WORD and ":" in token.value and field.row.kind is not FieldKind.IDS:
        raise _unknown_field(text, token)
    if field.row.kind in _LABELLED:
        return _label(text, token, field, span, weight)
    if token.kind is TokenKind.WORD and token.value == "*" and field is Field.TEXT and _stands_alone(text, token):
        return Everything(span)
    prefix = token.kind is TokenKind.WORD and token.value.endswith("*")
    written = token.value[:-1] if prefix else token.value
    if "*" in written or not (written or token.kind is TokenKind.PHRASE):
        raise _misplaced_star(text, token)
    spelled = _spellings(text, token, written)
    if prefix and sum(each.isalnum() for word in spelled[0] for each in word) < _SHORTEST_PREFIX:
        raise mistake(
            text,
            token.start,
            f"the prefix {shown(token.value)} is too short",
            f"a prefix has {_SHORTEST_PREFIX} or more letters",
        )
    if field.row.kind is FieldKind.NAMES and not prefix:
        return Name(field, " ".join(written.replace("_", " ").split()), span, weight)
    return Words(field, spelled, span, prefix, weight)


def _stands_alone(text: str, token: Token) -> bool:
    before, after = text[token.start - 1 : token.start], text[token.end : token.end + 1]
    return not before.strip("( \t\r\n-") and not after.strip(") \t\r\n")


def near(text: str, phrase: Token, slop: Token, field: Field, span: Span, weight: float) -> Near:
    """The leaf for ``"a b"~n``. Raises RuleError."""
    if phrase.kind is not TokenKind.PHRASE or field.row.kind in _LABELLED:
        raise mistake(text, slop.start, "`~` goes after a quoted phrase only", 'for words near each other: `"a b"~3`')
    if not (slop.value.isascii() and slop.value.isdigit()) or len(slop.value) > 9 or int(slop.value) > MOST_SLOP:
        raise mistake(
            text,
            slop.start,
            f"`~` needs a whole number up to {MOST_SLOP} after it",
            'how many other words may stand between: `"a b"~3`',
        )
    if "*" in phrase.value:
        raise _misplaced_star(text, phrase)
    return Near(field, _spellings(text, phrase, phrase.value), int(slop.value), span, weight)


def weight_of(text: str, token: Token) -> float:
    """The number after ``^``. Raises RuleError."""
    value = float(token.value) if _WEIGHT.fullmatch(token.value) else 0.0
    if not 0 < value <= HEAVIEST:
        raise mistake(text, token.start, f"a weight is a number above 0 and up to {HEAVIEST:g}", "like `word^2.5`")
    return value


def compare(text: str, token: Token, span: Span) -> Compare:
    """The leaf for a comparison. Raises RuleError for a value that is no number, or no date."""
    number = NUMBERS[token.value]
    low: int | date
    high: int | date
    if number.row.kind is FieldKind.DATE:
        days = _days(token.operand)
        if days is None:
            raise mistake(
                text,
                token.start,
                f"{shown(token.operand)} is no date",
                "write 2024, 2024-06 or 2024-06-01; for days back: `age<=7`",
            )
        low, high = days
    else:
        if not _WHOLE_NUMBER.fullmatch(token.operand):
            raise mistake(
                text,
                token.start,
                f"{shown(token.operand)} is no whole number",
                f"like `{number}{token.detail}{number.row.example}`",
            )
        low = high = int(token.operand)
    return Compare(number, token.detail, low, high, span)


def _days(written: str) -> tuple[date, date] | None:
    found = _DATE.fullmatch(written)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            return first, first
        if not month or month == 12:
            return first, date(first.year, 12, 31)
        return first, date(first.year, month + 1, 1) - timedelta(days=1)
    except ValueError:
        return None


def _spellings(text: str, token: Token, written: str) -> tuple[tuple[str, ...], ...]:
    try:
        spelled = spellings(written)
    except TooManySpellingsError:
        raise mistake(
            text,
            token.start,
            f"a phrase with too many hyphenated words: more than {MOST_SPELLINGS} spellings",
            "make two phrases of it",
        ) from None
    if not spelled:
        meant = _MEANT_OPERATORS.get(written)
        raise mistake(
            text,
            token.start,
            f"{shown(text[token.start : token.end])} holds no letter and no digit",
            f"did you mean `{meant}`?" if meant else "leave it out; for signs there is a regular expression: `/…/`",
        )
    return spelled


def _regex(text: str, token: Token, field: Field, span: Span, weight: float) -> Regex:
    ignore_case = token.detail == "i"
    try:
        compiled = pattern(token.value, ignore_case)
    except PatternError as error:
        what = f"this regular expression cannot be used: {error}"
        raise mistake(text, token.start, what, error.way_out) from error
    if compiled.found_in(""):
        raise mistake(
            text,
            token.start,
            "this regular expression matches the empty string, so everything",
            "ask for at least one character: `+` for `*`",
        )
    return Regex(field, token.value, span, ignore_case, weight)


def _label(text: str, token: Token, field: Field, span: Span, weight: float) -> Label:
    value = " ".join(token.value.split()).casefold()
    if "*" in value:
        above = value.partition("*")[0].rstrip(".") or field.row.example.partition(".")[0]
        way_out = (
            f"`{field}:{above}` finds what is under it too"
            if field.row.kind is FieldKind.LABELS
            else f"write the whole {field}, or a regular expression: `{field}:/…/`"
        )
        raise mistake(text, token.start, f"`*` has no place in {'an' if field[0] in 'aeiou' else 'a'} {field}", way_out)
    scheme = None
    if field.row.kind is FieldKind.IDS:
        scheme, value = _identifier(value)
    if not value:
        raise mistake(text, token.start, f"`{field}:` with an empty name", f"write one: `{field}:{field.row.example}`")
    return Label(field, value, span, scheme, weight)


def _identifier(value: str) -> tuple[str | None, str]:
    """An id's scheme, if it names one, and the id as papers hold it: no address, an arXiv id no version."""
    url = _ID_URL.fullmatch(value)
    named = url or _SCHEME.fullmatch(value)
    scheme, value = (named[1], named[2]) if named else (None, value)
    if scheme in (None, "arxiv"):
        versioned = _ARXIV.fullmatch(value)
        value = versioned[1] if versioned else value
    return scheme, value


def _misplaced_star(text: str, token: Token) -> RuleError:
    star = text.index("*", token.start)
    return mistake(text, star, "`*` goes at the end of a bare word only", "like `quantiz*`, without quotes")


def _unknown_field(text: str, token: Token) -> RuleError:
    name, _, rest = token.value.partition(":")
    if rest.startswith("//"):
        return mistake(text, token.start, f"{shown(name)} is no field", f'quote an address: `"{token.value}"`')
    number = NUMBERS.get(name.casefold()) or NUMBERS.get(ELSEWHERE.get(name.casefold(), ""))
    if number is not None:
        author = number == Number.AUTHORS and not rest[:1].isdigit()
        value = rest if rest[:1].isdigit() else number.row.example
        way_out = f"for a name: `author:{rest}`" if author else f"write `{number}={value}`"
        return mistake(text, token.start, f"`{number}` is compared, with no colon", way_out)
    if is_everywhere(name):
        return mistake(
            text, token.start, f"{shown(name)} is no field", "leave it out: title and abstract are looked at"
        )
    near_name = nearest(name, (*FIELDS, TOPIC)) if name else None
    way_out = (
        f"did you mean `{near_name}:`?"
        if near_name
        else f'fields are {", ".join((*NAMED, TOPIC))}; to search for the words: `"{token.value}"`'
    )
    message = f"{shown(name)} is no field" if name else "a colon with no field before it"
    return mistake(text, token.start, message, way_out)
