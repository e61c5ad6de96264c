r"""What stands below or above the line, joined to its word: CO$_2$, CO_2 and CO<sub>2</sub> are CO2.

An index of digits, or of one letter, is of one word with what it stands at. One of more letters, or at a Greek letter,
is joined as by a hyphen, so that both are found too: BERT$_{base}$ is BERT-base. ``snake_case`` stays two words, and a
lone small letter with a small one at it stays two letters: ``p_i`` is no pi. So does a number above a word of four
letters and more, which is a footnote's. A Greek letter between dollars is of the word beside it: H$\alpha$ is Hα.
"""

from __future__ import annotations

import re

from digestbot.rules.symbols import GREEK

_CONTENT = r"\s*(?:\{\s*(?=[^\W_]|\\)(?:[^{}$]|\{[^{}$]{0,40}\}){1,60}\}|\\[A-Za-z]+|[0-9]+|[^\W\d_](?![^\W_]))"
# It begins with the few characters a script can begin with, so that a search skips quickly to them.
_SCRIPT = re.compile(
    rf"""
    [<$_^] (?:
      (?<=<) (?P<tag>/?(?:jats:)?(?:[Ss][Uu][BbPp]|inf)>)
    | (?<=\$) (?P<greek>\\(?:{"|".join(GREEK)})\s*\$)
    | (?<=\$) (?P<dollar>(?=-[^\W_]) | (?<=[^\W_]-\$)(?=[^\W_\\]))
    | (?<=\$) (?<!\\\$) (?P<alone>(?P<scripts>(?:\s*[_^]{_CONTENT})+)\s*\$)
    | (?:(?<=[^\W_][_^])|(?<=\}}[_^])) (?P<script>{_CONTENT})
    )
    """,
    re.VERBOSE,
)
_GOES_ON = re.compile(r"-?[^\W_]")
_GOES_ON_BEFORE = re.compile(r"[^\W_]-?\Z")
_ONE = re.compile(rf"\s*([_^])({_CONTENT})")
_BASE = re.compile(r"(\\?)([^\W_]+)[}$]*\Z")
_LONGEST_BASE = 40
_SMALL = re.compile("[a-z]")
_PLAIN = re.compile(r"[0-9][0-9.,]*|[0-9]*[A-Za-z]|[0-9]+[-+A-Za-z][-+A-Za-z0-9]*")
_FOOTNOTED = 4  # letters


def has_scripts(text: str) -> bool:
    """Whether `text` may hold anything that `pieces` changes; quick."""
    if "_" in text or "^" in text:
        return True
    return ("$" in text and ("$-" in text or "-$" in text or "$\\" in text)) or ("<" in text and "</" in text)


def joined(text: str) -> str:
    """The text with what is below or above the line joined to its word; braces are left to LaTeX."""
    out, done = [], 0
    for start, end, replacement in pieces(text):
        out += [text[done:start], replacement]
        done = end
    return "".join((*out, text[done:])) if out else text


def pieces(text: str) -> list[tuple[int, int, str]]:
    """What `joined` replaces: (start, end, replacement) in the order of the text, never overlapping."""
    found: list[tuple[int, int, str]] = []
    for each in _SCRIPT.finditer(text):
        if each.lastgroup == "greek":
            found += _greek(text, each)
        elif each.lastgroup in ("tag", "dollar"):
            found.append((each.start(), each.end(), ""))
        elif each.lastgroup == "alone":
            found += _alone(text, each)
        else:
            join = _join(text, each.start(), each["script"], above=each[0][0] == "^")
            if join is not None:
                found.append((each.start(), each.start() + 1, join))
    return found


def _greek(text: str, found: re.Match[str]) -> list[tuple[int, int, str]]:
    """Dollars around a Greek letter: none on a side where a word goes on."""
    sides: list[tuple[int, int, str]] = []
    if _GOES_ON_BEFORE.search(text[max(0, found.start() - 2) : found.start()]):
        sides.append((found.start(), found.start() + 1, ""))
    if _GOES_ON.match(text, found.end()):
        sides.append((found.end() - 1, found.end(), "{}"))
    return sides


def _alone(text: str, found: re.Match[str]) -> list[tuple[int, int, str]]:
    """Dollars around nothing but scripts: they go with the marks, or all stays as it is."""
    ones = list(_ONE.finditer(text, found.start("scripts"), found.end("scripts")))
    join = _join(text, found.start(), ones[0][2], above=ones[0][1] == "^")
    if join is None:
        return []
    kept = [(ones[0].start(2), join), *((each.start(2), "") for each in ones[1:])]
    begins = [found.start(), *(each.end() for each in ones[:-1])]
    changed = [(begin, start, replacement) for begin, (start, replacement) in zip(begins, kept, strict=True)]
    return [*changed, (ones[-1].end(), found.end(), "")]


def _join(text: str, start: int, script: str, *, above: bool) -> str | None:
    """What stands between a base that ends at `start` and its script; None where they are two words."""
    content = script.strip("{} ")
    base = _BASE.search(text[max(0, start - _LONGEST_BASE) : start])
    if base is None:
        return ""
    command, run = base[1], base[2]
    if command or not run[-1].isascii() or not _PLAIN.fullmatch(content):
        return "-"
    if len(run) == 1 and _SMALL.fullmatch(run) and _SMALL.fullmatch(content):
        return None
    return None if above and run.isalpha() and len(run) >= _FOOTNOTED else ""
