"""What stands above the papers that a clause found: its words, as a reader would say them, never the rule itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.rules.ast import And, Compare, Exact, Node, Not, Or, Regex, Rule, Topic

YOUR_SEARCH = "Your search"
EVERYTHING = "All papers"
_MOST_TERMS = 3
_FIELD = re.compile(r"\w+:")
_LOWER = re.compile(r"[a-z-]+(?![\w.])")
_AROUND = re.compile(r"~\d+$|\^[\d.]+$")
_PATTERN = re.compile(r"\\[A-Za-z]|-?[^\w\s-]")


def heading(rule: Rule) -> str:
    """The terms a rule asks for, the first letter a capital; YOUR_SEARCH where they are many, or none is a word."""
    if rule.root == And((), rule.root.span):
        return EVERYTHING
    terms = list(dict.fromkeys(_terms(rule.text, rule.root)))
    if not 0 < len(terms) <= _MOST_TERMS:
        return YOUR_SEARCH
    said = ", ".join(terms)
    return said[:1].upper() + said[1:] if _LOWER.match(said) else said


def _terms(text: str, node: Node) -> Iterator[str]:
    match node:
        case And() | Or():
            for each in node.rules:
                yield from _terms(text, each)
        case Not() | Compare():
            return
        case Topic():
            yield node.name.replace("-", " ")
        case Exact():
            yield node.text
        case Regex():
            if said := " ".join(_PATTERN.sub(" ", node.pattern).split()):
                yield said
        case _:
            yield _plain(text[node.span.start : node.span.end])


def _plain(written: str) -> str:
    """A word or phrase without its field, quotes, distance and weight."""
    said = _FIELD.sub("", written, count=1) if _FIELD.match(written) else written
    said = _AROUND.sub("", _AROUND.sub("", said)).strip('"“”„ ')
    return f"{said[:-1]}…" if said.endswith("*") else said
