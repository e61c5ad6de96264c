"""Microsoft Teams, by a workflow that listens at a URL."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digestbot.channels.spec import DESTINATION, ByName, ChannelSpec, Notice, Pace, Reach, UrlForm
from digestbot.model.deliveries import Part

if TYPE_CHECKING:
    from digestbot.channels.base import Channel
    from digestbot.channels.settings import ChannelSettings
    from digestbot.rendering.base import Renderer
    from digestbot.rendering.templating import Templates


def _open(settings: ChannelSettings) -> Channel:
    from digestbot.channels.teams.transport import TeamsChannel

    return TeamsChannel(settings)


def _renderer(templates: Templates, by_name: ByName) -> Renderer:
    from digestbot.channels.teams.renderer import TeamsRenderer

    return TeamsRenderer()


def _notice(notice: Notice) -> Part:
    from digestbot.channels.teams.renderer import plain_card

    return Part("notice.json", "application/json", plain_card(notice.short.splitlines()))


SPEC = ChannelSpec(
    kind="teams",
    title="Microsoft Teams",
    note="Adaptive Cards for a workflow's URL; parts are cut between papers",
    reach=Reach.URL,
    options=(DESTINATION,),
    open=_open,
    renderer=_renderer,
    notice=_notice,
    # Four a second:
    # https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
    pace=Pace(timedelta(seconds=0.25), 1),
    url=UrlForm(told_by=r"https?://[\w.-]+\.(logic\.azure\.com|api\.powerplatform\.com|webhook\.office\.com)[:/]"),
)
