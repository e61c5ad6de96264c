"""`check`: everything a person wrote, looked at once, with every problem and what may be one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App, shipped
from digestbot.cli.progress import PaperBar
from digestbot.cli.terminal import complain, say, warn
from digestbot.model.errors import DigestbotError, Problem, UsageError

if TYPE_CHECKING:
    from digestbot.model.papers import Paper


@click.command()
@click.pass_obj
def check(home: str | None) -> int:
    """Settings, subscriptions, topics, templates: every problem at once.

    Each with its file, its line and a way out; then what the rules, and the stored papers, show to be hardly
    meant. Ends with 2 when there is a problem; a warning is none.
    """
    from digestbot.ingest.library import libraries
    from digestbot.runtime.doctor.machine import exposed
    from digestbot.runtime.doctor.refused import refused_later
    from digestbot.runtime.doctor.unheeded import unheeded
    from digestbot.subscribers.files import read_folder

    with App.open(home, read_only=True) as app:
        path, topics = app.settings.home / "subscriptions", shipped("subscriptions") / "topics.toml"
        folder = app.folder = read_folder(
            path, topics, every_topic=True, libraries=libraries(app.settings, lambda: app.store)
        )
        problems = [*refused_later(app), *folder.problems, *app.unreachable(), *app.template_problems()]
        problems += _source_problems(app)
        for problem in problems:
            complain(str(problem))
        for path in exposed(app.settings):
            warn(str(Problem("others on this machine can read it", str(path), way_out=f"chmod 600 {path}")))
        for warning in (*unheeded(app), *_remarks(app)):
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
        return [*_likes(app), *_models(app), *remarks(app.folder, path, topics, batches, today=app.clock().date())]


def _likes(app: App) -> Iterator[Problem]:
    """What likeness lacks: papers that are not known, abstracts, a past to measure by."""
    from digestbot.digests.likes import likes_of
    from digestbot.rendering.wording import lacks
    from digestbot.subscribers.library import MOST_LIKED

    for compiled in app.folder.wants:
        if compiled.subscription.like is not None:
            place = f"subscriptions/{compiled.subscription.id}.toml"
            try:
                taste = likes_of(app.store).taste(compiled, app.store.head(), ())
            except DigestbotError as error:
                yield from (Problem(f"[like] cannot be used: {each}", place) for each in error.problems)
                continue
            yield from (Problem(f"[like]: {each}", place) for each in lacks(taste.likened))
            if compiled.library is not None and compiled.library.more:
                yield Problem(
                    f"[like]: the library has more than {MOST_LIKED:,} papers: the first of them count", place
                )
            if compiled.library is not None and not compiled.library.works():
                hint = "a file's stand in it, a source's come when it is fetched: digestbot ingest"
                yield Problem("[like]: the library holds no papers", place, way_out=hint)
            if not taste.interest:
                yield Problem("[like]: no word of what is liked tells anything", place, way_out="name more papers")


def _models(app: App) -> Iterator[Problem]:
    """Who wants a model's words where there is no model."""
    from digestbot.digests.model_gists import waits_for_model

    for compiled in app.folder.wants:
        if app.settings.model_url is None and waits_for_model(compiled.subscription):
            place = f"subscriptions/{compiled.subscription.id}.toml"
            hint = "set DIGESTBOT_MODEL_URL and DIGESTBOT_MODEL_MODEL in .env"
            yield Problem('gist = "model" has no model: a sentence of the abstract stands instead', place, way_out=hint)


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
