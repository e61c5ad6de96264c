"""`match`: a rule tried on papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import click

from digestbot.bootstrap import App
from digestbot.cli.progress import ByteBar, PaperBar
from digestbot.cli.terminal import bold, faint, out, out_json, say, warn
from digestbot.rules.reference import fields

if TYPE_CHECKING:
    from datetime import date

    from digestbot.matching.base import Reason
    from digestbot.model.errors import Problem
    from digestbot.model.papers import Paper
    from digestbot.rules.ast import Rule
    from digestbot.rules.synonyms import Synonyms

_FEW = 20_000  # papers


@click.command(epilog=f"A rule can name: {', '.join(each.written for each in fields())}.")
@click.argument("rule")
@click.option("--dump", "dumps", multiple=True, metavar="DUMP", help="Look in this dump, not in the store.")
@click.option("--json", "as_json", is_flag=True, help="One paper a line, as JSON, with its reasons.")
@click.pass_obj
def match(home: str | None, rule: str, dumps: tuple[str, ...], as_json: bool) -> int:
    """Papers that answer a rule, with the words that matched; over the store, or over dumps.

    Then, on standard error, what is hardly meant, what finds nothing or nearly everything, and what else there is.
    """
    from digestbot.matching.evaluate import Evaluator
    from digestbot.rules.folding import fold
    from digestbot.rules.lexer import TOPIC
    from digestbot.rules.parser import parse
    from digestbot.rules.topics import Topics

    with App.open(home, read_only=True) as app, _Papers(app, dumps) as papers:
        # The taxonomy is read only for a rule that may name a topic.
        topics = app.topics if TOPIC in fold(rule) else Topics({}, synonyms=app.synonyms)
        parsed = parse(rule, topics)
        evaluator = Evaluator(parsed, app.clock().date())
        count, advice = 0, _Advised(parsed, topics.synonyms, papers)
        for paper in advice.matching(app.clock().date()):
            count += 1
            papers.bar.give_way()
            _show(paper, evaluator.reasons(paper), as_json=as_json)
        for each in advice.told():
            warn(str(each))
    say(f"{count} of {papers.read} papers match" + (f"; {papers.skipped}" if papers.skipped else ""))
    return 0


class _Advised:
    """A rule put to papers, and in the same pass what else there is to tell about it."""

    def __init__(self, rule: Rule, synonyms: Synonyms, papers: _Papers) -> None:
        from digestbot.matching.advice import Advice

        self._rule = rule
        self._papers = papers
        self._advice = Advice([("", rule)], synonyms)
        self._hits: Counter[str] = Counter()

    def matching(self, today: date) -> Iterator[Paper]:
        """The papers that answer."""
        from digestbot.matching.batches import batched
        from digestbot.matching.engine import Engine

        engine = Engine.build([("", self._rule.root), *self._advice.questions()])
        for batch in batched(self._papers):
            found = engine.match(batch, today=today).by_rule()
            self._hits.update({name: len(those) for name, those in found.items()})
            yield from (batch[index] for index in found.get("", ()))

    def told(self) -> Iterator[Problem]:
        """What is hardly meant by the rule itself, and what the papers tell."""
        from digestbot.matching.advice import certain
        from digestbot.matching.batches import batched
        from digestbot.rules.lint import lint

        yield from lint(self._rule)
        yield from certain(self._rule)
        again = (lambda: batched(self._papers.again())) if self._papers.can_be_read_again else None
        for each in self._advice.told(self._hits, self._papers.read, again):
            yield replace(each, place=None, message=each.message if each.line else f"this rule {each.message}")


class _Papers:
    """The papers of the dumps, or of the store where there are none, with a bar while they are read."""

    def __init__(self, app: App, dumps: Sequence[str]) -> None:
        from digestbot.ingest.sources.files import bytes_on_disk

        self._app = app
        self._dumps = dumps
        self._broken = 0
        self.read = 0
        self.bar = (
            ByteBar("reading", sum(map(bytes_on_disk, dumps))) if dumps else PaperBar("reading", app.store.head())
        )

    def __enter__(self) -> Self:
        self.bar.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.bar.give_way()

    @property
    def skipped(self) -> str:
        """What was no paper though it should have been."""
        return f"{self._broken} pieces could not be read: see digestbot read" if self._broken else ""

    @property
    def can_be_read_again(self) -> bool:
        """Whether they are few, and do not come from standard input: a second look takes as long as the first."""
        return "-" not in self._dumps and self.read <= _FEW

    def __iter__(self) -> Iterator[Paper]:
        for paper in self.again():
            self.read += 1
            yield paper

    def again(self) -> Iterator[Paper]:
        """The same papers once more."""
        return self._dumped() if self._dumps else self._stored()

    def _stored(self) -> Iterator[Paper]:
        store = self._app.store
        for each in store.window(0, store.head()):
            self.bar(1)
            yield each.paper

    def _dumped(self) -> Iterator[Paper]:
        from digestbot.ingest.sources.files import read_dumps
        from digestbot.model.papers import Paper
        from digestbot.readers import open_listing

        for name in self._dumps:
            for dump in read_dumps(name, watch=self.bar):
                with dump.open() as stream:
                    for piece in open_listing(stream, dump.name):
                        if isinstance(piece, Paper):
                            yield piece
                        else:
                            self._broken += piece.kind != "furniture"


def _show(paper: Paper, reasons: Sequence[Reason], *, as_json: bool) -> None:
    if as_json:
        shown = [
            {"rule": each.rule, "field": each.field, "text": each.text, "start": each.start, "end": each.end}
            for each in reasons
        ]
        out_json({**paper.to_json(), "reasons": shown})
        return
    title, at = "", 0
    for each in sorted(reasons, key=lambda each: each.start or 0):
        if each.field == "title" and each.start is not None and each.end is not None and each.start >= at:
            title += paper.title[at : each.start] + bold(paper.title[each.start : each.end])
            at = each.end
    out(title + paper.title[at:])
    words = dict.fromkeys(f"{each.text} ({each.field})" for each in reasons)
    out(faint("    " + (", ".join(words) or "by what it does not have")))
