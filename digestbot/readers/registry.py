"""The kinds of dumps that can be read: one line for each."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.readers.base import Reader
from digestbot.readers.formats.acl_anthology import ACLAnthology
from digestbot.readers.formats.alert_mail import AlertMail, AlertPage
from digestbot.readers.formats.alert_text import AlertText
from digestbot.readers.formats.article_page import ArticlePage
from digestbot.readers.formats.arxiv_html import ArxivHtml
from digestbot.readers.formats.arxiv_kaggle import ArxivKaggle
from digestbot.readers.formats.arxiv_listing_text import ArxivListingText
from digestbot.readers.formats.arxiv_mail import ArxivMail
from digestbot.readers.formats.arxiv_oai import OaiPmh
from digestbot.readers.formats.bibtex import BibTeX
from digestbot.readers.formats.biorxiv import BioRxiv
from digestbot.readers.formats.crossref import Crossref
from digestbot.readers.formats.csl_json import CSLJSON
from digestbot.readers.formats.daily_papers import DailyPapers
from digestbot.readers.formats.daily_papers_json import DailyPapersJson
from digestbot.readers.formats.daily_papers_markdown import DailyPapersMarkdown
from digestbot.readers.formats.daily_papers_page import DailyPapersPage
from digestbot.readers.formats.datacite import DataCite
from digestbot.readers.formats.dblp import DBLP
from digestbot.readers.formats.europe_pmc import EuropePMC
from digestbot.readers.formats.feeds import ArxivAtom, ArxivFeed, Feed
from digestbot.readers.formats.jats import JATS
from digestbot.readers.formats.labelled_text import LabelledText
from digestbot.readers.formats.marc_xml import MarcXml
from digestbot.readers.formats.markdown import Markdown
from digestbot.readers.formats.nbib import Nbib
from digestbot.readers.formats.nep import NEP
from digestbot.readers.formats.openalex import OpenAlex
from digestbot.readers.formats.openreview import OpenReview
from digestbot.readers.formats.ovid import Ovid
from digestbot.readers.formats.plain_json import PlainJson
from digestbot.readers.formats.plain_xml import PlainXml
from digestbot.readers.formats.pubmed import PubMed
from digestbot.readers.formats.pubmed_text import PubMedText
from digestbot.readers.formats.redif import ReDIF
from digestbot.readers.formats.refer import Refer
from digestbot.readers.formats.refworks import RefWorks
from digestbot.readers.formats.result_pages import ResultPages
from digestbot.readers.formats.ris import RIS
from digestbot.readers.formats.scholar_alert import ScholarAlert
from digestbot.readers.formats.semantic_scholar import SemanticScholar
from digestbot.readers.formats.table import TableReader
from digestbot.readers.formats.unixref import Unixref
from digestbot.readers.formats.web_of_science import WebOfScience
from digestbot.readers.formats.word_sources import WordSources
from digestbot.readers.formats.yaml import YAML

READERS: Sequence[Reader] = (
    BibTeX(),
    RIS(),
    Ovid(),
    Nbib(),
    ArxivKaggle(),
    ArxivAtom(),
    ArxivFeed(),
    Feed(),
    PubMed(),
    OaiPmh(),
    Crossref(),
    OpenAlex(),
    DBLP(),
    ACLAnthology(),
    JATS(),
    Unixref(),
    MarcXml(),
    WordSources(),
    CSLJSON(),
    DataCite(),
    BioRxiv(),
    EuropePMC(),
    OpenReview(),
    SemanticScholar(),
    DailyPapersJson(),
    ArxivHtml(),
    ArticlePage(),
    ResultPages(),
    DailyPapersPage(),
    ScholarAlert(),
    ArxivMail(),
    ArxivListingText(),
    DailyPapersMarkdown(),
    TableReader(),
    DailyPapers(),
    NEP(),
    YAML(),
    PubMedText(),
    Refer(),
    RefWorks(),
    WebOfScience(),
    ReDIF(),
    LabelledText(),
    Markdown(),
    PlainJson(),
    PlainXml(),
    AlertMail(),
    AlertPage(),
    AlertText(),
)
"""In the order in which they are asked: those that tell quickly and exactly come first."""
OF_WHOLE_MAILS = frozenset({ArxivMail.name, ScholarAlert.name, AlertMail.name})
"""Those that read mails as they come, encoded and in parts."""
OF_PAGES = frozenset(
    each.name for each in (ArxivHtml, ArticlePage, ResultPages, DailyPapersPage, ScholarAlert, AlertPage)
)
"""Those that read HTML: a page kept as a string in JSON is taken out of it first."""
