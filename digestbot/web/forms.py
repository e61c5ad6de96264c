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
from digestbot.model.errors import UsageError
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscribers import YOUR_PAPERS, Membership, SubscriberRecord
from digestbot.model.subscriptions import PER_WEEK
from digestbot.rendering.text import clean, shorten
from digestbot.rules.topics import Topics
from digestbot.store.base import Store
from digestbot.subscribers.records import RecordCompiler
from digestbot.subscribers.schema import MOST_A_WEEK
from digestbot.subscribers.starting import Interests, interests
from digestbot.web.request_context import RequestContext
from digestbot.web.rules_check import LONGEST_RULES, lines_of, wrong_with

LONGEST_NAME = 80
LONGEST_ABOUT = 500
MOST_LIKED = 50
KEPT = "kept"
"""The library of a form that is the one the store has."""
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

    What is wrong with the whole stands under ``""``. ``library`` is the word of an uploaded library, or `KEPT`, and
    ``papers`` those in it; ``told`` says to its reader what it is. ``named`` are the papers that ``liked`` names.
    """

    address: str = ""
    interests: str = ""
    name: str = ""
    timezone: str = "UTC"
    every: str = "weekdays"
    at: str = "08:00"
    topics: Sequence[str] = ()
    rules: str = ""
    exclude: str = ""
    liked: str = ""
    named: Sequence[LoggedPaper] = ()
    about: str = ""
    per_week: str = str(PER_WEEK)
    library: str = ""
    library_name: str = ""
    papers: Sequence[Paper] = ()
    told: Sequence[str] = ()
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
        interests=form.get("interests", "").strip()[: LONGEST_RULES + 1],
        name=shorten(form.get("name", ""), LONGEST_NAME),
        timezone=form.get("timezone", "UTC"),
        every=form.get("every", ""),
        at=form.get("at", "08:00")[:5],
        topics=context.many("topics"),
        rules=form.get("rules", "")[: LONGEST_RULES + 1],
        exclude=form.get("exclude", "")[: LONGEST_RULES + 1],
        liked=form.get("liked", "")[: LONGEST_RULES + 1],
        about=form.get("about", "").strip()[:LONGEST_ABOUT],
        per_week=form.get("per_week", "").strip()[:5],
        library=form.get("library", "")[:64],
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
        per_week=str(like.get("per_week", PER_WEEK)),
        library=KEPT if "library" in like else "",
        library_name=str(like.get("library", "")),
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


def name_liked(filled: Filled, store: Store) -> Mapping[str, LoggedPaper]:
    """The papers that are liked by name, by the lines that name them; the form shows them. Raises StoreError."""
    found = {line: store.find(line) for _, line in lines_of(filled.liked)[:MOST_LIKED]}
    named = {line: logged for line, logged in found.items() if logged is not None}
    filled.named = list(named.values())
    return named


def check_liked(filled: Filled, store: Store) -> None:
    """Object to a paper that is not among the stored ones. Raises StoreError."""
    lines = lines_of(filled.liked)
    if len(lines) > MOST_LIKED or len(filled.liked) > LONGEST_RULES:
        filled.object_to("liked", f"These are too many: leave {MOST_LIKED} at most.")
        return
    named = name_liked(filled, store)
    for number, line in lines:
        if line not in named:
            hint = "an arXiv id, a DOI, its address, or its whole title"
            filled.object_to("liked", f"Line {number}: no paper of ours is called {shorten(line, 60)} ({hint})")


def _like(filled: Filled, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What is liked, over the rest that is kept of it; nothing where no paper and no words are."""
    papers = [line for _, line in lines_of(filled.liked)]
    told = {"papers": papers, "about": clean(filled.about), "library": filled.library_name}
    said: dict[str, Any] = {key: value for key, value in told.items() if value}
    rest = {key: value for key, value in kept.items() if key not in told}
    if filled.per_week:
        rest = rest | ({"per_week": _number(filled)} if _number(filled) != PER_WEEK or "per_week" in rest else {})
    return {**rest, **said} if said else {}


def _number(filled: Filled) -> int:
    """How many papers a week are asked for. Objects to what is no number of them."""
    number = int(filled.per_week) if filled.per_week.isdecimal() and filled.per_week.isascii() else 0
    if 1 <= number <= MOST_A_WEEK:
        return number
    filled.object_to("per_week", f"Write a number from 1 to {MOST_A_WEEK:,}.")
    filled.per_week = str(PER_WEEK)
    return PER_WEEK


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
    interest = _interests(filled, topics)
    rules = [*interest.keywords, *(rule for _, rule in lines_of(filled.rules))]
    chosen = [*interest.topics, *filled.topics]
    like = _like(filled, kept.get("like", {}))
    if not (rules or chosen or like or kept.get("query") or kept.get("require")):
        filled.object_to(
            "topics", "Nothing would match: say what interests you. Choose a topic, or write a rule of your own."
        )
    wanted = {
        "name": clean(filled.name) or YOUR_PAPERS,
        "timezone": filled.timezone,
        "cadence": filled.cadence,
        "topics": list(dict.fromkeys(chosen)),
        "keywords": list(dict.fromkeys(rules)),
        "exclude": [rule for _, rule in lines_of(filled.exclude)],
        "like": like,
    }
    return {key: value for key, value in {**kept, **wanted}.items() if value not in ([], {})}


def _interests(filled: Filled, topics: Topics) -> Interests:
    """The interests, sorted into topics and rules. Objects to words that are no rule."""
    try:
        return interests(filled.interests, topics)
    except UsageError as error:
        for each in error.problems:
            filled.object_to("interests", f"{each.message}{f' ({each.way_out})' if each.way_out else ''}")
        return Interests()


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


def soonest_end(now: datetime) -> str:
    """The first day on which a pause may end: tomorrow, in UTC."""
    return (now + timedelta(days=1)).date().isoformat()
