"""The kinds of channels: what each needs in a subscription's ``[[to]]``, and how one is opened."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from digestbot.channels.base import Channel
from digestbot.channels.settings import ChannelSettings
from digestbot.model.errors import Problem, UsageError


@dataclass(frozen=True, slots=True)
class Options:
    """The names of the options that a destination of one kind must have, and may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


CHANNELS: Mapping[str, Options] = {
    "email": Options(required=("address",)),
    "slack": Options(required=("destination",)),
    "discord": Options(required=("destination",)),
    "teams": Options(required=("destination",)),
    "mattermost": Options(required=("destination",)),
    "apprise": Options(required=("destination",)),
    "webhook": Options(required=("destination",)),
    "file": Options(required=("path",), optional=("formats",)),
}


def describe(kind: str) -> Options:
    """What a destination of this kind needs. Raises UsageError for an unknown one, with the nearest known."""
    if kind not in CHANNELS:
        near = difflib.get_close_matches(kind, CHANNELS, 1)
        way_out = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(CHANNELS)}"
        raise UsageError(Problem(f"unknown channel {kind!r}", way_out=way_out))
    return CHANNELS[kind]


def open_channel(kind: str, settings: ChannelSettings) -> Channel:
    """The channel of this kind, nothing connected yet. Raises UsageError for an unknown kind.

    What a channel needs is imported here, so that a run that writes files loads no HTTP library.
    """
    describe(kind)
    room = importlib.import_module(f"digestbot.channels.{kind}.transport")
    channel: Channel = getattr(room, f"{kind.capitalize()}Channel")(settings)
    return channel
