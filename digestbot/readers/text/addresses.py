"""The identifiers that addresses of single papers hold: a DOI, a submission's, a deposit's."""

from __future__ import annotations

import re
from urllib.parse import unquote

from digestbot.readers.text.fields import ids

_DOI_WITHIN = re.compile(
    r"/(?:doi|articles?|content|abs|full|chapter|book|article/10|journal)/(?:[a-z]{2,8}/)?(10\.\d{4,9}/[^?#\s]+)",
    re.IGNORECASE,
)
_PLOS = re.compile(r"[?&]id=(10\.1371/journal\.[\w.]+)")
_NATURE = re.compile(
    r"nature\.com/articles/([a-z]?[\w.-]*\d[\w.-]*?)(?:\.pdf|_reference\.pdf)?/?(?:[?#]|\Z)", re.IGNORECASE
)
_BY_HOST = {
    "openreview.net/": ("openreview", r"openreview\.net/(?:forum|pdf|attachment)\?(?:[^#]*&)?id=([\w-]{4,40})"),
    "hal.": ("hal", r"hal\.(?:science|archives-ouvertes\.fr|inria\.fr)/([a-z]+-\d{6,10})(?:v\d+)?"),
    "archives-ouvertes.fr/": ("hal", r"archives-ouvertes\.fr/([a-z]+-\d{6,10})(?:v\d+)?"),
    "aclanthology.org/": ("acl", r"aclanthology\.org/([A-Z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+)(?:\.pdf|/|\Z)"),
    "nih.gov/": ("pmid", r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{4,9})(?:/|\?|\Z)"),
    ".nih.gov/": ("pmcid", r"ncbi\.nlm\.nih\.gov/(?:pmc/)?articles/(PMC\d{4,9})"),
    "ssrn.com/": ("ssrn", r"ssrn\.com/.*?abstract(?:_id)?=(\d{5,9})"),
    "sciencedirect.com/": ("pii", r"sciencedirect\.com/science/article/(?:abs/)?pii/(S\w{10,20})"),
    "semanticscholar.org/": ("s2", r"semanticscholar\.org/(?:paper|reader)/(?:[^/?#]*/)?([0-9a-f]{40})"),
    "ieeexplore.ieee.org/": ("ieee", r"ieeexplore\.ieee\.org/(?:abstract/)?document/(\d{5,9})"),
}
_FORMS = {mark: (scheme, re.compile(form)) for mark, (scheme, form) in _BY_HOST.items()}


def ids_in_address(url: str) -> dict[str, str]:
    """What an address names, by scheme; a DOI and an arXiv id as they are spelled everywhere. Empty for most."""
    found: dict[str, str] = {}
    for mark, (scheme, form) in _FORMS.items():
        if mark in url and (named := form.search(url)):
            found[scheme] = named[1].lower() if scheme == "hal" else named[1]
    lowered = url.lower()
    if "arxiv" in lowered or "huggingface.co/papers/" in lowered:
        found |= ids(arxiv=url)
    if nature := _NATURE.search(url) if "nature.com/articles/" in lowered else None:
        found |= ids(doi=f"10.1038/{nature[1]}")
    elif "10.1371/" in url and (plos := _PLOS.search(unquote(url))):
        found |= ids(doi=plos[1])
    elif "doi.org/10." in lowered:
        found |= ids(doi=url)
    elif ("/10." in url or "%2F" in url) and (within := _DOI_WITHIN.search(unquote(url))):
        found |= ids(doi=f"https://doi.org/{within[1]}")
    return found
