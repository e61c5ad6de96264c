"""Readable text out of markup, as titles and abstracts have it: HTML, JATS and MathML, and LaTeX."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from digestbot.readers.text.symbols import ACCENTS, LETTERS, SILENT, STYLES, SYMBOLS

_BLOCKS = frozenset(
    """p div br hr li ul ol dl dt dd tr td th table sec title label list list-item def-list disp-formula h1 h2 h3
    h4 h5 h6 blockquote pre section article abstracttext abstract body""".split()  # noqa: SIM905 - one name a line would be a page
)
_INLINE = frozenset(
    """a abbr acronym align alternatives annotation annotation-xml b bdi big break center cite code del em
    email ext-link fixed-case font i img inf inline-formula inline-graphic ins italic bold kbd mark math
    mathml mml monospace named-content nobr noscript q roman s sans-serif sc scp scr script small span
    strike strong style styled-content sub sup svg tex tex-math tt u underline uri var wbr xref graphic
    formula html head overline semantics mi mn mo mrow mtext ms msup msub msubsup mfrac msqrt mroot mover munder
    munderover mfenced mspace mstyle mpadded mphantom merror menclose mtable mtr mtd maligngroup malignmark
    mmultiscripts none mprescripts maction fn""".split()  # noqa: SIM905 - one name a line would be a page
)
_TAG = re.compile(r"<(?P<close>/?)(?:[a-z]{1,8}:)?(?P<name>[a-z][a-z0-9-]*)(?:[\s/][^<>]*)?>", re.IGNORECASE)
_NOT_SHOWN = re.compile(r"<\?[^<>]*\?>|<!doctype[^<>]*>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HEADING = re.compile(
    r"\s*(?:<[^<>]*>\s*)*<(?:jats:)?title\b[^<>]*>\s*(?:abstract|summary)\s*[.:]?\s*</", re.IGNORECASE
)
_SCRIPTS = {"msup": "^", "msub": "_", "msubsup": "_^", "mfrac": "/"}
_DEEPEST = 50  # elements of a formula within one another
_HIDDEN = frozenset({"script", "style", "annotation", "annotation-xml", "inline-graphic"})


def fold_spaces(text: str) -> str:
    """The text on one line, single spaces between words, none at its ends; zero-width characters gone."""
    text = text.replace("\n", " ")
    # What is all printable has no space but the common one, and nothing invisible. Bytes tell it faster.
    if not text.encode().translate(None, _PRINTABLE) if text.isascii() else text.isprintable():
        while "  " in text:
            text = text.replace("  ", " ")
        return text.strip(" ")
    if not text.isascii() or "\x00" in text:
        text = text.translate(_INVISIBLE)
    return " ".join(text.split())


_PRINTABLE = bytes(range(0x20, 0x7F))
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\ufeff\u2060\u00ad\x00"))


def plain(marked_up: str) -> str:
    """The text of a piece of HTML, JATS or MathML: tags gone, entities (twice escaped ones too) resolved.

    Only tags that these languages have are markup: "p < 0.05" and "<Taxes>" stay. A leading heading
    "Abstract" is dropped. Spaces are folded.
    """
    text = marked_up
    for _ in range(3):
        if "<" in text:
            text = _untagged(text)
        if "&" not in text:
            break
        resolved = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
        if resolved == text:
            break
        text = resolved
    return fold_spaces(text)


def _untagged(text: str) -> str:
    """Tags replaced by nothing or, where they part words, by a space; exponents and indices get their sign."""
    heading = _HEADING.match(text)
    if heading:
        text = text[heading.end() - 2 :]
    text = _NOT_SHOWN.sub("", _without_comments(text))
    shown = _Shown()
    at = 0
    for found in _TAG.finditer(text):
        name = found["name"].lower()
        if name in _BLOCKS or name in _INLINE:
            shown.text(text[at : found.start()])
            shown.tag(name, bool(found["close"]), found[0].endswith("/>"))
            at = found.end()
    shown.text(text[at:])
    return "".join(shown.pieces)


def _without_comments(text: str) -> str:
    pieces = []
    while "<!--" in text:
        before, _, rest = text.partition("<!--")
        _, end, after = rest.partition("-->")
        if not end:
            break
        pieces.append(before)
        text = after
    return "".join(pieces) + text


@dataclass(slots=True)
class _Element:
    """An open element of a formula, with the signs to set between its children."""

    name: str
    signs: str
    begun: bool = False


class _Shown:
    """What of a marked up text is shown, put together piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._formula: list[_Element] = []
        self._hidden: str | None = None
        self._in_tex = False  # a formula written twice is read once

    def text(self, text: str) -> None:
        if self._hidden is None:
            self.pieces.append(text)

    def tag(self, name: str, closing: bool, alone: bool) -> None:
        if self._hidden is not None:
            if closing and name == self._hidden:
                self._hidden = None
            return
        self._in_tex = name == "tex-math" or (self._in_tex and name not in ("inline-formula", "disp-formula"))
        if name in _BLOCKS:
            self.pieces.append(" ")
        elif closing:
            self._close(name)
        elif not alone and (name in _HIDDEN or (name == "math" and self._in_tex)):
            self._hidden = name
        else:
            self._open(name, alone)

    def _open(self, name: str, alone: bool) -> None:
        parent = self._formula[-1] if self._formula else None
        if parent is not None and parent.signs:
            if parent.begun:
                self.pieces.append(parent.signs[0])
                parent.signs = parent.signs[1:]
            parent.begun = True
        if not alone and (parent is not None or name in _SCRIPTS):
            self._formula.append(_Element(name, _SCRIPTS.get(name, "")))

    def _close(self, name: str) -> None:
        if any(each.name == name for each in self._formula[-_DEEPEST:]):
            while self._formula.pop().name != name:
                pass


