"""`sources.toml`: where dumps come from by themselves, and everything that is wrong with what stands there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from digestbot.ingest.sources.kinds import KINDS, SourceKind
from digestbot.ingest.sources.polling import SourceConfig
from digestbot.ingest.sources.presets import NAMES, preset
from digestbot.model.cadence import Cadence, parse_cadence
from digestbot.model.errors import Problem, UsageError
from digestbot.model.zones import zone_hint
from digestbot.platform.files.toml import TomlFile

_STRETCH = re.compile(r"(\d{1,4}) (second|minute|hour|day|week)s?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_LOGIN = re.compile(r"\w+://[^/?#]*@")
_COMMON = ("kind", "preset", "use", "every", "timezone", "first_run", "stale_after", "format")
_USES = ("news", "library")
_LARGEST_MB = 100_000
_EXAMPLES = {"path": '"incoming"', "categories": '["cs.CL"]', "library": '"users/475425"'}


def read_sources(path: Path, shown: str, formats: Collection[str]) -> Sequence[SourceConfig]:
    """The sources in a file, none where there is no file; `formats` are the names ``format`` may have.

    Raises UsageError with every problem, each with its line.
    """
    if not path.exists():
        return ()
    file = TomlFile(path, shown)
    problems: list[Problem] = []
    found = []
    for name, table in file.data.items():
        if not isinstance(table, dict):
            problems.append(file.problem(f"{name} stands outside a table", name, way_out="write [name] above it"))
        elif not _NAME.fullmatch(name):
            hint = "letters, digits, - and _"
            problems.append(file.problem(f"a source cannot be called {name!r}", name, way_out=hint))
        else:
            checker = _Checker(file, name, table, formats)
            config = checker.config()
            problems += checker.problems
            found += [config] if config else []
    if problems:
        raise UsageError(*sorted(problems, key=lambda each: each.line or 0))
    return found


def stretch(text: object) -> timedelta | None:
    """The length of time in ``6 hours``; None for what is none, or nothing."""
    found = _STRETCH.fullmatch(text.strip()) if isinstance(text, str) else None
    return (timedelta(**{f"{found[2]}s": int(found[1])}) or None) if found else None


class _Checker:
    """Takes values out of one source's table and collects every problem with them."""

    def __init__(self, file: TomlFile, name: str, table: Mapping[str, Any], formats: Collection[str]) -> None:
        self.problems: list[Problem] = []
        self._file, self._name, self._formats = file, name, formats
        self._table = self._with_preset(table)

    def config(self) -> SourceConfig | None:
        """The source; None when a problem was found."""
        kind = KINDS.get(str(self._table.get("kind")))
        if kind is None:
            if not self.problems:
                self._unknown_kind()
            return None
        self._check_keys((*_COMMON, *kind.options))
        options = {key: self._option(key, each) for key, each in kind.options.items() if key in self._table}
        if kind.needs and not any(each in self._table for each in kind.needs):
            example = _EXAMPLES[kind.needs[0]]
            self._wrong(f"needs {' or '.join(kind.needs)}", way_out=f"write {kind.needs[0]} = {example}")
        config = SourceConfig(
            self._name,
            str(self._table["kind"]),
            options,
            self._every(kind),
            self._zone(),
            self._stretch("stale_after"),
            self._format(),
            first_run=self._first_run(),
            baseline=self._table.get("first_run") == "baseline",
            library=self._is_library(),
        )
        return None if self.problems else config

    def _with_preset(self, table: Mapping[str, Any]) -> Mapping[str, Any]:
        chosen = table.get("preset")
        if chosen is None:
            return table
        if "kind" in table:
            self._wrong("has kind and preset", "kind", way_out="leave one of them out")
        found = preset(chosen) if isinstance(chosen, str) else None
        if found is None:
            self._wrong(f"there is no preset {chosen!r}", "preset", way_out=f"there are {', '.join(NAMES)}")
        return {**(found or {}), **table}

    def _unknown_kind(self) -> None:
        kind = self._table.get("kind")
        near = difflib.get_close_matches(str(kind), list(KINDS))
        hint = f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(KINDS)}, or a preset"
        message = f"unknown kind {kind!r}" if kind is not None else "a source without kind"
        self._wrong(message, "kind", way_out=hint)

    def _check_keys(self, keys: Iterable[str]) -> None:
        for key in self._table:
            if key not in keys:
                near = difflib.get_close_matches(key, list(keys))
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(keys)}"
                self._wrong(f"unknown key {key!r}", key, way_out=hint)

    def _option(self, key: str, kind: str) -> Any:
        value = self._table[key]
        if kind == "stretch":
            return self._stretch(key)
        if kind == "number":
            if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _LARGEST_MB:
                return value
            self._wrong(f"{key} cannot be {value!r}", key, way_out=f"write 1 to {_LARGEST_MB}")
        elif kind == "texts":
            if isinstance(value, list) and value and all(isinstance(each, str) and each.strip() for each in value):
                return value
            self._wrong(f"{key} must be a list of texts", key, way_out=f'write {key} = ["one", "another"]')
        elif isinstance(value, str) and value.strip():
            if key == "url" and _LOGIN.match(value):
                hint = f"write it in .env: DIGESTBOT_SOURCE_{self._name.upper().replace('-', '_')}=..."
                self._wrong("a password stands here", key, way_out=hint)
            return value
        else:
            self._wrong(f"{key} must be a text in quotes", key, way_out=f'write {key} = "..."')
        return None

    def _every(self, kind: SourceKind) -> timedelta | Cadence:
        value = self._table.get("every")
        if value is None:
            return kind.every
        found = stretch(value)
        if found is not None:
            if found < kind.seldom:
                way_out = f'write every = "{kind.seldom.total_seconds() / 60:g} minutes" or more'
                self._wrong(f"every {value!r} is too often for this kind of source", "every", way_out=way_out)
            return found
        try:
            cadence = parse_cadence(str(value))
        except UsageError:
            cadence = None
        if cadence is None or cadence.instant:
            self._wrong(f"every cannot be {value!r}", "every", way_out='write "6 hours", "daily 08:00" or a cron line')
            return kind.every
        return cadence

    def _stretch(self, key: str) -> timedelta | None:
        if key not in self._table:
            return None
        found = stretch(self._table[key])
        if found is None:
            self._wrong(f"{key} cannot be {self._table[key]!r}", key, way_out=f'write {key} = "3 days" or "12 hours"')
        return found

    def _first_run(self) -> timedelta | None:
        value = self._table.get("first_run")
        if value is None or value == "baseline":
            return None
        found = stretch(value.removeprefix("last ") if isinstance(value, str) else None)
        if found is None:
            hint = 'write "baseline" (what it holds at first is no news) or "last 7 days"'
            self._wrong(f"first_run cannot be {value!r}", "first_run", way_out=hint)
        return found

    def _is_library(self) -> bool:
        value = self._table.get("use", "news")
        if value not in _USES:
            self._wrong(f"use cannot be {value!r}", "use", way_out='write use = "library", or leave it out')
        elif value == "library" and "first_run" in self._table:
            self._wrong("first_run goes with news", "first_run", way_out="leave it out: what is liked is never news")
        return bool(value == "library")

    def _zone(self) -> str:
        value = self._table.get("timezone", "UTC")
        try:
            return ZoneInfo(value).key
        except (KeyError, ValueError, OSError, TypeError, AttributeError):
            hint = zone_hint(str(value), available_timezones())
            self._wrong(f"unknown time zone {value!r}", "timezone", way_out=hint)
            return "UTC"

    def _format(self) -> str | None:
        value = self._table.get("format")
        if value is None or (isinstance(value, str) and value in self._formats):
            return value
        near = difflib.get_close_matches(str(value), list(self._formats))
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(self._formats))}"
        self._wrong(f"unknown format {value!r}", "format", way_out=hint)
        return None

    def _wrong(self, message: str, *key: str, way_out: str | None = None) -> None:
        self.problems.append(self._file.problem(f"[{self._name}] {message}", self._name, *key, way_out=way_out))
