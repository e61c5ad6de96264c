"""The grammar: a rule's text to its tree, or an error with line, column and the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from digestbot.model.errors import RuleError
from digestbot.rules import terms
from digestbot.rules.ast import And, Field, Node, Not, Or, Rule, Span, Topic
from digestbot.rules.lexer import Token, TokenKind, tokens
from digestbot.rules.mistakes import mistake, nearest, shown

MOST_TERMS = 2_000
DEEPEST = 100
# What topics may blow a rule up to: a topic may include others, each of them many terms.
MOST_TERMS_WITH_TOPICS = 50_000
DEEPEST_WITH_TOPICS = 200

_LONE_PHRASE = re.compile(r'"[A-Za-z0-9 -]{1,200}"')
_LONE_WORD = re.compile(r"(?!(?:AND|OR|NOT)$)[A-Za-z0-9]{1,200}")
_LEAVES = (TokenKind.WORD, TokenKind.PHRASE, TokenKind.EXACT, TokenKind.REGEX)
_AFTER_FIELD = (*_LEAVES, TokenKind.OPEN)
_AFTER_MINUS = (*_AFTER_FIELD, TokenKind.FIELD, TokenKind.TOPIC, TokenKind.COMPARISON)
_OPERANDS = (*_AFTER_MINUS, TokenKind.NOT, TokenKind.MINUS)


def parse(text: str, topics: Mapping[str, Node] | None = None) -> Rule:
    """The rule that `text` writes; `topics` are those that ``topic:name`` may include.

    Raises RuleError with one problem, which holds line and column.
    """
    return Rule(text, parse_node(text, topics))


def parse_node(text: str, topics: Mapping[str, Node] | None = None, offset: int = 0) -> Node:
    """The tree alone; `offset` is added to every span, for a text that stands within a longer one."""
    # Most keywords are this and nothing else: thousands of subscriptions are read in seconds.
    if _LONE_PHRASE.fullmatch(text):
        lone = Token(TokenKind.PHRASE, 0, len(text), text[1:-1])
    elif _LONE_WORD.fullmatch(text):
        lone = Token(TokenKind.WORD, 0, len(text), text)
    else:
        return _Parser(text, topics if topics is not None else {}, offset).rule()
    return terms.leaf(text, lone, Field.TEXT, Span(offset, offset + len(text)), 1.0)


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a tree is with its topics written out: its leaves, and its levels."""

    terms: int
    depth: int

    @property
    def excessive(self) -> str | None:
        """What is too much about it, None when nothing is."""
        if self.terms > MOST_TERMS_WITH_TOPICS:
            return f"more than {MOST_TERMS_WITH_TOPICS} terms with its topics"
        if self.depth > DEEPEST_WITH_TOPICS:
            return f"nested more than {DEEPEST_WITH_TOPICS} levels deep with its topics"
        return None


