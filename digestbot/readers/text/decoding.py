"""From a dump's bytes to its text: the encoding told apart, line ends made one, what was assumed noted."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from digestbot.model.errors import DumpError, Problem

_BLOCK = 256 * 1024
_LONGEST_WHOLE = 1024 * 1024  # bytes of one line that are decoded in one piece
_SAMPLE = 64 * 1024  # bytes an encoding is guessed from

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_MAGIC = (
    (b"%PDF-", "a PDF", "copy its text, or save the listing as text"),
    (b"PK\x03\x04", "a zip archive (or an office file)", "unpack it, or save it as text"),
    (b"\x1f\x8b", "gzip data", "unpack it first"),
    (b"BZh", "bzip2 data", "unpack it first"),
    (b"\xfd7zXZ\x00", "xz data", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd data", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"\x89PNG\r\n", "a PNG image", "copy the page's text instead of a picture of it"),
    (b"\xff\xd8\xff", "a JPEG image", "copy the page's text instead of a picture of it"),
    (b"GIF8", "a GIF image", "copy the page's text instead of a picture of it"),
)

# control characters that no text has; C1 is left out, for misdecoded text has those
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")

# how XML, HTML pages and JabRef's BibTeX name their encoding
_DECLARED = re.compile(
    rb"""\A\s*<\?xml[^>]{0,80}?encoding\s*=\s*["']([\w.:-]{2,40})["']"""
    rb"""|<meta[^>]{0,120}?charset\s*=\s*["']?([\w.:-]{2,40})"""
    rb"""|^[ \t]*%[ \t]*encoding:[ \t]*([\w.:-]{2,40})""",
    re.IGNORECASE | re.MULTILINE,
)
_ONE_BYTE = {f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))}
_ONE_BYTE |= {f"cp{page}" for page in (437, 850, 852, 866, 874, *range(1250, 1259))}
_ONE_BYTE |= {"koi8-r", "koi8-u", "mac-roman", "tis-620"}
_MORE_BYTES = {"gb2312", "gbk", "gb18030", "big5", "big5hkscs", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949"}
# what the declared name means on the web: the larger set that is really used
_LARGER = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
_TITLES = {"cp1252": "Windows-1252", "gb18030": "GB 18030", "utf-8": "UTF-8"}


def code_page(*names: str) -> tuple[str, ...]:
    """The character of each byte 0 to 255: from the first of the code pages that has it, else Latin-1."""
    table = []
    for byte in range(256):
        characters = (bytes([byte]).decode(name, errors="ignore") for name in names)
        table.append(next(filter(None, characters), chr(byte)))
    return tuple(table)


class Decoding:
    """How a dump's bytes become text, told from the first of them.

    UTF-8, UTF-16 and UTF-32 by their mark, UTF-16 without one by its zeros; else each line is UTF-8 or, where
    it is not, in the encoding that the dump declares, else in one guessed from the first such lines.
    Raises DumpError, naming the dump, for bytes that are no text.
    """

    def __init__(self, start: bytes, name: str) -> None:
        for magic, what, way_out in _MAGIC:
            if start.startswith(magic):
                raise DumpError(Problem(f"this is {what}, not text", place=name, way_out=way_out))
        self._name = name
        self._start = start
        self._wide = next((codec for bom, codec in _BOMS if start.startswith(bom)), None)
        self._marked = self._wide is not None
        if self._wide is None:
            self._wide = _utf16_by_zeros(start)
        self._declared = _declared(start)

    def head(self, *, whole: bool) -> str:
        """The text of the beginning, to its last line end unless it is the `whole` dump, or that line is most of it."""
        blocks = self._narrow([self._start], lambda _: None)
        if self._wide and self._wide != "utf-8":
            blocks = self._by_codec([self._start], self._wide)
        text = "".join(_one_line_end(blocks)).removeprefix("\ufeff")
        # a few strays come with text copied from a PDF; more than that is no text
        if len(_CONTROL.findall(text)) * 50 > len(text):
            raise DumpError(
                Problem("this is binary data, not text", self._name, way_out="give it the listing saved as plain text")
            )
        end = text.rfind("\n") + 1
        return text if whole or end < len(text) // 2 else text[:end]

    def blocks(self, stream: BinaryIO, note: Callable[[str], None]) -> Iterator[str]:
        r"""The text in pieces, cut anywhere, with ``\n`` line ends and no BOM; `note` hears what was assumed."""
        pieces = iter(lambda: stream.read(_BLOCK), b"")
        if self._wide and self._wide != "utf-8":
            note(f"read as {self._wide[:6].upper()}, by its {'byte order mark' if self._marked else 'zero bytes'}")
            blocks = self._by_codec(pieces, self._wide)
        else:
            blocks = self._narrow(pieces, note)
        first = True
        for block in _one_line_end(blocks):
            text = block.removeprefix("\ufeff") if first else block
            first = False
            if "\x00" in text:
                note("zero bytes left out")
                text = text.replace("\x00", "")
            yield text

    def _by_codec(self, pieces: Iterator[bytes] | Sequence[bytes], codec: str) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(codec)(errors="replace")
        for piece in pieces:
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)

    def _narrow(self, pieces: Iterator[bytes] | Sequence[bytes], note: Callable[[str], None]) -> Iterator[str]:
        """UTF-8, where lines that are not are of another encoding: one foreign line does not spoil the others."""
        lines = _Lines(self._declared)
        rest = b""
        for piece in pieces:
            rest += piece
            cut = max(rest.rfind(b"\n"), rest.rfind(b"\r", 0, -1)) + 1
            if not cut and len(rest) > _LONGEST_WHOLE:
                cut = _character_end(rest)
            if cut:
                yield lines.decoded(rest[:cut])
                rest = rest[cut:]
        whole = lines.last(rest)
        if whole is not None:
            note("the last character is cut off: the file ends in the middle of it")
        yield lines.decoded(rest) if whole is None else whole
        if lines.foreign and not self._declared:
            plural = "line is" if lines.foreign == 1 else "lines are"
            note(f"{lines.foreign} {plural} not UTF-8: read as {_title(lines.fallback)}")


