"""What somebody writes who begins: interests, and the first subscription of a folder, made of three answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from digestbot.channels.registry import CHANNELS, kind_of
from digestbot.channels.spec import Reach
from digestbot.model.errors import Problem, RuleError, UsageError
from digestbot.rules.ast import And, Label, Node, Or
from digestbot.rules.combine import combine
from digestbot.rules.mistakes import nearest
from digestbot.rules.topics import Topics

FIRST = "my-digest"
"""The id of the first subscription: its file's name."""

_FEW = 3
_HOOK = "hook"
_WHERE = "# Where it goes"
_ARCHIVES = re.compile(
    r"(astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-(ex|lat|ph|th)|math|math-ph|nlin|nucl-(ex|th)|physics|q-bio|q-fin"
    r"|quant-ph|stat)(\.[A-Za-z-]{2,})?"
)
"""Names of arXiv's categories: https://arxiv.org/category_taxonomy"""


@dataclass(frozen=True, slots=True)
class Interests:
    """What somebody wants, sorted into what a subscription calls it. ``library`` is a file of liked papers."""

    topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    library: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.topics or self.keywords or self.library)


def interests(text: str, topics: Topics, library_at: Callable[[str], Path | None] = lambda _: None) -> Interests:
    """What stands between commas: names or titles of topics, a file of liked papers, or words and phrases.

    ``library_at`` gives the file that a piece names, None for what is none. Raises UsageError for words that are no
    rule, and what `library_at` raises.
    """
    names, keywords, library = [], [], None
    titles = {topics.title(name).casefold(): name for name in topics}
    for each in _split(text):
        if (path := library_at(each)) is not None:
            library = path
        elif each.casefold() in topics or each.casefold() in titles:
            names.append(titles.get(each.casefold(), each.casefold()))
        else:
            keywords.append(each)
    if keywords:
        _sound(keywords, topics)
    return Interests(tuple(names), tuple(keywords), library)


def library_here(text: str) -> Path | None:
    """The file of this machine that is named so. Raises UsageError for what looks like one and is not there."""
    path = Path(text).expanduser()
    if path.is_file():
        return path.resolve()
    if re.search(r"\.\w{2,5}$", text) and " " not in text and "/" in text:
        raise UsageError(Problem("no such file", text, way_out="name a file of papers you like, or words"))
    return None


def _split(text: str) -> list[str]:
    """At commas that stand in no quotes and no brackets."""
    pieces = re.findall(r"""(?:"[^"]*"|\([^()]*\)|[^,])+""", text)
    return [piece for each in pieces if (piece := re.sub(r'^"([^"]*)"$', r"\1", each.strip()).strip())]


def _sound(keywords: list[str], topics: Topics) -> None:
    try:
        combine(keywords=keywords, taxonomy=topics)
    except RuleError as error:
        raise UsageError(*(Problem(each.message, way_out=each.way_out) for each in error.problems)) from None


def topics_near(keyword: str, topics: Topics) -> list[str]:
    """A few topics that a keyword may have meant: by titles that have all its words, and the nearest name."""
    words = set(keyword.casefold().split())
    titled = [name for name in topics if words <= set(re.findall(r"[\w-]+", topics.title(name).casefold()))]
    close = nearest(keyword.replace(" ", "-"), topics)
    return list(dict.fromkeys([*titled[:_FEW], *([close] if close else [])]))


@dataclass(frozen=True, slots=True)
class DestinationAnswer:
    """Where the digest goes: the lines of its ``[[to]]``, and settings that it needs, with their values."""

    table: Mapping[str, str | list[str]]
    settings: Mapping[str, str]
    needs: tuple[str, ...] = ()


