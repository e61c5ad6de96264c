"""Destinations that no message could reach, because a setting they need is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.channels.registry import describe
from digestbot.channels.spec import Reach
from digestbot.model.errors import Problem
from digestbot.model.subscriptions import Subscription
from digestbot.platform.settings import Settings


def unreachable(subscription: Subscription, settings: Settings) -> Iterator[Problem]:
    """A problem for each destination of the subscription that cannot be reached with these settings."""
    place = f"subscriptions/{subscription.id}.toml"
    for to in subscription.to:
        name = to.options.get("destination", "")
        spec = describe(to.channel)
        if spec.reach is Reach.MAIL and settings.smtp_url is None:
            yield Problem(f"{to.name} needs a mail server", place, way_out="set DIGESTBOT_SMTP_URL in .env")
        if spec.reach is not Reach.URL:
            continue
        url, setting = settings.destinations.get(name.lower()), f"DIGESTBOT_TO_{name.upper()}"
        if url is None:
            yield Problem(f"{to.name} has no URL", place, way_out=f"set {setting} in .env")
        elif not re.match(spec.url.valid, url.reveal()):
            what = f"{to.name} has a URL that is none of {spec.url.whose}"
            yield Problem(what, place, way_out=f"{spec.url.hint} in {setting}")
