"""What a single line of a Daily Papers page is: the page's furniture, a paper's facts, or prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# white space of every kind, and the invisible marks that copying from a browser leaves
BLANKS = " \t\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
BLANKS += "\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\u200b\u200c\u200d\u200e\u200f"
_INNER_BLANK = re.compile(r"[\t\xa0\u2007]")

_EYE = r"(?:\N{EYE}\ufe0f?)"
_AVATAR = re.compile(rf"{_EYE}\s*(?P<slug>.*)")
_AUTHORS = re.compile(r"(?:[•*‣◦\-]\s*)?(?P<count>\d{1,3}(?:,\d{3})+|\d{1,5})\s+authors|(?:[•*‣◦\-]\s*)?1 author")
_NUMBER = r"(?P<upvotes>\d{1,3}(?:,\d{3})+|\d{1,6}|\d{1,4}(?:\.\d+)?[kK])"
_UPVOTES = re.compile(_NUMBER)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_AND_UPVOTES = rf"(?:\s+{_NUMBER})?"
_DATES = (
    re.compile(rf"{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_AND_UPVOTES}", re.IGNORECASE),
    re.compile(rf"(?P<day>\d{{1,2}})\s+{_MONTH},?\s+(?P<year>\d{{4}}){_AND_UPVOTES}", re.IGNORECASE),
    re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}}){_AND_UPVOTES}"),
    re.compile(rf"{_MONTH}\s+(?P<day>\d{{1,2}}){_AND_UPVOTES}", re.IGNORECASE),
)
_LONGEST_FACTS = 200  # characters
_SEPARATOR = re.compile(r"\s*·\s*")

# what a cut through the last line can leave of a paper's facts
_FACT_BEGUN = re.compile(
    r"[•*‣◦]\s*(?:\d+\s*)?(?:a(?:u(?:t(?:h(?:o(?:r)?)?)?)?)?)?"
    r"|(?:๐|๐Ÿ|ð|ðŸ|โ|โ€|â|â€|ย|Â)?\ufffd?"
)
_DATE_BEGUN = re.compile(r"[A-Z][a-z]{0,8}(?:\s+\d{1,2}(?:,(?:\s*\d{0,3})?)?)?\ufffd?")

_STRONG_FURNITURE = re.compile(
    r"Get trending papers in your email inbox.*"
    r"|by\s*AK|(?:by\s*)?(?:AK\s*)?and the research community"
    rf"|by\s*{_EYE}?\s*(?:Image)?\s*(?:AK)?|{_EYE}\s*Image"
    rf"|by\s*{_EYE}\s*(?:Image)?\s*AK and the research community"
    r"|URL: ?https?://\S+|VOOZH about.*|(?:⇱ ?)?Daily Papers - Hugging Face|⇱ .*"
    r"|(?:©|\(c\))\s*(?:\d{4}\s*)?Hugging Face.*|Hugging Face's logo|System theme"
    r"|Submitted by(?: \S+)?|View arXiv page|View PDF|Add to collection|Edit Preview"
    r"|Upload images, audio, and videos.*|Sign up or log in to comment"
    r"|(?:System theme|TOS|Privacy|About|Careers|Models|Datasets|Spaces|Pricing|Docs|Company|Website|Enterprise){2,}"
    r"|(?:\d+|an?) (?:minute|hour|day|week|month)s? ago|[-–—_=*]{2,}",
    re.IGNORECASE,
)
_LONGEST_FURNITURE = 250  # characters: an address with a search in it
_MENU_WORD = re.compile(
    r"new|subscribe|daily papers|hugging face|models|datasets|spaces|buckets|community|docs"
    r"|documentation|enterprise|pricing|log in|sign up|log out|previous|next|company|tos"
    r"|terms of service|privacy|about|careers|jobs|website|papers|trending papers|trending|daily"
    r"|weekly|monthly|upvote|edit|preview|comment|posts|solutions|inference|blog|forum|github"
    r"|discord|search|home|back to top|abstract|view all papers|ai|back to papers|load more"
    r"|show more|collections|organizations|image|ak|by",
    re.IGNORECASE,
)
_MARKED = re.compile(r"[*+•-](?:\s+(?P<rest>.*)|\Z)")
_GLUED_SUBSCRIBE = re.compile(r"Subscribe(?=[^a-z\s])")
_GLUED_AFTER_LETTER = re.compile(r"Subscribe\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Facts:
    """What one or several lines say of a paper besides its title and abstract.

    ``marks`` names what was there, values or not: ``by`` (authors or organization), ``separator``,
    ``date`` or, without a year, ``day``. ``avatar`` is the text beside an organization's picture, whose
    name stands on the next line.
    """

    marks: frozenset[str] = frozenset()
    author_count: int | None = None
    organization: str | None = None
    avatar: str | None = None
    upvotes: int | None = None
    published: date | None = None

    def joined(self, later: Facts) -> Facts:
        """Both together; what was said first stands."""

        def first(earlier: object, other: object) -> object:
            return other if earlier is None else earlier

        return Facts(
            self.marks | later.marks,
            *(
                first(getattr(self, name), getattr(later, name))  # type: ignore[arg-type]  # same field, same type
                for name in ("author_count", "organization", "avatar", "upvotes", "published")
            ),
        )


def clean(line: str) -> str:
    """The line without blanks around it, and with plain spaces within."""
    return _INNER_BLANK.sub(" ", line.strip(BLANKS))


def unglue(line: str, after_letter: bool) -> str:
    """The line without a "Subscribe" button stuck to its front; `after_letter`: the sign-up stood above."""
    pattern = _GLUED_AFTER_LETTER if after_letter else _GLUED_SUBSCRIBE
    return pattern.sub("", line, count=1) if pattern.match(line) else line


def is_letter(line: str) -> bool:
    """Whether this is the page's offer of a daily letter, which the Subscribe button follows."""
    return line.startswith("Get trending papers")