def recipient(text: str) -> DestinationAnswer:
    """An e-mail address, a webhook's URL, or a folder for files. Raises UsageError for what is none of them."""
    if re.match(r"\w[\w+.-]*://", text):
        kind = kind_of(text)
        url = CHANNELS[kind].url
        if not re.match(url.valid, text):
            raise UsageError(Problem(f"{text} is no URL of {url.whose}", way_out=url.hint))
        return DestinationAnswer({"channel": kind, "destination": _HOOK}, {f"DIGESTBOT_TO_{_HOOK.upper()}": text})
    if "@" in text:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
            raise UsageError(Problem(f"{text} is no e-mail address", way_out="write it as ada@example.org"))
        mail = next(kind for kind, spec in CHANNELS.items() if spec.reach is Reach.MAIL)
        return DestinationAnswer(
            {"channel": mail, "address": text}, {}, needs=("DIGESTBOT_SMTP_URL", "DIGESTBOT_MAIL_FROM")
        )
    files = next(kind for kind, spec in CHANNELS.items() if spec.reach is Reach.FOLDER)
    return DestinationAnswer({"channel": files, "path": text, "formats": ["html", "markdown"]}, {})


@dataclass(frozen=True, slots=True)
class Answers:
    """The three answers, and whose hours the cadence's are; without interests those of the example stay.

    ``categories`` are arXiv's that the topics name: where their papers come from.
    """

    interests: Interests
    to: DestinationAnswer
    cadence: str
    timezone: str
    categories: tuple[str, ...] = ()


def subscription(example: str, answers: Answers) -> str:
    """The example subscription with these answers in the place of its own: every key stays explained."""
    asked = answers.interests
    values: dict[str, str | list[str] | None] = {"timezone": answers.timezone, "cadence": answers.cadence}
    if asked:
        rules = {"topics": list(asked.topics), "keywords": list(asked.keywords), "query": None, "exclude": None}
        values.update(rules)
    head, _, tail = example.partition(_WHERE)
    lines = [_answered(line, values) for line in head.splitlines()]
    if asked.library is not None:
        lines += ["[like]", f"library = {_toml(str(asked.library))}", "per_week = 5", ""]
    intro, _, rest = tail.partition("[[to]]\n")
    _, _, examples = rest.partition("\n\n")
    table = [f"{key} = {_toml(value)}" for key, value in answers.to.table.items()]
    return "\n".join([*lines, f"{_WHERE}{intro}[[to]]", *table, "", examples])


def _answered(line: str, answers: Mapping[str, str | list[str] | None]) -> str:
    key, equals, old = line.partition(" = ")
    if not equals or key not in answers:
        return line
    value = answers[key]
    if not value:
        return f"# {line}"
    comment = re.search(r"\s{2,}# .*$", old)
    written = f"{key} = {_toml(value)}"
    return f"{written:<35} {comment[0].strip()}" if comment else written


def _toml(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def arxiv_categories(asked: Interests, topics: Topics) -> tuple[str, ...]:
    """The categories of arXiv that the topics name, or what they are part of; none that is under another."""
    found: dict[str, None] = {}
    for name in asked.topics:
        own = _named_by(name, topics)
        found.update(
            dict.fromkeys(own or [each for above in topics.part_of(name) for each in _named_by(above, topics)])
        )
    whole = {each for each in found if "." not in each}
    return tuple(each for each in found if each in whole or each.partition(".")[0] not in whole)


def _named_by(topic: str, topics: Topics) -> list[str]:
    rule = topics.rule(topic)
    return list(_categories(rule.root, rule.text))


def _categories(node: Node, text: str) -> Iterator[str]:
    if isinstance(node, Label):
        written = text[node.span.start : node.span.end].rpartition(":")[2]
        if _ARCHIVES.fullmatch(written):
            yield written
    elif isinstance(node, And | Or):
        for each in node.rules:
            yield from _categories(each, text)


def arxiv_source(categories: Sequence[str]) -> str:
    """A source of `sources.toml` that fetches the new papers of these categories."""
    return (
        "# What arXiv brings in the categories of your topics.\n[arxiv]\n"
        f'kind = "arxiv-api"\ncategories = {_toml(list(categories))}\nevery = "6 hours"\nfirst_run = "7 days"\n'
    )
