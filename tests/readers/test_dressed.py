"""One listing in every form that people have it in gives the same papers, and never others."""

from __future__ import annotations

import base64
import io
import json
import plistlib
import quopri
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from digestbot.ingest.sources.files import read_dumps
from digestbot.model.errors import DumpError
from tests.readers.kit import understand

TITLES = ("Lanterns for Language", "Ropes in Pictures: A Survey of Knots", "How Far Does a Kite See?", "Wells")
ABSTRACT = (
    "We hang lanterns over {what} and count who sees them. Most of them are seen by nobody, which has not been "
    "shown before. Our method needs no oil, and it improves over the best of the others by four lanterns."
)


def hub() -> str:
    """A Daily Papers page."""
    articles = "".join(
        f'<article><div><a href="/papers/2503.0000{n}"><img src="/t/{n}.png"></a>'
        f'<div>Submitted by <img src="/a.svg"> emmy</div>'
        f'<div><a href="/login?next=%2Fpapers%2F2503.0000{n}"><div>{n}2</div></a></div>'
        f'<h3><a href="/papers/2503.0000{n}">{title}</a></h3>'
        f"<p>{ABSTRACT.format(what=title.lower())}</p>"
        f'<a href="/papers/2503.0000{n}"><ul><li><img src="/b.svg"></li><li>·</li><li>{n} authors</li></ul></a>'
        f'<a href="/papers/2503.0000{n}#community">{n}</a></div></article>'
        for n, title in enumerate(TITLES, 2)
    )
    return (
        "<!DOCTYPE html><html><head><title>Daily Papers - Hugging Face</title></head><body><header><nav><ul>"
        '<li><a href="/models">Models</a></li><li><a href="/datasets">Datasets</a></li></ul></nav></header><main>'
        "<p>Get trending papers in your email inbox once a day!</p>"
        '<a href="/login?next=%2Fpapers">Subscribe</a><h1><a href="/papers">Daily Papers</a></h1>'
        '<h2>by <a href="/akhaliq">AK</a> and the research community</h2><ul><li>Daily</li><li>Weekly</li></ul>'
        f"<div>Mar 3</div>{articles}</main><footer><a href='/tos'>TOS</a><a href='/privacy'>Privacy</a></footer>"
        "</body></html>"
    )


def arxiv() -> str:
    """A listing page of arXiv."""
    entries = "".join(
        f'<dt><a name="item{n}">[{n}]</a> <a href="/abs/2503.0000{n}" title="Abstract">arXiv:2503.0000{n}</a> '
        f'[<a href="/pdf/2503.0000{n}">pdf</a>, <a href="/format/2503.0000{n}">other</a>]</dt><dd>'
        f'<div class="meta"><div class="list-title mathjax"><span class="descriptor">Title:</span> {title}</div>'
        '<div class="list-authors"><a href="/a/noether_e_1">Emmy Noether</a>, '
        '<a href="/a/curie_m_1">Marie Curie</a></div>'
        '<div class="list-subjects"><span class="descriptor">Subjects:</span> Computation and Language (cs.CL)</div>'
        f'<p class="mathjax">{ABSTRACT.format(what=title.lower())}</p></div></dd>'
        for n, title in enumerate(TITLES, 2)
    )
    return (
        "<!DOCTYPE html><html><head><title>Computation and Language</title></head><body>"
        '<a href="#content">Skip to main content</a><a href="https://info.arxiv.org/about/donate.html">Donate</a>'
        '<a href="/search">Search</a><h1>Computation and Language</h1><h2>Showing new listings for Monday, 3 March 2025'
        f'</h2><h3>New submissions (showing 4 of 4 entries)</h3><dl id="articles">{entries}</dl>'
        '<a href="https://arxiv.org/list/cs.CL/new">again</a></body></html>'
    )


def converted(module: str, how: Callable[[Any, str], str]) -> Callable[[str], bytes]:
    def convert(page: str) -> bytes:
        return how(pytest.importorskip(module), page).encode()

    return convert


def mail(page: str, kind: str = "alternative", encoding: str = "quoted-printable") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Emmy <emmy@example.org>", "Fwd: what is new"
    message.set_content("See the page.\n")
    message.add_alternative(page, subtype="html", cte=encoding)
    return message.as_bytes()


def mhtml(page: str) -> bytes:
    encoded = quopri.encodestring(page.encode())
    return (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/\r\nSubject: A page\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--b--"\r\n\r\n'
        b"----b--\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + encoded
        + b"\r\n----b--\r\nContent-Type: text/css\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na { b: c }\r\n"
        b"----b----\r\n"
    )


def webarchive(page: str, form: plistlib.PlistFormat) -> bytes:
    main = {"WebResourceData": page.encode(), "WebResourceTextEncodingName": "UTF-8"}
    return plistlib.dumps({"WebMainResource": main, "WebSubresources": []}, fmt=form)


def mailbox(page: str) -> bytes:
    other = b"\nFrom MAILER Mon Mar  3 09:00:00 2025\nFrom: x\nSubject: y\n\nnothing\n"
    return b"From MAILER Mon Mar  3 08:00:00 2025\n" + mail(page) + other


