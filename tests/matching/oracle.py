"""A second evaluator, slow and obviously right, written from the design's text alone.

It shares no code with the rules' folding, plurals or matching. It works on one string per reading, words
between single spaces, and tries every spelling and inflection by searching for it.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache

from digestbot.model.papers import Paper
from digestbot.rules import plural_table, spelling_table
from digestbot.rules.ast import And, Compare, Everything, Exact, Label, Name, Near, Node, Not, Or, Regex, Topic, Words
from digestbot.rules.fields import Field, Number

_CJK_NAMES = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA LETTER", "KATAKANA LETTER", "HANGUL SYLLABLE")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@cache
def stands_alone(character: str) -> bool:
    if unspaced(character):
        return character.isalpha()
    return unicodedata.name(character, "").startswith(_CJK_NAMES) or character in "ー々〆〇"


@cache
def grows(character: str) -> bool:
    return character.isalnum() and not stands_alone(character)


GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon "
    "phi chi psi omega"
)
LETTERS = dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", GREEK.split(), strict=True))
LETTERS |= {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}


LETTERS_OF = {name: letter for letter, name in LETTERS.items() if len(name) > 1}
_OTHER = {"varepsilon": "ε", "ell": "ℓ"} | {name.capitalize(): letter for name, letter in LETTERS_OF.items()}


STYLES = (
    "text|textit|textbf|texttt|textsc|textsf|textrm|textup|emph|underline|ensuremath|mathrm|mathbf|mathit|mathsf|mathtt|"
    "mathcal|mathbb|mathfrak|mathscr|boldsymbol|bm|operatorname|bf|it|em|rm|sc|sf|tt|cal|textsuperscript|textsubscript|"
    "textnormal|mbox|hbox|tiny|small|large|Large"
)
KNOWN = ("ss", "o", "O", "l", "L", "ae", "AE", "oe", "OE", "aa", "AA", "i", "j", "TeX", "LaTeX")


@cache
def unspaced(character: str) -> bool:
    """Whether it is of a script without spaces, of which each letter is a word with its marks."""
    return unicodedata.name(character, "").startswith(("THAI", "LAO", "KHMER", "MYANMAR"))


def scripts(text: str) -> str:
    """Indices of digits or one letter joined to a Latin word; those of more, or of a Greek letter, by a hyphen."""
    text = re.sub("</?su[bp]>", "", text)
    text = re.sub(r"\\(?:mathrm|text)\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\$\^\{?([0-9]+)\}?\$(?=[A-Z])", r"\1", text)
    greek = "".join(LETTERS)
    for dollar in (r"\$", ""):
        index = r"(?:\{([A-Za-z0-9.]+)[+-]?\}|([0-9]+|[A-Za-z](?![A-Za-z0-9])))"
        text = re.sub(rf"([A-Za-z0-9]+|[{greek}ℓ]){dollar}([_^]){index}{dollar}", _joined, text)
    return re.sub(r"(?<=[A-Za-z0-9])\$(?=-[A-Za-z0-9])|(?<=[A-Za-z0-9]-)\$(?=[A-Za-z0-9])", "", text)


def _joined(found: re.Match[str]) -> str:
    base, mark, content = found[1], found[2], found[3] or found[4]
    small = base.islower() and len(base) == 1 and content.islower() and len(content) == 1 and content.isalpha()
    if small or (mark == "^" and base.isalpha() and len(base) > 3 and base.isascii() and not content[1:].isalpha()):
        return found[0].replace("$", " ").replace("_", " ").replace("^", " ")
    one_word = base.isascii() and (content[0].isdigit() or len(content) == 1)
    return base + ("" if one_word else "-") + content


def _in_dollars(found: re.Match[str]) -> str:
    """A Greek letter without the dollars at a side where the word goes on."""
    letter = LETTERS_OF.get(found[2]) or _OTHER[found[2]]
    return (found[1] or "$") + letter + found[3] + ("" if found[4] else "$")


def folded(text: str) -> str:
    commands = "|".join((*LETTERS_OF, *_OTHER))
    text = re.sub(rf"([^\W_]-?)?\$\\({commands})(\s*)\$(?=(-?[^\W_])?)", _in_dollars, text)
    text = re.sub(rf"\\({commands})(?![A-Za-z])", lambda found: LETTERS_OF.get(found[1]) or _OTHER[found[1]], text)
    text = scripts(text)
    text = re.sub(r"\\['`^\"~=.]\{?([A-Za-z])\}?", r"\1", text)
    text = re.sub(r"\\[Hcuvrkbd](?:\{([A-Za-z])\}|\s+([A-Za-z]))", r"\1\2", text)
    text = re.sub(rf"\\(?:{STYLES})\*?(?![A-Za-z])\s*", "", text)
    text = re.sub(r"\\([A-Za-z]+)\*?", lambda found: f"\\{found[1]}" if found[1] in KNOWN else " ", text)
    text = text.replace("{", "").replace("}", "")
    plain = []
    for each in unicodedata.normalize("NFKD", text):
        if unicodedata.category(each).startswith("M") and not unspaced(each):
            continue
        if each in "\u00ad\u0640\u200b\u200c\u200d\u2060\ufeff":
            continue
        if each in "’‘ʼ`´′":
            each = "'"
        if unicodedata.category(each) == "Pd" or each == "\u2212":
            each = "-"
        plain.append(each)
    small = unicodedata.normalize("NFC", "".join(plain)).casefold()
    return "".join(LETTERS.get(each, each) for each in small)


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
        if unspaced(text[at]) and not text[at].isdigit():
            end = at + 1
            while end < len(text) and unspaced(text[end]) and unicodedata.category(text[end]).startswith("M"):
                end += 1
            if text[at].isalpha() or unicodedata.category(text[at]).startswith("M"):
                found.append(text[at:end])
            at = end
        elif not text[at].isalnum():
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


IRREGULAR = [{*pair} for pair in plural_table.pairs()]
SPELLINGS = [{*pair} for pair in spelling_table.pairs()]
PARTICLES = {
    "ARABIC": [a + b for a in ("", "و", "ف") for b in ("", "ب", "ك", "ل", "ال", "بال", "كال", "لل")],
    "HEBREW": [a + b for a in ("", "ו") for b in ("", *"הבכלמש", "מה", "שה", "שב", "של", "כש")],
}


def among(pairs: list[set[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pair in pairs:
        for each in pair:
            found.setdefault(each, set()).update(pair)
    return found


IRREGULAR_OF, SPELLINGS_OF = among(IRREGULAR), among(SPELLINGS)


@cache
def inflected(word: str) -> set[str]:
    found = {word} | plurals(word) | IRREGULAR_OF.get(word, set())
    if not word.endswith(("ss", "us", "is")):
        stems = {word[: len(word) - cut] + end for cut in (1, 2, 3) for end in ("", "y", "sis")}
        found |= {each for each in stems if len(each) >= 2 and word in plurals(each)}
    return found


@cache
def forms(word: str) -> set[str]:
    script = unicodedata.name(word[:1] or " ", "").split()[0]
    if script in PARTICLES and len(word) > 1:
        found = {each + word for each in PARTICLES[script]}
        if word.startswith("ال"):
            found |= {each + "لل" + word[2:] for each in ("", "و", "ف")}
        return found
    found = inflected(word)
    others = {other for each in found for other in SPELLINGS_OF.get(each, ())}
    return found.union(*map(inflected, others))


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
            case Everything():
                return True
            case Name():
                from tests.matching.oracle_names import agreeing

                return any(agreeing(node.name, each) for each in self._raw(node.field))
            case Compare():
                return self._compared(node)

    def _raw(self, field: Field) -> list[str]:
        """What the paper has under the field's own name, or under the one it has in a dump."""
        if field is Field.TEXT:
            return [*self._raw(Field.TITLE), *self._raw(Field.ABSTRACT)]
        attribute = {"org": "organization", "category": "categories", "id": "ids"}
        attribute |= {"author": "authors", "keyword": "keywords"}
        found = getattr(self.paper, attribute.get(field.value, field.value))
        if isinstance(found, Mapping):
            return [*found.values()]
        return [] if found is None else [found] if isinstance(found, str) else [*found]

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
        if node.field is not Field.ID:
            wanted = node.value.split(".")
            return any(each.casefold().split(".")[: len(wanted)] == wanted for each in self._raw(node.field))
        return any(
            value.casefold() == node.value and node.scheme in (None, scheme.casefold())
            for scheme, value in self.paper.ids.items()
        )

    def _compared(self, node: Compare) -> bool:
        published = self.paper.published
        value: int | date | None
        if node.number is Number.AGE:
            value = None if published is None else (self.today - published).days
        else:
            value = getattr(self.paper, {"authors": "author_count"}.get(node.number.value, node.number.value))
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
