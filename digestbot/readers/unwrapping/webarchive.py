"""The page in a web archive, as Safari saves one: a property list with the page's bytes in it."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from digestbot.model.errors import DumpError, Problem

_MAGIC = b"bplist00"
_XML = (b"<?xml", b"<!DOCTYPE plist", b"<plist")
_LARGEST = 256 * 1024 * 1024  # bytes: the page's pictures are in it


def page_within(stream: BinaryIO, name: str) -> BinaryIO | None:
    """The page's bytes, where the stream (seekable, left where it stood) is a web archive; None for all else.

    Raises DumpError for a property list that is none, or damaged.
    """
    start = stream.tell()
    head = stream.read(4096)
    stream.seek(start)
    is_binary = head.startswith(_MAGIC)
    if not is_binary and not (head.lstrip().startswith(_XML) and b"WebMainResource" in head):
        return None
    import plistlib  # for this kind alone

    data = stream.read(_LARGEST)
    stream.seek(start)
    try:
        main: Any = plistlib.loads(data)["WebMainResource"]
        page = bytes(main["WebResourceData"])
    except Exception as error:  # plistlib raises whatever a damaged list brings it to
        way_out = "save the page as HTML, or copy its text"
        raise DumpError(Problem("this property list holds no page that can be read", name, way_out=way_out)) from error
    charset = str(main.get("WebResourceTextEncodingName") or "utf-8")
    try:
        return io.BytesIO(page.decode(charset).encode("utf-8"))
    except (LookupError, ValueError):
        return io.BytesIO(page)