def gmail(page: str) -> bytes:
    data = base64.urlsafe_b64encode(page.encode()).decode()
    parts = [{"mimeType": "text/html", "body": {"data": data}}, {"mimeType": "text/plain", "body": {"data": ""}}]
    payload = {"mimeType": "multipart/alternative", "headers": [{"name": "From", "value": "x"}], "parts": parts}
    return json.dumps([{"id": "1", "payload": payload}]).encode()


FORMS: dict[str, Callable[[str], bytes]] = {
    "HTML": str.encode,
    "HTML in UTF-16": lambda page: page.encode("utf-16"),
    "html2text": converted("html2text", lambda module, page: module.html2text(page)),
    "html2text, unwrapped": converted("html2text", lambda module, page: module.html2text(page, bodywidth=0)),
    "markdownify": converted("markdownify", lambda module, page: module.markdownify(page, heading_style="ATX")),
    "markdownify, underlined": converted("markdownify", lambda module, page: module.markdownify(page)),
    "inscriptis": converted("inscriptis", lambda module, page: module.get_text(page)),
    "MHTML": mhtml,
    "web archive": lambda page: webarchive(page, plistlib.FMT_BINARY),
    "web archive as XML": lambda page: webarchive(page, plistlib.FMT_XML),
    "mail": mail,
    "mail in base64": lambda page: mail(page, encoding="base64"),
    "mailbox": mailbox,
    "quoted-printable": lambda page: quopri.encodestring(page.encode()),
    "mail of an API in base64": gmail,
    "recorded answer": lambda page: json.dumps({"status": 200, "headers": {}, "body": page}).encode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("page", [hub, arxiv], ids=lambda page: page.__name__)
def test_a_listing_in_another_form_is_the_same(page: Callable[[], str], form: str) -> None:
    data = FORMS[form](page())
    listing = understand(data, "dump")
    assert [paper.title for paper in listing.papers] == list(TITLES)
    assert not listing.incomplete
    for paper in listing.papers:
        assert page is hub or paper.authors == ("Emmy Noether", "Marie Curie")
        assert paper.abstract == ABSTRACT.format(what=paper.title.lower())
        assert form == "inscriptis" or paper.ids.get("arxiv"), "the ids stand in the links"


@pytest.mark.parametrize("page", [hub, arxiv], ids=lambda page: page.__name__)
def test_a_listing_in_a_zip_within_a_zip_is_the_same(page: Callable[[], str], tmp_path: Path) -> None:
    inner, outer = io.BytesIO(), tmp_path / "dump.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("page.mhtml", mhtml(page()))
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    for dump in read_dumps(str(outer)):
        with dump.open() as stream:
            assert [paper.title for paper in understand(stream.read(), dump.name).papers] == list(TITLES)


WRAPPED: dict[str, Callable[[str], bytes]] = {
    "mail": lambda text: _plain_mail(text, "8bit"),
    "mail, quoted-printable": lambda text: _plain_mail(text, "quoted-printable"),
    "mail in base64": lambda text: _plain_mail(text, "base64"),
    "attachment": lambda text: _attached(text),
    "UTF-16": lambda text: text.encode("utf-16"),
}
BIBTEX = "".join(f"@article{{a{n},\n  title = {{{title}}},\n  year = 2026\n}}\n" for n, title in enumerate(TITLES))
RIS = "".join(f"TY  - JOUR\nTI  - {title}\nPY  - 2026\nER  - \n\n" for title in TITLES)


def _plain_mail(text: str, encoding: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Emmy <emmy@example.org>", "Fwd: references"
    message.set_content(text, cte=encoding)
    return message.as_bytes()


def _attached(text: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Emmy <emmy@example.org>", "Fwd: references"
    message.set_content("See the file.\n")
    message.add_attachment(text.encode(), maintype="application", subtype="octet-stream", filename="references")
    return message.as_bytes()


@pytest.mark.parametrize("form", WRAPPED)
@pytest.mark.parametrize("text", [BIBTEX, RIS, "\ufeff" + RIS], ids=["bibtex", "ris", "ris with a mark of its order"])
def test_an_export_in_another_form_is_the_same(text: str, form: str) -> None:
    assert [paper.title for paper in understand(WRAPPED[form](text), "dump").papers] == list(TITLES)


def test_a_listing_whose_lines_are_uncut_has_its_authors_behind_the_titles() -> None:
    text = (
        "Showing new listings\n\n        [1] arXiv:2503.00002 [pdf]\n            Title: Lanterns at sea\n"
        "            E. Noether\n            Subjects: Optics (physics.optics)\n"
    )
    (paper,) = understand(text.encode(), "list.txt").papers
    assert (paper.title, paper.authors) == ("Lanterns at sea", ("E. Noether",))


def test_an_alert_mail_that_shows_no_paper_is_no_success() -> None:
    page = '<html><body><p>Hello, see <a href="https://doi.org/10.1000/1">this</a></p></body></html>'
    with pytest.raises(DumpError):
        understand(mail(page), "mail")
