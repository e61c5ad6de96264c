"""From a dump's bytes to its text: the encoding told apart, line ends made one, what was assumed noted."""

from __future__ import annotations

import codecs
import re

from digestbot.core.errors import DumpError, Problem

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_MAGIC = (
    (b"%PDF-", "a PDF", "copy its text, or save the listing as text"),
    (b"PK\x03\x04", "a zip archive (or an office file)", "unpack it, or save it as text"),
    (b"\x1f\x8b", "gzip data", "unpack it first"),
    (b"BZh", "bzip2 data", "unpack it first"),
    (b"\xfd7zXZ\x00", "xz data", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd data", "unpack it first"),
    (b"\x89PNG\r\n", "a PNG image", "copy the page's text instead of a picture of it"),
    (b"\xff\xd8\xff", "a JPEG image", "copy the page's text instead of a picture of it"),
    (b"GIF8", "a GIF image", "copy the page's text instead of a picture of it"),
)

# control characters that no text has; C1 is left out, for misdecoded text has those
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")


def decode(data: bytes, name: str) -> tuple[str, list[str]]:
    r"""The text of `data` with ``\n`` line ends and no BOM, and notes on what was assumed.

    UTF-8 and UTF-16 by their BOM, else UTF-8, else (line by line) Windows-1252. A character that the
    end of the data cuts through becomes U+FFFD. Raises DumpError naming `name` for bytes that are no text.
    """
    for magic, what, way_out in _MAGIC:
        if data.startswith(magic):
            raise DumpError(Problem(f"this is {what}, not text", place=name, way_out=way_out))
    notes: list[str] = []
    encoding = next((codec for bom, codec in _BOMS if data.startswith(bom)), None)
    if encoding in ("utf-16-le", "utf-16-be"):
        text = data.decode(encoding, errors="replace")
        notes.append("read as UTF-16, by its byte order mark")
    else:
        text = _decode_lines(data, notes)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    # a few strays come with text copied from a PDF; more than that is no text
    strays = len(_CONTROL.findall(text))
    if "\x00" in text or strays * 50 > len(text):
        raise DumpError(
            Problem("this is binary data, not text", place=name, way_out="give it the listing saved as plain text")
        )
    return text, notes


def _decode_lines(data: bytes, notes: list[str]) -> str:
    """UTF-8, where lines that are not are Windows-1252: one foreign line does not spoil the others."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            notes.append("the last character is cut off: the file ends in the middle of it")
            return data[: error.start].decode("utf-8") + "\ufffd"
    lines = []
    foreign = 0
    for line in re.split(rb"(?<=[\r\n])", data):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append("".join(_WINDOWS[byte] for byte in line))
            foreign += 1
    plural = "line is" if foreign == 1 else "lines are"
    notes.append(f"{foreign} {plural} not UTF-8: read as Windows-1252")
    return "".join(lines)


def code_page(*names: str) -> tuple[str, ...]:
    """The character of each byte 0 to 255: from the first of the code pages that has it, else Latin-1."""
    table = []
    for byte in range(256):
        characters = (bytes([byte]).decode(name, errors="ignore") for name in names)
        table.append(next(filter(None, characters), chr(byte)))
    return tuple(table)


_WINDOWS = code_page("cp1252")
