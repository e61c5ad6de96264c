"""The kinds of channels. Each has a folder here; a new one is named in `_SPECS`, and nowhere else."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from digestbot.channels.apprise.spec import SPEC as APPRISE
from digestbot.channels.discord.spec import SPEC as DISCORD
from digestbot.channels.email.spec import SPEC as EMAIL
from digestbot.channels.file.spec import SPEC as FILE
from digestbot.channels.mattermost.spec import SPEC as MATTERMOST
from digestbot.channels.ntfy.spec import SPEC as NTFY
from digestbot.channels.slack.spec import SPEC as SLACK
from digestbot.channels.spec import ChannelSpec
from digestbot.channels.teams.spec import SPEC as TEAMS
from digestbot.channels.webhook.spec import SPEC as WEBHOOK
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:
    from digestbot.channels.base import Channel
    from digestbot.channels.settings import ChannelSettings

_SPECS = (
    EMAIL,
    SLACK,
    DISCORD,
    TEAMS,
    MATTERMOST,
    NTFY,
    APPRISE,
    WEBHOOK,
    FILE,
)
CHANNELS: Mapping[str, ChannelSpec] = MappingProxyType({spec.kind: spec for spec in _SPECS})
"""Every kind by its name, in the order in which they are told."""


def describe(kind: str) -> ChannelSpec:
    """All that is known of a kind. Raises UsageError for an unknown one, with the nearest known."""
    if kind not in CHANNELS:
        near = difflib.get_close_matches(kind, CHANNELS)
        way_out = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(CHANNELS)}"
        raise UsageError(Problem(f"unknown channel {kind!r}", way_out=way_out))
    return CHANNELS[kind]


def kind_of(url: str) -> str:
    """The kind that a URL is told by; ``webhook`` where none is."""
    return next((kind for kind, spec in CHANNELS.items() if re.match(spec.url.told_by, url)), WEBHOOK.kind)


def open_channel(kind: str, settings: ChannelSettings) -> Channel:
    """The channel of this kind, nothing connected yet. Raises UsageError for an unknown kind."""
    return describe(kind).open(settings)
