"""The single fields of a paper as dumps write them: identifiers and names, made one form each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from digestbot.model.papers import ET_AL

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d{1,9}){0,5}/\S{1,500}")
_DOI_MAY_START = re.compile(r"doi|10\.", re.IGNORECASE)
# what publishers' addresses have behind the DOI: the page's kind, and on bioRxiv and medRxiv the version
_PAGE_OF_DOI = re.compile(
    r"(?:\.(?:full|pdf|abstract|short|full-text|xml|html?)|/(?:full|pdf|epdf|abstract|epub|html|meta|summary|fulltext))+/?$",
    re.IGNORECASE,
)
_VERSION_OF_PREPRINT = re.compile(r"^(10\.(?:1101|64898)/\d{4}\.\d\d\.\d\d\.\d+)v\d+$")
_CLOSERS = {")": "(", "]": "[", "}": "{", ">": "<"}

# arXiv's archives before April 2007, as https://arxiv.org/archive lists them; the rest is no old-style id
_ARCHIVE = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs"
    "|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol"
    "|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)
_MONTH = r"(?:0[1-9]|1[0-2])"
_ARXIV_ID = (
    rf"(?:(?P<new>\d\d{_MONTH}\.\d{{4,5}})|(?P<archive>{_ARCHIVE})(?:\.[A-Za-z-]+)?/(?P<old>\d\d{_MONTH}\d{{3}}))"
    r"(?:v(?P<version>\d{1,3}))?(?![\d.]\d|\d)"
)
_PLAIN_ARXIV = re.compile(rf"\d\d{_MONTH}\.\d{{4,5}}", re.ASCII)
_BARE_ARXIV = re.compile(rf"\s*{_ARXIV_ID}\s*(?:\[[\w.-]+\]\s*)?", re.IGNORECASE)
# what stands before an id where it is certain to be one: a URL's path, `arXiv:`, an OAI name, arXiv's DOIs
_NAMED_ARXIV = re.compile(
    r"(?:arxiv(?:\.org)?(?:\.org/[a-z]+/|\s+preprint\s+|[:/.\s]\s*(?:arxiv[:.])?|/[a-z]+/)"
    r"|huggingface\.co/papers/|alphaxiv\.org/[a-z]+/|ar5iv(?:\.labs\.arxiv)?\.org/(?:[a-z]+/)?)" + _ARXIV_ID,
    re.IGNORECASE,
)

_LONGEST_KEYWORD, _MOST_KEYWORDS = 100, 80

_SUFFIX = re.compile(r"[JS]r\.?|I{2,3}|IV|2nd|3rd")
_FIRM = re.compile(r"(?:inc|ltd|llc|llp|gmbh|corp|plc|s\.a|ph\.?d)\.?", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?[\s-]*){1,4}")
_AND_OTHERS = re.compile(r"[\s,]+(?:et\.?\s?al\.?|and others|…|\.\.\.)\s*$", re.IGNORECASE)
_OTHERS = frozenset({"et al", "et. al", "others", "and others", "…", ""})
_AND = re.compile(r"\s*,?\s+(?:and|&)\s+", re.IGNORECASE)


def doi(text: object) -> str | None:
    """The first DOI in `text`, lower-case, without resolver or `doi:` before it; None when there is none."""
    if not text or not isinstance(text, str) or not _DOI_MAY_START.search(text):
        return None
    is_url = "://" in text
    found = _DOI.search(unquote(text) if "%" in text else text)
    if found is None:
        return None
    name = found[0]
    if is_url:
        name = _PAGE_OF_DOI.sub("", re.split(r"[?#]", name)[0])
        name = _VERSION_OF_PREPRINT.sub(r"\1", name)
    return _without_closing_marks(name.split("</")[0]).lower()


def _without_closing_marks(name: str) -> str:
    """The name without the punctuation of the sentence around it; brackets it opened itself stay."""
    while name:
        last = name[-1]
        unopened = last in _CLOSERS and name.count(last) > name.count(_CLOSERS[last])
        if last not in ".,;:'\"\u201d\u2019" and not unopened:
            break
        name = name[:-1]
    return name


def arxiv_id(text: object) -> tuple[str, str | None] | None:
    """The arXiv id and its version ("2", None when unsaid) in `text`, or None.

    A bare id, old style too, or one named as such: a URL, `arXiv:`, an OAI identifier, arXiv's own DOIs.
    A number in the middle of other text is none. `math.GT/0309136` is `math/0309136`, as arXiv has it.
    """
    if not isinstance(text, str):
        return None
    if _PLAIN_ARXIV.fullmatch(text):  # as most are
        return text, None
    found = _BARE_ARXIV.fullmatch(text) or _NAMED_ARXIV.search(text)
    if found is None:
        return None
    name = found["new"] or f"{found['archive'].lower()}/{found['old']}"
    return name, found["version"]


def ids(**found: str | None) -> dict[str, str]:
    """The identifiers that were found, by scheme; `arxiv` and `doi` may be given in any form.

    An arXiv DOI (10.48550/arxiv...) gives the arXiv id too.
    """
    arxiv, digital = arxiv_id(found.pop("arxiv", None)), found.pop("doi", None)
    if digital:
        digital = doi(digital)
    if arxiv is None and digital and digital.startswith("10.48550/"):
        arxiv = arxiv_id(digital)
    known = {"arxiv": arxiv[0]} if arxiv else {}
    if digital:
        known["doi"] = digital
    for scheme, value in found.items():
        if value:
            known[scheme] = value
    return known


def name(text: str) -> str:
    """One person's name as "First Last": of "Last, First", "Last, First, Jr." and "Last, Jr., First"."""
    parts = [" ".join(part.split()) for part in text.split(",")]
    parts = [part for part in parts if part]
    if len(parts) == 2 and not _FIRM.fullmatch(parts[1]):
        last, first = parts
        return f"{last} {first}" if _SUFFIX.fullmatch(first) else f"{first} {last}"
    if len(parts) == 3:
        last, first, suffix = parts
        if _SUFFIX.fullmatch(first):
            first, suffix = suffix, first
        if _SUFFIX.fullmatch(suffix):
            return f"{first} {last} {suffix}"
    return ", ".join(parts)


