"""`match`: a rule tried on papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import click

from digestbot.bootstrap import App
from digestbot.cli.progress import ByteBar, PaperBar
from digestbot.cli.terminal import bold, faint, out, out_json, say

if TYPE_CHECKING:
    from digestbot.matching.base import Reason
    from digestbot.model.papers import Paper


@click.command()
@click.argument("rule")
@click.option("--dump", "dumps", multiple=True, metavar="DUMP", help="Look in this dump, not in the store.")
@click.option("--json", "as_json", is_flag=True, help="One paper a line, as JSON, with its reasons.")
@click.pass_obj
def match(home: str | None, rule: str, dumps: tuple[str, ...], as_json: bool) -> int:
    """Papers that answer a rule, with the words that matched; over the store, or over dumps."""
    from digestbot.matching.batches import batched
    from digestbot.matching.engine import Engine
    from digestbot.matching.evaluate import Evaluator
    from digestbot.rules.folding import fold
    from digestbot.rules.lexer import TOPIC
    from digestbot.rules.parser import parse

    with App.open(home, read_only=True) as app, _Papers(app, dumps) as papers:
        # The taxonomy is read only for a rule that may name a topic.
        parsed = parse(rule, app.topics if TOPIC in fold(rule) else None)
        today = app.clock().date()
        evaluator = Evaluator(parsed, today)
        engine = Engine.build([(rule, parsed.root)])
        count = 0
        for batch in batched(papers):
            for index in engine.match(batch, today=today).by_rule().get(rule, ()):
                count += 1
                papers.bar.give_way()
                _show(batch[index], evaluator.reasons(batch[index]), as_json=as_json)
    say(f"{count} of {papers.read} papers match" + (f"; {papers.skipped}" if papers.skipped else ""))
    return 0


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

    def __iter__(self) -> Iterator[Paper]:
        for paper in self._dumped() if self._dumps else self._stored():
            self.read += 1
            yield paper

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
