"""What is set and taken no notice of: it is wrong in nothing, and does not do what somebody set it for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from digestbot.bootstrap import App
from digestbot.channels.registry import describe, kind_of
from digestbot.ingest.poller import sources
from digestbot.model.errors import Problem, UsageError
from digestbot.platform.settings import Settings
from digestbot.platform.settings.table import DESTINATION_EXTRAS, FIELDS
from digestbot.platform.settings.written import without_effect

_EXTRAS = tuple(row.name.rpartition("_")[2].lower() for row in DESTINATION_EXTRAS)
_OF_NO_USE_WITHOUT: Mapping[str, tuple[str, ...]] = {
    "smtp_url": ("helo", "smtp_rate", "smtp_connections", "bounce_address"),
    "dkim_keys": ("dkim_domain",),
    "proxy": ("no_proxy",),
    "model_url": ("model_name", "model_key", "model_calls", "model_seconds"),
}
_UNSET = {each.name: each.default_factory() for each in fields(Settings) if callable(each.default_factory)}


def unheeded(app: App) -> Iterator[Problem]:
    """Each such setting by name, with the way out."""
    settings = app.settings
    place = str(settings.home / ".env")
    yield from without_effect(settings.home / ".env")
    for each in (*_alone(settings), *_beside(app), *_sources(settings)):
        yield each.at(place)


def _alone(settings: Settings) -> Iterator[Problem]:
    """What tells of something that is not there."""
    for needed, rows in _OF_NO_USE_WITHOUT.items():
        for row in rows if getattr(settings, needed) == _UNSET[needed] else ():
            value = getattr(settings, row)
            if value not in (_UNSET[row], settings.mail_from.rpartition("@")[2].rstrip(">")):
                name, missing = FIELDS[row].name, FIELDS[needed].name
                yield Problem(f"{name} has no effect without {missing}", way_out=f"set {missing}, or take {name} away")


def _beside(app: App) -> Iterator[Problem]:
    """What goes with a webhook, beside a destination that is none."""
    for name in app.settings.destinations:
        whose, _, extra = name.rpartition("_")
        url = app.settings.destinations.get(whose)
        if extra not in _EXTRAS or url is None or "://" in app.settings.destinations[name].reveal():
            continue
        used = _channels(app, whose) or {kind_of(url.reveal())}
        if "webhook" not in used:
            key, title = f"DIGESTBOT_TO_{name.upper()}", describe(min(used)).title
            what = f"{key} has no effect: {whose} is posted to by {title}, which has no place for it"
            yield Problem(what, way_out=f'take it away, or write channel = "webhook" where {whose} is named')


def _channels(app: App, name: str) -> set[str]:
    """By which kinds of channels subscriptions post to a destination."""
    ways = (to for compiled in app.folder.wants for to in compiled.subscription.to)
    return {to.channel for to in ways if to.options.get("destination", "").lower() == name}


def _sources(settings: Settings) -> Iterator[Problem]:
    """Addresses of sources that are not there."""
    try:
        known = {each.name.lower().replace("-", "_") for each in sources(settings)}
    except UsageError:  # told by whoever reads the sources
        return
    for name in sorted(settings.sources.keys() - known):
        hint = f"write [{name}] in sources.toml, or correct the name"
        yield Problem(f"DIGESTBOT_SOURCE_{name.upper()} has no effect: no source has this name", way_out=hint)