class _Lines:
    """Decodes line by line where it must, and remembers what it took the foreign lines for."""

    def __init__(self, declared: str | None) -> None:
        self.fallback = declared
        self.foreign = 0
        self._first = declared if declared in _MORE_BYTES else "utf-8"

    def decoded(self, data: bytes) -> str:
        try:
            return data.decode(self._first)
        except UnicodeDecodeError:
            return "".join(self._one_by_one(re.split(rb"(?<=[\r\n])", data)))

    def last(self, data: bytes) -> str | None:
        """The end of the dump where it is UTF-8 that breaks off within a character, else None."""
        if self._first != "utf-8":
            return None
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data":
                return data[: error.start].decode("utf-8") + "\ufffd"
        return None

    def _one_by_one(self, lines: Sequence[bytes]) -> Iterator[str]:
        for number, line in enumerate(lines):
            text = _strictly(line, self._first)
            if text is None and self._first != "utf-8":
                text = _strictly(line, "utf-8")
            if text is None:
                self.foreign += 1
                self.fallback = self.fallback or _guess([each for each in lines[number:] if not _is_utf_8(each)])
                text = _by_page(line, self.fallback)
            yield text


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _is_utf_8(line: bytes) -> bool:
    return _strictly(line, "utf-8") is not None


def _by_page(line: bytes, codec: str) -> str:
    if codec == "cp1252":  # with the bytes that it leaves undefined
        return line.decode("latin-1").translate(_WINDOWS)
    return line.decode(codec, errors="replace")


_WINDOWS = {byte: character for byte, character in enumerate(code_page("cp1252")) if byte >= 0x80}


def _one_line_end(blocks: Iterator[str]) -> Iterator[str]:
    r"""``\r\n`` and ``\r`` made ``\n``, also where a pair is cut in two."""
    held = ""
    for block in blocks:
        if not block:
            continue
        text = held + block
        held = "\r" if text.endswith("\r") else ""
        if held:
            text = text[:-1]
        yield text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if held:
        yield "\n"


def _utf16_by_zeros(start: bytes) -> str | None:
    """Mostly ASCII in UTF-16 has a zero in every other byte."""
    sample = start[: min(len(start), 4096) & ~1]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(sample) >= 8 and max(even, odd) * 10 >= len(sample) * 4 and min(even, odd) * 20 <= len(sample):
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def _declared(start: bytes) -> str | None:
    """The encoding that the dump names, if it is one that text comes in and not UTF-8."""
    found = _DECLARED.search(start[:4096])
    if found is None:
        return None
    try:
        codec = codecs.lookup(next(filter(None, found.groups())).decode("ascii")).name
    except LookupError:
        return None
    codec = _LARGER.get(codec, codec)
    return codec if codec in _ONE_BYTE | _MORE_BYTES else None


def _character_end(data: bytes) -> int:
    """Where to cut bytes without a line end so that no UTF-8 character is cut through."""
    end = len(data)
    while end > len(data) - 4 and 0x80 <= data[end - 1] < 0xC0:
        end -= 1
    return end - 1 if data[end - 1] >= 0xC0 else len(data)


def _guess(lines: Sequence[bytes]) -> str:
    """Western text has single letters beyond ASCII; whole words of them are another script's.

    Lines that tell too little are taken for Windows-1252, which is by far the most frequent.
    """
    sample = b"\n".join(lines)[:_SAMPLE]
    words = re.findall(rb"[\x80-\xff]{3,}", sample)
    if sum(map(len, words)) * 2 < len(re.findall(rb"[\x80-\xff]", sample)) or len(words) < 2:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=sorted(_ONE_BYTE | _MORE_BYTES)).best()
    codec = codecs.lookup(best.encoding).name if best else "cp1252"
    return _LARGER.get(codec, codec)


def _title(codec: str | None) -> str:
    return _TITLES.get(codec or "", codec or "")
