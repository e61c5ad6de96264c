"""`topics`: the tree of topics, with what each finds among the stored papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.cli import completing
from digestbot.cli.progress import PaperBar
from digestbot.cli.terminal import Paged, bold, complain_of, faint, out, out_json, say
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:
    from digestbot.matching.topic_counts import TopicCounts
    from digestbot.rules.topics import Topics


@click.command(cls=Paged)
@click.argument("topic", required=False, shell_complete=completing.topics)
@click.option("--json", "as_json", is_flag=True, help="One topic a line, as JSON: the whole tree, or all under TOPIC.")
@click.pass_obj
def topics(home: str | None, topic: str | None, as_json: bool) -> int:
    """The topics: browse the tree, with how many stored papers each finds, and an example.

    Without TOPIC the areas of science; with one, all that stands under it.
    """
    with App.open(home, read_only=True) as app:
        known = app.topics
        if topic is not None and topic not in known:
            raise UsageError(_unknown(topic, known))
        lines = known.outline(*([topic] if topic else []))
        shown = lines if topic or as_json else [line for line in lines if line[0] == 0]
        counts = _counted(app, [name for _, name in shown])
    if as_json:
        for _, name in shown:
            out_json(_as_json(name, known, counts))
    elif topic:
        _tell(topic, known, counts)
        _tree([(depth - 1, name) for depth, name in shown[1:]], known, counts)
        say(f'\nIn a subscription: topics = ["{topic}"]. Its papers: digestbot match topic:{topic}')
    else:
        _tree(shown, known, counts)
        first = shown[0][1] if shown else "NAME"
        say(f"\n{len(known)} topics; what stands under one of these: digestbot topics {first}")
    return complain_of(counts.problems)


def _unknown(topic: str, known: Topics) -> Problem:
    from digestbot.rules.mistakes import nearest

    near = nearest(topic, known)
    way_out = f"did you mean {near!r}?" if near else "digestbot topics lists the areas, --json all of them"
    return Problem(f"there is no topic {topic!r}", way_out=way_out)


def _counted(app: App, names: list[str]) -> TopicCounts:
    from digestbot.matching.batches import batched
    from digestbot.matching.topic_counts import TopicCounts

    store, counts, today = app.store, TopicCounts(app.topics, names), app.clock().date()
    with PaperBar("looking through the stored papers", store.head()) as bar:
        for batch in batched(each.paper for each in bar.over(store.window(0, store.head()))):
            counts.add(batch, today)
    return counts


def _tell(name: str, known: Topics, counts: TopicCounts) -> None:
    """The topic itself: what it is part of, what it finds, and the newest of that."""
    out(bold(known.title(name)))
    if above := known.part_of(name):
        out(f"part of {', '.join(above)}")
    found = counts[name]
    out(f"{found.papers:,} of {counts.asked:,} stored papers")
    if found.example is not None:
        out(f"the newest: {found.example.title}")
        if found.example.link:
            out(faint(f"    {found.example.link}"))


def _tree(lines: list[tuple[int, str]], known: Topics, counts: TopicCounts) -> None:
    width = max((2 * depth + len(name) for depth, name in lines), default=0)
    for depth, name in lines:
        out(f"{'  ' * depth + name:<{width}}  {counts[name].papers:>7,}  {known.title(name)}")


def _as_json(name: str, known: Topics, counts: TopicCounts) -> dict[str, object]:
    found = counts[name]
    example = found.example and {"title": found.example.title, "url": found.example.link}
    return {
        "name": name,
        "title": known.title(name),
        "part_of": known.part_of(name),
        "includes": list(known.includes(name)),
        "papers": found.papers,
        "example": example,
    }
