"""`match`: a rule tried on papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
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
@click.option("--rank", is_flag=True, help="Plain words: the papers that fit them best first.")
@click.option("--json", "as_json", is_flag=True, help="One paper a line, as JSON, with its reasons.")
@click.pass_obj
def match(home: str | None, rule: str, dumps: tuple[str, ...], rank: bool, as_json: bool) -> int:
    """Papers that answer a rule, with the words that matched; over the store, or over dumps.

    With --rank plain words are a search (BM25): not all of them need be there, the best paper comes first, and JSON
    has its `score`. What is written in the rule language is matched exactly all the same; which was done is said.
    """
    from digestbot.matching.batches import batched
    from digestbot.matching.engine import Engine
    from digestbot.matching.evaluate import Evaluator
    from digestbot.matching.search.ranked import plain_words
    from digestbot.rules.folding import fold
    from digestbot.rules.lexer import TOPIC
    from digestbot.rules.parser import parse

    asked = plain_words(rule) if rank else ()
    if asked:
        return _search(home, asked, dumps, as_json=as_json)
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
    exactly = " exactly: this is a rule, and not ranked" if rank else ""
    say(f"{count} of {papers.read} papers match{exactly}" + (f"; {papers.skipped}" if papers.skipped else ""))
    return 0


def _search(home: str | None, asked: tuple[str, ...], dumps: Sequence[str], *, as_json: bool) -> int:
    """The papers that hold some of the words, the best first."""
    import numpy as np

    from digestbot.matching.batches import batched
    from digestbot.matching.evaluate import Evaluator
    from digestbot.matching.search.inverted_index import InvertedIndex
    from digestbot.matching.search.ranked import RankedSearch
    from digestbot.model.papers import LoggedPaper
    from digestbot.rules.parser import parse

    search = RankedSearch(asked)
    with App.open(home, read_only=True) as app, Papers(app, dumps) as papers:
        now = app.clock()
        for batch in batched(papers):
            logged = [LoggedPaper(papers.read + at, "", now, each) for at, each in enumerate(batch)]
            search.look_in(InvertedIndex(logged), np.ones(len(logged), np.bool_))
    evaluator = Evaluator(parse(" OR ".join(f'"{each}"' for each in asked)), now.date())
    found = search.best()
    for each in found:
        paper = each.logged.paper
        _show(paper, evaluator.reasons(paper), as_json=as_json, more={"score": each.score})
    said = f"{len(found)} of {papers.read} papers hold some of the words, ranked by BM25"
    say(said + (f"; {papers.skipped}" if papers.skipped else ""))
    return 0


def _show(
    paper: Paper, reasons: Sequence[Reason], *, as_json: bool, more: Mapping[str, float] = MappingProxyType({})
) -> None:
    if as_json:
        shown = [
            {"rule": each.rule, "field": each.field, "text": each.text, "start": each.start, "end": each.end}
            for each in reasons
        ]
        out_json({**paper.to_json(), "reasons": shown, **more})
        return
    title, at = "", 0
    for each in sorted(reasons, key=lambda each: each.start or 0):
        if each.field == "title" and each.start is not None and each.end is not None and each.start >= at:
            title += paper.title[at : each.start] + bold(paper.title[each.start : each.end])
            at = each.end
    out(title + paper.title[at:])
    words = dict.fromkeys(f"{each.text} ({each.field})" for each in reasons)
    out(faint("    " + (", ".join(words) or "by what it does not have")))
