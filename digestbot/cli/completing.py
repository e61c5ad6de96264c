"""What the shell offers while a command is typed: subscriptions, topics, formats, ids.

Nothing is told of what cannot be read: a shell that complains while one types is no help.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digestbot.model.errors import DigestbotError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_MOST = 200
"""So many are offered; of more the first letters say little."""


def subscriptions(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """The ids of the files in `subscriptions/`."""
    from digestbot.subscribers.files import subscription_files

    return _offered((path.stem for path in subscription_files(_home(ctx) / "subscriptions")), begun)


def topics(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of topics, each with its title."""
    from click.shell_completion import CompletionItem

    from digestbot.bootstrap import shipped
    from digestbot.subscribers.files import TOPICS, read_topics

    known = read_topics(_home(ctx) / "subscriptions", shipped("subscriptions") / TOPICS)[0]
    return [CompletionItem(name, help=known.title(name)) for name in known if name.startswith(begun)]


def formats(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of the formats of dumps, each with what it is."""
    from click.shell_completion import CompletionItem

    from digestbot.readers.registry import READERS

    return [CompletionItem(each.name, help=each.title) for each in READERS if each.name.startswith(begun)]


def deliveries(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """The ids of open deliveries, each with where it goes, and the states that name many."""
    from click.shell_completion import CompletionItem

    from digestbot.bootstrap import App
    from digestbot.model.deliveries import OPEN_ENDS

    states = _offered(sorted(OPEN_ENDS), begun)
    try:
        with App.open(str(_home(ctx)), read_only=True) as app:
            found = app.store.latest(set(OPEN_ENDS), newest=_MOST)
    except DigestbotError:
        return states
    return states + [
        CompletionItem(each.id, help=f"{each.subscription} -> {each.destination.name}")
        for each in found
        if each.id.startswith(begun)
    ]


def _offered(names: Iterable[str], begun: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(each) for each in names if each.startswith(begun)][:_MOST]


def _home(ctx: click.Context) -> Path:
    asked = ctx.find_root().params.get("home")
    return Path(asked or os.environ.get("DIGESTBOT_HOME") or ".").expanduser()
