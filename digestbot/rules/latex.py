r"""LaTeX as it stands in titles, abstracts and names, turned to the Unicode text it stands for.

Accents need only their letter, since folding takes accents off anyway. Braces vanish, so ``{BERT}``
and ``{\'e}`` join with their neighbours; a styling command vanishes and keeps its content; a command
nobody here knows separates words, and its name is no word of the text.
"""

from __future__ import annotations

import re

from digestbot.rules import scripts
from digestbot.rules.symbols import GREEK, LETTERS

_ACCENT = r"""(?:['`^"~=.]|[cvHukrdbt](?![A-Za-z])\s*)"""
_DOTLESS = r"\\[ij](?![A-Za-z])\s*"
# It begins with the few characters a piece can begin with, so that a search skips quickly to them.
_COMMAND = re.compile(
    rf"""
    [\\{{}}] (?:
      (?<=\\) (?:
        {_ACCENT} (?: (?P<letter>[^\W\d_]) | \{{\s*(?P<braced>[^\W\d_])\s*\}}
                    | (?P<dotless>{_DOTLESS}) | \{{\s*(?P<braced_dotless>{_DOTLESS})\}} )
      | (?P<over>{_ACCENT} (?=\{{\s*[^\W\d_] | \{{?\s*\\['`^"~=.A-Za-z]))   # \t{{oo}}, \^{{\'e}}
      | (?P<name>[A-Za-z]+) \*? (?P<space>\s*)
      | (?P<symbol>.)
      )
    | (?<=[{{}}]) (?P<brace>)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = frozenset("&%$_#")
_LETTERS = {**LETTERS, "SS": "SS"}
_SYMBOLS = {**GREEK, "TeX": "TeX", "LaTeX": "LaTeX"}
_PUNCTUATION = {
    "textendash": "–", "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘",
}  # fmt: skip
_STYLES = frozenset(
    """text textit textbf texttt textsc textsf textrm textup textsl textmd textnormal textsuperscript
    textsubscript emph underline mbox hbox ensuremath mathrm mathbf mathit mathsf mathtt mathcal mathbb
    mathfrak mathscr mathnormal boldsymbol bm operatorname bf it em rm sc sf tt sl cal bfseries itshape
    scshape sffamily ttfamily rmfamily tiny small large Large""".split()  # noqa: SIM905 - one name a line would be a page
)


def has_latex(text: str) -> bool:
    """Whether `text` holds anything that `to_unicode` would change."""
    return "\\" in text or "{" in text or "}" in text or scripts.has_scripts(text)


def to_unicode(text: str) -> str:
    """`text` with its LaTeX replaced; a separator where a command is not known."""
    if scripts.has_scripts(text):
        text = scripts.joined(text)
    return _COMMAND.sub(_replacement, text) if "\\" in text or "{" in text or "}" in text else text


def pieces(text: str) -> list[tuple[int, int, str]]:
    """What `to_unicode` replaces: (start, end, replacement) in the order of the text, never overlapping."""
    moved = scripts.pieces(text) if scripts.has_scripts(text) else []
    if not moved:
        return [(found.start(), found.end(), _replacement(found)) for found in _COMMAND.finditer(text)]
    return _on_top(text, moved)


def _on_top(text: str, moved: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Every change of a text in which scripts are joined first, at its place in the text as it was."""
    places: list[int] = []  # of each character of the joined text, where it came from
    done = 0
    for start, end, replacement in (*moved, (len(text), len(text), "")):
        places += [*range(done, start), *[start] * len(replacement)]
        done = end
    plain = scripts.joined(text)
    places.append(len(text))
    found = [(places[each.start()], places[each.end()], _replacement(each)) for each in _COMMAND.finditer(plain)]
    inside = [each for each in moved if not any(start <= each[0] and each[1] <= end for start, end, _ in found)]
    return sorted((*found, *inside))


def _replacement(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind in ("letter", "braced"):
        return found[kind]
    if kind in ("dotless", "braced_dotless"):
        return found[kind][1]
    if kind in ("brace", "over"):
        return ""
    if kind == "symbol":
        symbol = found["symbol"]
        if symbol in _ESCAPED:
            return symbol
        return "" if symbol in "-/@" else " "
    return _named(found["name"], found["space"])


def _named(name: str, space: str) -> str:
    if name in _STYLES:
        return ""
    if name in _LETTERS:
        return _LETTERS[name]  # TeX swallows the space: "Stra\ss e" is one word
    if name in _SYMBOLS:
        return _SYMBOLS[name] + space  # people who write "\alpha particle" mean two words
    return _PUNCTUATION.get(name, " ")
