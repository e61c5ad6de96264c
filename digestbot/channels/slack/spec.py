"""Slack, by an incoming webhook."""

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
    from digestbot.channels.slack.transport import SlackChannel

    return SlackChannel(settings)


def _renderer(templates: Templates, by_name: ByName) -> Renderer:
    from digestbot.channels.slack.renderer import SlackRenderer

    return SlackRenderer()


def _notice(notice: Notice) -> Part:
    from digestbot.channels.slack.escape import slack_plain

    return notice_of({"text": slack_plain(notice.short)})


def _halved(part: Part) -> tuple[Part, ...]:
    from digestbot.channels.slack.renderer import halved

    return halved(part)


SPEC = ChannelSpec(
    kind="slack",
    title="Slack",
    note="Block Kit; parts are cut between papers where Slack's limits are met",
    reach=Reach.URL,
    options=(DESTINATION,),
    open=_open,
    renderer=_renderer,
    notice=_notice,
    halved=_halved,
    # One message a second for each webhook: https://docs.slack.dev/apis/web-api/rate-limits
    pace=Pace(timedelta(seconds=1), 1),
    url=UrlForm(told_by=r"https?://hooks\.slack(-gov)?\.com/"),
)
