"""Mends UTF-8 that was once read as Thai (cp874) or Western (cp1252) text, where the mend is certain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digestbot.readers.text.decoding import code_page


def _one_of(characters: Sequence[str]) -> str:
    return "[" + "".join(map(re.escape, characters)) + "]"


class _Misreading:
    """UTF-8 read with one code page: what its traces look like, and what they were."""

    def __init__(self, table: tuple[str, ...], letters: str) -> None:
        # some decoders keep these bytes as the control characters of Latin-1
        controls = [chr(byte) for byte in range(0x80, 0xA0)]
        self._bytes = {character: byte for byte, character in enumerate(controls, 0x80)}
        self._bytes |= {character: byte for byte, character in enumerate(table) if byte >= 0x80}
        follow = _one_of([*table[0x80:0xC0], *controls])
        self.sequence = re.compile(
            f"{_one_of(table[0xC2:0xE0])}{follow}"
            f"|{_one_of(table[0xE0:0xF0])}{follow}{{2}}"
            f"|{_one_of(table[0xF0:0xF5])}{follow}{{3}}"
        )
        self.run = re.compile(f"{_one_of([*table[0x80:], *controls])}{{2,}}")
        self.letters = re.compile(letters)
        # a closing quote (E2 80 9D) whose last byte, unknown to both code pages, was dropped
        opened = "".join(table[byte] for byte in b"\xe2\x80")
        self.lost_quote = re.compile(f"(“[^”“\n]*?){opened}(?!{follow})")

    def original(self, run: str) -> str | None:
        """What the run was, or None when a letter of the code page's own script is left over."""
        left_over = []

        def decoded(match: re.Match[str]) -> str:
            try:
                return bytes(self._bytes[c] for c in match[0]).decode("utf-8")
            except UnicodeDecodeError:
                left_over.append(match[0])
                return match[0]

        mended = self.sequence.sub(decoded, run)
        left_over.append(self.sequence.sub("", run))
        return None if mended == run or self.letters.search("".join(left_over)) else mended


_THAI = _Misreading(code_page("cp874", "cp1252"), r"[\u0e01-\u0e5b]")
# only what starts a misread character counts as left over: the other letters are Western text's own
_WESTERN = _Misreading(code_page("cp1252"), r"[ÂÃâð](?=[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ])")

_ASCII = bytes(range(128))
_WESTERN_TELLTALE = re.compile(r"[ÂÃÄÅâðÎÏÐÑ]")


@dataclass
class _Mend:
    """A run in a line with what it was, and whether its surroundings leave no doubt."""

    start: int
    end: int
    text: str
    certain: bool


def repair(text: str) -> tuple[str, int]:
    """The text with certain misreadings undone, and how many places were mended. Line breaks stay."""
    mended = 0
    # the few letters that are not ASCII tell in a fraction of the time whether there is anything to look for
    foreign = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    if _THAI.letters.search(foreign):
        text, mended = _repair_thai(text)
    if _WESTERN_TELLTALE.search(foreign):
        text, more = _repair_western(text)
        mended += more
    return text, mended


def _repair_thai(text: str) -> tuple[str, int]:
    """Thai letters alone may be a Thai word that happens to fit: they need a witness elsewhere."""
    lines = text.split("\n")
    found: dict[int, list[_Mend]] = {}
    genuine: set[int] = set()
    for number, line in enumerate(lines):
        if not _THAI.letters.search(line):
            continue
        for match in _THAI.run.finditer(line):
            original = _THAI.original(match[0])
            if original is not None:
                certain = _is_certain(line, match)
                found.setdefault(number, []).append(_Mend(match.start(), match.end(), original, certain))
            elif _THAI.letters.search(match[0]):
                genuine.add(number)
    witness = any(mend.certain for mends in found.values() for mend in mends)
    count = 0
    for number, mends in found.items():
        for mend in reversed(mends):
            if mend.certain or (witness and number not in genuine):
                line = lines[number]
                lines[number] = line[: mend.start] + mend.text + line[mend.end :]
                count += 1
    mended, quotes = _THAI.lost_quote.subn(r"\1”", "\n".join(lines))
    return mended, count + quotes


def _is_certain(line: str, match: re.Match[str]) -> bool:
    """Signs that are not Thai in the run, Latin letters around it, or a lone middle dot."""
    before, after = line[: match.start()], line[match.end() :]
    return (
        len(_THAI.letters.findall(match[0])) < len(match[0])
        or (before[-1:].isascii() and before[-1:].isalpha())
        or (after[:1].isascii() and after[:1].isalpha())
        or (match[0] == "ยท" and not _THAI.letters.search(before + after))
    )


def _repair_western(text: str) -> tuple[str, int]:
    """A lone pair that gives no common letter or sign needs a witness: its letters may be genuine."""
    runs = [(run[0], _WESTERN.original(run[0])) for run in _WESTERN.run.finditer(text)]
    witness = any(original is not None and not _is_doubtful(run) for run, original in runs)
    count = 0

    def mend(match: re.Match[str]) -> str:
        nonlocal count
        run = match[0]
        original = _WESTERN.original(run)
        if original is None or (_is_doubtful(run) and not witness):
            return run
        count += 1
        return original

    mended = _WESTERN.run.sub(mend, text)
    mended, quotes = _WESTERN.lost_quote.subn(r"\1”", mended)
    return mended, count + quotes


def _is_doubtful(run: str) -> bool:
    """Two letters that may be meant; a control character beside one (Ï and U+0089) is nobody's meaning."""
    pairs = _WESTERN.sequence.findall(run)
    if len(pairs) != 1 or len(pairs[0]) != 2:
        return False
    first, second = pairs[0]
    return first not in "ÂÃÄÅ" and not "\x80" <= second <= "\x9f"
