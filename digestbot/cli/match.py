"""`match`: a rule tried on papers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.cli.papers import Papers
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

    with App.open(home, read_only=True) as app, Papers(app, dumps) as papers:
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
