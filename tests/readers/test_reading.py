"""From bytes to a listing: encodings, what no reader takes, and that every refusal names its way out."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from digestbot.model.errors import DumpError, UsageError
from digestbot.readers.registry import READERS
from digestbot.readers.text.mojibake import repair
from tests.readers.kit import understand

ABSTRACT = (
    "We study how language models acquire the grammar of a language they have rarely seen. Our method needs "
    "no annotation, and it improves over the baseline by 4.2 points. Experiments on nine languages confirm this."
)
PAGE = f"Daily Papers\n\nNov 20\n\nReading Slowly\n\n{ABSTRACT}\n\n  • 3 authors\n·\nNov 3, 2026\n"
EXPECTED_DUMPS = Path(__file__).parents[3] / "shared" / "dumps"


@pytest.mark.parametrize(
    ("data", "says", "way_out"),
    [
        (b"", "the file is empty", "again"),
        (b" \r\n\t\n\xc2\xa0\n", "nothing but blanks", "again"),
        (b"\xef\xbb\xbf", "nothing but blanks", "again"),
        (b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title>", "HTML page titled '502 Bad Gateway'", "copy"),
        (b"<html><body>Daily Papers</body></html>", "HTML page", "save that as text"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF", "text"),
        (b"PK\x03\x04\x14\x00", "zip archive", "unpack"),
        (gzip.compress(b"Daily Papers", mtime=0), "gzip", "unpack"),
        (b"\x89PNG\r\n\x1a\n\x00", "PNG image", "text"),
        (b"abc\x00def" * 40, "binary data", "plain text"),
        (bytes(range(1, 32)) * 30, "binary data", "plain text"),
        (b"Access denied.\n", "no format that digestbot understands", "daily-papers"),
        (b"Dear Ada,\n\nsee you on Friday at nine.\n\nBob\n", "no format", "daily-papers"),
        (b'{"colour": "x", "size": [1, 2]}', "no reader recognises this JSON", "daily-papers"),
        (b"<colours><red/></colours>", "no reader recognises this XML", "daily-papers"),
        (b"Daily Papers\n\nbyAK and the research community\n\nNov 20\n", "no whole paper", "again"),
        (b"Daily Papers\n\nbyAK and the research community\n\nReading Slo", "line 5: the dump ends", "again"),
    ],
)
def test_what_cannot_be_read_is_one_problem_with_its_place_and_way_out(data: bytes, says: str, way_out: str) -> None:
    with pytest.raises(DumpError) as caught:
        understand(data, "inbox/monday.txt")
    (problem,) = caught.value.problems
    assert problem.place == "inbox/monday.txt"
    assert says in problem.message
    assert way_out in (problem.way_out or "")


def test_an_unknown_format_is_bad_usage_and_the_nearest_is_named() -> None:
    with pytest.raises(UsageError, match=r"unknown format 'daily_paper' \(did you mean daily-papers\?"):
        understand(PAGE.encode(), "page.txt", format="daily_paper")
    with pytest.raises(UsageError, match=r"the formats are: .*daily-papers"):
        understand(PAGE.encode(), "page.txt", format="xyzzy")


def test_a_given_format_overrules_the_guess_but_not_what_cannot_be() -> None:
    bare = f"Reading Slowly\n{ABSTRACT[:120]}.\n"
    with pytest.raises(DumpError):
        understand(bare.encode(), "bare.txt")
    assert understand(bare.encode(), "bare.txt", format="daily-papers").papers[0].title == "Reading Slowly"
    with pytest.raises(DumpError, match="HTML page"):
        understand(b"<html><p>Daily Papers</p></html>", "page.html", format="daily-papers")
    with pytest.raises(DumpError, match="cannot be daily-papers"):
        understand(b'{"papers": []}', "page.json", format="daily-papers")


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "read as UTF-16"),
        ("cp1252", "2 lines are not UTF-8: read as Windows-1252"),
    ],
)
def test_the_encoding_is_told_apart_and_what_was_assumed_is_noted(encoding: str, note: str | None) -> None:
    listing = understand(PAGE.encode(encoding), "page")
    (paper,) = listing.papers
    assert (paper.title, paper.abstract, paper.author_count) == ("Reading Slowly", ABSTRACT, 3)
    assert listing.listed_on == "Nov 20"
    assert [n for n in listing.notes if n.startswith(note or "?")] == list(listing.notes)
    assert len(listing.notes) == (note is not None)


def test_one_line_in_another_encoding_does_not_spoil_the_others() -> None:
    data = PAGE.replace("Reading Slowly", "Reading “Naïvely”").encode() + b"\nCaf\xe9 Models\n\n" + ABSTRACT.encode()
    listing = understand(data, "page")
    assert [paper.title for paper in listing.papers] == ["Reading “Naïvely”"]
    assert [piece.excerpt for piece in listing.skipped if piece.kind == "incomplete"] == ["Café Models"]
    assert listing.notes == ["1 line is not UTF-8: read as Windows-1252"]


def test_a_file_that_ends_within_a_character_is_still_utf_8() -> None:
    listing = understand(f"{PAGE}\nReading “Naïvely”\n\nWe say so, and".encode() + b"\xe2\x80", "page")
    assert [paper.title for paper in listing.papers] == ["Reading Slowly"]
    assert [piece.excerpt for piece in listing.skipped if piece.kind == "incomplete"] == ["Reading “Naïvely”"]
    assert any("ends in the middle" in note for note in listing.notes)


@pytest.mark.parametrize("code_page", ["cp874", "cp1252"])
@pytest.mark.parametrize("text", ["naïve", "the model’s “voice” – loud…", "étude", "λ → ∞, 语言 😀", "«été»", "·"])
def test_a_misreading_is_undone(text: str, code_page: str) -> None:
    pages = (code_page, "cp1252", "latin-1")
    misread = ""
    for byte in text.encode():
        misread += next(filter(None, (bytes([byte]).decode(page, errors="ignore") for page in pages)))
    # a witness beside it, for some of these alone might be meant
    assert repair(f"‘a’ โ€™ â€™ {misread}")[0] == f"‘a’ ’ ’ {text}"


@pytest.mark.parametrize(
    "text",
    [
        "ภาษาไทย",
        "คำว่า ยก ในภาษาไทย",
        "the Thai word ยก means to lift",
        "«CAFÉ»",
        "São Paulo, naïve",
        "NÃO",
        "€5 – “so”",
    ],
)
def test_what_is_meant_as_it_is_stays(text: str) -> None:
    assert repair(text) == (text, 0)


def test_readers_have_names_of_their_own() -> None:
    names = [reader.name for reader in READERS]
    assert len(set(names)) == len(names)
    assert all(reader.title for reader in READERS)


@pytest.mark.parametrize(
    "folder",
    ["bibtex", "ris", "nbib", "arxiv_mail", "arxiv_rss", "arxiv_list_html", "csv", "hf_text", "crossref", "pubmed"],
)
def test_the_text_reader_does_not_claim_other_formats(folder: str) -> None:
    files = sorted((EXPECTED_DUMPS / folder).glob("*"))
    if not files:
        pytest.skip("the real dumps are not in ../shared/dumps")
    daily = next(reader for reader in READERS if reader.name == "daily-papers")
    for path in files:
        assert daily.recognises(path.read_text(encoding="utf-8", errors="replace")) < 0.3, path.name


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "kinds").iterdir()), ids=lambda path: path.name)
def test_the_first_reader_that_is_sure_is_the_surest(path: Path) -> None:
    """It has its turn before the others are asked, so none of these may be surer."""
    head = path.read_text("utf-8", "replace")[:60_000]
    said = [(reader.recognises(head), reader.name) for reader in READERS]
    first = next((each for each in said if each[0] >= 0.9), None)
    assert first is None or first[0] == max(said)[0]
