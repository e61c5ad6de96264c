"""No reader is brought down: thousands of damaged dumps, bombs and wrong formats, each answered in time.

The seeds are the real dumps, when they are in ../shared/dumps, and small samples of every format.
"""

from __future__ import annotations

import gzip
import io
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from digestbot.model.errors import DigestbotError, DumpError
from digestbot.model.papers import Paper
from digestbot.readers import READERS, Content, Layout, Reader, Skipped
from tests.readers.kit import Listing, understand

DUMPS = Path(__file__).parents[3] / "shared" / "dumps"
KINDS = Path(__file__).parent / "kinds"
SAMPLES = Path(__file__).parents[2] / "digestbot" / "cli" / "samples"
MOST_BYTES = 48_000  # of a seed: what breaks a reader does so early
MOST_SECONDS = 10.0  # of processor time for one of these small dumps

OWN_SEEDS = {
    "bib": rb"""@string{j = {J}}
@article{a, title = {One {T}wo}, author = {A, B and C}, year = 2020, journal = j # "x"}
""",
    "ris": b"TY  - JOUR\nTI  - One\nAU  - Doe, J\nAB  - We show\nit\nER  - \n\nTY  - CONF\nT1  - Two\nER  - \n",
    "nbib": b"PMID- 1\nTI  - One\n      more\nFAU - Doe, J\nAB  - We\nSO  - x\n\nPMID- 2\nTI  - Two\nSO  - y\n",
    "pubmed": b"""<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article>
<ArticleTitle>A <i>b</i> &amp; c</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>""",
    "dblp": b'<dblp><article key="a/b"><author>J&uuml;rgen</author><title>One.</title></article></dblp>',
    "acl": b"""<collection id="x"><volume id="1"><paper id="1"><title>A <tex-math>x^2</tex-math></title></paper>
</volume></collection>""",
    "csl": b'[{"type": "book", "title": "One", "issued": {"date-parts": [[2020, 1, 2]]}, "author": [{"family": "A"}]}]',
    "datacite": b"""{"data": [{"type": "dois", "attributes":
{"titles": [{"title": "One"}], "creators": [{"name": "A, B"}]}}]}""",
    "biorxiv": b"""{"messages": [], "collection":
[{"title": "One", "server": "biorxiv", "authors": "A, B.", "date": "2020-01-02"}]}""",
    "epmc": b'{"hitCount": 1, "resultList": {"result": [{"title": "One", "authorString": "A B.", "pmid": "1"}]}}',
    "lines": b'{"title": "One", "abstract": "A", "DOI": "10.1000/a"}\n{"title": "Two"}\n',
    "table": b'title,abstract,authors\nOne,"We, show",A; B\nTwo,,\n',
    "atom": b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title><summary>A</summary></entry></feed>',
}
HOSTILE = (
    *(bytes([sign]) for sign in b'{}[]"\\<>&$|,\t\n\r%\x00\x0b'),
    *(b"<a>", b"</a>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"&lol;", b"&#0;", b"&#xD800;", b"\xff\xfe", b"\xc2\x85"),
    *(b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r\n\r\n", b"\n\n\n", b"\\\\\n", b"1e999", b"\\ud800", b"NaN", b"\\begin{"),
    *(b"@article{", b"TY  - ", b"ER  - \n", b"PMID- ", b"=?utf-8?q?", b"Content-Type: multipart/mixed; boundary=x\n"),
    *("\N{RIGHT-TO-LEFT OVERRIDE}".encode(), b"--"),
)

Mutation = Callable[[bytes, random.Random], bytes]


def flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 4, 40))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def span(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data))
    return start, min(len(data), start + chance.choice((1, 10, 200, 5000)))


def delete(data: bytes, chance: random.Random) -> bytes:
    start, end = span(data, chance)
    return data[:start] + data[end:]


def duplicate(data: bytes, chance: random.Random) -> bytes:
    start, end = span(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 3, 20)) + data[end:]


def truncate(data: bytes, chance: random.Random) -> bytes:
    cut = chance.randrange(len(data))
    return data[:cut] if chance.random() < 0.8 else data[cut:]


def insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.choice(HOSTILE) * chance.choice((1, 3, 2000)) + data[at:]


def replace(data: bytes, chance: random.Random) -> bytes:
    """One kind of sign made another everywhere."""
    old, new = (bytes([chance.choice(b'\n\r\t "{}[]<>,:;=-/\\$&|')]) for _ in range(2))
    return data.replace(old, new)


def swap(data: bytes, chance: random.Random) -> bytes:
    first, second = sorted(chance.randrange(len(data)) for _ in range(2))
    return data[second:] + data[first:second] + data[:first]


