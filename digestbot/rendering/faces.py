"""All faces by name; each is imported, with the packages it needs, only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from digestbot.core.deliveries import Message, Part
from digestbot.core.digests import Digest
from digestbot.core.errors import Problem, UsageError
from digestbot.core.subscriptions import Destination
from digestbot.rendering.base import Envelope, Face
from digestbot.rendering.templating import Templates


def _page(name: str, templates: Templates) -> Face:
    from digestbot.rendering.pages import PageFace

    return PageFace(name, templates)


def _email(templates: Templates) -> Face:
    from digestbot.rendering.mail import MailFace

    return MailFace(templates)


def _file(templates: Templates) -> Face:
    from digestbot.rendering.files import FileFace

    return FileFace(lambda name: face(name, templates))


def _slack(_: Templates) -> Face:
    from digestbot.rendering.slack import SlackFace

    return SlackFace()


def _discord(_: Templates) -> Face:
    from digestbot.rendering.discord import DiscordFace

    return DiscordFace()


def _teams(_: Templates) -> Face:
    from digestbot.rendering.teams import TeamsFace

    return TeamsFace()


def _mattermost(_: Templates) -> Face:
    from digestbot.rendering.mattermost import MattermostFace

    return MattermostFace()


def _apprise(_: Templates) -> Face:
    from digestbot.rendering.apprise import AppriseFace

    return AppriseFace()


def _feed(_: Templates) -> Face:
    from digestbot.rendering.feed import FeedFace

    return FeedFace()


def _json(_: Templates) -> Face:
    from digestbot.rendering.payload import JsonFace

    return JsonFace()


FACES: Mapping[str, Callable[[Templates], Face]] = MappingProxyType(
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


def face(name: str, templates: Templates) -> Face:
    """The face of that name. Raises UsageError naming all when there is none."""
    if name not in FACES:
        raise UsageError(Problem(f"no format {name!r}", way_out=f"write one of {', '.join(FACES)}"))
    return FACES[name](templates)


def face_for(channel: str) -> str:
    """The name of the face that a channel's messages are written with."""
    return _OF_CHANNEL.get(channel, channel)


def halved(channel: str, part: Part) -> tuple[Part, ...]:
    """A part that a channel found too long as two that hold it all; itself alone where it cannot be cut."""
    if channel != "slack":
        return (part,)
    from digestbot.rendering import slack

    return slack.halved(part)


def write(name: str, digest: Digest, to: Destination, envelope: Envelope, *, templates: Templates) -> Message:
    """The digest in the face of that name, the same bytes each time. Raises what the face raises."""
    return face(name, templates).write(digest, to, envelope)
