"""The identifiers that addresses of single papers hold: a DOI, a submission's, a deposit's."""

from __future__ import annotations

import re
from urllib.parse import unquote

_PLOS = re.compile(r"[?&]id=(10\.1371/journal\.[\w.]+)")
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\d{4,9}/[^?#\s]+)", re.I)
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
    "arxiv.org/": ("arxiv", r"arxiv\.org/(?:abs|pdf|html)/(\d{4}\.\d{4,5}|[a-z-]+/\d{7})"),
    "huggingface.co/papers/": ("arxiv", r"huggingface\.co/papers/(\d{4}\.\d{4,5})"),
    "ieeexplore.ieee.org/": ("ieee", r"ieeexplore\.ieee\.org/(?:abstract/)?document/(\d{5,9})"),
}
_FORMS = {mark: (scheme, re.compile(form)) for mark, (scheme, form) in _BY_HOST.items()}


_ANY = re.compile("|".join((*map(re.escape, _BY_HOST), r"nature\.com/articles/", r"10\.1371", r"doi\.org/10\.")))


def ids_in_address(url: str) -> dict[str, str]:
    """What an address of a single paper names, by scheme. Empty for most."""
    if not _ANY.search(url):
        return {}
    found: dict[str, str] = {}
    for mark, (scheme, form) in _FORMS.items():
        if mark in url and (named := form.search(url)):
            found[scheme] = named[1].lower() if scheme == "hal" else named[1]
    if nature := _NATURE.search(url):
        found["doi"] = f"10.1038/{nature[1].lower()}"
    elif plos := _PLOS.search(unquote(url)):
        found["doi"] = plos[1].lower()
    elif digital := _DOI.match(unquote(url)):
        found["doi"] = digital[1].lower()
    return found
