"""`check`: everything a person wrote, looked at once, with every problem and what may be one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App, shipped
from digestbot.cli.progress import PaperBar
from digestbot.cli.terminal import complain, say, warn
from digestbot.model.errors import Problem, UsageError
from digestbot.runtime.doctor.machine import exposed
from digestbot.subscribers.files import read_folder

if TYPE_CHECKING:
    from digestbot.model.papers import Paper


@click.command()
@click.pass_obj
def check(home: str | None) -> int:
    """Settings, subscriptions, topics, templates: every problem at once.

    Each with its file, its line and a way out; then what the rules, and the stored papers, show to be hardly
    meant. Ends with 2 when there is a problem; a warning is none.
    """
    with App.open(home, read_only=True) as app:
        path, topics = app.settings.home / "subscriptions", shipped("subscriptions") / "topics.toml"
        folder = app.folder = read_folder(path, topics, every_topic=True)
        problems = [*folder.problems, *app.unreachable(), *app.template_problems(), *_source_problems(app)]
        for problem in problems:
            complain(str(problem))
        for path in exposed(app.settings):
            warn(str(Problem("others on this machine can read it", str(path), way_out=f"chmod 600 {path}")))
        for warning in _remarks(app):
            warn(str(warning))
    right = f"{len(folder.wants)} of {len(folder.ids)} subscriptions are right"
    say(f"{right}, {len(folder.topics)} topics")
    for line in _source_ways(app):
        say(line)
    return 2 if problems else 0


def _remarks(app: App) -> Sequence[Problem]:
    """What is hardly meant, over all stored papers."""
    from digestbot.matching.batches import batched
    from digestbot.subscribers.remarks import remarks

    store, topics = app.store, shipped("subscriptions") / "topics.toml"
    with PaperBar("looking through the stored papers", store.head()) as bar:

        def batches() -> Iterator[list[Paper]]:
            yield from batched(each.paper for each in bar.over(store.window(0, store.head())))

        path = app.settings.home / "subscriptions"
        return list(remarks(app.folder, path, topics, batches, today=app.clock().date()))


def _source_ways(app: App) -> Sequence[str]:
    """How each source is read: its schedule, its first run and its limit."""
    from digestbot.ingest.poller import sources
    from digestbot.ingest.sources.polling import ways

    try:
        return [f"source {each.name}: {ways(each)}" for each in sources(app.settings)]
    except UsageError:  # told already
        return ()


def _source_problems(app: App) -> Sequence[Problem]:
    from digestbot.ingest.poller import sources

    try:
        sources(app.settings)
    except UsageError as error:
        return error.problems
    return ()
