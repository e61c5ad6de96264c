"""What stands within one line of Markdown: links, bold text, and which of it is a paper's title."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from digestbot.readers.text.fields import arxiv_id
from digestbot.readers.text.markup import fold_spaces, readable

_LONGEST = 20_000  # characters of a line that are looked at
_IMAGE = re.compile(
    r"!\[[^\[\]]{0,500}\]\([^()]{0,2000}\)|!\[[^\[\]]{0,500}\]\[[^\[\]]{0,200}\]|<img\b[^<>]{0,2000}>", re.I
)
_ANCHOR = re.compile(r"""<a\b[^<>]{0,500}?href\s*=\s*["']?([^"'\s<>]++)["']?[^<>]{0,500}>(.{0,1000}?)</a>""", re.I)
_LINK = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]{0,200}\]){0,500})\]\(\s*<?((?:[^\s()<>]|\([^\s()]{0,300}\)){1,2000})>?"
    r"(?:\s+\"[^\"]{0,500}\")?\s*\)"
)
_ADDRESS = re.compile(r"<?(https?://[^\s<>\[\]|]+)>?")
_BOLD = re.compile(r"\*\*(?!\s)(.{1,600}?)(?<!\s)\*\*|(?<!\w)__(?!\s)(.{1,600}?)(?<!\s)__(?!\w)")
_QUOTED = re.compile(r"[“\"]([^“”\"]{12,400}?)[,.]?[”\"]")
_ITALIC = re.compile(r"(?<!\*)\*(?![\s*])([^*]{1,600}?)(?<!\s)\*(?!\*)|(?<!\w)_(?![\s_])([^_]{1,600}?)(?<!\s)_(?!\w)")
_TAG = re.compile(r"</?(?:br|b|i|em|strong|sub|sup|span|font|div|p|td|details|summary|code|u)\b[^<>]{0,300}>", re.I)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_LABEL = re.compile(
    r"""\W{0,6}(?:(?:official|original|full|project|home|our|the|github|conference|extended|online|main)\s+)?
    (?:papers?|pdf|arxiv|abs|abstract|links?|code|github|git|repo|project|pages?|website|web|site|homepage|html
    |video|youtube|slides?|poster|talk|datasets?|data|demo|blog|post|models?|weights|tweet|bib|bibtex|cite|doi
    |openreview|url|here|hf|hugging\s?face|colab|appendix|supp|supplementary|supplement|pytorch|tensorflow|jax
    |translate|read|publish|publisher|journal|proceedings|webpage|download|n/?a|null|back\ to\ top)
    (?:\s+(?:page|link|repo|version|code|website))?\W{0,6}(?:[\d.]{0,12}\W{0,6})?""",
    re.IGNORECASE | re.VERBOSE,
)
_VENUE = re.compile(
    r"\W{0,6}[A-Za-z&/ -]{2,20}?['’`\s-]{0,3}(?:19|20)?\d\d(?:\W+(?:oral|spotlight|best paper|workshop))?\W{0,6}", re.I
)
_OF_PAPERS = re.compile(
    r"""arxiv\.org/|doi\.org/|openreview\.net/|aclanthology\.org/|aclweb\.org/|biorxiv\.org/|medrxiv\.org/|pubmed
    |ncbi\.nlm\.nih\.gov/pmc|proceedings\.|openaccess\.thecvf|dl\.acm\.org/|ieeexplore|semanticscholar\.org/
    |/papers?/|papers\.nips|ecva\.net|isca-|jmlr\.org|sciencedirect\.com/science|springer(?:nature)?\.com/(?:article|chapter|content|book|paper)|wiley\.com/doi
    |plos[a-z]*\.org/.*article|ssrn\.com/.*abstract|hal\.
    |eprint\.iacr|usenix\.org/conference|mdpi\.com/|nature\.com/articles|science\.org/doi|\.pdf(?:$|[?\#])""",
    re.IGNORECASE | re.VERBOSE,
)
# the same hosts' own pages, and addresses with a place to fill in
_NO_PAPER = re.compile(
    r"https?://[^/]*/?(?:(?:abs|pdf)/?)?\Z|arxiv\.org/(?:list|search|archive|help|corr|a)\b|[{}$]|<\w+>", re.IGNORECASE
)
_DATE = re.compile(
    r"\W{0,6}?[(\[*]{0,4}(?P<date>\d{4}[-./]\d{1,2}(?:[-./]\d{1,2})?)[)\]*]{0,4}\s*+[,:|–—-]?\s+"
    r"|\W{0,3}[(\[][^()\[\]]{0,40}\b(?:19|20)?\d\d[)\]](?!\()\W{0,6}?(?=\w|\*|\[|“|\")"
)
_NUMBER = re.compile(r"\A(?:\[?\d{1,4}\]|\d{1,3}\))\s+")
_EMOJI = re.compile(r"(?::[\w+-]+:\s*)+")
_SENTENCE = re.compile(r"[.?!](?=\s+[A-Z(*_])|\s+[-–—|]\s+")
_SUBTITLED = re.compile(r"\s*[:：]")


@dataclass(frozen=True, slots=True)
class MarkdownLink:
    """A link's text and address, and where in the line it stands."""

    text: str
    address: str
    start: int
    end: int

    @property
    def is_label(self) -> bool:
        """Whether its text says only what it leads to ("pdf", "2401.01234", an address)."""
        words = text_of(self.text)
        is_name = arxiv_id(words) is not None or words.startswith(("http", "10.")) or not words
        is_name = is_name or bool(_EMOJI.fullmatch(words))
        return is_name or bool(_LABEL.fullmatch(words) or _VENUE.fullmatch(words))

    @property
    def leads_to_paper(self) -> bool:
        """Whether the address is one where papers are, or the text says so."""
        if _NO_PAPER.search(self.address):
            return False
        return bool(_OF_PAPERS.search(self.address)) or text_of(self.text).strip("[]() ").lower() in ("paper", "pdf")


def simplified(line: str) -> str:
    """The line without pictures, with HTML's links written as Markdown's."""
    line = _IMAGE.sub("", line[:_LONGEST])
    return _ANCHOR.sub(lambda found: f"[{found[2]}]({found[1]})", line) if "<" in line else line


def links(line: str) -> list[MarkdownLink]:
    """The links of a `simplified` line in order, bare addresses too; those within the page are left out."""
    found = [MarkdownLink(each[1], html.unescape(each[2]), *each.span()) for each in _LINK.finditer(line)]
    for bare in _ADDRESS.finditer(line):
        if not any(each.start <= bare.start() < each.end for each in found):
            found.append(MarkdownLink("", bare[1].rstrip(".,;)*_"), *bare.span()))
    return sorted((each for each in found if not each.address.startswith("#")), key=lambda each: each.start)


def text_of(markdown: str) -> str:
    """The readable text of a piece: links and emphasis are their text, escapes and tags are gone."""
    text = _LINK.sub(r"\1", markdown)
    text = _LINK.sub(r"\1", text) if "](" in text else text
    text = _BOLD.sub(lambda found: found[1] or found[2], text)
    text = re.sub(r"(?<![\\*])\*{2,3}(?!\*)", "", text)
    if "$" not in text:
        text = _ITALIC.sub(lambda found: found[1] or found[2], text)
        text = _ESCAPED.sub(r"\1", text)
    return readable(_TAG.sub(" ", text)).strip()


def dated(line: str) -> tuple[str | None, str]:
    """The date that an entry begins with, if any, and the rest of it."""
    found = _DATE.match(line)
    return (found["date"], line[found.end() :].lstrip()) if found else (None, line)


def title_in(line: str) -> tuple[str, int] | None:
    """The title in an entry's line (without its date and number), and where it ends; None when none is found."""
    found = _title_in(line)
    return (_NUMBER.sub("", found[0]), found[1]) if found else None


def _title_in(line: str) -> tuple[str, int] | None:
    bold = next((each for each in _BOLD.finditer(line) if not says_nothing(each[1] or each[2])), None)
    if bold and len(text_of(bold[0]).split()) > 1 and not _SUBTITLED.match(line, bold.end()):
        return text_of(bold[1] or bold[2]), bold.end()
    named = next((each for each in links(line) if each.text and not each.is_label), None)
    if named and (not bold or named.start < bold.start()):
        return text_of(named.text), named.end
    quoted = _QUOTED.search(line)
    if quoted and not bold:
        return text_of(quoted[1]), quoted.end()
    italic = next((each for each in _ITALIC.finditer(line) if len(text_of(each[0]).split()) > 2), None)
    if italic and not bold and not re.search(r"\w", line[: italic.start()]):
        return text_of(italic[0]), italic.end()
    return _leading(line)


def says_nothing(text: str) -> bool:
    """Whether the piece is a label ("Paper:"), a venue ("CVPR 2023"), or nothing to read at all."""
    words = text_of(text)
    return words.endswith(":") or bool(_LABEL.fullmatch(words) or _VENUE.fullmatch(words)) or not words


def _leading(line: str) -> tuple[str, int] | None:
    """The words up to the first link or the end of the sentence."""
    shown = [each for each in links(line) if each.is_label]
    end = shown[0].start if shown else len(line)
    head = line[:end]
    label = re.search(r"\b(?:paper|pdf|code|link|arxiv|project)\s*:\s*\W*$", head, re.IGNORECASE)
    head = head[: label.start()] if label else head
    stop = _SENTENCE.search(head)
    if stop and len(head[: stop.start()].split()) > 2:
        head = head[: stop.start() + (line[stop.start()] in "?!")]
    title = fold_spaces(text_of(head)).strip(" ,;:|-–—([*")
    title = title.removesuffix(".").rstrip("` ")
    if title.endswith(":"):
        return None
    return (title, len(head)) if len(title.split()) > 1 else None
