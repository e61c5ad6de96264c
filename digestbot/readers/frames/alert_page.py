"""The papers that a publisher's alert shows: a linked title with what stands around it.

Links of alerts lead through counters of clicks, so a title is known by what is beside it: the address behind the
counter's, a DOI, or a byline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from digestbot.model.addresses import ids_in_address
from digestbot.model.papers import Paper
from digestbot.readers.frames.html_page import shown
from digestbot.readers.judging import wrong_title
from digestbot.readers.text import fields
from digestbot.readers.text.markup import fold_spaces, readable
from digestbot.readers.text.people import byline

# the pages of single papers
_PAPER = re.compile(
    r"https?://(?:[\w-]+\.)*(?:semanticscholar\.org/(?:paper|reader)/\w|pubmed\.ncbi\.nlm\.nih\.gov/\d|biorxiv\.org/c"
    r"|ncbi\.nlm\.nih\.gov/(?:pubmed/\d|pmc/articles/PMC|m/pubmed/\d)|medrxiv\.org/c|arxiv\.org/(?:abs|pdf|html)/\d"
    r"|doi\.org/10\.|nature\.com/articles/|science\.org/doi/|sciencedirect\.com/science/article/|springer\.com/article/"
    r"|dl\.acm\.org/doi/|ieeexplore\.ieee\.org/(?:document/|abstract/)|openreview\.net/forum\?|aclanthology\.org/\w"
    r"|onlinelibrary\.wiley\.com/doi/|tandfonline\.com/doi/|journals\.plos\.org/\w+/article|huggingface\.co/papers/\d"
    r"|pnas\.org/doi/|cell\.com/\S*?(?:fulltext|abstract)|frontiersin\.org/articles/|mdpi\.com/\d|ahajournals\.org/doi/"
    r"|academic\.oup\.com/\S*?article|thelancet\.com/journals/\S*?article|nejm\.org/doi/|bmj\.com/content/\d"
    r"|jamanetwork\.com/journals/\S*?(?:full)?article|link\.aps\.org/doi/|journals\.aps\.org/\S*?abstract/"
    r"|iopscience\.iop\.org/article/|pubs\.acs\.org/doi/|pubs\.rsc\.org/\S*?articlelanding|journals\.sagepub\.com/doi/)"
)
_PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed)/(\d{1,9})")
_NO_TITLE = re.compile(
    r"(?:read|view|see|show|open|get|download|full|abstract|pdf|save|add|share|more|cite|unsubscribe|manage|click"
    r"|visit|browse|sign|forward|update|change|follow|submit|doi:|https?:)\b",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    r"https?://(?:[\w-]+\.)*(?:click|links?|track(?:ing)?|trk|email|go|ct|url\d*|u\d+|e|t)\.|/CL0/|/f/a/|/ls/click",
    re.I,
)
_BLOCKS = frozenset("p div br hr li ul ol td th tr table h1 h2 h3 h4 h5 h6 section article blockquote span".split())  # noqa: SIM905 - one name a line would be a page
_FEWEST_WORDS = 3
_INVERTED = re.compile(r"[^\W\d][^\W\d]*(?: [^\W\d]+)*, [A-Z]\w*\.?(?: [A-Z]\w*\.?)?")
_MOST_OF_NAME = 4  # words of "van As, Dirk"
_SHORTEST_ABSTRACT = 30  # characters
_MOST_LINKS = 3_000
_ITS_PLACE = "\N{REPLACEMENT CHARACTER}"  # of the title in its line


def paper_address(written: str) -> str | None:
    """The paper's page that a link leads to, behind the counter of clicks that mails put before it."""
    written = written.replace("&amp;", "&").strip()
    if _PAPER.match(written):
        return written
    try:
        given = [value for _, value in parse_qsl(urlsplit(written).query, max_num_fields=50)]
    except ValueError:
        return None
    found = next((value for value in given if _PAPER.match(value)), None)
    if found is None and "http" in written[8:]:
        within = written[written.index("http", 8) :]
        within = unquote(unquote(within.split("/")[0]) if "%2F" in within else within)
        found = within if _PAPER.match(within) else None
    return found


