"""ntfy, by its own API: a push to phones and browsers."""

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
    from digestbot.channels.ntfy.transport import NtfyChannel

    return NtfyChannel(settings)


def _renderer(templates: Templates, by_name: ByName) -> Renderer:
    from digestbot.channels.ntfy.renderer import NtfyRenderer

    return NtfyRenderer()


def _notice(notice: Notice) -> Part:
    return notice_of({"title": notice.subject, "message": notice.brief})


SPEC = ChannelSpec(
    kind="ntfy",
    title="ntfy",
    note="a push of as many papers as 4,096 bytes hold; `https://ntfy.sh/TOPIC`, `https://:tk_TOKEN@HOST/TOPIC`",
    reach=Reach.URL,
    options=(
        DESTINATION,
        Option("priority", "[1-5]", 'write "1" (silent) to "5" (loudest)', required=False),
        Option("tags", r"[\w+-]{1,40}", "write words or the names of emojis", required=False, several=True),
    ),
    open=_open,
    renderer=_renderer,
    notice=_notice,
    # Sixty at once, and then one in five seconds: https://docs.ntfy.sh/publish/#limitations
    pace=Pace(timedelta(seconds=5), 1),
    url=UrlForm(
        valid=r"https?://([^@/?#]*@)?[^@/?#]+/[-_A-Za-z0-9]{1,64}/?$",
        hint="write https://ntfy.sh/TOPIC, or https://:tk_TOKEN@HOST/TOPIC,",
        whose="ntfy",
        told_by=r"https?://([^@/?#]*@ntfy\.|:?tk_[^@/?#]*@|ntfy\.)[^@/?#]+/[-_A-Za-z0-9]{1,64}/?$",
    ),
)
