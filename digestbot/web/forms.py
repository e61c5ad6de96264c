"""What people wish, between the form they fill and the record that is kept: read, checked, shown again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from digestbot.channels.base import Permanent
from digestbot.channels.email.transport import mailbox
from digestbot.model.subscribers import YOUR_PAPERS, Membership, SubscriberRecord
from digestbot.rendering.text import clean, shorten
from digestbot.rules.topics import Topics
from digestbot.store.base import Store
from digestbot.subscribers.records import RecordCompiler
from digestbot.web.request_context import RequestContext
from digestbot.web.rules_check import LONGEST_RULES, lines_of, wrong_with

LONGEST_NAME = 80
LONGEST_ABOUT = 500
MOST_LIKED = 50
LONGEST_ADDRESS = 254  # https://www.rfc-editor.org/errata/eid1690
EVERY = {
    "daily": "Every day",
    "weekdays": "Monday to Friday",
    "weekly mon": "Every Monday",
    "weekly tue": "Every Tuesday",
    "weekly wed": "Every Wednesday",
    "weekly thu": "Every Thursday",
    "weekly fri": "Every Friday",
    "weekly sat": "Every Saturday",
    "weekly sun": "Every Sunday",
    "monthly 1": "On the first of the month",
    "instant": "As soon as something matches",
}
"""The cadences of the form, without their time of day."""
_AT = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_WRITTEN = re.compile(r"(.+) (\d{1,2}:\d\d)")


@dataclass(slots=True)
class Filled:
    """A form as it was filled: each field's text, the topics chosen, and what is wrong, by field.

    What is wrong with the whole stands under ``""``.
    """

    address: str = ""
    name: str = ""
    timezone: str = "UTC"
    every: str = "weekdays"
    at: str = "08:00"
    topics: Sequence[str] = ()
    rules: str = ""
    exclude: str = ""
    liked: str = ""
    about: str = ""
    kept: str = ""
    wrong: dict[str, list[str]] = field(default_factory=dict)

    @property
    def cadence(self) -> str:
        """The cadence chosen, as it is written; ``kept`` is one that the form cannot say."""
        if self.every == "kept":
            return self.kept
        return self.every if self.every == "instant" else f"{self.every} {self.at}"

    def object_to(self, name: str, message: str) -> None:
        """Something is wrong with a field."""
        self.wrong.setdefault(name, []).append(message)


def filled(context: RequestContext, kept: str = "") -> Filled:
    """What a visitor filled in, as it came."""
    form = context.form
    return Filled(
        address=form.get("address", "").strip()[: LONGEST_ADDRESS + 1],
        name=shorten(form.get("name", ""), LONGEST_NAME),
        timezone=form.get("timezone", "UTC"),
        every=form.get("every", ""),
        at=form.get("at", "08:00")[:5],
        topics=context.many("topics"),
        rules=form.get("rules", "")[: LONGEST_RULES + 1],
        exclude=form.get("exclude", "")[: LONGEST_RULES + 1],
        liked=form.get("liked", "")[: LONGEST_RULES + 1],
        about=form.get("about", "").strip()[:LONGEST_ABOUT],
        kept=kept,
    )


def shown(wants: Mapping[str, Any]) -> Filled:
    """The form as it shows what is kept."""
    written = str(wants.get("cadence", "daily 08:00"))
    found = _WRITTEN.fullmatch(written)
    like: Mapping[str, Any] = wants.get("like", {})
    every, at = (found[1], found[2].zfill(5)) if found and found[1] in EVERY else ("kept", "08:00")
    return Filled(
        name=str(wants.get("name", "")),
        timezone=str(wants.get("timezone", "UTC")),
        every="instant" if written == "instant" else every,
        at=at,
        topics=list(wants.get("topics", ())),
        rules="\n".join(wants.get("keywords", ())),
        exclude="\n".join(wants.get("exclude", ())),
        liked="\n".join(like.get("papers", ())),
        about=str(like.get("about", "")),
        kept=written,
    )


def in_words(cadence: str) -> str:
    """A cadence as the form calls it: ``Monday to Friday at 08:00``; one that the form cannot say as it is written."""
    found = _WRITTEN.fullmatch(cadence)
    return f"{EVERY[found[1]]} at {found[2]}" if found and found[1] in EVERY else EVERY.get(cadence, cadence)


def check_address(filled: Filled) -> None:
    """Object to an address that no mail can be sent to."""
    try:
        if len(filled.address) > LONGEST_ADDRESS:
            raise Permanent("too long")
        mailbox(filled.address)
    except Permanent:
        filled.object_to("address", "This is no e-mail address: write it as name@example.org.")


def check_liked(filled: Filled, store: Store) -> None:
    """Object to a paper that is not among the stored ones. Raises StoreError."""
    lines = lines_of(filled.liked)
    if len(lines) > MOST_LIKED or len(filled.liked) > LONGEST_RULES:
        filled.object_to("liked", f"These are too many: leave {MOST_LIKED} at most.")
        return
    for number, line in lines:
        if store.find(line) is None:
            hint = "an arXiv id, a DOI, its address, or its whole title"
            filled.object_to("liked", f"Line {number}: no paper of ours is called {shorten(line, 60)} ({hint})")


def _like(filled: Filled, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What is liked, over the rest that is kept of it; nothing where no paper and no words are."""
    told = {"papers": [line for _, line in lines_of(filled.liked)], "about": clean(filled.about)}
    said = {key: value for key, value in told.items() if value}
    return {**{key: value for key, value in kept.items() if key not in told}, **said} if said else {}