def papers_shown(root: Any, source: str) -> Iterator[Paper]:
    """A paper for each link whose words are a title, where something beside it says that it is one.

    One name beside a link says so only on a page where other links are papers for certain: by their address, a DOI, or
    the names of several.
    """
    found = list(_linked(root, source))
    if any(is_certain for _, is_certain in found):
        yield from (paper for paper, _ in found)


def _linked(root: Any, source: str) -> Iterator[tuple[Paper, bool]]:
    titles = [link for link in list(root.iter("a"))[:_MOST_LINKS] if _is_title(readable(shown(link)))]
    marked = set(titles)
    told: set[str] = set()
    for link in titles:
        title = readable(shown(link))
        if title in told or wrong_title(Paper(title=title)):
            continue
        address = paper_address(link.get("href") or "")
        lines = _lines(_block(link, marked), link)
        people = next(filter(None, (byline(line.replace(_ITS_PLACE, "")) for line in lines)), None)
        doi = next(filter(None, map(fields.doi, lines)), None)
        if address is None and people is None and doi is None:
            continue
        told.add(title)
        url = address or _plain(link.get("href") or "")
        authors = fields.names(people) if people else ()
        paper = Paper(
            title=title,
            abstract=next((each for each in lines if _is_abstract(each, people)), None),
            authors=authors,
            ids=_ids(url, doi),
            url=url,
            source=source,
        )
        yield paper, address is not None or doi is not None or len(authors) > 1


def _is_title(words: str) -> bool:
    is_name = len(words.split()) <= _MOST_OF_NAME and _INVERTED.fullmatch(words) is not None
    return len(words.split()) >= _FEWEST_WORDS and not _NO_TITLE.match(words) and not is_name


def _plain(href: str) -> str | None:
    """The link's own address, unless it is a counter's: that one is the recipient's own."""
    return href if href.startswith(("http://", "https://")) and not _COUNTER.search(href) else None


def _ids(url: str | None, doi: str | None) -> dict[str, str]:
    pubmed, arxiv = _PUBMED.search(url or ""), fields.arxiv_id(url)
    known = fields.ids(
        arxiv=arxiv[0] if arxiv else None, doi=doi or fields.doi(url), pmid=pubmed[1] if pubmed else None
    )
    return {**(ids_in_address(url) if url else {}), **known}


def _is_abstract(line: str, people: str | None) -> bool:
    if _ITS_PLACE in line:  # the prose that the link stands in
        return False
    is_sentence = line.rstrip("\"'”’) ").endswith((".", "?", "!", "…"))
    return len(line) >= _SHORTEST_ABSTRACT and is_sentence and (people is None or people not in line)


def _block(link: Any, titles: set[Any]) -> Any:
    """The largest element around the link that holds no other title."""
    block = link
    for around in link.iterancestors():
        if around.tag in ("body", "html") or any(each in titles and each is not link for each in around.iter("a")):
            break
        block = around
    return block


def _lines(block: Any, link: Any) -> list[str]:
    """What stands in the block besides the title, cut where a new line begins."""
    pieces: list[str] = [""]

    def walk(element: Any) -> None:
        if element is link or not isinstance(element.tag, str):
            pieces[-1] += (_ITS_PLACE if element is link else "") + (element.tail or "")
            return
        if element.tag in _BLOCKS:
            pieces.append("")
        pieces[-1] += element.text or ""
        for child in element:
            walk(child)
        if element.tag in _BLOCKS:
            pieces.append("")
        pieces[-1] += element.tail or "" if element is not block else ""

    walk(block)
    return [line for line in map(readable, map(fold_spaces, pieces)) if line and line != _ITS_PLACE]
