"""The kinds of dumps that can be read: one line for each."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.listing.acl_anthology import ACLAnthology
from digestbot.listing.alert_mail import AlertMail
from digestbot.listing.arxiv_html import ArxivHtml
from digestbot.listing.arxiv_kaggle import ArxivKaggle
from digestbot.listing.arxiv_mail import ArxivMail
from digestbot.listing.arxiv_oai import OaiPmh
from digestbot.listing.base import Reader
from digestbot.listing.bibtex import BibTeX
from digestbot.listing.biorxiv import BioRxiv
from digestbot.listing.crossref import Crossref
from digestbot.listing.csl_json import CSLJSON
from digestbot.listing.daily_papers import DailyPapers
from digestbot.listing.daily_papers_json import DailyPapersJson
from digestbot.listing.daily_papers_page import DailyPapersPage
from digestbot.listing.datacite import DataCite
from digestbot.listing.dblp import DBLP
from digestbot.listing.europe_pmc import EuropePMC
from digestbot.listing.feeds import ArxivAtom, ArxivFeed, Feed
from digestbot.listing.jats import JATS
from digestbot.listing.labelled_text import LabelledText
from digestbot.listing.markdown import Markdown
from digestbot.listing.nbib import Nbib
from digestbot.listing.openalex import OpenAlex
from digestbot.listing.openreview import OpenReview
from digestbot.listing.plain_json import PlainJson
from digestbot.listing.plain_xml import PlainXml
from digestbot.listing.pubmed import PubMed
from digestbot.listing.pubmed_text import PubMedText
from digestbot.listing.redif import ReDIF
from digestbot.listing.refer import Refer
from digestbot.listing.ris import RIS
from digestbot.listing.scholar_alert import ScholarAlert
from digestbot.listing.semantic_scholar import SemanticScholar
from digestbot.listing.table import Table
from digestbot.listing.web_of_science import WebOfScience

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
    Table(),
    JATS(),
    PlainJson(),
    PlainXml(),
    PubMedText(),
    AlertMail(),
    ReDIF(),
    Refer(),
    WebOfScience(),
)
OF_WHOLE_MAILS = frozenset({ArxivMail.name, ScholarAlert.name, AlertMail.name})
"""Those that read mails as they come, encoded and in parts."""
