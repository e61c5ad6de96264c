"""PubMed's XML: articles, books, structured abstracts, and what is broken among them."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.model.errors import DumpError
from tests.readers.kit import Listing, understand

HEAD = """<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/pubmed.dtd">
"""
ARTICLE = """<PubmedArticle><MedlineCitation><PMID Version="1">23633646</PMID><Article>
<Journal><JournalIssue><PubDate><Year>2013</Year><Month>May</Month><Day>2</Day></PubDate></JournalIssue></Journal>
<ArticleTitle>On <i>E. coli</i> and H<sub>2</sub>O.</ArticleTitle>
<ELocationID EIdType="pii">122</ELocationID><ELocationID EIdType="doi">10.3275/8949</ELocationID>
<Abstract><AbstractText Label="METHODS" NlmCategory="METHODS">We <b>did</b> p &lt; 0.05.</AbstractText>
<AbstractText Label="UNLABELLED">More.</AbstractText><AbstractText/></Abstract>
<AuthorList><Author><LastName>Gibb</LastName><ForeName>F W</ForeName><Suffix>Jr</Suffix></Author>
<Author><LastName>Doe</LastName><Initials>J</Initials></Author><Author><CollectiveName>The Group</CollectiveName>
</Author></AuthorList></Article></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="pmc">PMC99</ArticleId></ArticleIdList><ReferenceList><Reference>
<ArticleIdList><ArticleId IdType="doi">10.9999/cited</ArticleId></ArticleIdList></Reference></ReferenceList>
</PubmedData></PubmedArticle>
"""
BOOK = """<PubmedBookArticle><BookDocument><PMID>5</PMID><Book><BookTitle>A Guide</BookTitle><AuthorList Type="editors">
<Author><LastName>Ed</LastName></Author></AuthorList></Book><AuthorList Type="authors"><Author><LastName>Roe</LastName>
</Author></AuthorList></BookDocument></PubmedBookArticle>"""


def read(*records: str) -> Listing:
    return understand((HEAD + "<PubmedArticleSet>" + "".join(records) + "</PubmedArticleSet>").encode(), "p.xml")


def test_an_article_becomes_a_paper_with_everything_it_says() -> None:
    paper = read(ARTICLE).papers[0]
    assert paper.title == "On E. coli and H2O."
    assert paper.abstract == "METHODS: We did p < 0.05. More."
    assert paper.authors == ("F W Gibb Jr", "J Doe", "The Group")
    assert paper.published == date(2013, 5, 2)
    assert paper.ids == {"doi": "10.3275/8949", "pmid": "23633646", "pmcid": "PMC99"}
    assert paper.source == "pubmed"


def test_the_articles_own_date_goes_before_the_issues_and_a_month_is_kept() -> None:
    electronic = "<ArticleDate><Year>2013</Year><Month>04</Month><Day>30</Day></ArticleDate></Article>"
    assert read(ARTICLE.replace("</Article>", electronic, 1)).papers[0].published == date(2013, 4, 30)
    assert read(ARTICLE.replace("<Day>2</Day>", "")).papers[0].to_json()["published"] == "2013-05"


def test_a_book_is_read_with_its_authors_and_not_its_editors() -> None:
    paper = read(BOOK).papers[0]
    assert (paper.title, paper.authors) == ("A Guide", ("Roe",))


def test_a_translated_article_may_have_only_its_own_title() -> None:
    renamed = ARTICLE.replace("ArticleTitle", "VernacularTitle")
    assert read(renamed).papers[0].title == "On E. coli and H2O."


def test_a_record_without_a_title_is_told_and_the_others_are_read() -> None:
    listing = read(ARTICLE, "<PubmedArticle><MedlineCitation><PMID>9</PMID></MedlineCitation></PubmedArticle>", BOOK)
    assert [paper.title for paper in listing.papers] == ["On E. coli and H2O.", "A Guide"]
    assert [piece.kind for piece in listing.skipped] == ["unreadable"]


def test_a_set_cut_off_is_incomplete_and_an_empty_one_is_not() -> None:
    cut = understand((HEAD + "<PubmedArticleSet>" + ARTICLE + ARTICLE[:300]).encode(), "p.xml")
    assert (len(cut.papers), cut.incomplete) == (1, True)
    empty = read()
    assert (list(empty.papers), empty.incomplete) == ([], False)


def test_an_entity_bomb_is_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    bomb += "<PubmedArticleSet><PubmedArticle>&b;</PubmedArticle></PubmedArticleSet>"
    with pytest.raises(DumpError, match="entity"):
        understand(bomb.encode(), "bomb.xml")


def test_mesh_headings_and_keywords_are_its_keywords() -> None:
    headings = (
        "<MeshHeadingList><MeshHeading><DescriptorName>Neurons</DescriptorName><QualifierName>physiology</QualifierName>"
        "</MeshHeading></MeshHeadingList><KeywordList><Keyword>Spikes, fast</Keyword></KeywordList></MedlineCitation>"
    )
    assert read(ARTICLE.replace("</MedlineCitation>", headings)).papers[0].keywords == ("Neurons", "Spikes, fast")
