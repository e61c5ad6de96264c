"""Keywords as people list them: a plain entry is a phrase, one that uses the language is a rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from digestbot.rules.ast import Node
from digestbot.rules.parser import parse_node

_LANGUAGE = re.compile(
    r"""["“”„‟＂«»():*~<>≤≥≠=（）＊～]    # quotes, groups, fields, prefixes, distances, comparisons
      | (?<=[A-Za-z])：
      | (?<!\S)(?:AND|OR|NOT)(?!\S)   # operators
      | (?<!\S)[-‐-―−/!]\S            # what excludes, and regular expressions
      | \||&&|(?<!\S)(?:ANDNOT|NEAR|PUBYEAR)(?!\S)     # what is of other languages, which the parser tells apart
      | (?<=\S)\[[A-Za-z] | [^\W_][?#]+[^\W_] | [A-Za-z]{3}\$(?:[0-9]{0,2}(?!\S)|[a-z]) | (?<!\S)\+[A-Za-z]
      | \.[a-z]{2}(?:,[a-z]{2})*\.(?!\S) | [^\W\d_]/(?!\S)
      | (?<!\S)(?:(?i:near|onear|pre|within|prox|w)/|(?i:adj))[0-9]+(?!\S)
      """,
    re.VERBOSE,
)
_LATEX_ACCENT = re.compile(r'\\["~=](?=[^\W_]|[{\\])')
# Most keywords are no more than that: thousands of subscriptions are read in seconds.
_NO_OPERATOR = r"(?!(?:AND|OR|NOT|ANDNOT|NEAR|PUBYEAR|[Aa][Dd][Jj][0-9]+)(?: |$))"
_PLAIN = re.compile(rf"{_NO_OPERATOR}[A-Za-z0-9]+(?:[ -]{_NO_OPERATOR}[A-Za-z0-9]+)*")
_WEIGHTED = re.compile(r"(?P<words>.*?)(?P<weight>\^\S*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Keyword:
    """One entry of a list of keywords, as a piece of the rule language.

    ``written`` is that piece, safe to stand beside others; ``inner`` is what is parsed of it and
    ``lead`` where it starts within `written`; ``label`` is what people call the entry.
    """

    written: str
    inner: str
    lead: int
    label: str
    column: int

    @classmethod
    def of(cls, entry: str) -> Keyword:
        """The entry: words side by side are a phrase unless it uses the language.

        An entry with quotes, AND, OR, NOT in capitals, a colon, ``*``, ``~``, brackets, a comparison, or a word that
        begins with ``-``, ``=`` or ``/`` is read as a rule; every other entry is one phrase, with ``^2.5`` at its end
        for its weight.
        """
        if _PLAIN.fullmatch(entry):
            if " " in entry:
                quoted = f'"{entry}"'
                return cls(quoted, quoted, 0, entry, -1)
            return cls(entry, entry, 0, entry, 0)
        text = entry.strip()
        column = len(entry) - len(entry.lstrip())
        if _LANGUAGE.search(_LATEX_ACCENT.sub("", text)):
            if re.search(r"\s", text):
                return cls(f"({text})", text, 1, text, column)
            return cls(text, text, 0, text, column)
        weighted = _WEIGHTED.fullmatch(text)
        words, weight = (weighted["words"], weighted["weight"] or "") if weighted else (text, "")
        if re.search(r"\s", words):
            quoted = f'"{words}"{weight}'
            return cls(quoted, quoted, 0, words, column - 1)
        return cls(text, text, 0, words, column)

    def node(self, topics: Mapping[str, Node] | None, offset: int) -> Node:
        """Its tree, `written` standing at `offset` of the whole. Raises RuleError."""
        return parse_node(self.inner, topics, offset + self.lead)
