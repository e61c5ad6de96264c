"""The rule's text cut into tokens: what belongs to one term, before anything is put together."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from digestbot.model.errors import RuleError
from digestbot.rules import foreign
from digestbot.rules.fields import FIELDS, NUMBERS, FieldKind, Number
from digestbot.rules.mistakes import mistake, nearest, shown

LONGEST_RULE = 64 * 1024
TOPIC = "topic"

_QUOTES = '"“”„‟＂«»'
# What an input method writes in full width is what it is in ASCII; a colon only where a name may stand before it.
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "＂：－／"}
_FULL_WIDTH_COLON = re.compile("(?<=[A-Za-z])：")
_SKIPPED = re.compile(r"[\s\ufeff\u200b\u2060]+")
# A backslash before a quote, ^, ~ or = is a LaTeX accent where a letter follows: M\"uller.
_ACCENT = r'\\["^~=](?=[^\W_]|[{\\])'
_BARE = re.compile(rf"(?:{_ACCENT}|!(?!=)|[^\s()^~<>=≤≥≠!{_QUOTES}])+")
# A DOI may hold brackets: id:10.1016/S0140-6736(20)30183-5.
_ID = re.compile(rf"(?:[^\s()^~{_QUOTES}]|(?<![:\s])\([^\s(){_QUOTES}]*\))+")
_PHRASE = re.compile(rf"[{_QUOTES}]((?:{_ACCENT}|[^{_QUOTES}])*)[{_QUOTES}]")
_EXACT = re.compile(rf"=([^\s()^~{_QUOTES}]*)")
_REGEX = re.compile(r"/((?:\\.|[^\\/])*)/(i?)", re.DOTALL)
_COMPARISON = re.compile(r"\s*([<>]=?|=[<>=]?|!=|[≤≥≠])\s*([^\s()^]*)")
_WEIGHT = re.compile(r"\^([^\s()]*)")
_NUMBER_ALONE = re.compile(r"[0-9]+(?![^\W_])")
_SLOP = re.compile(r"~([^\s()^]*)")
_COMPARING = ("<", "<=", "=", ">=", ">")
_MEANT = {"==": "=", "=>": ">=", "=<": "<=", "≤": "<=", "≥": ">="}


class TokenKind(Enum):
    """What a token is; each value is how an error names it."""

    OPEN = "an opening bracket"
    CLOSE = "a closing bracket"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    MINUS = "-"
    FIELD = "a field"
    TOPIC = "a topic"
    WORD = "a word"
    PHRASE = "a phrase"
    EXACT = "an exact word"
    REGEX = "a regular expression"
    COMPARISON = "a comparison"
    WEIGHT = "a weight"
    SLOP = "a distance"
    SYNONYMS = "`~`"
    END = "the end"


@dataclass(frozen=True, slots=True)
class Token:
    """A token at [start, end) of the text.

    ``value`` is a word, a phrase's content, a field's or a topic's name, a pattern, a number as written;
    ``detail`` a comparison's operator or a pattern's flag; ``operand`` what is compared with.
    """

    kind: TokenKind
    start: int
    end: int
    value: str = ""
    detail: str = ""
    operand: str = ""


_BEFORE_A_TERM = (TokenKind.OPEN, TokenKind.FIELD, TokenKind.MINUS)
_OPERATORS = {"AND": TokenKind.AND, "OR": TokenKind.OR, "NOT": TokenKind.NOT}


def is_dash(character: str) -> bool:
    """Whether the character is a dash of any kind, each of which excludes as `-` does."""
    return character == "\u2212" or unicodedata.category(character) == "Pd"


def tokens(text: str) -> list[Token]:
    """The tokens of a rule, with one END last. Raises RuleError at the first that is none."""
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST_RULE:
        raise mistake(text, 0, f"a rule is at most {LONGEST_RULE // 1024} KiB long", "make topics of its parts")
    lexer = _Lexer(text)
    found: list[Token] = []
    while (token := lexer.next()).kind is not TokenKind.END:
        found.append(token)
    return [*found, token]


class _Lexer:
    def __init__(self, text: str) -> None:
        self.raw = text
        self.text = text if text.isascii() else _FULL_WIDTH_COLON.sub(":", text.translate(_FULL_WIDTH))
        self.at = 0
        self.last: Token | None = None

    def next(self) -> Token:
        skipped = _SKIPPED.match(self.text, self.at)
        if skipped:
            self.at = skipped.end()
        self.last = self._token()
        self.at = self.last.end
        return self.last

    def _token(self) -> Token:
        at, text = self.at, self.text
        if at == len(text):
            return Token(TokenKind.END, at, at)
        character = text[at]
        if character in "()":
            return Token(TokenKind.OPEN if character == "(" else TokenKind.CLOSE, at, at + 1)
        if character in _QUOTES:
            return self._phrase()
        if character in _MARKED:
            return _MARKED[character](self)
        if is_dash(character):
            return self._minus()
        if self._after_field_of_ids():
            return self._id()
        if character == "!":
            raise self._mistake(
                "`!` is no operator", "exclude with NOT or with `-`; quote the word if it is part of it"
            )
        return self._bare()

    def _mistake(self, message: str, way_out: str | None = None, at: int | None = None) -> RuleError:
        return mistake(self.text, self.at if at is None else at, message, way_out)

    def _after_field_of_ids(self) -> bool:
        last = self.last
        if last is None or last.kind is not TokenKind.FIELD or last.end != self.at:
            return False
        return FIELDS[last.value].row.kind is FieldKind.IDS

    def _phrase(self) -> Token:
        found = _PHRASE.match(self.text, self.at)
        if not found:
            raise self._mistake("this quote is never closed", 'close it with `"`')
        self._refuse(foreign.after_term(self.text, found.end(), f'"{found[1]}"'))
        return Token(TokenKind.PHRASE, self.at, found.end(), found[1])

    def _regex(self) -> Token:
        found = _REGEX.match(self.text, self.at)
        if not found:
            raise self._mistake("this regular expression is never closed", r"close it with `/`; a slash inside is `\/`")
        rest = _BARE.match(self.text, found.end())
        pattern = self.raw[found.start(1) : found.end(1)]
        if rest:
            raise self._mistake(
                f"{shown(rest[0])} right after a regular expression",
                r"only `i` may follow it; a slash inside is `\/`, and a path goes in quotes",
                found.end(),
            )
        return Token(TokenKind.REGEX, self.at, found.end(), pattern.replace(r"\/", "/"), found[2])

    def _exact(self) -> Token:
        found = _EXACT.match(self.text, self.at)
        assert found is not None  # the caller saw the `=`
        last = self.last
        if last and last.kind is TokenKind.WORD and last.end == self.at and not last.value.endswith(":"):
            raise self._mistake("`=` in the middle of a word", "quote what holds it")
        if not found[1] and self.text[found.end() : found.end() + 1] in tuple(_QUOTES):
            raise self._mistake("`=` takes one word, not a phrase", "`=Word` for each word, or the phrase without `=`")
        if not found[1]:
            raise self._mistake("`=` stands before nothing", "write the word right after it: `=RAG`")
        return Token(TokenKind.EXACT, self.at, found.end(), self.raw[found.start(1) : found.end()])

    def _weight(self) -> Token:
        found = _WEIGHT.match(self.text, self.at)
        assert found is not None  # the caller saw the `^`
        return Token(TokenKind.WEIGHT, self.at, found.end(), found[1])

    def _tilde(self) -> Token:
        """A distance right after a term, synonyms before one."""
        last, after = self.last, self.text[self.at + 1 : self.at + 2]
        follows = last is not None and last.end == self.at and last.kind not in _BEFORE_A_TERM
        term = after.isalnum() or after in tuple(_QUOTES)
        if term and not follows and not _NUMBER_ALONE.match(self.text, self.at + 1):
            return Token(TokenKind.SYNONYMS, self.at, self.at + 1)
        found = _SLOP.match(self.text, self.at)
        assert found is not None  # the caller saw the `~`
        return Token(TokenKind.SLOP, self.at, found.end(), found[1])

    def _nameless(self) -> Token:
        raise self._mistake(f"`{self.text[self.at]}` compares nothing", f"write a name before it: {', '.join(Number)}")

    def _minus(self) -> Token:
        after = self.text[self.at + 1 : self.at + 2]
        if not after or after.isspace() or after == ")":
            raise self._mistake("`-` stands before nothing", "write it right before what it excludes: `-word`")
        if is_dash(after):
            raise self._mistake("two dashes before a term", "one `-` excludes")
        return Token(TokenKind.MINUS, self.at, self.at + 1)

    def _id(self) -> Token:
        found = _ID.match(self.text, self.at)
        if not found or found[0] in _OPERATORS:
            return self._bare()
        return Token(TokenKind.WORD, self.at, found.end(), found[0])

    def _refuse(self, found: foreign.Foreign | None) -> None:
        if found is not None:
            raise self._mistake(found.message, found.way_out, found.start)

    def _bare(self) -> Token:
        at, text = self.at, self.text
        found = _BARE.match(text, at)
        assert found is not None  # every other beginning was taken before
        raw = found[0]
        last = self.last
        before = last.value if last and last.kind in (TokenKind.WORD, TokenKind.PHRASE) else None
        name, colon, _ = raw.partition(":")
        if not (colon and name.casefold() in FIELDS):  # what comes after a field is looked at by itself
            self._refuse(foreign.word(text, at, raw, before))
        if colon:
            return self._named(name, raw)
        comparison = self._comparison(raw, found.end())
        if comparison:
            return comparison
        if raw in _OPERATORS:
            return Token(_OPERATORS[raw], at, found.end())
        return Token(TokenKind.WORD, at, found.end(), raw)

    def _named(self, name: str, raw: str) -> Token:
        """A field, a topic, or a word with a colon: left to the parser, which knows the field around."""
        after = self.at + len(name) + 1
        folded = name.casefold()
        if folded in FIELDS:
            return Token(TokenKind.FIELD, self.at, after, FIELDS[folded].value)
        if folded == TOPIC:
            return self._topic(after)
        return Token(TokenKind.WORD, self.at, self.at + len(raw), raw)

    def _topic(self, after: int) -> Token:
        phrase = _PHRASE.match(self.text, after)
        bare = _BARE.match(self.text, after)
        found = phrase or bare
        if not found:
            raise self._mistake("`topic:` stands before nothing", "write its name right after the colon")
        return Token(TokenKind.TOPIC, self.at, found.end(), phrase[1] if phrase else found[0])

    def _comparison(self, raw: str, end: int) -> Token | None:
        found = _COMPARISON.match(self.text, end)
        if not found:
            return None
        name, operator, operand = raw.casefold(), found[1], found[2]
        apart = found.start(1) > end
        if apart and operator == "=" and name not in NUMBERS and found.start(2) == found.end(1):
            return None  # word =Exact
        if not apart and self.last and self.last.kind is TokenKind.FIELD and self.last.end == self.at:
            raise self._mistake("a field before a comparison", "a comparison stands by itself: `upvotes>=5`")
        number = self._compared(raw, operator, found)
        if not operand or operand[0] in _QUOTES:
            raise self._mistake(
                f"`{name}{operator}` compares with nothing",
                f"a value, bare: `{name}{operator}{number.row.example}`",
            )
        return Token(TokenKind.COMPARISON, self.at, found.end(), number.value, operator, operand)

    def _compared(self, raw: str, operator: str, found: re.Match[str]) -> Number:
        """What a comparison compares. Raises RuleError where it is nothing, or the operator none."""
        name = raw.casefold()
        number = NUMBERS.get(name)
        if number is None:
            near = nearest(name, NUMBERS)
            hint = f"did you mean `{near}`?" if near else foreign.assigned(raw, found[2], self.text[found.end() :][:1])
            hint = hint or f"known: {', '.join(Number)}; quote it to search for it"
            raise self._mistake(f"{shown(raw)} is nothing that can be compared", hint)
        if operator not in _COMPARING:
            meant = _MEANT.get(operator)
            hint = f"write `{meant}`" if meant else f"write `NOT {name}={found[2] or number.row.example}`"
            raise self._mistake(f"`{operator}` is no comparison", hint, found.start(1))
        return number


_MARKED = {
    "/": _Lexer._regex,
    "=": _Lexer._exact,
    "^": _Lexer._weight,
    "~": _Lexer._tilde,
    **dict.fromkeys("<>≤≥≠", _Lexer._nameless),
}
