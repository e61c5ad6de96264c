"""Addresses from papers: kept when they lead to the web, and written so that no renderer can misread them."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

from digestbot.model.papers import Paper
from digestbot.rendering.text import clean

LONGEST = 1500  # characters, each & as the five it takes when escaped; a longer one leads to no paper
_SEARCHED = 200  # characters of a title
_KEPT = "/:@!&+,;=-._~%?"  # everything that some renderer's markup is made of is written as %XX
# Most addresses: nothing in them is to be written in another way.
_PLAIN = re.compile(r"https?://[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*(?:/[A-Za-z0-9/:!,;=._~-]*)?")


class SafeLink(str):
    """An address that is safe in every renderer: ASCII, and free of what their markup is made of."""

    __slots__ = ()


def web_link(url: str | None) -> SafeLink | None:
    """The address in ASCII, None when it is no plain http or https one.

    One with a user name in it pretends to lead elsewhere, and is none either.
    """
    if url is None:
        return None
    if len(url) <= LONGEST and _PLAIN.fullmatch(url):
        return SafeLink(url)
    try:
        parts = urlsplit(clean(url))
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if "@" in parts.netloc or "\\" in parts.netloc or not _is_host(host):
        return None
    host = f"[{host}]" if ":" in host else host
    rest = (quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment))
    link = urlunsplit((parts.scheme, host + port, *rest))
    return SafeLink(link) if len(link) + 4 * link.count("&") <= LONGEST else None


def _is_host(host: str) -> bool:
    return all(char.isalnum() or char in "-._:" for char in host)


def paper_link(paper: Paper, title: str, searches: tuple[tuple[str, str], ...]) -> SafeLink | None:
    """Where a paper is read, else a search for its `title`; None where there is neither."""
    return web_link(paper.link) or title_search(title, paper.source, searches)


def title_search(title: str, source: str | None, templates: tuple[tuple[str, str], ...]) -> SafeLink | None:
    """Where a search finds a paper that has no address: by its source's template, else by that of the source "".

    In a template ``{title}`` stands for the title; an empty one is none.
    """
    known = dict(templates)
    template = known.get(source or "", known.get("", ""))
    return web_link(template.replace("{title}", quote(title[:_SEARCHED], safe=""))) if template else None