def wants_of(filled: Filled, topics: Topics, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What a record holds of a filled form: over what is `kept`, the rest of which stays. Objects to what is wrong."""
    if filled.every not in EVERY and not (filled.every == "kept" and filled.kept):
        filled.object_to("every", "Choose how often.")
        filled.every = "weekdays"
    if not _AT.fullmatch(filled.at):
        filled.object_to("at", "Write the time as 08:00.")
        filled.at = "08:00"
    if filled.timezone not in (*zones(), kept.get("timezone")):
        filled.object_to("timezone", "Choose a time zone of the list.")
        filled.timezone = "UTC"
    for name in ("rules", "exclude"):
        for problem in wrong_with(getattr(filled, name), topics):
            where = f"Line {problem.line}, column {problem.column}: " if problem.line else ""
            hint = f" ({problem.way_out})" if problem.way_out else ""
            filled.object_to(name, f"{where}{problem.message}{hint}")
    if any(name not in topics for name in filled.topics):
        filled.object_to("topics", "One of these topics is not there any more: look through them once more.")
    rules = [rule for _, rule in lines_of(filled.rules)]
    like = _like(filled, kept.get("like", {}))
    if not (rules or filled.topics or like or kept.get("query") or kept.get("require")):
        filled.object_to("topics", "Choose a topic, or write a rule of your own below: else nothing would match.")
    wanted = {
        "name": clean(filled.name) or YOUR_PAPERS,
        "timezone": filled.timezone,
        "cadence": filled.cadence,
        "topics": list(dict.fromkeys(filled.topics)),
        "keywords": rules,
        "exclude": [rule for _, rule in lines_of(filled.exclude)],
        "like": like,
    }
    return {key: value for key, value in {**kept, **wanted}.items() if value not in ([], {})}


def check_whole(filled: Filled, wants: Mapping[str, Any], topics: Topics, now: datetime) -> None:
    """Object to what only shows when everything is read together, as the daemon will."""
    if not filled.wrong:
        record = SubscriberRecord("new", Membership.PENDING, wants, now, now)
        for problem in RecordCompiler(topics).check(record):
            filled.object_to("", f"{problem.message}{f' ({problem.way_out})' if problem.way_out else ''}")


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The time zones of the form: UTC first, then by name, without the old spellings."""
    old = ("Etc/", "SystemV/", "US/", "posix/", "right/", "Brazil/", "Canada/", "Chile/", "Mexico/")
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith(old)))


@dataclass(frozen=True, slots=True)
class Group:
    """Topics under one heading: name, title and depth of each."""

    title: str
    topics: Sequence[tuple[str, str, int]]


def grouped(topics: Topics) -> list[Group]:
    """The taxonomy as the form shows it: a topic that includes others heads them; each stands once."""
    lines = [(name, topics.title(name), depth) for depth, name in topics.outline()]
    starts = [at for at, (_, _, depth) in enumerate(lines) if depth == 0]
    trees = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    alone = [tree[0] for tree in trees if len(tree) == 1]
    groups = [Group(tree[0][1], tree) for tree in trees if len(tree) > 1]
    return [*groups, *([Group("More", alone)] if alone else [])]


def soonest_end(now: datetime) -> str:
    """The first day on which a pause may end: tomorrow, in UTC."""
    return (now + timedelta(days=1)).date().isoformat()
