"""Text folded to words, the same way for rules and papers: every comparison of words starts here."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from digestbot.rules import latex
from digestbot.rules.symbols import GREEK_NAMES, PLAIN_LETTERS
from digestbot.rules.unspaced import CLUSTER, LETTERS, MARKS, UNSPACED

_APOSTROPHES = frozenset("'`´‘’‚‛ʹʻʼʽʾʿ′‵᾽᾿՚׳＇｀")
_VANISHING = frozenset("\u00ad\u0640\u200b\u200c\u200d\u2060\ufeff")  # soft hyphen, tatweel, and what has no width
_MINUS = "\u2212"

# Ideographs, kana and hangul syllables (what is no letter among these ranges is kept out by \w).
_CJK = (
    "々-〇〡-〩〸-〻ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-龎"
    "\U00016fe4\U00017000-\U00018d08\U0001aff0-\U0001b2fb\U00020000-\U000323af"
)
_CLUSTERS = re.compile(CLUSTER)
_ALONE = _CJK + "".join(sorted(LETTERS))
_CJK_WORD = re.compile(rf"(?=[^\W_])[{_CJK}]")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:\+\+|#)?")
_WORD = re.compile(rf"(?=[^\W_])[{_CJK}]|{CLUSTER}|(?:(?![{_ALONE}])[^\W_])+(?:\+\+|#)?")
# Both begin with what is rare, so that a search skips quickly to it.
_HYPHEN = re.compile(r"-(?<=[^\W_]-)(?=[^\W_])")
_POSSESSIVE = re.compile(rf"'s(?:(?<=[^\W_]'s)|(?<=[^\W_]\+\+'s)|(?<=[^\W_]#'s))(?:(?![^\W_])|(?=[{_ALONE}]))")
_CHAIN = re.compile(r"(?<![^\W_])[^\W_]+(?:-[^\W_]+)+(?:\+\+|#)?")
_JAMO = re.compile("[가-힣]?[\u1100-\u11ff]+")
_BEYOND_ASCII = re.compile("[^\0-\x7f]")
_ASCII_SPACED = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))
_MANY = 20  # beyond so many different characters one pass over the text is faster than one pass each


class Readings(NamedTuple):
    """A field's folded words, read twice; both are one list where the text has no hyphenated word.

    ``split`` has hyphens as spaces, ``joined`` has hyphenated words joined.
    """

    split: list[str]
    joined: list[str]


class LocatedWords(NamedTuple):
    """One reading with places: word i stands at raw characters ``starts[i]`` to ``ends[i]`` (exclusive)."""

    words: list[str]
    starts: list[int]
    ends: list[int]


class LocatedReadings(NamedTuple):
    """What `words` gives, with places in the raw text; one object twice without a hyphenated word."""

    split: LocatedWords
    joined: LocatedWords


def words(text: str) -> Readings:
    """The two readings of a field, as lists of folded words in the order of the text."""
    folded = fold(text)
    split = _split(folded)
    if "-" not in folded or len(without_hyphens := _HYPHEN.sub("", folded)) == len(folded):
        return Readings(split, split)
    return Readings(split, _split(without_hyphens))


def located(text: str) -> LocatedReadings:
    """The same words as `words`, each with where it stands in the raw text; slower."""
    folded = _Placed.of(text)
    split = folded.words()
    hyphens = [found.start() for found in _HYPHEN.finditer(folded.text)]
    if not hyphens:
        return LocatedReadings(split, split)
    return LocatedReadings(split, folded.without(hyphens).words())


def hyphenations(text: str) -> list[list[tuple[str, ...]]]:
    """The text in pieces, each with the ways to read it as words: a hyphenated word has two, split first."""
    folded = fold(text)
    if "-" not in folded:
        return [[tuple(_split(folded))]]
    pieces: list[list[tuple[str, ...]]] = []
    done = 0
    for chain in _CHAIN.finditer(folded):
        split, joined = _split(chain[0]), _split(_HYPHEN.sub("", chain[0]))
        pieces.append([tuple(_split(folded[done : chain.start()]))])
        pieces.append(list(dict.fromkeys((tuple(split), tuple(joined)))))
        done = chain.end()
    return [*pieces, [tuple(_split(folded[done:]))]]


def stands_alone(character: str) -> bool:
    """Whether the character is a word of its own: an ideograph, kana or hangul syllable, a letter of Thai."""
    return character >= "\u0e00" and (character in LETTERS or _CJK_WORD.match(character) is not None)


def fold(text: str) -> str:
    """The text as it is before it is cut into words: in small letters, accents, widths and LaTeX plain."""
    if latex.has_latex(text):
        text = latex.to_unicode(text)
    if not text.isascii():
        text = _fold_wide(text)
    return _fold_ascii(text)


def _fold_ascii(text: str) -> str:
    text = text.casefold()
    if "`" in text:
        text = text.replace("`", "'")
    if "'s" in text:
        text = _POSSESSIVE.sub("", text)
    return text


def fold_beyond_ascii(text: str) -> str:
    """The text with LaTeX and all that is not ASCII folded, and what is no letter or digit beyond ASCII a space.

    So it is left to fold small letters and possessives, and to cut at what is ASCII: the words are the same.
    """
    if latex.has_latex(text):
        text = latex.to_unicode(text)
    if text.isascii():
        return text
    text = _fold_ascii(_fold_wide(text))  # possessives too, which what becomes a space here may tell
    if text.isascii():
        return text
    characters = _beyond_ascii(text)
    if not characters.isdisjoint(UNSPACED):
        text = _CLUSTERS.sub(r" \g<0> ", text)
    return _replaced(text, characters, _SPACED)


def _fold_wide(text: str) -> str:
    characters = _beyond_ascii(text)
    text = _replaced(text, characters, _FOLDED)
    if any(_is_jamo(each) for folded in characters for each in _FOLDED[ord(folded)]):
        text = _JAMO.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    return text


def _is_jamo(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff"


def _beyond_ascii(text: str) -> set[str]:
    return {*_BEYOND_ASCII.findall(text)}


def _replaced(text: str, characters: set[str], table: dict[int, str]) -> str:
    """`text.translate(table)`, which changes `characters` at most; faster where few of them change."""
    changing = [each for each in characters if table[ord(each)] != each]
    if len(changing) > _MANY:
        return text.translate(table)
    for each in changing:
        text = text.replace(each, table[ord(each)])
    return text


def _split(folded: str) -> list[str]:
    if "+" in folded or "#" in folded:
        return (_ASCII_WORD if folded.isascii() else _WORD).findall(folded)
    if folded.isascii():
        return folded.encode().translate(_ASCII_SPACED).decode().split()  # as bytes: twice as fast
    characters = set(folded)
    if not characters.isdisjoint(UNSPACED):
        return _WORD.findall(folded)
    return _replaced(folded, characters, _SPACED).split()


class _Spaced(dict[int, str]):
    """What each character becomes so that a split at spaces gives the words."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        spaced = f" {character} " if _CJK_WORD.match(character) else character
        self[code] = spaced if character.isalnum() or character in MARKS else " "
        return self[code]