def is_furniture(line: str) -> bool:
    """Whether the line can only be the page around the papers."""
    return len(line) <= _LONGEST_FURNITURE and _STRONG_FURNITURE.fullmatch(line) is not None


def may_be_furniture(line: str) -> bool:
    """Whether the line is a word of the page's menus, which might be a paper's title too."""
    return _MENU_WORD.fullmatch(line) is not None


def unmarked(line: str) -> str:
    """The line without a mark of a list where what is left is a menu's word, facts or nothing: no title is lost."""
    found = _MARKED.match(line)
    if found is None:
        return line
    rest = (found["rest"] or "").strip()
    return rest if not rest or may_be_furniture(rest) or is_furniture(rest) or facts_in(rest) is not None else line


def facts_in(line: str) -> Facts | None:
    """What the line says of a paper: authors, organization, date, upvotes, or a separator; None if prose."""
    if len(line) > _LONGEST_FACTS:
        return None
    facts = Facts(frozenset({"separator"})) if "·" in line else Facts()
    for part in _SEPARATOR.split(line):
        if not part:
            continue
        found = _fact(part)
        if found is None:
            return None
        facts = facts.joined(found)
    return facts if facts.marks or facts.upvotes is not None else None


def _fact(part: str) -> Facts | None:
    if match := _AUTHORS.fullmatch(part):
        return Facts(frozenset({"by"}), author_count=_number(match["count"] or "1"))
    if match := _AVATAR.fullmatch(part):
        return Facts(frozenset({"by"}), avatar=match["slug"].strip())
    if match := _UPVOTES.fullmatch(part):
        return Facts(upvotes=_number(match["upvotes"]))
    for pattern in _DATES:
        if match := pattern.fullmatch(part):
            upvotes = match["upvotes"]
            return Facts(
                frozenset({"date" if match.groupdict().get("year") else "day"}),
                upvotes=_number(upvotes) if upvotes else None,
                published=_date(match.groupdict()),
            )
    return None


def listing_date(line: str) -> str | None:
    """The line itself where it is nothing but a day: in a page's head that is the page's own."""
    facts = facts_in(line)
    return line if facts is not None and facts.marks in ({"date"}, {"day"}) and facts.upvotes is None else None


def is_begun(line: str, after_facts: bool) -> bool:
    """Whether the line may be facts cut off by the end of the dump."""
    if _FACT_BEGUN.fullmatch(line):
        return True
    return after_facts and _DATE_BEGUN.fullmatch(line) is not None


def _number(text: str) -> int:
    if text[-1] in "kK":
        return round(float(text[:-1]) * 1000)
    return int(text.replace(",", ""))


def _date(parts: dict[str, str | None]) -> date | None:
    """None without a year, for it is never guessed, and for a day no calendar has."""
    year, month, day = parts.get("year"), parts["month"] or "", parts["day"] or ""
    if year is None:
        return None
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None