# what LaTeX sets as a formula: as pandoc tells it from money ("$5 and $10"), or by a sign that only formulas have
_FORMULA = re.compile(
    r"\$(?<!\\\$)(?:\$(?P<shown>[^$]{1,2000})\$\$"
    r"|(?P<inline>(?=[^$]*[\\^_{])[^$]{1,2000}|\s?[A-Za-z]\w?\s?|[^$\s](?:[^$]{0,500}[^$\s\\])?)\$(?!\d))"
)
_LATEX = re.compile(  # what it may begin with comes first, so that a search skips quickly to it
    r"""
    [\\{}~] (?:
        (?<=\\) (?:
            (?P<mark>['`^"~=.]) \s* (?: \{ \s* (?P<braced>\\?[^\W\d_]) \s* \} | (?P<letter>\\?[^\W\d_]) )
          | (?P<name>[A-Za-z]+) \*? (?P<space>\s*)
          | (?P<sign>[^A-Za-z])
        )
      | (?<=(?P<brace>[{}]))
      | (?<=[\w.,)\]}$]~) (?=[\w$\\({\[:;!?»])
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+\Z")
_ARGUMENT = re.compile(r"\s*(?:\{\s*(?P<braced>\\?[^\W\d_])\s*\}|(?P<letter>\\[ij](?![A-Za-z])|[^\W\d_]))")
_BRACED = re.compile(r"\s*\{[^{}]*\}")
_FRACTION = re.compile(r"\\[dt]?frac\s*(?:\{([^{}]*)\}|(\w))\s*(?:\{([^{}]*)\}|(\w))")
_OPTIONS = re.compile(r"(\\[A-Za-z]+)\[[^\[\]{}]{0,80}\](?=\{)")
_HAS_LATEX = re.compile(  # it begins with what is rare, too
    r"[\\$](?:(?<=\\)[A-Za-z'`^\"~=.&%$_#{},;]|(?<=\$)(?:[^$]*[\\^_{][^$]*|[A-Za-z])\$)"
)
_SCRIPTS_OF_OLD = re.compile(r"\s*\\s([bp])(?![A-Za-z])\s*")  # plain TeX's names of _ and ^
_RAISED = re.compile(r"\^([°′])")
_PROTECTED = re.compile(r"\{([A-Za-z][\w+-]*)\}")


def untex(latex: str) -> str:
    r"""The text that a piece of LaTeX stands for: accents, letters and signs in Unicode, braces and $ gone.

    ``^`` and ``_`` stay as the plain way to write powers and indices. A command that nobody here knows
    leaves its name ("\Q" is "Q"). What looks like money stays. Spaces are folded.
    """
    text = latex
    if "$" in text:
        text = _FORMULA.sub(_formula, text)
    if "\\" in text:
        if "\\sb" in text or "\\sp" in text:
            text = _SCRIPTS_OF_OLD.sub(lambda found: "_" if found[1] == "b" else "^", text)
        text = _OPTIONS.sub(r"\1", text) if "[" in text else text
        if "frac" in text:
            text = _FRACTION.sub(lambda f: f"{f[1] or f[2] or ''}/{f[3] or f[4] or ''}", text)
    if "\\" in text or "{" in text or "}" in text or "~" in text:
        text = _replaced(text)
        if "^" in text:
            text = _RAISED.sub(r"\1", text)
    return fold_spaces(text)


def _formula(found: re.Match[str]) -> str:
    """What stands between the signs; a command at its end stays apart from the word behind."""
    inside = found["shown"] or found["inline"]
    return f"{inside}{{}}" if _ENDS_IN_COMMAND.search(inside) else inside


def readable(text: str) -> str:
    """The text of a field that may hold HTML, JATS, LaTeX or none of them, as publishers' titles do."""
    text = plain(text)
    if ("\\" in text or "$" in text) and _HAS_LATEX.search(text):
        return untex(text)
    return _PROTECTED.sub(r"\1", text) if "{" in text else text


def _replaced(text: str) -> str:
    pieces: list[str] = []
    at = 0
    while (found := _LATEX.search(text, at)) is not None:
        pieces.append(text[at : found.start()])
        at = found.end()
        if found["name"]:
            piece, at = _named(found["name"], found["space"], text, at)
        elif found["mark"]:
            piece = _accented(found["braced"] or found["letter"], ACCENTS[found["mark"]])
        elif found["sign"]:
            piece = _SIGNS.get(found["sign"], found["sign"])
        else:
            piece = "" if found["brace"] else " "
        pieces.append(piece)
    pieces.append(text[at:])
    return "".join(pieces)


_SIGNS = dict.fromkeys(",;:> \n\t\\~'`^\"=.", " ") | dict.fromkeys("-/@!()[]", "") | {"|": "‖"}


def _named(name: str, space: str, text: str, at: int) -> tuple[str, int]:
    """What the command stands for, and where the text goes on behind what it took."""
    if name in ACCENTS:
        argument = _ARGUMENT.match(text, at)
        if argument is not None:
            return _accented(argument["braced"] or argument["letter"], ACCENTS[name]), argument.end()
        return "", at
    if name in LETTERS:
        return LETTERS[name], at  # TeX swallows the space: "Stra\ss e" is one word
    if name in SYMBOLS:
        return SYMBOLS[name] + space, at  # people who write "\alpha particle" mean two words
    if name in SILENT:
        argument = _BRACED.match(text, at)
        return "", argument.end() if argument else at
    if name in STYLES:
        return "", at
    return name + space, at


def _accented(letter: str, accent: str) -> str:
    letter = letter.lstrip("\\")
    composed = unicodedata.normalize("NFC", letter + accent)
    return composed if len(composed) == 1 else letter + accent
