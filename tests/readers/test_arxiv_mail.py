r"""arXiv's mailings: sections, withdrawals, encoded mails, several in one file, and where they break."""

from __future__ import annotations

import base64
import quopri

import pytest

from digestbot.model.errors import DumpError
from tests.readers.kit import Listing, understand

RULE = "-" * 78
HEAD = f"""{RULE}
{RULE}
Send any comments regarding submissions directly to submitter.
{RULE}
Archives at http://arxiv.org/
To unsubscribe, e-mail To: cs@arXiv.org, Subject: cancel
{RULE}
 received from  Tue  5 Nov 24 19:00:00 GMT  to  Wed  6 Nov 24 19:00:00 GMT
{RULE}
"""
NEW = rf"""{RULE}
\\
arXiv:2411.00001
Date: Sat, 2 Nov 2024 00:16:29 GMT   (1531kb,D)

Title: Reading Slowly with $\alpha$-Entmax and
  a Long Title
Authors: Emma M\"uller (1 and 2), Ada Lovelace (for the Engine Collaboration
  (and friends)) and Bob O'Neil Jr. ((1) Here, (2) There, Abroad)
Categories: q-fin.TR cs.CL
Comments: 12 pages
DOI: 10.1000/XYZ.1
MSC-class: 60G65, 91B16
\\
  We read slowly. Costs: nothing.
Title: is not a label here.
  A second paragraph.
\\ ( https://arxiv.org/abs/2411.00001 ,  1531kb)
"""
CROSS = NEW.replace("2411.00001", "2411.00002 (*cross-listing*)", 1).replace("2411.00001", "2411.00002")
REPLACED = rf"""{RULE}
\\
arXiv:2011.00552
replaced with revised version Wed, 15 Mar 2023 18:05:58 GMT   (829kb,D)

Title: Quantiles -- Revisited
Authors: A. B. See
Categories: q-fin.ST
\\ ( https://arxiv.org/abs/2011.00552 ,  829kb)
"""
WITHDRAWN = REPLACED.replace("(829kb,D)", "(0kb,I)").replace("2011.00552", "2011.00553")
TO_CROSS, TO_REPLACED, END = "%-" * 39, "%%--" * 19 + "%%", "%%%---" * 13
MAIL = f"{HEAD}{NEW}{TO_CROSS}\n{CROSS}{TO_REPLACED}\n{TO_REPLACED}\n{REPLACED}{WITHDRAWN}{END}\n"
HEADERS = "From: send mail ONLY to cs <no-reply@arXiv.org>\nDate: Thu, 7 Nov 2024 00:45:57 -0500\nSubject: cs daily\n"


def read(text: str) -> Listing:
    listing = understand(text.encode(), "mail.txt")
    assert listing.format == "arxiv-mail"
    return listing


def test_every_field_of_an_entry() -> None:
    paper = read(MAIL).papers[0]
    assert paper.title == "Reading Slowly with α-Entmax and a Long Title"
    assert paper.abstract == "We read slowly. Costs: nothing. Title: is not a label here. A second paragraph."
    assert paper.authors == ("Emma Müller", "Ada Lovelace", "Bob O'Neil Jr.")
    assert str(paper.published) == "2024-11-02"
    assert paper.categories == ("q-fin.TR", "cs.CL")
    assert paper.ids == {"arxiv": "2411.00001", "doi": "10.1000/xyz.1"}
    assert (paper.url, paper.source, paper.kind) == ("https://arxiv.org/abs/2411.00001", "arxiv", "new")


def test_sections_give_the_kind_and_withdrawn_papers_are_told() -> None:
    listing = read(MAIL)
    assert [paper.kind for paper in listing.papers] == ["new", "cross", "replaced", "replaced"]
    assert listing.papers[2].published is None, "when it was replaced is not when it was published"
    assert listing.notes == ["1 withdrawn paper: 2011.00553"]
    assert not listing.incomplete


