"""Destinations that no message could reach, because a setting they need is missing."""

from __future__ import annotations

from collections.abc import Iterator

from digestbot.model.errors import Problem
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Subscription
from digestbot.platform.settings import Settings


def unreachable(subscription: Subscription, settings: Settings) -> Iterator[Problem]:
    """A problem for each destination of the subscription that cannot be reached with these settings."""
    place = f"subscriptions/{subscription.id}.toml"
    for to in subscription.to:
        name = to.options.get("destination", "")
        if to.channel == "email" and settings.smtp_url is None:
            yield Problem(f"{to.name} needs a mail server", place, way_out="set DIGESTBOT_SMTP_URL in .env")
        elif name and name.lower() not in settings.destinations:
            yield Problem(f"{to.name} has no URL", place, way_out=f"set DIGESTBOT_TO_{name.upper()} in .env")
        elif name and to.channel != "apprise" and not _is_web(settings.destinations[name.lower()]):
            hint = f"write the webhook's https:// URL in DIGESTBOT_TO_{name.upper()}"
            yield Problem(f"{to.name} has a URL that is none of the web", place, way_out=hint)


def _is_web(url: Secret) -> bool:
    return url.reveal().startswith(("https://", "http://"))
