"""What is made right in every paper, whoever read it: boilerplate stripped, ids taken from its address."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from digestbot.model.addresses import ids_in_address
from digestbot.model.papers import Paper, changed
from digestbot.readers.text.fields import arxiv_id, doi

KINDS = {"new": "new", "cross": "cross", "replace": "replaced", "replaced": "replaced", "replace-cross": "replaced"}
_ANNOUNCED = re.compile(
    r"\s*(?:arXiv:(?P<id>\S+)\s+)?Announce Type:\s*(?P<kind>[\w-]+)\s*(?:\n|\s)\s*(?:Abstract:\s*)?", re.IGNORECASE
)
# what publishers and programs write before an abstract, as a word of its own
_HEADED = re.compile(r"\s*abstract\s*(?::|[.—–-]\s|\n)\s*(?=\S)", re.IGNORECASE)

_DOI_PATH = re.compile(r"/(?:doi|articles?|content|abs|full|chapter)/(?:[a-z]{2,8}/)?10\.\d{4,9}(?:/|%2F)", re.I)
_DOI_NAMED = re.compile(r"[?&]doi=(10[^&#\s]+)", re.IGNORECASE)


def polished(paper: Paper) -> Paper:
    """The paper without what stands around its abstract everywhere, with its kind and ids where these say them."""
    changes: dict[str, Any] = {}
    abstract = paper.abstract
    if abstract and ("nnounce " in abstract[:120] or "bstract" in abstract[:12].lower()):
        if announced := _ANNOUNCED.match(abstract):
            abstract = abstract[announced.end() :]
            changes["kind"] = paper.kind or KINDS.get(announced["kind"].lower())
            if "arxiv" not in paper.ids and (found := arxiv_id(announced["id"])):
                changes["ids"] = {"arxiv": found[0], **paper.ids}
        if headed := _HEADED.match(abstract):
            abstract = abstract[headed.end() :]
        if abstract != paper.abstract:
            changes["abstract"] = abstract or None
    if paper.url and (named := _named_by(paper.url)):
        known = changes.get("ids", paper.ids)
        if not named.keys() <= known.keys():
            changes["ids"] = {**named, **known}
    return changed(paper, changes) if changes else paper


def _named_by(url: str) -> dict[str, str]:
    """The ids in an address; publishers' own pages of a DOI have it in their path."""
    found = ids_in_address(url)
    if "doi" not in found and (named := _DOI_NAMED.search(url)) and (within := doi(unquote(named[1]))):
        found["doi"] = within
    if "doi" not in found and _DOI_PATH.search(url) and (within := doi(url)):
        found["doi"] = within
    return found
