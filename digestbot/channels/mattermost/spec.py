"""Mattermost, by an incoming webhook."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digestbot.channels.spec import DESTINATION, ByName, ChannelSpec, Notice, Pace, Reach, UrlForm, notice_of
from digestbot.model.deliveries import Part

if TYPE_CHECKING:
    from digestbot.channels.base import Channel
    from digestbot.channels.settings import ChannelSettings
    from digestbot.rendering.base import Renderer
    from digestbot.rendering.templating import Templates


def _open(settings: ChannelSettings) -> Channel:
    from digestbot.channels.mattermost.transport import MattermostChannel

    return MattermostChannel(settings)


def _renderer(templates: Templates, by_name: ByName) -> Renderer:
    from digestbot.channels.mattermost.renderer import MattermostRenderer

    return MattermostRenderer()


def notice_in_markdown(notice: Notice) -> Part:
    """A notice as Mattermost, and what speaks like it, takes one; nobody is called by it."""
    from digestbot.channels.mattermost.escape import mattermost

    said = "\n".join(map(mattermost, notice.short.splitlines()))
    return notice_of({"text": said, "props": {"disable_mentions": True}})


SPEC = ChannelSpec(
    kind="mattermost",
    title="Mattermost",
    note="Markdown; parts are cut between papers",
    reach=Reach.URL,
    options=(DESTINATION,),
    open=_open,
    renderer=_renderer,
    notice=notice_in_markdown,
    # Ten a second where limits are on:
    # https://docs.mattermost.com/administration-guide/configure/rate-limiting-configuration-settings.html
    pace=Pace(timedelta(seconds=0.1), 1),
    url=UrlForm(told_by=r"https?://[^?#]+/hooks/[a-z0-9]{26}/?$"),
)
