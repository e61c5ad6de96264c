"""Telegram, Matrix and a hundred others, by Apprise."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digestbot.channels.spec import DESTINATION, ByName, ChannelSpec, Notice, Pace, Probe, Reach, UrlForm
from digestbot.model.deliveries import Part

if TYPE_CHECKING:
    from digestbot.channels.base import Channel
    from digestbot.channels.settings import ChannelSettings
    from digestbot.rendering.base import Renderer
    from digestbot.rendering.templating import Templates


def _open(settings: ChannelSettings) -> Channel:
    from digestbot.channels.apprise.transport import AppriseChannel

    return AppriseChannel(settings)


def _renderer(templates: Templates, by_name: ByName) -> Renderer:
    from digestbot.channels.apprise.renderer import AppriseRenderer

    return AppriseRenderer()


def _notice(notice: Notice) -> Part:
    return Part("notice.txt", "text/plain; charset=utf-8", notice.short.encode("utf-8", "replace"))


SPEC = ChannelSpec(
    kind="apprise",
    title="Apprise",
    note="Telegram, Matrix and the hundred others; the extra `apprise`",
    reach=Reach.URL,
    options=(DESTINATION,),
    open=_open,
    renderer=_renderer,
    notice=_notice,
    # Twenty a minute, as in a group of Telegram:
    # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    pace=Pace(timedelta(seconds=3), 1),
    url=UrlForm(valid="", hint="write an Apprise URL", told_by=r"(?!https?:)\w+:"),
    probe=Probe.NONE,
)
