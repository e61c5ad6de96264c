"""What a work is known by: its ids, else its folded title, and when two sightings cannot be one work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from hashlib import sha256

from digestbot.model.addresses import ids_in_address
from digestbot.model.papers import Paper
from digestbot.rules.folding import words

# The surest first.
_STRENGTH = ("arxiv", "doi")
# These name the book or the journal a work stands in.
_CONTAINERS = frozenset({"isbn", "issn", "eissn"})
# dblp gives the preprint and the published version a key each; a feed, an archive or a publisher may, too.
_SEVERAL_PER_WORK = frozenset({"dblp", "guid", "openreview", "hal", "ssrn", "pii"})

_ARXIV_PREFIX = re.compile(r"^(?:https?://)?(?:www\.|export\.)?arxiv(?:\.org/(?:abs|pdf|html)/|:\s*)", re.IGNORECASE)
_ARXIV_END = re.compile(r"(?:\.pdf)?$|v\d+(?:\.pdf)?$")
_ARXIV_CLASS = re.compile(r"^([a-z-]+)\.[a-z]{2}/")
_PLAIN_ARXIV = re.compile(r"[0-9]{4}\.[0-9]{4,5}")  # needs no other spelling
_ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}")
_DOI_PREFIX = re.compile(r"^(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."

# Titles made of these words alone stand over any number of works.
_GENERIC = frozenset(
    """a about acknowledgement acknowledgements acknowledgment acknowledgments addendum afterword an and
    announcement announcements annual appendices appendix at author authors back bibliography board book books
    brief by call calls chair chairs comment commentary comments committee conclusion conclusions conference
    content contents contribution contributions contributor contributors copyright corrected correction
    corrections corrigenda corrigendum cover discussion editor editorial editorials editors erratum errata
    first for foreword from front general glossary guest highlights history ii iii in index information
    international introduction introductory invited issue issues iv journal keynote letter letters list matter
    memoriam message minutes misc miscellaneous news no note notes notice number obituary of on opening or
    organization organizers our page pages panel paper papers part perspective poster posters preamble preface
    preliminary presentation proceedings program programme publication publisher publishers reader readers
    references rejoinder remarks reply report response retracted retraction review reviewer reviewers reviews
    second section seminar session sessions short special sponsors subject summaries summary supplement
    supplemental supplementary symposium table talk talks thanks the third title titles to toc tutorial
    tutorials untitled update v vi viewpoint vii viii vol volume volumes we welcome with withdrawn workshop
    workshops""".split()  # noqa: SIM905  a list of 150 strings is harder to read
)
_NO_NAMES = frozenset({"al", "and", "anonymous", "author", "authors", "et", "others", "unknown"})


def id_keys(paper: Paper) -> list[str]:
    """The paper's ids as ``scheme:value``, each spelled in one way, the surest first."""
    return keys_of(paper.ids, paper.url)


def keys_of(ids: Mapping[str, str], url: str | None) -> list[str]:
    """The same of a paper's ``ids`` and of those that its address holds."""
    if url and (named := ids_in_address(url)):
        ids = {**named, **ids}
    if len(ids) == 1:  # as most have
        ((scheme, value),) = ids.items()
        return [key] if (key := _id_key(scheme.strip().lower(), value)) is not None else []
    known = {key for scheme, value in ids.items() if (key := _id_key(scheme.strip().lower(), value)) is not None}
    return sorted(known, key=lambda key: (_rank(key), key))


def _rank(key: str) -> int:
    scheme = key.partition(":")[0]
    return _STRENGTH.index(scheme) if scheme in _STRENGTH else len(_STRENGTH)


def _id_key(scheme: str, value: str) -> str | None:
    value = value.strip()
    if scheme == "arxiv" and _PLAIN_ARXIV.fullmatch(value):
        return f"arxiv:{value}"
    if scheme == "doi":
        value = _DOI_PREFIX.sub("", value).lower()
        if value.startswith(_ARXIV_DOI):
            scheme, value = "arxiv", value.removeprefix(_ARXIV_DOI)
    if scheme == "arxiv":
        value = _ARXIV_END.sub("", _ARXIV_PREFIX.sub("", value).lower())
        value = _ARXIV_CLASS.sub(r"\1/", value)
    return f"{scheme}:{value}" if value and scheme not in _CONTAINERS else None


