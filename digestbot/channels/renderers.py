"""All renderers by name; each is imported, with the packages it needs, only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from digestbot.model.deliveries import Message, Part
from digestbot.model.digests import Digest
from digestbot.model.errors import Problem, UsageError
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope, Renderer
from digestbot.rendering.templating import Templates


def _page(name: str, templates: Templates) -> Renderer:
    from digestbot.rendering.pages import PageRenderer

    return PageRenderer(name, templates)


def _email(templates: Templates) -> Renderer:
    from digestbot.channels.email.renderer import MailRenderer

    return MailRenderer(templates)


def _file(templates: Templates) -> Renderer:
    from digestbot.channels.file.renderer import FileRenderer

    return FileRenderer(lambda name: renderer(name, templates))


def _slack(_: Templates) -> Renderer:
    from digestbot.channels.slack.renderer import SlackRenderer

    return SlackRenderer()


def _discord(_: Templates) -> Renderer:
    from digestbot.channels.discord.renderer import DiscordRenderer

    return DiscordRenderer()


def _teams(_: Templates) -> Renderer:
    from digestbot.channels.teams.renderer import TeamsRenderer

    return TeamsRenderer()


def _mattermost(_: Templates) -> Renderer:
    from digestbot.channels.mattermost.renderer import MattermostRenderer

    return MattermostRenderer()


def _apprise(_: Templates) -> Renderer:
    from digestbot.channels.apprise.renderer import AppriseRenderer

    return AppriseRenderer()


def _feed(_: Templates) -> Renderer:
    from digestbot.rendering.feed import FeedRenderer

    return FeedRenderer()


def _json(_: Templates) -> Renderer:
    from digestbot.rendering.payload import JsonRenderer

    return JsonRenderer()


RENDERERS: Mapping[str, Callable[[Templates], Renderer]] = MappingProxyType(
    {
        "html": partial(_page, "html"),
        "text": partial(_page, "text"),
        "markdown": partial(_page, "markdown"),
        "email": _email,
        "slack": _slack,
        "discord": _discord,
        "teams": _teams,
        "mattermost": _mattermost,
        "apprise": _apprise,
        "json": _json,
        "feed": _feed,
        "archive": partial(_page, "archive"),
        "file": _file,
    }
)
_OF_CHANNEL = {"webhook": "json"}


def renderer(name: str, templates: Templates) -> Renderer:
    """The renderer of that name. Raises UsageError naming all when there is none."""
    if name not in RENDERERS:
        raise UsageError(Problem(f"no format {name!r}", way_out=f"write one of {', '.join(RENDERERS)}"))
    return RENDERERS[name](templates)


def renderer_for(channel: str) -> str:
    """The name of the renderer that a channel's messages are written with."""
    return _OF_CHANNEL.get(channel, channel)


def halved(channel: str, part: Part) -> tuple[Part, ...]:
    """A part that a channel found too long as two that hold it all; itself alone where it cannot be cut."""
    if channel != "slack":
        return (part,)
    from digestbot.channels.slack import renderer

    return renderer.halved(part)


def write(name: str, digest: Digest, to: Destination, envelope: Envelope, *, templates: Templates) -> Message:
    """The digest in the renderer of that name, the same bytes each time. Raises what the renderer raises."""
    return renderer(name, templates).write(digest, to, envelope)
