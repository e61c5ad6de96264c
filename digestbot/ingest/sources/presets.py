"""Sources by name: what most people want to read, with the settings that suit it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ARXIV = re.compile(r"arxiv:([a-z-]+(\.[A-Za-z-]+)?)")
LIBRARY = re.compile(r"(users|groups)/\d{1,12}")
"""A library of Zotero."""
NAMES = ("arxiv:cs.CL (any category of arXiv)", "daily-papers", "zotero:users/ID", "zotero:groups/ID")


def preset(name: str) -> Mapping[str, Any] | None:
    """The keys that a preset stands for; None for a name that is none."""
    if name == "daily-papers":
        return {
            # votes grow for days: it is read often, and what is known is only updated
            "kind": "url",
            "url": "https://huggingface.co/api/daily_papers?limit=100",
            "every": "3 hours",
            "stale_after": "4 days",
        }
    if found := _ARXIV.fullmatch(name):
        # arXiv is silent on weekends and holidays
        return {"kind": "arxiv-api", "categories": [found[1]], "every": "6 hours", "stale_after": "5 days"}
    library = name.removeprefix("zotero:")
    if library != name and LIBRARY.fullmatch(library):
        return {"kind": "zotero", "library": library, "use": "library", "every": "6 hours"}
    return None
