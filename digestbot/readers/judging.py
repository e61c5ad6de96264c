"""Whether what a reader took for a paper can be one: no heading, link, mark of a list, header or menu's word.

A reader may be sure of itself and wrong: one phrase of a known page stands on many others. So its papers are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digestbot.model.papers import Paper

_MOST_RUBBISH = 0.25  # of the papers of a reading that is believed; the rest is kept out

# what no title is, whatever else is said of the paper
_MARKUP = (
    (re.compile(r"#{1,6}\s|[=~_*#-]{3,}\Z"), "a heading or a rule"),
    (re.compile(r"[-*+•‣◦·]\s+\S.{0,60}\Z|>\s*\[|[-*+•‣◦·>|\[\]()\\]{1,3}\Z"), "a mark of a list"),
    (
        re.compile(
            r"<(?:[/?]?[a-z][\w:.-]*+(?:\s[^<]*)?>|!--|!doctype\b|[a-z]\w*\s[^<>]*=(?:\Z|[\"']))", re.IGNORECASE
        ),
        "markup",
    ),
    (re.compile(r"([*_]{1,3})(?![*_ ]).+(?<![*_ ])\1\Z"), "a line set off as a whole"),
    (re.compile(r"[-=_]{2,}[\w.=-]{8,}\Z"), "a boundary of a mail"),
    (re.compile(r"\{[%{]"), "a mark of a template"),
    (re.compile(r"[@>]\w{6,}"), "a record of something else"),
)
_LINK = re.compile(r"!?\[[^\]]*\]\([^)]*\)|!?\[!?\[|.*\]\((?:https?\b|/|#|mailto:)")
_ADDRESS = re.compile(r"<?(?:https?://|www\.|mailto:)\S*>?\Z")
_BEGINS_ADDRESS = frozenset({"http", "www.", "<htt", "mail"})
# what stands before the colon in the head of a mail or of a page that was scraped
_HEADERS = frozenset(
    """from to subject date mime-version message-id received reply-to return-path user-agent dkim-signature statuscode
    retrieved content-type content-transfer-encoding
    content-id content-location content-disposition list-id list-unsubscribe x-mailer x-received""".split()  # noqa: SIM905 - one name a line would be a page
) | {"url source", "markdown content"}
_MENU = re.compile(
    r"(?:home|about(?: us)?|search|submit|donate|help|log ?in|login|sign (?:in|up|out)|log out|register"
    r"|subscribe|unsubscribe|contact(?: us)?|privacy(?: policy)?|terms(?: of (?:service|use))?"
    r"|cookies?(?: policy| settings)?|careers|jobs|blog|forum|docs|documentation|pricing|menu|navigation|next"
    r"|previous|back|back to top|top|more|load more|show more|read more|view (?:all|more|online|pdf)"
    r"|view in (?:your )?browser|share|tweet|follow(?: us)?|skip to (?:main )?content|table of contents|contents"
    r"|models|datasets|spaces|community|daily|weekly|monthly|daily papers|trending(?: papers)?|new submissions"
    r"|cross[- ]lists?|replacements|pdf|html|other|abs|abstract|format|links?|website|page|comments?|edit|upvote"
    r"|manage (?:preferences|alerts|subscriptions?)|preferences|settings|advanced search|all fields"
    r"|accessibility|copyright|faq|sitemap|english|tos)",
    re.IGNORECASE,
)
_INVISIBLE = " \t\n\ufeff\u200b" + "".join(map(chr, range(32)))
_LONGEST_HEADER = 28  # characters, with its colon
_LONGEST_WORD = 60  # characters
_SAME_AGAIN = 6  # papers, from which on titles are looked at together
_SAYS_MUCH = 80  # characters of an abstract, by which a paper may have whatever title


def wrong_title(paper: Paper) -> str | None:
    """What the title is instead of one ("a link"), or None for one that may be a paper's."""
    title = paper.title
    if not title[:1].isalnum() and (what := _marks(title := title.strip(_INVISIBLE))):
        return what
    if "](" in title and _LINK.match(title):
        return "a link"
    if title[:4].lower() in _BEGINS_ADDRESS and _ADDRESS.match(title):
        return "an address"
    if ":" in (head := title[:_LONGEST_HEADER]) and head.partition(":")[0].lower() in _HEADERS:
        return "a header"
    if paper.ids or (paper.authors and (title != paper.abstract or " " in title)):
        return None
    return _of_little(paper, title)


def _of_little(paper: Paper, title: str) -> str | None:
    """As `wrong_title`, of a paper that nothing certain is known of."""
    if " " not in title and title.isascii() and (len(title) > _LONGEST_WORD or title == paper.abstract):
        return "no words"
    if paper.author_count or len(paper.abstract or "") > _SAYS_MUCH:
        return None
    if _MENU.fullmatch(title.strip(" .:»>›")):
        return "a word of the page's menu"
    return None if any(map(str.isalpha, title)) else "no word"


def _marks(title: str) -> str | None:
    if title.isascii() and not any(map(str.isalnum, title)):
        return "no word"
    return next((what for form, what in _MARKUP if form.match(title)), None)


def rejected(papers: Sequence[Paper]) -> str | None:
    """Why the papers that a reader begins with are not believed: too many are none; None where they are."""
    bare = [paper.title for paper in papers if not (paper.ids or paper.authors or paper.abstract)]
    if len(bare) >= _SAME_AGAIN and 2 * len(set(bare)) <= len(bare) > len(papers) / 2:
        return f"their titles are the same again and again ({bare[0][:60]!r})"
    wrong = [(paper, what) for paper in papers if (what := wrong_title(paper))]
    if len(wrong) <= _MOST_RUBBISH * len(papers):
        return None
    first, what = wrong[0]
    few = f"{len(wrong)} of the first {len(papers)}" if len(papers) > 1 else "its one"
    return f"{few} would-be paper{'s' * (len(papers) > 1)} are no papers ({first.title[:60]!r} is {what})"
