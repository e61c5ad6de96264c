"""Discord, by a webhook."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digestbot.channels.spec import (
    DESTINATION,
    ByName,
    ChannelSpec,
    Notice,
    Option,
    Pace,
    Probe,
    Reach,
    UrlForm,
    notice_of,
)
from digestbot.model.deliveries import Part

if TYPE_CHECKING:
    from digestbot.channels.base import Channel
    from digestbot.channels.settings import ChannelSettings
    from digestbot.rendering.base import Renderer
    from digestbot.rendering.templating import Templates


def _open(settings: ChannelSettings) -> Channel:
    from digestbot.channels.discord.transport import DiscordChannel

    return DiscordChannel(settings)


def _renderer(templates: Templates, by_name: ByName) -> Renderer:
    from digestbot.channels.discord.renderer import DiscordRenderer

    return DiscordRenderer()


def _notice(notice: Notice) -> Part:
    thread = {"thread_name": notice.subject[:100]} if "thread_name" in notice.to.options else {}
    return notice_of({"content": notice.short, "allowed_mentions": {"parse": []}, **thread})


SPEC = ChannelSpec(
    kind="discord",
    title="Discord",
    note="embeds; parts are cut between papers where Discord's limits are met; `thread_name` opens a post in a forum",
    reach=Reach.URL,
    options=(
        DESTINATION,
        Option("thread_name", r"(?s).{1,80}", "write 1 to 80 characters; {day} is the digest's day", required=False),
    ),
    open=_open,
    renderer=_renderer,
    notice=_notice,
    # Five in two seconds for each webhook: https://discord.com/developers/docs/topics/rate-limits
    pace=Pace(timedelta(seconds=0.5), 1),
    url=UrlForm(told_by=r"https?://([\w-]+\.)?discord(app)?\.com/"),
    # https://discord.com/developers/docs/resources/webhook#get-webhook-with-token tells of a webhook, posting nothing.
    probe=Probe.ITSELF,
)
