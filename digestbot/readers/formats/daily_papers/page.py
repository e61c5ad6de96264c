"""A Daily Papers page taken apart into its lines, each with all that can be told of it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from digestbot.readers.formats.daily_papers import lines, prose
from digestbot.readers.formats.daily_papers.lines import Facts


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line that is not blank: its number from 1, its clean text, whether a blank line stands before it.

    ``facts`` is set where the text can be read as a paper's facts; ``begun`` where it is the last line
    and may be facts cut off. ``furniture`` can be nothing else, a ``menu_word`` might be a title.
    ``lean`` is above 0 where it reads like an abstract; ``finished`` where it ends like one.
    """

    number: int
    text: str
    after_blank: bool
    facts: Facts | None = None
    begun: bool = False
    furniture: bool = False
    menu_word: bool = False
    lean: float = 0.0
    finished: bool = True

    @property
    def is_prose(self) -> bool:
        """Whether it is part of a title or an abstract, as far as the line alone can tell."""
        return self.facts is None and not self.furniture


def take_apart(text: str, limit: int | None = None) -> list[PageLine]:
    """The page's lines that are not blank, the first `limit` of them when given."""
    page: list[PageLine] = []
    after_blank = True
    for number, raw in enumerate(text.split("\n"), start=1):
        line = lines.clean(raw)
        if not line:
            after_blank = True
            continue
        if limit is not None and len(page) == limit:
            break
        line = lines.unmarked(line)
        if not line:
            continue
        bare = lines.unglue(line, after_letter=bool(page) and lines.is_letter(page[-1].text))
        page.append(_describe(number, bare, after_blank))
        after_blank = False
    _name_organizations(page)
    if page and limit is None:
        page[-1] = replace(page[-1], begun=_may_be_begun(page))
    return page


def _describe(number: int, text: str, after_blank: bool) -> PageLine:
    if lines.is_furniture(text):
        return PageLine(number, text, after_blank, furniture=True)
    facts = lines.facts_in(text)
    if facts is not None:
        return PageLine(number, text, after_blank, facts=facts)
    return PageLine(
        number,
        text,
        after_blank,
        menu_word=lines.may_be_furniture(text),
        lean=prose.leaning(text),
        finished=prose.looks_finished(text),
    )


def _name_organizations(page: list[PageLine]) -> None:
    """The line under an organization's picture is its name, whatever it reads like."""
    for index in range(1, len(page)):
        line, before = page[index], page[index - 1]
        pictured = before.facts is not None and before.facts.avatar is not None
        if not pictured or not line.is_prose:
            continue
        name, dot, rest = line.text.partition("·")
        more = lines.facts_in(dot + rest) if dot else None
        if (dot and more is None) or (line.after_blank and not _leads_to_facts(page, index)):
            continue
        facts = Facts(frozenset({"by"}), organization=name.strip()).joined(more or Facts())
        page[index] = PageLine(line.number, line.text, line.after_blank, facts=facts)


def _leads_to_facts(page: Sequence[PageLine], index: int) -> bool:
    return index + 1 < len(page) and page[index + 1].facts is not None


def _may_be_begun(page: Sequence[PageLine]) -> bool:
    last = page[-1]
    if not last.is_prose:
        return False
    before = page[-2].facts if len(page) > 1 and not last.after_blank else None
    return lines.is_begun(last.text, after_facts=before is not None and "separator" in before.marks)
