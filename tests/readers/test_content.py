"""A dump's text: streamed, in whatever encoding it comes, the same however it is asked for."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.model.errors import DumpError
from digestbot.readers import content as room
from digestbot.readers.content import Content

TEXT = "Ein Käse, “zwei” – drei\nзима и весна в Москве, снова весна\n\nlast line without end"


def made(data: bytes) -> Content:
    return Content(io.BytesIO(data), "dump")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_the_same_in_every_unicode_encoding(encoding: str, end: str) -> None:
    content = made(TEXT.replace("\n", end).encode(encoding))
    assert list(content.lines()) == list(enumerate(TEXT.split("\n"), 1))
    assert content.text() == content.head == TEXT


@pytest.mark.parametrize(
    ("text", "encoding", "title"),
    [
        ("Müller, José – “Naïve”\n" * 3, "cp1252", "Windows-1252"),
        ("Исследование языковых моделей\nи переводов с русского языка на другие языки мира\n" * 3, "cp1251", "cp1251"),
        ("基于大语言模型的机器翻译研究\n我们提出了一种新的方法来解决这个问题\n" * 3, "gb18030", "GB 18030"),
    ],
)
def test_text_that_names_no_encoding_is_guessed_and_said_so(text: str, encoding: str, title: str) -> None:
    content = made(b"ASCII first\n" * 10 + text.encode(encoding))
    assert content.text() == "ASCII first\n" * 10 + text
    (note,) = content.notes
    assert note.endswith(f"not UTF-8: read as {title}")


@pytest.mark.parametrize(
    "declaration",
    ['<?xml version="1.0" encoding="{}"?>\n', '<html><meta charset="{}">\n', "% Encoding: {}\n"],
)
@pytest.mark.parametrize(
    ("encoding", "text"), [("ISO-8859-2", "Łódź"), ("koi8-r", "снег"), ("Shift_JIS", "翻訳の研究")]
)
def test_a_declared_encoding_is_believed_where_the_bytes_are_not_utf_8(
    declaration: str, encoding: str, text: str
) -> None:
    whole = declaration.format(encoding) + text
    assert made(whole.encode(encoding)).text() == whole
    assert made(whole.encode()).text() == whole or encoding == "Shift_JIS"


def test_zero_bytes_and_lines_without_end() -> None:
    content = made(b"a\x00b " * 3 + b"text " * 1000)
    assert content.text().startswith("ab ab ab text")
    assert content.notes == ["zero bytes left out"]
    with pytest.raises(DumpError, match="dump:2: a line without an end"):
        list(made(b"first\n" + b"x" * (room.LONGEST_LINE + 2**20)).lines())


@given(
    lines=st.lists(
        st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufeff"), max_size=40)
    ),
    cut=st.integers(1, 7),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-be"]),
)
def test_where_the_stream_is_cut_makes_no_difference(lines: list[str], cut: int, encoding: str) -> None:
    text = "\n".join(["start", *lines])
    data = text.encode(encoding) if encoding != "utf-16-be" else b"\xfe\xff" + text.encode(encoding)

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(cut if size != room.HEAD else size)

    assert "".join(Content(Slow(data), "x").blocks(mended=False)) == text


def test_a_large_dump_is_streamed() -> None:
    line = b"word " * 20 + b"\n"

    class Endless(io.BytesIO):
        given = 0
        most = 40_000_000

        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert size > 0, "the whole was asked for"
            self.given += size
            return (line * (size // len(line) + 1))[: size // len(line) * len(line)] if self.given < self.most else b""

    numbers = (number for number, _ in Content(Endless(), "x").lines())
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))


def test_the_head_is_not_cut_to_nothing_before_a_line_that_goes_on() -> None:
    content = Content(io.BytesIO(b"<?xml?>\n" + b"<a>" * 40_000), "x")
    assert content.head.count("<a>") > 1000
