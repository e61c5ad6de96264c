"""Anybody's webhook."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digestbot.channels.spec import DESTINATION, ChannelSpec, Notice, Pace, Reach, notice_of
from digestbot.model.deliveries import Part

if TYPE_CHECKING:
    from digestbot.channels.base import Channel
    from digestbot.channels.settings import ChannelSettings


def _open(settings: ChannelSettings) -> Channel:
    from digestbot.channels.webhook.transport import WebhookChannel

    return WebhookChannel(settings)


def _notice(notice: Notice) -> Part:
    return notice_of({"type": "notice", "data": {"subject": notice.subject, "text": notice.text}})


SPEC = ChannelSpec(
    kind="webhook",
    title="webhook",
    note="JSON, signed after Standard Webhooks when `DIGESTBOT_TO_<NAME>_SECRET` is set; `..._TOKEN` and `..._HEADERS`",
    reach=Reach.URL,
    options=(DESTINATION,),
    open=_open,
    renderer="json",
    notice=_notice,
    pace=Pace(timedelta(0), 2),
)
