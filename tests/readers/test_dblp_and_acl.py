"""dblp's and the ACL Anthology's XML."""

from __future__ import annotations

from tests.readers.kit import understand

DBLP = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE dblp SYSTEM "dblp.dtd">
<dblp>
<article mdate="2020-01-01" key="journals/x/M20"><author>J&uuml;rgen M&#252;ller 0001</author>
<author>Ada &Ouml;</author><title>O(<i>n</i><sup>2</sup>) &amp; more.</title><ee type="oa">https://doi.org/10.1000/ABC</ee><ee>https://x.org</ee></article>
<article publtype="informal" key="journals/corr/abs-2301-00001"><author>B</author><title>Preprint.</title>
<ee>https://doi.org/10.48550/arXiv.2301.00001</ee></article>
<www key="homepages/1"><author>B</author><title>Home Page</title></www>
<phdthesis key="phd/1"><author>C</author></phdthesis>
</dblp>"""


def test_dblp_records_are_read_without_their_dtd() -> None:
    listing = understand(DBLP.encode("latin-1"), "dblp.xml")
    first, second = listing.papers
    assert first.title == "O(n2) & more."
    assert first.authors == ("Jürgen Müller", "Ada Ö")
    assert first.ids == {"doi": "10.1000/abc", "dblp": "journals/x/M20"}
    assert first.url == "https://doi.org/10.1000/ABC"
    assert second.ids["arxiv"] == "2301.00001"
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [(9, "unreadable")]


def test_an_answer_of_dblps_search_is_read() -> None:
    answer = (
        '<?xml version="1.0"?><result><query>x</query><hits total="1"><hit score="1" id="7"><info><authors>'
        '<author pid="1">Ada L 0002</author></authors><title>T.</title><doi>10.1000/X</doi><key>conf/a/B1</key>'
        "<ee>https://doi.org/10.1000/X</ee><url>https://dblp.org/rec/conf/a/B1</url></info></hit></hits></result>"
    )
    paper = understand(answer.encode(), "hits.xml").papers[0]
    assert (paper.title, paper.authors, paper.ids) == ("T.", ("Ada L",), {"doi": "10.1000/x", "dblp": "conf/a/B1"})


def test_a_persons_file_is_read() -> None:
    work = '<inproceedings key="c/1"><title>T.</title></inproceedings>'
    text = f'<dblpperson name="A"><person key="homepages/a"/><r>{work}</r></dblpperson>'
    assert [paper.title for paper in understand(text.encode(), "a.xml").papers] == ["T."]


ACL = r"""<?xml version='1.0' encoding='UTF-8'?>
<collection id="2020.acl"><volume id="main"><meta><booktitle>Proceedings</booktitle></meta>
<frontmatter><url>2020.acl-main.0</url></frontmatter>
<paper id="1"><title><fixed-case>BERT</fixed-case> for <tex-math>O(n^2)</tex-math> &amp; <tex-math>\alpha</tex-math>s:
 &lt;Taxes&gt;</title><author id="x"><first>Ada</first><last>Lovelace</last><variant script="hani"><first>x</first>
</variant></author><author><first/><last>Plato</last></author><abstract>We <b>show</b> it.</abstract>
<url hash="ab">2020.acl-main.1</url><doi>10.18653/v1/2020.acl-main.1</doi></paper>
<paper id="2"><author><first>A</first><last>B</last></author></paper>
</volume></collection>"""


def test_acl_papers_are_read_with_nested_markup_in_their_titles() -> None:
    listing = understand(ACL.encode(), "2020.acl.xml")
    paper = listing.papers[0]
    assert paper.title == "BERT for O(n^2) & αs: <Taxes>"
    assert paper.abstract == "We show it."
    assert paper.authors == ("Ada Lovelace", "Plato")
    assert paper.ids == {"doi": "10.18653/v1/2020.acl-main.1", "acl": "2020.acl-main.1"}
    assert paper.url == "https://aclanthology.org/2020.acl-main.1/"
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [(8, "unreadable")]