def test_a_listing_of_the_past_week_has_days_and_no_abstracts() -> None:
    entry = NEW.split("MSC-class")[0] + "\\\\\n"
    listing = read(
        f"{RULE}\n\\\\\n/* Fri, 3 Mar 2023 */\n\\\\\n{entry}{entry.replace('00001', '00003 (*cross-listing*)')}"
    )
    assert (listing.layout, listing.listed_on) == ("past week", "Fri, 3 Mar 2023")
    assert [(paper.ids["arxiv"], paper.kind, paper.abstract) for paper in listing.papers] == [
        ("2411.00001", "new", None),
        ("2411.00003", "cross", None),
    ]


def test_the_old_style_of_ids_is_read() -> None:
    old = NEW.replace("arXiv:2411.00001", "Paper (*cross-listing*): hep-th/9901001")
    (paper,) = read(HEAD + old + RULE + "\n").papers
    assert (paper.ids["arxiv"], paper.kind) == ("hep-th/9901001", "cross")


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "multipart"])
def test_an_encoded_mail_is_unpacked(encoding: str) -> None:
    body = MAIL.replace('M\\"uller', "Müller").encode()
    if encoding == "multipart":
        kind = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n"
        plain = f"--b\n{kind}\n{base64.encodebytes(body).decode()}"
        html = "--b\nContent-Type: text/html\n\n<p>x</p>\n--b--\n"
        mail = f'{HEADERS}Content-Type: multipart/alternative; boundary="b"\n\n{plain}{html}'
    else:
        coded = quopri.encodestring(body) if encoding == "quoted-printable" else base64.encodebytes(body)
        kind = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n"
        mail = f"{HEADERS}{kind}\n{coded.decode()}"
    listing = read(mail)
    assert [paper.kind for paper in listing.papers] == ["new", "cross", "replaced", "replaced"]
    assert listing.papers[0].authors[0] == "Emma Müller"
    assert listing.listed_on == "Thu, 7 Nov 2024 00:45:57 -0500"


def test_several_mails_in_one_file_begin_with_new_papers_each() -> None:
    one = f"From no-reply@arxiv.org Thu Nov  7 00:45:57 2024\n{HEADERS}\n{MAIL}\n"
    kinds = [paper.kind for paper in read(one + one).papers]
    assert kinds == ["new", "cross", "replaced", "replaced"] * 2


def test_a_mailing_without_papers_is_whole() -> None:
    listing = read(f"{HEADERS}\n{HEAD}{END}\n")
    assert (list(listing.papers), listing.notes) == ([], ["the mailing lists no papers"])


@pytest.mark.parametrize("cut", ["We read", "\\\\ ( https", "Categories"])
def test_a_mailing_that_breaks_off_says_where(cut: str) -> None:
    second = NEW.replace("00001", "00009")
    listing = read(HEAD + NEW + second[: second.index(cut) + 5])
    assert [paper.ids["arxiv"] for paper in listing.papers] == ["2411.00001"]
    (piece,) = [piece for piece in listing.skipped if piece.kind != "furniture"]
    assert piece.kind == "incomplete"
    assert (HEAD + NEW + second).split("\n")[piece.line - 1] == "\\\\"


def test_a_broken_entry_leaves_the_others_alone() -> None:
    listing = read(HEAD + NEW + NEW.replace("Title: Reading", "Tilte Reading") + REPLACED + RULE + "\n")
    assert len(listing.papers) == 2
    assert [piece.reason for piece in listing.skipped if piece.kind == "unreadable"] == ["an entry without a title"]
    lost_end = NEW.replace("\\\\ ( https://arxiv.org/abs/2411.00001 ,  1531kb)\n", "")
    assert len(read(HEAD + lost_end + REPLACED + RULE + "\n").papers) == 2
    lost_rule = NEW.replace(RULE, "").replace("\\\\\narXiv", "arXiv")
    assert len(read(HEAD + NEW + lost_rule + RULE + "\n").papers) == 2


def test_other_mails_are_no_mailing() -> None:
    with pytest.raises(DumpError, match="no format"):
        understand(b"From: Ada <ada@example.org>\nSubject: Lunch\n\nAt nine?\n", "mail.eml")
