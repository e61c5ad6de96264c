"""PubMed's text format, from PubMed and from PMC."""

from __future__ import annotations

from datetime import date

from tests.readers.kit import Listing, understand

ONE = """PMID- 27169098
OWN - NLM
DP  - 2016 Nov
TI  - Proteomics: a new
      perspective.
LID - 10.4103/2277-9175.180636 [doi]
AB  - BACKGROUND: It
      goes on.
CI  - (c) 2016
FAU - Shruthi, Basavaradhya
AU  - Shruthi B
CN  - The Group
FAU - Selvamani
DEP - 20160419
PMC - PMC6055010
SO  - Adv Res. 2016.
"""


def read(text: str) -> Listing:
    return understand(text.encode(), "pubmed.nbib")


def test_a_record_becomes_a_paper_with_everything_it_says() -> None:
    paper = read(ONE).papers[0]
    assert paper.title == "Proteomics: a new perspective."
    assert paper.abstract == "BACKGROUND: It goes on."
    assert paper.authors == ("Basavaradhya Shruthi", "The Group", "Selvamani")
    assert paper.published == date(2016, 4, 19)
    assert paper.ids == {"doi": "10.4103/2277-9175.180636", "pmid": "27169098", "pmcid": "PMC6055010"}
    assert paper.link == "https://pubmed.ncbi.nlm.nih.gov/27169098/"
    assert paper.source == "pubmed"


def test_records_follow_one_another_with_and_without_blank_lines() -> None:
    other = ONE.replace("27169098", "2").replace("Proteomics", "Genomics")
    titles = ["Proteomics: a new perspective.", "Genomics: a new perspective."]
    assert [paper.title for paper in read(ONE + "\n" + other).papers] == titles
    assert [paper.title for paper in read(ONE + other).papers] == titles


def test_pmc_puts_its_own_number_first() -> None:
    text = "PMC - PMC1\nPMID- 1\nTI  - A\nAU  - van der Berg JH Jr\nSO  - x\n\nPMC - PMC2\nPMID- 2\nTI  - B\nSO  - y\n"
    papers = read(text).papers
    assert [(paper.title, paper.ids["pmcid"]) for paper in papers] == [("A", "PMC1"), ("B", "PMC2")]
    assert papers[0].authors == ("JH van der Berg Jr",)


def test_books_have_their_title_elsewhere_and_nothing_is_invented() -> None:
    paper = read("PMID- 1\nSTAT- Publisher\nBTI - A Handbook\nDP  - 2016\n").papers[0]
    assert (paper.title, paper.abstract, paper.authors) == ("A Handbook", None, ())
    assert paper.to_json()["published"] == "2016"


def test_a_last_record_without_its_end_is_incomplete_and_one_without_title_unreadable() -> None:
    listing = read(ONE + "\nPMID- 2\nOWN - NLM\nSO  - x\n\nPMID- 3\nTI  - Cut off\nAB  - It go")
    assert len(listing.papers) == 1
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [(18, "unreadable"), (22, "incomplete")]