_SPACED = _Spaced()


class _FoldedCharacters(dict[int, str]):
    """What each character folds to, worked out when first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    decomposed = unicodedata.normalize("NFKD", character)
    kept = [each for each in decomposed if unicodedata.category(each)[0] != "M" or each in MARKS]
    recomposed = unicodedata.normalize("NFC", "".join(each for each in kept if each not in _VANISHING)).casefold()
    return "".join(_fold_one(each) for each in recomposed)


def _fold_one(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if character == _MINUS or unicodedata.category(character) == "Pd":
        return "-"
    return PLAIN_LETTERS.get(character) or GREEK_NAMES.get(character) or character


_FOLDED = _FoldedCharacters()


class _Placed(NamedTuple):
    """A folded text of which each character knows the raw characters it came from."""

    text: str
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, raw: str) -> _Placed:
        if raw.isascii() and not latex.has_latex(raw):  # each character folds to one
            places = [*range(len(raw) + 1)]
            return cls(raw.translate(_FOLDED), places[:-1], places[1:])._without_possessives()
        characters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for start, end, character in _characters(raw):
            folded = _FOLDED[ord(character)]
            if not folded and ends and ends[-1] == start and unicodedata.category(character)[0] == "M":
                ends[-1] = end  # an accent belongs to the letter before it
            for each in folded:
                characters.append(each)
                starts.append(start)
                ends.append(end)
        return cls("".join(characters), starts, ends)._composed()._without_possessives()

    def _composed(self) -> _Placed:
        """Jamo made syllables again."""
        text, starts, ends = [], [], []
        done = 0
        for found in _JAMO.finditer(self.text):
            composed = unicodedata.normalize("NFC", found[0])
            text += [self.text[done : found.start()], composed]
            starts += self.starts[done : found.start()]
            ends += self.ends[done : found.start()]
            at = found.start()
            for syllable in composed:
                jamo = len(unicodedata.normalize("NFD", syllable))
                if self.text[at] >= "가":
                    jamo -= len(unicodedata.normalize("NFD", self.text[at])) - 1
                starts.append(self.starts[at])
                ends.append(self.ends[at + jamo - 1])
                at += jamo
            done = found.end()
        text.append(self.text[done:])
        return _Placed("".join(text), starts + self.starts[done:], ends + self.ends[done:])

    def _without_possessives(self) -> _Placed:
        return self.without([at for found in _POSSESSIVE.finditer(self.text) for at in range(*found.span())])

    def without(self, places: list[int]) -> _Placed:
        """The text without the characters at `places`, which are in order."""
        text, starts, ends = [], [], []
        done = 0
        for at in (*places, len(self.text)):
            text.append(self.text[done:at])
            starts += self.starts[done:at]
            ends += self.ends[done:at]
            done = at + 1
        return _Placed("".join(text), starts, ends)

    def words(self) -> LocatedWords:
        """The words of the text as it stands."""
        found_words: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for found in _WORD.finditer(self.text):
            found_words.append(found[0])
            starts.append(self.starts[found.start()])
            ends.append(self.ends[found.end() - 1])
        return LocatedWords(found_words, starts, ends)


def _characters(raw: str) -> list[tuple[int, int, str]]:
    """The text's characters with LaTeX replaced: (start, end, character) in the raw text."""
    if not latex.has_latex(raw):
        return [(at, at + 1, each) for at, each in enumerate(raw)]
    placed: list[tuple[int, int, str]] = []
    done = 0
    for start, end, replacement in latex.pieces(raw):
        placed += [(at, at + 1, raw[at]) for at in range(done, start)]
        placed += [(start, end, each) for each in replacement]
        done = end
    placed += [(at, at + 1, raw[at]) for at in range(done, len(raw))]
    return placed
