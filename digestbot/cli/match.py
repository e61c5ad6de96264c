"""`match`: a rule tried on papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App, shipped
from digestbot.cli.papers import AT_FIRST, PaperInput
from digestbot.cli.terminal import Paged, bold, faint, out, out_json, say, warn
from digestbot.rules.reference import fields

if TYPE_CHECKING:
    from datetime import date

    from digestbot.matching.base import Reason
    from digestbot.model.errors import Problem
    from digestbot.model.papers import Paper
    from digestbot.rules.ast import Rule
    from digestbot.rules.synonyms import Synonyms


@click.command(cls=Paged, epilog=f"A rule can name: {', '.join(each.written for each in fields())}.")
@click.argument("rule")
@click.option(
    "--dump", "dumps", multiple=True, metavar="DUMP", type=click.Path(), help="Look in this dump, not in the store."
)
@click.option("--rank", is_flag=True, help="Plain words: the papers that fit them best first.")
@click.option("--json", "as_json", is_flag=True, help="One paper a line, as JSON, with its reasons.")
@click.pass_obj
def match(home: str | None, rule: str, dumps: tuple[str, ...], rank: bool, as_json: bool) -> int:
    """Papers that answer a rule, with the words that matched; over the store, the newest first, or over dumps.

    With --rank plain words are a search (BM25): not all of them need be there, the best paper comes first, and JSON
    has its `score`. What is written in the rule language is matched exactly all the same; which was done is said.

    Of a rule it is told, on standard error, what is hardly meant, what finds nothing or nearly everything, and what
    another way to write a term would find.
    """
    from digestbot.matching.evaluate import Evaluator
    from digestbot.rules.ast import Everything
    from digestbot.rules.folding import fold
    from digestbot.rules.lexer import TOPIC
    from digestbot.rules.parser import parse
    from digestbot.rules.topics import Topics
    from digestbot.subscribers.synonym_file import synonyms_in

    if rank:
        from digestbot.matching.search.ranked import plain_words  # brings numpy

        if asked := plain_words(rule):
            return _search(home, asked, dumps, as_json=as_json)
    with App.open(home, read_only=True) as app, PaperInput(app, dumps, newest_first=True) as papers:
        # The taxonomy is read only for a rule that may name a topic.
        folders = app.settings.home / "subscriptions", shipped("subscriptions")
        topics = app.topics if TOPIC in fold(rule) else Topics({}, synonyms=synonyms_in(*folders))
        parsed = parse(rule, topics)
        otherwise = "as every paper does" if isinstance(parsed.root, Everything) else "by what it does not have"
        today = app.clock().date()
        evaluator = Evaluator(parsed, today)
        count, advised = 0, _Advised(parsed, topics.synonyms, papers)
        for paper in advised.matching(today):
            count += 1
            papers.bar.give_way()
            _show(paper, evaluator.reasons(paper), as_json=as_json, otherwise=otherwise)
        for each in advised.told():
            warn(str(each))
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
    with App.open(home, read_only=True) as app, PaperInput(app, dumps) as papers:
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


class _Advised:
    """A rule put to papers, and in the same pass what else there is to tell about it."""

    def __init__(self, rule: Rule, synonyms: Synonyms, papers: PaperInput) -> None:
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
        for batch in batched(self._papers, first=AT_FIRST):
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


def _show(
    paper: Paper,
    reasons: Sequence[Reason],
    *,
    as_json: bool,
    more: Mapping[str, float] = MappingProxyType({}),
    otherwise: str = "",
) -> None:
    """One paper with its reasons; `otherwise` is said where it has none."""
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
    out(faint("    " + (", ".join(words) or otherwise)))
