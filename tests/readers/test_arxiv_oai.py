"""OAI-PMH answers: arXiv's kinds of records, Dublin Core, errors, deleted records and lists that go on."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.model.errors import DumpError
from tests.readers.kit import Listing, understand

OAI = '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{}</ListRecords></OAI-PMH>'
HEADER = "<header><identifier>{}</identifier><datestamp>2024-01-01</datestamp></header>"
ARXIV = f"""<record>{HEADER.format("oai:arXiv.org:2401.00001")}<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">
<id>2401.00001</id><created>2024-01-02</created><updated>2024-02-02</updated>
<authors><author><keyname>Doe</keyname><forenames>Jane</forenames><suffix>Jr</suffix><affiliation>X</affiliation></author>
<author><keyname>The Team</keyname></author><author><keyname>:</keyname></author></authors>
<title>A title
  in two lines</title><categories>cs.CL stat.ML</categories><comments>withdrawn by the authors</comments>
<doi>10.1000/ABC</doi><abstract>  We show x &lt; y. </abstract></arXiv></metadata></record>"""
RAW = f"""<record>{HEADER.format("oai:arXiv.org:0704.0001")}<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">
<id>0704.0001</id><version version="v1"><date>Mon, 2 Apr 2007 19:18:42 GMT</date></version>
<version version="v2"><date>Tue, 24 Jul 2007 20:10:27 GMT</date></version><title>Raw</title>
<authors>C. Bal\\'azs (1), E. L. Berger and P. M. Nadolsky (2) ((1) Here, (2) There)</authors>
<categories>hep-ph</categories><abstract>Text.</abstract></arXivRaw></metadata></record>"""
DUBLIN = f"""<record>{HEADER.format("oai:zenodo.org:12")}<metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Core</dc:title><dc:creator>Doe, Jane</dc:creator><dc:creator>Roe, Al</dc:creator>
<dc:subject>key word</dc:subject>
<dc:description>Comment: 3 pages</dc:description><dc:description>&lt;p&gt;Text &amp;amp; more&lt;/p&gt;</dc:description>
<dc:date>2020-03</dc:date><dc:date>2020-03-04</dc:date><dc:identifier>10.5281/zenodo.12</dc:identifier>
<dc:identifier>https://zenodo.org/record/12</dc:identifier></oai_dc:dc></metadata></record>"""


def read(*records: str) -> Listing:
    return understand(OAI.format("\n".join(records)).encode(), "oai.xml")


def test_an_arxiv_record_is_read_with_all_its_fields() -> None:
    listing = read(ARXIV)
    (paper,) = listing.papers
    assert (paper.title, paper.abstract) == ("A title in two lines", "We show x < y.")
    assert paper.authors == ("Jane Doe Jr", "The Team")
    assert (paper.published, paper.categories) == (date(2024, 1, 2), ("cs.CL", "stat.ML"))
    assert (dict(paper.ids), paper.source) == ({"arxiv": "2401.00001", "doi": "10.1000/abc"}, "arxiv")
    assert "1 withdrawn paper: 2401.00001" in listing.notes


def test_a_raw_record_has_the_date_of_its_first_version_and_names_without_affiliations() -> None:
    (paper,) = read(RAW).papers
    assert (paper.published, paper.authors) == (date(2007, 4, 2), ("C. Balázs", "E. L. Berger", "P. M. Nadolsky"))


def test_dublin_core_of_another_archive_is_read() -> None:
    (paper,) = read(DUBLIN).papers
    assert (paper.title, paper.abstract, paper.authors) == ("Core", "Text & more", ("Jane Doe", "Al Roe"))
    assert (paper.published, paper.categories, paper.url) == (date(2020, 3, 4), (), "https://zenodo.org/record/12")
    assert dict(paper.ids) == {"doi": "10.5281/zenodo.12", "oai": "oai:zenodo.org:12"}


def test_deleted_records_foreign_metadata_and_missing_titles_are_skipped_with_their_line() -> None:
    deleted = '<record><header status="deleted"><identifier>oai:x:1</identifier></header></record>'
    foreign = f"<record>{HEADER.format('oai:x:2')}<metadata><marc/></metadata></record>"
    untitled = f"<record>{HEADER.format('oai:x:3')}<metadata><dc><title> </title></dc></metadata></record>"
    listing = read(deleted, foreign, untitled, RAW)
    assert [(piece.kind, piece.line) for piece in listing.skipped] == [
        ("furniture", 2), ("unreadable", 3), ("unreadable", 4),
    ]  # fmt: skip
    assert len(listing.papers) == 1


def test_a_list_that_goes_on_says_so_with_its_token() -> None:
    listing = read(RAW, '<resumptionToken cursor="0" completeListSize="77">6511260|1001</resumptionToken>')
    assert any("of 77" in note and "6511260|1001" in note for note in listing.notes)


def test_no_records_is_no_failure_but_another_error_is() -> None:
    nothing = read('<error code="noRecordsMatch">no match</error>')
    assert list(nothing.papers) == []
    assert any("no match" in note for note in nothing.notes)
    with pytest.raises(DumpError, match="badResumptionToken: expired"):
        read('<error code="badResumptionToken">expired</error>')


def test_a_record_alone_and_an_answer_cut_off_are_read_as_far_as_they_go() -> None:
    assert len(understand(DUBLIN.encode(), "record.xml").papers) == 1
    text = OAI.format(ARXIV + RAW)
    listing = understand(text[: text.index("Raw</title>")].encode(), "oai.xml")
    assert (len(listing.papers), [piece.kind for piece in listing.skipped]) == (1, ["incomplete"])
