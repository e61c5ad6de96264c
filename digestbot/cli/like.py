"""`like`: papers ranked by likeness to those that somebody likes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.cli.papers import PaperInput
from digestbot.cli.terminal import Paged, bold, faint, out, out_json, say
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:
    from digestbot.matching.like.likeness import Likeness
    from digestbot.matching.like.past import Past
    from digestbot.model.papers import Paper
    from digestbot.store.works import Works

_NEXT = 10  # shown of those that do not pass
_PER_WEEK = 5


@click.command(cls=Paged)
@click.argument("library", nargs=-1, type=click.Path())
@click.option("--about", default="", metavar="TEXT", help="Words that say what is liked, beside papers or alone.")
@click.option(
    "--dump",
    "dumps",
    multiple=True,
    metavar="DUMP",
    type=click.Path(),
    help="Rank the papers of this dump, not the store's.",
)
@click.option(
    "--background",
    multiple=True,
    metavar="DUMP",
    type=click.Path(),
    help="Measure by these past papers, not by the store's.",
)
@click.option(
    "--per-week", type=click.IntRange(1, 1000), default=_PER_WEEK, show_default=True, help="About so many pass."
)
@click.option("--json", "as_json", is_flag=True, help="One paper a line, with `score`, `passes`, `near` and `terms`.")
@click.pass_obj
def like(
    home: str | None,
    library: tuple[str, ...],
    about: str,
    dumps: tuple[str, ...],
    background: tuple[str, ...],
    per_week: int,
    as_json: bool,
) -> int:
    """Papers by likeness to those of LIBRARY, the best first.

    LIBRARY are dumps of papers that somebody likes, of any kind that `read` knows; they are left out of what is ranked.
    Past papers tell which words are rare, and which score about so many a week exceed: those of --background, else
    the store's. The days on which they came in (in dumps: were published) tell how many weeks they are.
    So many a week pass in all, good ones or not, and fewer when there are fewer.
    """
    from digestbot.matching.like.cut import cut
    from digestbot.matching.like.frequencies import Frequencies
    from digestbot.matching.like.likeness import Interest, Liked, vectors
    from digestbot.matching.like.terms import counts

    if not library and not about.strip():
        raise UsageError(Problem("nothing is said to be liked", way_out="name dumps of papers, or --about TEXT"))
    with App.open(home, read_only=True) as app:
        known = _library(app, library)
        ranked = [each for each in _works(app, dumps).papers if each not in known]
        past = _past(app, background, dumps, known, ranked)
    frequencies = Frequencies.of(past.texts)
    interest = Interest(Liked(known.papers, about), frequencies)
    if not interest:
        raise UsageError(Problem("no word of what is liked tells anything", way_out="name more papers, with abstracts"))
    measured = interest.scores(vectors(frequencies, past.measured, asks=interest.asks))
    least = cut(sorted(measured, reverse=True), past.span.weeks, per_week)
    texts = [counts(each) for each in ranked]
    scores = interest.scores(vectors(frequencies, texts, asks=interest.asks))
    told = zip(ranked, texts, scores, strict=True)
    found = [(paper, interest.likeness(paper, text, score, least)) for paper, text, score in told]
    ordered = sorted(found, key=lambda each: (-each[1].score, _name(each[0])))
    passing = sum(how.passes for _, how in ordered)
    say(f"{past.told}; {passing} of {len(ordered)} papers pass the cut of about {per_week} a week")
    _show(ordered, least, as_json=as_json)
    return 0


def _library(app: App, dumps: Sequence[str]) -> Works:
    """The papers that are liked, each once; says how many of them count."""
    from digestbot.store.works import Works
    from digestbot.subscribers.library import MOST_LIKED

    if not dumps:
        return Works()
    with PaperInput(app, dumps) as papers:
        told = iter(papers)
        known = Works(islice(told, MOST_LIKED))
        more = next(told, None) is not None
    if not len(known):
        raise UsageError(Problem("holds no papers", ", ".join(dumps), way_out="see: digestbot read"))
    bare = sum(not each.abstract for each in known.papers)
    notes = [
        f"{len(known)} liked papers",
        f"{bare} of them without an abstract" if bare else "",
        f"more than {MOST_LIKED:,} are there: the rest is left aside" if more else "",
        papers.skipped,
    ]
    say("; ".join(filter(None, notes)))
    return known


def _works(app: App, dumps: Sequence[str]) -> Works:
    """The papers of the dumps, or of the store, each once."""
    from digestbot.store.works import Works

    with PaperInput(app, dumps) as papers:
        works = Works(papers)
    if papers.skipped:
        say(papers.skipped)
    return works


def _past(app: App, background: Sequence[str], dumps: Sequence[str], known: Works, ranked: Sequence[Paper]) -> Past:
    """The past papers; what is ranked itself, where there are no others.

    What is liked tells how rare words are, as any past paper does; no cut is measured by it.
    """
    from digestbot.matching.like.past import MOST, Past, first_seen
    from digestbot.matching.like.terms import counts
    from digestbot.store.works import Works

    dated: Iterable[tuple[Paper, date | None]]
    if background:
        dated = ((each, each.published) for each in _works(app, background).papers)
    else:
        head = app.store.head()
        stored = first_seen(app.store.window(max(0, head - MOST), head))
        dated = ((each.paper, day) for each, day in stored)
    new = Works(ranked if dumps else ())
    dated = [(paper, day) for paper, day in dated if paper not in new]
    others = [(paper, day) for paper, day in dated if paper not in known]
    if not others:
        say("there are no past papers: measured by the papers themselves")
    past = Past.of((counts(paper), day) for paper, day in others or ((each, each.published) for each in ranked))
    return past._replace(texts=[*past.texts, *(counts(paper) for paper, _ in dated if paper in known)])


def _show(found: Sequence[tuple[Paper, Likeness]], least: float, *, as_json: bool) -> None:
    if as_json:
        for paper, how in found:
            near = how.near.title if how.near else None
            told = {"score": how.score, "passes": how.passes, "near": near, "terms": list(how.words)}
            out_json({**paper.to_json(), **told})
        return
    passing = sum(how.passes for _, how in found)
    for at, (paper, how) in enumerate(found[: passing + _NEXT]):
        if at == passing:
            out(faint(f"---- the cut is at {least:.3f}: what follows does not pass ----"))
        out(f"{how.score:.3f}  {bold(paper.title)}")
        near = f"near {how.near.title!r}: " if how.near else ""
        out(faint(f"       {near}{', '.join(how.words) or 'no words in common'}"))


def _name(paper: Paper) -> str:
    """What papers of one score are ordered by."""
    from digestbot.store.identity import id_keys

    return next(iter(id_keys(paper)), paper.title)
