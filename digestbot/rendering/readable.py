r"""LaTeX as people would say it in plain text: ``$\alpha$-divergence`` is α-divergence, ``x^2`` is x².

In formulas everything is turned; outside of them only what nobody writes by chance: accents, known commands
and braces around their arguments, a power. What is not understood stays as it is written.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from digestbot.rendering.symbols import DOUBLE_STRUCK, LOWERED, RAISED, SIGNS
from digestbot.rendering.text import Span
from digestbot.rules import latex
from digestbot.rules.symbols import ACCENTS

_Piece: TypeAlias = tuple[int, int, str]

_SHORT = 4  # signs of a power or an index in small letters; more of them nobody can read
_WORD = re.compile(r"[^\W\d_]{2}")  # nor a word, of which there may be a backslash missing
_DEEPEST = 4  # formulas in arguments in arguments
_TEXT_SIGNS = "\\", "^", "{"  # without any of them nothing outside of formulas is turned
# As in Pandoc: nothing blank inside the dollars, and no digit behind them. Then "$5 and $10" is money.
_FORMULA = re.compile(
    r"(?<![\\$])(\${1,2})(?=\S)(?P<a>(?:[^$\\]|\\.){1,400}?)(?<!\s)\1(?![\d$]) | \\\((?P<b>.{1,400}?)\\\)",
    re.VERBOSE | re.DOTALL,
)
_FORMAL = re.compile(r"[\\^_{}=<>+/|]")
_BRACED = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+)\}"
_ACCENT = r"""\\(?P<over>['`^"~=.]|[cvHukrdb](?![A-Za-z]))\s*(?:\{\s*(?P<b>\\?[^\W\d_])\s*\}|(?P<l>\\?[^\W\d_]))"""
_OVER = "|".join(sorted((name for name in ACCENTS if len(name) > 2), key=len, reverse=True))
_IN_TEXT = re.compile(
    rf"""
      \{{\s*{_ACCENT.replace("over", "over1").replace("<b>", "<b1>").replace("<l>", "<l1>")}\s*\}}
    | {_ACCENT}
    | (?P<styled>\\(?P<style>[A-Za-z]+)\*?\s*){_BRACED.replace("(", "(?P<inner>", 1)}
    | \\(?P<name>[A-Za-z]+)(?![A-Za-z])(?P<space>\{{\}}|\s?)
    | \\(?P<sign>[&%$_\#])
    | \{{(?P<kept>[\w-]*[A-Z][\w-]*)\}}
    | (?<=[\w)\]])\^(?:\{{(?P<power>[-+\w\\]{{1,12}})\}}|(?P<digits>-?\d+))
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_FORMULA = re.compile(
    rf"""
      \\(?P<over>{_OVER})(?![A-Za-z])\s*(?:\{{\s*(?P<b>\\?[A-Za-z]+)\s*\}}|(?P<l>\\[A-Za-z]+|[A-Za-z]))
    | (?P<script>[\^_])\s*(?:{_BRACED.replace("(", "(?P<body>", 1)}|(?P<one>\\[A-Za-z]+|[^\s\\{{}}]))
    | \\[dt]?frac\s*{_BRACED.replace("(", "(?P<top>", 1)}\s*{_BRACED.replace("(", "(?P<bottom>", 1)}
    | \\sqrt\s*{_BRACED.replace("(", "(?P<root>", 1)}
    | \\(?:mathbb|mathds)\s*(?:\{{(?P<struck>[A-Z1])\}}|(?P<struck1>[A-Z]))
    | \\(?P<name>[A-Za-z]+|[^A-Za-z])(?P<space>\s*)
    | (?P<brace>[{{}}])
    | (?P<tie>~)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTE = re.compile(r'\\"(?![{\\]|[^\W\d_])')


def readable(raw: str, spans: Iterable[Span] = ()) -> tuple[str, list[Span]]:
    """Raw text with its LaTeX turned to Unicode, and `spans` (offsets into the raw text) carried over.

    A span that ends within what was turned covers the whole of what it became.
    """
    kept = list(spans)
    if "\\" not in raw and "$" not in raw and "^" not in raw and "{" not in raw:
        return raw, kept
    pieces = [piece for piece in _pieces(raw) if raw[piece[0] : piece[1]] != piece[2]]
    if not pieces:
        return raw, kept
    text, at, starts, moved = [], 0, [], []
    length = 0
    for start, end, new in pieces:
        text += [raw[at:start], new]
        length += start - at
        starts.append(start)
        moved.append((end, length, len(new)))
        length, at = length + len(new), end
    whole = "".join([*text, raw[at:]])

    def place(offset: int, *, last: bool) -> int:
        index = bisect_right(starts, offset - last) - 1
        if index < 0:
            return offset
        end, new, size = moved[index]
        if offset < end or (last and offset == end):
            return new + (size if last else 0)
        return new + size + offset - end

    # An offset past the end, or before the start, is for whoever cleans the text to mend.
    return whole, [(place(max(a, 0), last=False), place(max(b, 0), last=True)) for a, b in kept]


def readable_text(raw: str) -> str:
    """Raw text with its LaTeX turned to Unicode."""
    return readable(raw)[0]


def _pieces(raw: str) -> Iterator[_Piece]:
    """What is to be replaced, in order and apart."""
    at = 0
    for found in _FORMULA.finditer(raw):
        body = "a" if found["a"] is not None else "b"
        if body == "a" and not _is_formula(found["a"]):
            continue
        yield from _text_pieces(raw, at, found.start())
        yield found.start(), found.start(body), ""
        yield from _formula_pieces(raw, found.start(body), found.end(body), _DEEPEST)
        yield found.end(body), found.end(), ""
        at = found.end()
    yield from _text_pieces(raw, at, len(raw))


def _is_formula(body: str) -> bool:
    return bool(_FORMAL.search(body)) or not any(char.isspace() for char in body)


def _text_pieces(raw: str, start: int, end: int, deep: int = _DEEPEST) -> Iterator[_Piece]:
    if all(raw.find(sign, start, end) < 0 for sign in _TEXT_SIGNS):
        return
    # A dump that escaped its quotation marks has no umlauts written this way.
    quotes = _QUOTE.search(raw, start, end) is not None
    for found in _IN_TEXT.finditer(raw, start, end):
        if found["inner"] is not None:
            if deep and latex.to_unicode(f"\\{found['style']}") == "":
                yield *found.span("styled"), ""
                yield found.start("inner") - 1, found.start("inner"), ""
                yield from _text_pieces(raw, *found.span("inner"), deep - 1)
                yield found.end("inner"), found.end(), ""
        elif found["kept"]:
            yield found.start(), found.start() + 1, ""
            yield found.end() - 1, found.end(), ""
        elif not (quotes and found["over"] == '"'):
            yield *found.span(), _text_sign(found, deep)


def _text_sign(found: re.Match[str], deep: int) -> str:
    """What a command or a power outside of formulas says; itself where nobody knows it."""
    over = found["over"] or found["over1"]
    if over:
        return _accented(over, found["b"] or found["l"] or found["b1"] or found["l1"])
    if found["sign"]:
        return found["sign"]
    if found["name"]:
        letter = latex.to_unicode(f"\\{found['name']}")
        known = letter if letter.strip() else SIGNS.get(found["name"], "") if len(found["name"]) > 1 else ""
        if not known:
            return found[0]
        # TeX swallows the space behind a letter: "Stra\ss e" is one word.
        word = len(known) == 1 and known.isalpha() and not "\u0370" <= known <= "\u03ff"
        return known + ("" if word or found["space"] == "{}" else found["space"])
    power = _script("^", found["power"] or found["digits"], deep)
    return found[0] if power.startswith("^") else power


def _formula_pieces(raw: str, start: int, end: int, deep: int) -> Iterator[_Piece]:
    for found in _IN_FORMULA.finditer(raw, start, end):
        yield *found.span(), _formula_sign(found, deep)


def _formula(raw: str, deep: int) -> str:
    """A formula as text; one nested too deep stays as it is."""
    if not deep:
        return raw
    return _IN_FORMULA.sub(lambda found: _formula_sign(found, deep), raw).strip()


def _formula_sign(found: re.Match[str], deep: int) -> str:
    if found["over"]:
        argument = found["b"] or found["l"]
        return _accented(found["over"], _formula(argument, deep - 1))
    if found["script"]:
        body = found["body"] if found["body"] is not None else found["one"]
        return _script(found["script"], body, deep)
    if found["top"] is not None:
        return "/".join(_grouped(_formula(found[part], deep - 1)) for part in ("top", "bottom"))
    if found["root"] is not None:
        return f"√{_grouped(_formula(found['root'], deep - 1))}"
    struck = found["struck"] or found["struck1"]
    if struck:
        return DOUBLE_STRUCK.get(struck, struck)
    if found["name"]:
        return _named(found["name"], found["space"])
    return "" if found["brace"] else " "


def _named(name: str, space: str) -> str:
    if name in SIGNS:
        return SIGNS[name] + (" " if space and SIGNS[name] else "")
    known = latex.to_unicode(f"\\{name}")
    if known.strip():
        return known + space
    return "" if known == "" else name + space  # \log and \min are read as they are called


def _grouped(text: str) -> str:
    return text if len(text) <= 1 or text.isalnum() else f"({text})"


def _script(sign: str, body: str, deep: int) -> str:
    """A power or an index in small letters where it is short and Unicode has all of them, else behind its sign."""
    text = _formula(body, deep - 1)
    small = RAISED if sign == "^" else LOWERED
    if text and len(text) <= _SHORT and not _WORD.search(text) and all(char in small for char in text):
        return "".join(small[char] for char in text)
    if sign == "^" and text in ("∘", "°", "′", "*", "†", "⊤"):
        return text
    return f"{sign}{text}" if len(text) <= 1 or text.isalnum() else f"{sign}({text})"


def _accented(over: str, letter: str) -> str:
    bare = letter.removeprefix("\\")
    if letter.startswith("\\") and bare not in ("i", "j"):
        bare = latex.to_unicode(letter)
    return unicodedata.normalize("NFC", bare[:1] + ACCENTS[over] + bare[1:]) if bare else ""
