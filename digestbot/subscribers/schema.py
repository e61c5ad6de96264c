"""What may stand in a subscription's file: every key, its kind, and what is wrong with what stands there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from digestbot.channels.registry import CHANNELS
from digestbot.channels.spec import ChannelSpec, Option
from digestbot.model.cadence import Cadence, parse_cadence
from digestbot.model.errors import Problem, UsageError
from digestbot.model.subscriptions import (
    PER_WEEK,
    CatchUp,
    Destination,
    GistSource,
    LikeSpec,
    RuleSpec,
    SortOrder,
    Subscription,
    Thread,
    WhenEmpty,
)
from digestbot.model.zones import zone_hint
from digestbot.platform.files.toml import TomlFile

_KEYS = (
    "name",
    "timezone",
    "cadence",
    "topics",
    "keywords",
    "require",
    "exclude",
    "query",
    "query_name",
    "max_entries",
    "carry",
    "waiting_share",
    "waiting_days",
    "order",
    "when_empty",
    "first_run",
    "catch_up",
    "paused",
    "paused_until",
    "public",
    "feedback",
    "gist",
    "language",
    "thread",
    "theme",
    "like",
    "to",
)
_LIKE_KEYS = ("papers", "library", "about", "per_week")
# https://www.rfc-editor.org/rfc/rfc5646#section-2.1, without what is private or grandfathered
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_FIRST_RUN = re.compile(r"last (\d{1,4}) days?")
# The largest digest one may ask for; beyond it nobody reads and every channel would split.
MOST_ENTRIES = 500
MOST_DAYS = 365
MOST_A_WEEK = 1_000


class Checker:
    """Takes values out of one subscription's file and collects every problem with them."""

    def __init__(self, file: TomlFile) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.spec = RuleSpec(
            keywords=self._texts("keywords"),
            require=self._texts("require"),
            exclude=self._texts("exclude"),
            topics=self._texts("topics"),
            query=self._text("query"),
            query_name=self._text("query_name"),
        )
        self.like = self._like()

    def subscription(self, identifier: str) -> Subscription | None:
        """The subscription in the file; None when a problem was found."""
        self._known(self.file.data, _KEYS, ())
        theme = self._text("theme")
        result = Subscription(
            id=identifier,
            name=self._text("name") or identifier,
            timezone=self._zone(),
            cadence=self._cadence(),
            spec=self.spec,
            to=self._destinations(theme),
            max_entries=self._number("max_entries", 20, 1, MOST_ENTRIES),
            order=SortOrder(self._choice("order", tuple(SortOrder), SortOrder.RELEVANCE)),
            when_empty=WhenEmpty(self._choice("when_empty", tuple(WhenEmpty), WhenEmpty.SKIP)),
            first_run_days=self._first_run(),
            paused=self._flag("paused"),
            paused_until=self._day("paused_until"),
            public=self._flag("public"),
            feedback=self._flag("feedback", usual=True),
            carry=self._flag("carry", usual=True),
            waiting_share=self._waiting_share(),
            waiting_days=self._number("waiting_days", 14, 1, MOST_DAYS),
            thread=Thread(self._choice("thread", tuple(Thread), Thread.SERIES)),
            catch_up=CatchUp(self._choice("catch_up", tuple(CatchUp), CatchUp.MERGE)),
            like=self.like,
            gist=self._gist(),
            language=self._language(),
        )
        return None if self.problems else result

    def _wrong(self, message: str, *path: str | int, way_out: str | None = None) -> None:
        self.problems.append(self.file.problem(message, *path, way_out=way_out))

    def _known(self, table: Mapping[str, Any], keys: Iterable[str], path: tuple[str | int, ...]) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, list(keys))
                way_out = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(keys)}"
                self._wrong(f"unknown key {key!r}", *path, key, way_out=way_out)

    def _value(self, path: tuple[str, ...]) -> object:
        """What stands under a key, of a table where the path has two; None where nothing does."""
        value: Any = self.file.data
        for key in path:
            value = value.get(key)
        return value

    def _text(self, *path: str) -> str | None:
        value, key = self._value(path), path[-1]
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self._wrong(f"{key} must be a text in quotes", *path, way_out=f'write {key} = "..." or leave it out')
        return None

    def _texts(self, *path: str) -> tuple[str, ...]:
        value, key = self._value(path), path[-1]
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value):
            return tuple(value)
        self._wrong(f"{key} must be a list of texts", *path, way_out=f'write {key} = ["one", "another"]')
        return ()

    def _like(self) -> LikeSpec | None:
        table = self.file.data.get("like")
        if table is None:
            return None
        if not isinstance(table, dict):
            self._wrong("like must be a table", "like", way_out='write [like] and under it papers = ["2309.11585"] ...')
            return None
        self._known(table, _LIKE_KEYS, ("like",))
        per_week = table.get("per_week", PER_WEEK)
        if type(per_week) is not int or not 1 <= per_week <= MOST_A_WEEK:
            hint = f"write 1 to {MOST_A_WEEK:,}: about so many a week"
            self._wrong(f"per_week cannot be {per_week!r}", "like", "per_week", way_out=hint)
            per_week = PER_WEEK
        papers, about = self._texts("like", "papers"), self._text("like", "about")
        library = self._text("like", "library")
        if not any(key in table for key in ("papers", "library", "about")):
            self._wrong("nothing is said to be liked", "like", way_out="give at least one of papers, library or about")
        return LikeSpec(papers, library, about, per_week)

    def _choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.file.data.get(key, default)
        if value in choices:
            return str(value)
        near = difflib.get_close_matches(str(value), choices)
        way_out = f"did you mean {str(near[0])!r}?" if near else f"write one of {', '.join(choices)}"
        self._wrong(f"{key} cannot be {value!r}", key, way_out=way_out)
        return default

    def _flag(self, key: str, *, usual: bool = False) -> bool:
        value = self.file.data.get(key, usual)
        if not isinstance(value, bool):
            self._wrong(f"{key} must be true or false", key)
        return value is True

    def _gist(self) -> GistSource:
        value = self.file.data.get("gist", True)
        known = {True: GistSource.SENTENCE, False: GistSource.NONE, "model": GistSource.MODEL}
        if isinstance(value, bool | str) and value in known:
            return known[value]
        self._wrong(f"gist cannot be {value!r}", "gist", way_out='write true, false or "model"')
        return GistSource.SENTENCE

    def _language(self) -> str:
        value = self._text("language") or "en"
        if not _LANGUAGE.fullmatch(value):
            self._wrong(f"language cannot be {value!r}", "language", way_out='write its code: "en", "zh", "pt-BR"')
        return value

    def _day(self, key: str) -> date | None:
        value = self.file.data.get(key)
        try:
            return value if type(value) is date or value is None else date.fromisoformat(value)
        except (TypeError, ValueError):
            self._wrong(f"{key} must be a day", key, way_out=f'write {key} = "2026-04-01"')
            return None

    def _zone(self) -> str:
        value = self._text("timezone") or "UTC"
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            way_out = zone_hint(value, available_timezones())
            self._wrong(f"unknown time zone {value!r}", "timezone", way_out=way_out)
            return "UTC"
        return value

    def _cadence(self) -> Cadence:
        try:
            return parse_cadence(self._text("cadence") or "daily 08:00")
        except UsageError as error:
            for problem in error.problems:
                self._wrong(problem.message, "cadence", way_out=problem.way_out)
            return parse_cadence("daily 08:00")

    def _number(self, key: str, usual: int, least: int, most: int) -> int:
        value = self.file.data.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self._wrong(f"{key} cannot be {value!r}", key, way_out=f"write {least} to {most}")
            return usual
        return value

    def _waiting_share(self) -> float:
        value = self.file.data.get("waiting_share", 0.25)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self._wrong(f"waiting_share cannot be {value!r}", "waiting_share", way_out="write 0 to 1, such as 0.25")
            return 0.25
        return float(value)

    def _first_run(self) -> int | None:
        value = self._text("first_run") or "baseline"
        found = _FIRST_RUN.fullmatch(value.strip().lower())
        if value != "baseline" and found is None:
            hint = 'write "baseline" (only what comes in from now on) or "last 7 days"'
            self._wrong(f"first_run cannot be {value!r}", "first_run", way_out=hint)
        return int(found[1]) if found else None

    def _destinations(self, theme: str | None) -> tuple[Destination, ...]:
        tables = self.file.data.get("to", [])
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            self._wrong("to must be tables", "to", way_out='write [[to]] and under it channel = "email" ...')
            return ()
        if not tables:
            hint = 'add [[to]] and under it channel = "file" and path = "out"'
            self._wrong("has no destination", way_out=hint)
        found = [self._destination(index, table, theme) for index, table in enumerate(tables)]
        names = [each.name for each in found if each]
        for index, name in enumerate(names):
            if name in names[:index]:
                self._wrong(f"the destination {name} stands there twice", "to", index, way_out="remove one")
        return tuple(each for each in found if each)

    def _destination(self, index: int, table: Mapping[str, Any], theme: str | None) -> Destination | None:
        channel = table.get("channel")
        if not isinstance(channel, str) or channel not in CHANNELS:
            near = difflib.get_close_matches(str(channel), list(CHANNELS))
            way_out = f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(CHANNELS)}"
            message = f"unknown channel {channel!r}" if channel else "a destination without channel"
            self._wrong(message, "to", index, "channel", way_out=way_out)
            return None
        spec = CHANNELS[channel]
        self._known(table, ("channel", *(each.name for each in spec.options), "theme"), ("to", index))
        options: dict[str, str] = {}
        for option in spec.options:
            if option.required or option.name in table:
                options |= self._option(index, spec, option, table.get(option.name))
        chosen = table.get("theme", theme)
        return Destination(channel, options, chosen if isinstance(chosen, str) else None)

    def _option(self, index: int, spec: ChannelSpec, option: Option, value: object) -> dict[str, str]:
        """The option by its name, in the form in which destinations keep it; nothing when something is wrong."""
        several = value if option.several and isinstance(value, list) else [value]
        texts = [each.strip() for each in several if isinstance(each, str) and each.strip()]
        if not option.several and not texts:
            message = f"{spec.kind} needs {option.name} = a text in quotes"
            self._wrong(message, "to", index, option.name)
        elif len(texts) < max(len(several), 1) or not all(re.fullmatch(option.pattern, each) for each in texts):
            self._wrong(f"{option.name} cannot be {value!r}", "to", index, option.name, way_out=option.hint)
        else:
            return {option.name: ",".join(texts)}
        return {}
