"""A second evaluator, slow and obviously right, written from the design's text alone.

It shares no code with the rules' folding, plurals or matching. It works on one string per reading, words
between single spaces, and tries every spelling and inflection by searching for it.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache

from digestbot.model.papers import Paper
from digestbot.rules.ast import And, Compare, Exact, Field, Label, Near, Node, Not, Number, Or, Regex, Topic, Words

_CJK_NAMES = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA LETTER", "KATAKANA LETTER", "HANGUL SYLLABLE")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@cache
def stands_alone(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_CJK_NAMES) or character in "ー々〆〇"


@cache
def grows(character: str) -> bool:
    return character.isalnum() and not stands_alone(character)


def folded(text: str) -> str:
    text = re.sub(r"\\['`^\"~=.]\{?([A-Za-z])\}?", r"\1", text)
    text = re.sub(r"\\[Hcuvrkbd](?:\{([A-Za-z])\}|\s+([A-Za-z]))", r"\1\2", text)
    text = re.sub(r"\\(?:emph|textbf|textit|texttt|mathrm|mathcal|mathbf|mathbb)\b\s*", "", text)
    text = text.replace("{", "").replace("}", "")
    plain = []
    for each in unicodedata.normalize("NFKD", text):
        if unicodedata.category(each).startswith("M") or each in "\u00ad\u200b\u200c\u200d\u2060\ufeff":
            continue
        if each in "’‘ʼ`´′":
            each = "'"
        if unicodedata.category(each) == "Pd" or each == "\u2212":
            each = "-"
        plain.append(each)
    return unicodedata.normalize("NFC", "".join(plain)).casefold()


def without_possessives(text: str) -> str:
    kept, at = "", 0
    while at < len(text):
        after = text[at + 2 : at + 3]
        before = text[at - 1 : at]
        if text[at : at + 2] == "'s" and at and before.isalnum() and not (after and grows(after)):
            at += 2
        else:
            kept += text[at]
            at += 1
    return kept


def tokens(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(text):
        if not text[at].isalnum():
            at += 1
        elif stands_alone(text[at]):
            found.append(text[at])
            at += 1
        else:
            end = at
            while end < len(text) and grows(text[end]):
                end += 1
            if text[end : end + 2] == "++":
                end += 2
            elif text[end : end + 1] == "#":
                end += 1
            found.append(text[at:end])
            at = end
    return found


def readings(raw: str) -> tuple[list[str], list[str]]:
    plain = without_possessives(folded(raw))
    joined = ""
    for at, each in enumerate(plain):
        inside = 0 < at < len(plain) - 1 and plain[at - 1].isalnum() and plain[at + 1].isalnum()
        if each != "-" or not inside:
            joined += each
    return tokens(plain.replace("-", " ")), tokens(joined)


@cache
def plurals(word: str) -> set[str]:
    if len(word) < 2 or any(each not in _ALPHABET for each in word):
        return set()
    found = set()
    if word.endswith(("s", "x", "z", "ch", "sh")):
        found.add(word + "es")
        if word.endswith("sis"):
            found.add(word[:-3] + "ses")
    elif word.endswith("y") and word[-2] not in "aeiou":
        found.add(word[:-1] + "ies")
    elif word.endswith("o"):
        found |= {word + "s", word + "es"}
    else:
        found.add(word + "s")
    return found


@cache
def forms(word: str) -> set[str]:
    found = {word} | plurals(word)
    if not word.endswith(("ss", "us", "is")):
        stems = {word[: len(word) - cut] + end for cut in (1, 2, 3) for end in ("", "y", "sis")}
        found |= {each for each in stems if len(each) >= 2 and word in plurals(each)}
    return found


class Oracle:
    """Answers for one paper on one day."""

    def __init__(self, paper: Paper, today: date) -> None:
        self.paper = paper
        self.today = today
        self._readings: dict[str, tuple[list[str], list[str]]] = {}
        self._texts: dict[int, str] = {}

    def answers(self, node: Node) -> bool:  # noqa: C901  one case for each kind of node
        match node:
            case And():
                return all(self.answers(each) for each in node.rules)
            case Or():
                return any(self.answers(each) for each in node.rules)
            case Not():
                return not self.answers(node.rule)
            case Topic():
                return self.answers(node.rule)
            case Words():
                return any(self._side_by_side(node, each) for each in self._read(node.field))
            case Near():
                return any(self._near(node, each) for each in self._read(node.field))
            case Exact():
                return any(_exact(node.text, raw) for raw in self._raw(node.field))
            case Regex():
                return any(_searched(node, raw) for raw in self._raw(node.field))
            case Label():
                return self._labelled(node)
            case Compare():
                return self._compared(node)

    def _raw(self, field: Field) -> list[str]:
        paper = self.paper
        optional: dict[Field, list[str | None]] = {
            Field.TITLE: [paper.title],
            Field.ABSTRACT: [paper.abstract],
            Field.TEXT: [paper.title, paper.abstract],
            Field.AUTHOR: [*paper.authors],
            Field.ORG: [paper.organization],
            Field.SOURCE: [paper.source],
            Field.CATEGORY: [*paper.categories],
            Field.ID: [*paper.ids.values()],
        }
        return [each for each in optional[field] if each is not None]

    def _read(self, field: Field) -> Iterator[list[str]]:
        for raw in self._raw(field):
            if raw not in self._readings:
                self._readings[raw] = readings(raw)
            yield from self._readings[raw]

    def _side_by_side(self, node: Words, words: list[str]) -> bool:
        text = self._spaced(words)
        for spelling in node.alternatives:
            last = len(spelling) - 1
            choices = [{each} if node.prefix and at == last else forms(each) for at, each in enumerate(spelling)]
            for choice in itertools.product(*choices):
                if " " + " ".join(choice) + ("" if node.prefix else " ") in text:
                    return True
        return False

    def _spaced(self, words: list[str]) -> str:
        """The words between single spaces, kept by the list they are of."""
        if id(words) not in self._texts:
            self._texts[id(words)] = " " + " ".join(words) + " "
        return self._texts[id(words)]

    def _near(self, node: Near, words: list[str]) -> bool:
        for spelling in node.alternatives:
            if not all(any(f" {form} " in self._spaced(words) for form in forms(each)) for each in spelling):
                continue
            stretch = len(spelling) + node.slop
            for start in range(len(words)):
                window = set(words[start : start + stretch])
                if all(forms(each) & window for each in spelling):
                    return True
        return False

    def _labelled(self, node: Label) -> bool:
        if node.field is Field.CATEGORY:
            wanted = node.value.split(".")
            return any(each.casefold().split(".")[: len(wanted)] == wanted for each in self.paper.categories)
        return any(
            value.casefold() == node.value and node.scheme in (None, scheme.casefold())
            for scheme, value in self.paper.ids.items()
        )

    def _compared(self, node: Compare) -> bool:
        published = self.paper.published
        value: int | date | None = {
            Number.UPVOTES: self.paper.upvotes,
            Number.AUTHORS: self.paper.author_count,
            Number.PUBLISHED: published,
            Number.AGE: None if published is None else (self.today - published).days,
        }[node.number]
        if value is None:
            return False
        low, high = node.low, node.high
        if node.operator in ("<", "<="):
            return bool(value < low if node.operator == "<" else value <= high)  # type: ignore[operator]  # one kind of value each
        if node.operator in (">", ">="):
            return bool(value > high if node.operator == ">" else value >= low)  # type: ignore[operator]  # one kind of value each
        return bool(low <= value <= high)  # type: ignore[operator]  # one kind of value each


def _exact(word: str, raw: str) -> bool:
    for at in (found.start() for found in re.finditer(f"(?={re.escape(word)})", raw)):
        before, after = raw[at - 1 : at] if at else "", raw[at + len(word) :]
        longer = before and _letter(before) and _letter(word[0])
        if _letter(word[-1]):
            longer = longer or after.startswith(("++", "#")) or (after and _letter(after[0]))
        elif stands_alone(word[-1]) and after and unicodedata.category(after[0])[0] == "M":
            longer = True
        if not longer:
            return True
    return False


def _letter(character: str) -> bool:
    return grows(character) or unicodedata.category(character).startswith("M")


def _searched(node: Regex, raw: str) -> bool:
    return _regex(node.pattern, node.ignore_case).search(raw) is not None


@cache
def _regex(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