def names(people: str | Iterable[object]) -> tuple[str, ...]:
    """The names, each "First Last", of a list of them or of one text that lists them.

    In a text a semicolon or line end separates, else " and ", else the comma where it does not stand
    within the names ("Doe, Jane"). Where it says that there are others ("et al."), `ET_AL` comes last.
    """
    if not isinstance(people, str):
        return named(name(str(each)) for each in people if each is not None)
    found = named(each for each in map(name, _listed(people)) if each.lower() != "and")
    return (*found, ET_AL) if found and found[-1] != ET_AL and _AND_OTHERS.search(people[-40:]) else found


def named(people: Iterable[str]) -> tuple[str, ...]:
    """The names as they are, without empty ones; `ET_AL` comes last where one says that there are others."""
    told = [each for each in people if each]
    found = tuple(each for each in told if each.strip(" .,").lower() not in _OTHERS)
    return (*found, ET_AL) if found and len(found) < len(told) else found


def _listed(text: str) -> Iterator[str]:
    text = text.strip()
    text = text[:-40] + _AND_OTHERS.sub("", text[-40:])
    if re.search(r"[;\n|]", text):
        yield from (re.sub(r"^and\s+", "", piece.strip()) for piece in re.split(r"[;\n|]", text))
        return
    by_and = _AND.split(text)
    if len(by_and) > 1 and all(_is_inverted(piece) or "," not in piece for piece in by_and):
        yield from by_and
        return
    for piece in by_and:
        yield from _by_commas(piece)


def _is_inverted(piece: str) -> bool:
    """Whether the piece is one name, "Last, First", rather than two names with a comma between."""
    parts = [part.strip() for part in piece.split(",")]
    if len(parts) != 2:
        return False
    last, first = parts
    return " " not in last or bool(_INITIALS.fullmatch(first)) or last[:1].islower()


def _by_commas(text: str) -> Iterator[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    with_suffix = len(parts) == 3 and " " not in parts[0] and any(map(_SUFFIX.fullmatch, parts))
    if with_suffix or (len(parts) == 2 and _is_inverted(", ".join(parts))):
        yield ", ".join(parts)
    elif len(parts) > 2 and len(parts) % 2 == 0 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        yield from (f"{last}, {first}" for last, first in zip(parts[::2], parts[1::2], strict=True))
    else:
        joined: list[str] = []
        for part in parts:
            if joined and (_SUFFIX.fullmatch(part) or _FIRM.fullmatch(part)):
                joined[-1] += f" {part}"
            else:
                joined.append(part)
        yield from joined


def keywords(written: str | Iterable[str | None] | None) -> tuple[str, ...]:
    """Keywords and subject headings, each once: of a list, or of a text with semicolons, lines or commas between.

    MeSH's ``*``, which marks what an article is mainly about, is left out.
    """
    if isinstance(written, str):
        ends = ",;" if "," in written and not re.search("[;\n]", written) else ";\n"
        written = re.split(f"[{ends}]", written)
    pieces = (" ".join(each.replace("*", "").split()).strip(" .") for each in written or () if each)
    return tuple(dict.fromkeys(each for each in pieces if 1 < len(each) <= _LONGEST_KEYWORD))[:_MOST_KEYWORDS]


def excerpt(text: str) -> str:
    """The beginning of a piece on one line, at most 80 characters, for `Skipped.excerpt`."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