class _Same:
    """A node by its identity: comparing two trees would cost more than walking one."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __hash__(self) -> int:
        return id(self.node)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.node is other.node


@lru_cache(maxsize=1024)
def _extent_of(topic: _Same) -> Extent:
    """How large a topic is; it stands in many rules."""
    return extent(topic.node)


def extent(node: Node) -> Extent:
    """How large the tree is; walks every leaf, those of one topic once."""
    match node:
        case And() | Or():
            parts = [extent(each) for each in node.rules]
            return Extent(sum(each.terms for each in parts), 1 + max((each.depth for each in parts), default=0))
        case Not():
            part = extent(node.rule)
            return Extent(part.terms, part.depth + 1)
        case Topic():
            part = _extent_of(_Same(node.rule))
            return Extent(part.terms, part.depth + 1)
        case _:
            return Extent(1, 1)


EVERYTHING = "*"
"""The word that, by itself, asks for every paper: all of no conditions."""


class _Parser:
    def __init__(self, text: str, topics: Mapping[str, Node], offset: int) -> None:
        self.text = text
        self.topics = topics
        self.offset = offset
        self.tokens = tokens(text)
        self.at = 0
        self.terms = 0
        self.terms_with_topics = 0

    def rule(self) -> Node:
        if self.peek().kind is TokenKind.END:
            raise self._mistake(self.peek(), "an empty rule", "write a word to search for")
        node = None if self.peek().kind is TokenKind.CLOSE else self._any(Field.TEXT, 0)
        if node is None or self.peek().kind is not TokenKind.END:
            raise self._mistake(self.peek(), "a closing bracket that was never opened", "leave it out, or open it")
        return node

    def peek(self) -> Token:
        return self.tokens[self.at]

    def _take(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def _mistake(self, token: Token, message: str, way_out: str | None = None) -> RuleError:
        return mistake(self.text, token.start, message, way_out)

    def _span(self, start: int) -> Span:
        """From `start` to the end of the last token taken."""
        return Span(start + self.offset, self.tokens[self.at - 1].end + self.offset)

    def _any(self, field: Field, depth: int) -> Node:
        if self.peek().kind in (TokenKind.AND, TokenKind.OR):
            raise self._mistake(
                self.peek(),
                f"{self.peek().kind.value} has nothing before it",
                "quote it if it is a word to search for",
            )
        start = self.peek().start
        nodes = [self._all(field, depth)]
        while self.peek().kind is TokenKind.OR:
            self._operator()
            nodes.append(self._all(field, depth))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes), self._span(start))

    def _all(self, field: Field, depth: int) -> Node:
        start = self.peek().start
        nodes = [self._not(field, depth)]
        while self.peek().kind is TokenKind.AND or self.peek().kind in _OPERANDS:
            if self.peek().kind is TokenKind.AND:
                self._operator()
            nodes.append(self._not(field, depth))
        if self.peek().kind in (TokenKind.WEIGHT, TokenKind.SLOP):
            raise self._stray(self.peek())
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes), self._span(start))

    def _operator(self) -> None:
        operator = self._take()
        allowed = _AFTER_MINUS if operator.kind is TokenKind.MINUS else _OPERANDS
        if self.peek().kind not in allowed:
            raise self._mistake(
                operator,
                f"{operator.kind.value} has nothing after it",
                "quote it if it is a word to search for",
            )

    def _not(self, field: Field, depth: int) -> Node:
        starts = []
        while self.peek().kind in (TokenKind.NOT, TokenKind.MINUS):
            starts.append(self.peek().start)
            self._check_depth(self.peek(), depth + len(starts))
            self._operator()
        node = self._operand(field, depth + len(starts))
        for start in reversed(starts):
            node = Not(node, self._span(start))
        return node

    def _check_depth(self, token: Token, depth: int) -> None:
        if depth > DEEPEST:
            raise self._mistake(token, f"nested more than {DEEPEST} levels deep", "make topics of its parts")

    def _operand(self, field: Field, depth: int) -> Node:
        start = self.peek().start
        if self.peek().kind is TokenKind.FIELD:
            field = self._field()
        token = self._take()
        if token.kind is TokenKind.OPEN:
            return self._group(token, field, depth + 1)
        if token.kind in (TokenKind.WEIGHT, TokenKind.SLOP):
            raise self._stray(token)
        self._count(token)
        if field is Field.TEXT and self._asks_for_everything(token):
            return And((), self._span(start))
        if token.kind in _LEAVES:
            return self._leaf(token, field, start)
        span = self._span(start)
        node = (
            self._topic(token, span, depth) if token.kind is TokenKind.TOPIC else terms.compare(self.text, token, span)
        )
        self._refuse_weight(token)
        return node

    def _asks_for_everything(self, token: Token) -> bool:
        """Whether it is the star by itself: right behind or before a term it is a mistake."""
        if token.kind is not TokenKind.WORD or token.value != EVERYTHING:
            return False
        behind = self.tokens[self.at - 2] if self.at > 1 else None
        touched = behind is not None and behind.end == token.start and behind.kind in _LEAVES
        return not touched and not (self.peek().start == token.end and self.peek().kind in _LEAVES)

    def _field(self) -> Field:
        token = self._take()
        following = self.peek()
        if following.kind is TokenKind.FIELD and following.start == token.end:
            raise self._mistake(token, "two fields in a row", "one field stands before a term or a group")
        if following.kind is TokenKind.MINUS and following.start == token.end:
            raise self._mistake(token, f"`-` goes before the field: `-{token.value}:…`")
        if following.kind not in _AFTER_FIELD or following.start != token.end:
            raise self._mistake(
                token,
                f"the field `{token.value}:` stands before nothing",
                f"write a word, a phrase or a group right after the colon: `{token.value}:word`",
            )
        return Field(token.value)

    def _group(self, opening: Token, field: Field, depth: int) -> Node:
        self._check_depth(opening, depth)
        if self.peek().kind is TokenKind.CLOSE:
            raise self._mistake(opening, "an empty group", "write something in its brackets, or leave them out")
        if self.peek().kind is TokenKind.END:
            raise self._unclosed(opening)
        node = self._any(field, depth)
        if self.peek().kind is not TokenKind.CLOSE:
            raise self._unclosed(opening)
        closing = self._take()
        self._refuse_weight(closing)
        return node

    def _unclosed(self, opening: Token) -> RuleError:
        return self._mistake(opening, "this bracket is never closed", "close it with `)`")

    def _leaf(self, token: Token, field: Field, start: int) -> Node:
        slop = None
        if self.peek().kind is TokenKind.SLOP and self.peek().start == token.end:
            slop = self._take()
        span = self._span(start)
        weight = 1.0
        if self.peek().kind is TokenKind.WEIGHT and self.peek().start == self.tokens[self.at - 1].end:
            weight = terms.weight_of(self.text, self._take())
        if slop:
            return terms.near(self.text, token, slop, field, span, weight)
        return terms.leaf(self.text, token, field, span, weight)

    def _refuse_weight(self, before: Token) -> None:
        if self.peek().kind is TokenKind.WEIGHT and self.peek().start == before.end:
            what = "a group" if before.kind is TokenKind.CLOSE else before.kind.value
            raise self._mistake(
                self.peek(), f"a weight cannot stand after {what}", "put it after the terms: `word^2.5`"
            )

    def _stray(self, token: Token) -> RuleError:
        if token.kind is TokenKind.WEIGHT:
            return self._mistake(token, "a weight with no term before it", "right after a term: `word^2.5`")
        return self._mistake(token, "`~` goes after a quoted phrase only", 'for words near each other: `"a b"~3`')

    def _topic(self, token: Token, span: Span, depth: int) -> Topic:
        name = token.value
        try:
            rule = self.topics.get(name)
        except RuleError as error:
            what = f"the topic {shown(name)} cannot be used: {error.problems[0]}"
            raise self._mistake(token, what, "mend it in topics.toml") from None
        if rule is None:
            near = nearest(name, self.topics)
            known = "did you mean " + f"`topic:{near}`?" if near else "topics are defined in topics.toml"
            raise self._mistake(token, f"there is no topic {shown(name)}", known)
        size = _extent_of(_Same(rule))
        self.terms_with_topics += size.terms - 1  # the term itself was counted by _count
        whole = Extent(self.terms_with_topics, depth + 1 + size.depth)
        if whole.excessive:
            raise self._mistake(token, f"this rule is {whole.excessive}", "include smaller topics")
        return Topic(name, rule, span)

    def _count(self, token: Token) -> None:
        self.terms += 1
        self.terms_with_topics += 1
        if self.terms > MOST_TERMS:
            raise self._mistake(token, f"a rule of more than {MOST_TERMS} terms", "make topics of its parts")
