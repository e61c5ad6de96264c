"""The fields of reports: addresses and words out of headers that may be anything."""

from __future__ import annotations

import re
from contextlib import suppress
from email.header import decode_header, make_header

_XTEXT = re.compile(r"\+([0-9A-F]{2})")  # https://www.rfc-editor.org/rfc/rfc3461#section-4
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"@]+")
_LONGEST = 2_000


def one_line(value: object) -> str:
    """A header's value in one line, its encoded words decoded where they can be; empty for None."""
    text = "" if value is None else str(value)
    if "=?" in text:
        with suppress(ValueError, LookupError):  # then it stays as it is written
            text = str(make_header(decode_header(text)))
    return "".join(char for char in " ".join(text.split()) if char.isprintable())


def typed(value: object) -> str:
    """What stands behind the type of a field: ``rfc822; ada@example.org``, ``smtp; 550 5.1.1 ...``."""
    text = one_line(value)
    kind, semicolon, rest = text.partition(";")
    return (rest if semicolon and " " not in kind.strip() else text).strip()[:_LONGEST]


def address(value: object) -> str:
    """The address in a field of a report."""
    text = typed(value).strip("<> ")
    return _XTEXT.sub(lambda found: chr(int(found[1], 16)), text)


def addresses_in(text: str) -> list[str]:
    """All addresses in a text, each once."""
    return list(dict.fromkeys(each.strip(".'`") for each in _ADDRESS.findall(text)))
