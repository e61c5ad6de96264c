"""The kinds of dumps that can be read: one line for each."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.readers.base import Reader
from digestbot.readers.formats.acl_anthology import ACLAnthology
from digestbot.readers.formats.alert_mail import AlertMail
from digestbot.readers.formats.arxiv_html import ArxivHtml
from digestbot.readers.formats.arxiv_kaggle import ArxivKaggle
from digestbot.readers.formats.arxiv_mail import ArxivMail
from digestbot.readers.formats.arxiv_oai import OaiPmh
from digestbot.readers.formats.bibtex import BibTeX
from digestbot.readers.formats.biorxiv import BioRxiv
from digestbot.readers.formats.crossref import Crossref
from digestbot.readers.formats.csl_json import CSLJSON
from digestbot.readers.formats.daily_papers import DailyPapers
from digestbot.readers.formats.daily_papers_json import DailyPapersJson
from digestbot.readers.formats.daily_papers_page import DailyPapersPage
from digestbot.readers.formats.datacite import DataCite
from digestbot.readers.formats.dblp import DBLP
from digestbot.readers.formats.europe_pmc import EuropePMC
from digestbot.readers.formats.feeds import ArxivAtom, ArxivFeed, Feed
from digestbot.readers.formats.jats import JATS
from digestbot.readers.formats.labelled_text import LabelledText
from digestbot.readers.formats.markdown import Markdown
from digestbot.readers.formats.nbib import Nbib
from digestbot.readers.formats.openalex import OpenAlex
from digestbot.readers.formats.openreview import OpenReview
from digestbot.readers.formats.plain_json import PlainJson
from digestbot.readers.formats.plain_xml import PlainXml
from digestbot.readers.formats.pubmed import PubMed
from digestbot.readers.formats.pubmed_text import PubMedText
from digestbot.readers.formats.redif import ReDIF
from digestbot.readers.formats.refer import Refer
from digestbot.readers.formats.ris import RIS
from digestbot.readers.formats.scholar_alert import ScholarAlert
from digestbot.readers.formats.semantic_scholar import SemanticScholar
from digestbot.readers.formats.table import TableReader
from digestbot.readers.formats.web_of_science import WebOfScience

READERS: Sequence[Reader] = (
    DailyPapers(),
    ArxivMail(),
    ArxivAtom(),
    ArxivFeed(),
    ArxivKaggle(),
    LabelledText(),
    Feed(),
    ACLAnthology(),
    BibTeX(),
    BioRxiv(),
    CSLJSON(),
    DataCite(),
    DBLP(),
    EuropePMC(),
    Nbib(),
    PubMed(),
    RIS(),
    ArxivHtml(),
    OaiPmh(),
    Crossref(),
    DailyPapersJson(),
    DailyPapersPage(),
    Markdown(),
    OpenAlex(),
    OpenReview(),
    ScholarAlert(),
    SemanticScholar(),
    TableReader(),
    JATS(),
    PlainJson(),
    PlainXml(),
    PubMedText(),
    AlertMail(),
    ReDIF(),
    Refer(),
    WebOfScience(),
)