def reference_keys(reference: str, schemes: Iterable[str]) -> list[str]:
    """The id keys that a person may mean by `reference`: an id with or without its scheme, or a URL.

    `schemes` are those of the known ids, tried for an id that does not say its own.
    """
    text = reference.strip()
    scheme, colon, value = text.partition(":")
    found = [_id_key(scheme.lower(), value)] if colon else []
    bare = _id_key("arxiv", text)
    if bare is not None and _ARXIV.fullmatch(bare.removeprefix("arxiv:")):
        found.append(bare)
    if _DOI_PREFIX.sub("", text).startswith("10."):
        found.append(_id_key("doi", text))
    found += [_id_key(each, text) for each in sorted(schemes)]
    return [key for key in found if key is not None]


def decides(key: str) -> bool:
    """Whether an id is so sure that works which share it are one, whatever their other ids say."""
    return key.partition(":")[0] in _STRENGTH


def may_be_corrected(known: str, seen: str) -> bool:
    """Whether one title may be the other mended: at least half of their words are the same."""
    mine, theirs = set(words(known).split), set(words(seen).split)
    return 2 * len(mine & theirs) >= max(len(mine), len(theirs))


def clash(one: Set[str], other: Set[str]) -> bool:
    """Whether two sets of id keys cannot be one work's: they differ within a scheme."""
    for scheme in {key.partition(":")[0] for key in one} - _SEVERAL_PER_WORK:
        theirs = {key for key in other if key.startswith(f"{scheme}:")}
        if theirs and not one & theirs:
            return True
    return False


def title_keys(title: str) -> list[str]:
    """The folded title, in both readings where it has a hyphenated word."""
    return list(_folded(title))


@lru_cache(1_024)  # a dump's title, and that of the paper it is found to be, are mostly the same
def _folded(title: str) -> tuple[str, ...]:
    readings = words(title)
    split = " ".join(readings.split) or title.strip()
    if readings.joined is readings.split:
        return (split,)
    joined = " ".join(readings.joined)
    return (split, joined) if joined != split else (split,)


def new_key(paper: Paper) -> str:
    """The name of a work first seen as `paper`, kept for ever: its surest id, else a hash of its title."""
    ids = id_keys(paper)
    if ids:
        return ids[0]
    folded = title_keys(paper.title)[0]
    return f"title:{sha256(folded.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def tells_apart(folded_title: str) -> bool:
    """Whether a title names one work: not "Preface" or "Front matter", and more than one word."""
    parts = folded_title.split()
    return len(parts) > 1 and not all(word in _GENERIC or word.isdecimal() for word in parts)


def same_by_title(known: Paper, seen: Paper, folded_title: str) -> bool:
    """Whether two papers that share a title are one work, as far as their other fields tell.

    Authors of whom none is shared are two works. Where the title names no work, the papers must agree in
    authors, abstract or URL, and differ nowhere; or be alike in all they say.
    """
    if _strangers(known, seen):
        return False
    if tells_apart(folded_title):
        return True
    mine, theirs = _details(known), _details(seen)
    if any(a and b and a != b for a, b in zip(mine, theirs, strict=True)):
        return False
    return mine == theirs or any(a and a == b for a, b in zip(mine[:3], theirs[:3], strict=True))


def _details(paper: Paper) -> tuple[object, ...]:
    return paper.authors, paper.abstract, paper.url, paper.organization, paper.published


def _strangers(one: Paper, other: Paper) -> bool:
    """Whether both name authors and share none. Names in other scripts than Latin tell nothing."""
    mine, theirs = _name_words(one), _name_words(other)
    return bool(mine and theirs) and not mine & theirs


def _name_words(paper: Paper) -> set[str]:
    names: set[str] = set()
    for author in paper.authors:
        parts = {word for word in words(author).split if len(word) > 1} - _NO_NAMES
        if not all(word.isascii() for word in parts):
            return set()
        names |= parts
    return names