def reencode(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", errors="replace")
    codec = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1252", "cp874", "shift_jis"))
    return text.encode(codec, errors="replace")


def splice(data: bytes, chance: random.Random) -> bytes:
    other = chance.choice(sorted(OWN_SEEDS.values()))
    at = chance.randrange(len(data))
    return data[:at] + other + data[at:]


MUTATIONS: Sequence[Mutation] = (flip, delete, duplicate, truncate, insert, replace, swap, reencode, splice)


def seeds() -> list[tuple[str, bytes]]:
    found = list(OWN_SEEDS.items())
    for path in (*sorted(KINDS.iterdir()), *sorted(SAMPLES.glob("*.txt")), *sorted(DUMPS.glob("*/*"))):
        data = path.read_bytes()
        found.append((path.name, (gzip.decompress(data) if path.suffix == ".gz" else data)[:MOST_BYTES]))
    return found


def damaged(name: str, data: bytes, number: int) -> bytes:
    chance = random.Random(f"{name} {number}")
    for _ in range(chance.choice((1, 1, 2, 5))):
        data = chance.choice(MUTATIONS)(data, chance) or b"\n"
        data = data[: 4 * MOST_BYTES]
    return data


def check(name: str, data: bytes, number: int) -> None:
    """Read as told by content, and by a reader picked at random whether it fits or not."""
    start = time.process_time()
    listing: Listing | None = None
    refusal = ""
    try:
        listing = understand(data, name)
    except DigestbotError as error:
        refusal = str(error)
    if listing is None:
        assert refusal.startswith(name), "a refusal names the dump"
    else:
        assert all(piece.line >= 1 and len(piece.excerpt) <= 80 and piece.reason for piece in listing.skipped)
        assert all(paper.title.strip() and paper.to_json() for paper in listing.papers)
        for paper in listing.papers:
            str(paper.to_json()).encode("utf-8")
    reader = READERS[random.Random(f"{number} {name}").randrange(len(READERS))]
    with suppress(DigestbotError):
        content = Content(io.BytesIO(data), name)
        assert 0 <= reader.recognises(content.head) <= 1
        for piece in reader.read(content):
            assert isinstance(piece, Paper | Skipped | Layout)
    seconds = time.process_time() - start
    assert seconds < MOST_SECONDS, f"{seconds:.1f} s"


def survives(name: str, data: bytes, numbers: range) -> None:
    for number in numbers:
        mutated = damaged(name, data, number)
        try:
            check(name, mutated, number)
        except Exception as error:
            error.add_note(f"damaged({name!r}, seed, {number}), {len(mutated)} bytes")
            raise


@pytest.mark.parametrize(("name", "data"), seeds(), ids=lambda value: value if isinstance(value, str) else "")
def test_damaged_dumps_never_bring_a_reader_down(name: str, data: bytes) -> None:
    survives(name, data, range(2))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "data"), seeds(), ids=lambda value: value if isinstance(value, str) else "")
def test_thousands_of_damaged_dumps_never_bring_a_reader_down(name: str, data: bytes) -> None:
    survives(name, data, range(2, 250))


ENTITIES = b'<!DOCTYPE x [<!ENTITY a0 "lol">' + b"".join(
    b'<!ENTITY a%d "%s">' % (number, b"&a%d;" % (number - 1) * 10) for number in range(1, 10)
)
A_FILE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
ATOM = b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>%s</title></entry></feed>"
BOMBS = {
    "entities in PubMed": ENTITIES + b"]><PubmedArticleSet><PubmedArticle>&a9;</PubmedArticle></PubmedArticleSet>",
    "entities in a feed": ENTITIES + b"]>" + ATOM % b"&a9;",
    "entities in dblp": ENTITIES + b"]><dblp><article key='a'><title>&a9;</title></article></dblp>",
    "an entity of a file in dblp": A_FILE + b"<dblp><article><title>&e;</title></article></dblp>",
    "an entity of a file in a feed": A_FILE + ATOM % b"&e;",
    "nested lists": b'{"results": ' + b"[" * 200_000,
    "nested objects": b'{"items": [' + b'{"title": ' * 100_000,
    "nested in a record": b'[{"type": "book", "title": "T", "issued": {"raw": ' + b"[" * 900 + b"]" * 900 + b"}}]",
    "nested elements": b"<dblp>" + b"<article>" * 100_000,
    "nested within a title": b"<dblp><article><title>" + b"<i>" * 50_000,
    "nested braces": b"@article{a, title = " + b"{" * 100_000 + b"}" * 100_000 + b"}",
    "an endless title": b"TY  - JOUR\nTI  - " + b"x" * 3_000_000,
    "an endless record": b"TY  - JOUR\nTI  - x\n" + b"AU  - Doe, J\n" * 200_000,
    "endless keywords": b"PMID- 1\nTI  - x\n" + b"      y\n" * 200_000,
    "an endless entry": b"@article{a, " + b"title = {x\n" * 100_000,
    "many entries on one line": b"@a{b,c={" * 50_000,
    "an endless string": b'[{"title": "' + b"\\" * 2_000_001,
    "strings made of strings": b"@misc{a, title = a%s}\n" % b" # a".join(b"%d" % n for n in range(40)),
}
BOMBS["strings made of strings"] = (
    b"".join(b'@string{a%d = "xy" # a%d # a%d}\n' % (n + 1, n, n) for n in range(40)) + BOMBS["strings made of strings"]
)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_answered_quickly_and_within_bounds(name: str) -> None:
    start = time.process_time()
    with suppress(DumpError):
        for paper in understand(BOMBS[name], name).papers:
            assert "root:" not in paper.title
            assert len(str(paper.to_json())) < 20_000_000
    assert time.process_time() - start < MOST_SECONDS


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
@pytest.mark.parametrize(
    "piece", ["\n", " ", "\t\n", "a ", "- ", "<", "title: ", "@a{", '"a":{', "arxiv.org/abs/", "|", "#", "[]("]
)
def test_no_beginning_takes_long_to_be_recognised(piece: str, reader: Reader) -> None:
    start = time.process_time()
    reader.recognises(("x\n" + piece * 65_536)[:65_536])
    assert time.process_time() - start < 3


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
@pytest.mark.parametrize("name", BOMBS)
def test_no_reader_goes_down_with_a_bomb_meant_for_another(name: str, reader: Reader) -> None:
    start = time.process_time()
    with suppress(DumpError):
        content = Content(io.BytesIO(BOMBS[name]), name)
        reader.recognises(content.head)
        deque(reader.read(content), maxlen=1)
    assert time.process_time() - start < MOST_SECONDS
