"""The life of a source: due -> fetched -> merged -> remembered; for `ingest` and for the daemon's ticks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from digestbot.delivery.notices import Trouble, named
from digestbot.ingest.pipeline import Ingested, ingest
from digestbot.ingest.sources.base import Memory, SourceError, Unavailable
from digestbot.ingest.sources.config import read_sources
from digestbot.ingest.sources.kinds import Surroundings, make_source
from digestbot.ingest.sources.polling import (
    Health,
    SourceConfig,
    SourceRecord,
    SourceVerdict,
    failed,
    is_baseline,
    next_fetch,
    succeeded,
    verdict,
)
from digestbot.ingest.sources.records import load_records, save_records
from digestbot.ingest.sources.web import Web
from digestbot.model.errors import DigestbotError, Problem, StoreError, UsageError
from digestbot.platform.net.oauth import AccessTokens
from digestbot.platform.settings import Settings
from digestbot.store.base import Merged, Store

SOURCES = "sources.toml"
# The daemon delivers only between two polls: what is still due after so many seconds waits for the next tick.
_SPENT = 120.0
_TOLD = 20  # dumps that could not be read told one by one
_NEVER = datetime.min.replace(tzinfo=UTC)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of polling one source: its dumps together, how it stands now, and why it failed (or None).

    ``unread`` are the first dumps that could not be read, with why; they are not fetched again as they are.
    ``skipped`` is why it was left alone: the far side asked to be.
    """

    name: str
    dumps: int
    found: int
    merged: Merged
    verdict: SourceVerdict
    error: DigestbotError | None = None
    unread: Sequence[str] = ()
    skipped: str = ""


def sources(settings: Settings) -> Sequence[SourceConfig]:
    """The sources of a working directory. Raises UsageError with every problem in `sources.toml`."""
    path = settings.home / SOURCES
    if not path.exists():
        return ()
    from digestbot.readers.registry import READERS  # every kind of dump: a tenth of a second

    return read_sources(path, SOURCES, {reader.name for reader in READERS})


class SourceStatus(NamedTuple):
    """A source, how it stands, when it was last read and when last tried, and when it is fetched next."""

    config: SourceConfig
    verdict: SourceVerdict
    last_read: datetime | None
    last_tried: datetime | None
    next_fetch: datetime


def source_statuses(settings: Settings, now: datetime) -> list[SourceStatus]:
    """How each source stands; changes nothing. Raises DigestbotError."""
    records = load_records(_records_file(settings))
    found = ((config, _record(records, config)) for config in sources(settings))
    return [
        SourceStatus(
            config,
            verdict(config, record, now),
            record.read_at,
            record.tried,
            max(next_fetch(config, record, now), now),
        )
        for config, record in found
    ]


def ailing(settings: Settings, now: datetime) -> list[str]:
    """What is broken or stale among the sources, in words: beside it, no digest's quiet is to be trusted."""
    try:
        found = [(each.config.name, each.verdict) for each in source_statuses(settings, now)]
    except DigestbotError as error:
        return [str(each) for each in error.problems]
    bad = (Health.BROKEN, Health.STALE)
    return [f"the source {name} is {each.health}: {each.reason}" for name, each in found if each.health in bad]


class SourcePoller:
    """Polls the sources of a working directory.

    It is also what the daemon asks at each tick: called with the time, it polls what is due and gives what a
    person should know of. ``watch`` hears of each source that was polled so.
    """

    def __init__(
        self,
        settings: Settings,
        store: Callable[[], Store],
        subscriptions: Sequence[str],
        web: Web,
        stopping: threading.Event,
        watch: Callable[[Polled], object] = lambda _: None,
    ) -> None:
        """``store`` is opened when there is a source; ``subscriptions`` are registered with it."""
        self._settings = settings
        self._store = store
        self._subscriptions = subscriptions
        self._web = web
        self._stopping = stopping
        self._watch = watch
        self._configs: Sequence[SourceConfig] = ()
        self._looked: tuple[int, int] | None = None

    def __call__(self, now: datetime) -> Iterator[Trouble]:
        """Poll what is due, the longest waiting first. Raises StoreError."""
        try:
            self._look()
        except UsageError as error:
            yield Trouble(named(SOURCES, str(error)), f"{SOURCES} cannot be used:\n{error}")
        began = self._web.clock()
        for polled in self._poll(now, due=True, tell=None):
            self._watch(polled)
            if polled.error:
                yield Trouble(f"source {polled.name}", f"the source {polled.name} failed: {polled.error}")
            elif polled.unread:
                what = "\n".join(polled.unread)
                yield Trouble(f"dumps of {polled.name}", f"{polled.name}: not everything could be read:\n{what}")
            elif polled.verdict.health is Health.STALE:
                yield Trouble(f"stale {polled.name}", f"the source {polled.name} is stale: {polled.verdict.reason}")
            if self._web.clock() - began > _SPENT or self._stopping.is_set():
                return

    def poll(self, now: datetime, tell: Callable[[Ingested], object] | None = None) -> Iterator[Polled]:
        """Poll all sources by hand, due or not, but not one that asked to be left alone for longer.

        `tell` hears of each dump when it was merged. Raises UsageError for a wrong `sources.toml`, StoreError.
        """
        self._look()
        return self._poll(now, due=False, tell=tell)

    def close(self) -> None:
        """Let connections go."""
        self._web.close()

    def _look(self) -> None:
        """Read `sources.toml` when it changed; a wrong one is told once, and what was read before stays."""
        path = self._settings.home / SOURCES
        try:
            found = path.stat()
            looked: tuple[int, int] | None = (found.st_mtime_ns, found.st_size)
        except OSError:
            looked = None
        if looked != self._looked:
            self._looked = looked
            self._configs = sources(self._settings)

    def _poll(self, now: datetime, *, due: bool, tell: Callable[[Ingested], object] | None) -> Iterator[Polled]:
        if not self._configs:
            return
        store = self._store()  # opened first: its lock keeps the records from a second process, too
        surroundings = Surroundings(
            self._settings.home, self._settings.sources, self._web, AccessTokens.of(self._settings, self._web.network)
        )
        path = _records_file(self._settings)
        records = load_records(path)
        wanted = [(config, _record(records, config)) for config in self._configs]
        for config, record in sorted(wanted, key=lambda each: each[1].tried or _NEVER):
            if due and next_fetch(config, record, now) > now:
                continue
            if record.asked_to_wait and record.retry_at is not None and record.retry_at > now:
                why = f"it asked to be left alone until {record.retry_at:%Y-%m-%d %H:%M} UTC"
                yield Polled(config.name, 0, 0, Merged(0, 0, 0), verdict(config, record, now), skipped=why)
                continue
            run = _Run(config, record, now)
            memory = run.go(surroundings, store, self._subscriptions, tell)
            run.note(memory, stopping=self._stopping.is_set())
            records[config.name] = run.record
            known = {each.name for each in self._configs}
            save_records(path, {name: each for name, each in records.items() if name in known})
            yield run.polled()


class _Run:
    """One fetch of one source."""

    def __init__(self, config: SourceConfig, record: SourceRecord, now: datetime) -> None:
        self.config, self.record, self._now = config, record, now
        self._dumps = self._found = 0
        self._merged = Merged(0, 0, 0)
        self._error: DigestbotError | None = None
        self._unread: list[str] = []

    def go(
        self,
        surroundings: Surroundings,
        store: Store,
        subscriptions: Sequence[str],
        tell: Callable[[Ingested], object] | None,
    ) -> Memory:
        """Fetch and merge; what is to be remembered. Raises StoreError, and the record is as it was then."""
        memory = Memory(dict(self.record.values), unfinished=self.record.unfinished)
        try:
            source = make_source(self.config, surroundings)
            done = ingest(
                [self.config.name],
                lambda _: source.fetch(memory, self._now),
                store,
                subscriptions=subscriptions,
                now=self._now,
                form=self.config.format,
                is_baseline=lambda paper: is_baseline(self.config, self.record, paper.published, self._now),
            )
            for each in done:
                self._take(each, memory, tell)
        except StoreError:
            raise
        except DigestbotError as error:
            self._error = error
        except Exception as error:  # a fault in one source keeps no other from being fetched
            log.exception("the source %s failed", self.config.name)
            what = f"failed by a fault of digestbot ({type(error).__name__})"
            self._error = DigestbotError(Problem(what, self.config.name))
        return memory

    def _take(self, each: Ingested, memory: Memory, tell: Callable[[Ingested], object] | None) -> None:
        if isinstance(each.error, SourceError):
            self._error = each.error
            return
        memory.refused = memory.refused or str(each.error or "")
        self._dumps += 1
        if each.error and len(self._unread) < _TOLD:
            self._unread.append(str(each.error))
        new, so_far = each.merged, self._merged
        if each.error is None or new.new + new.updated + new.duplicate:
            self._found += each.found
        self._merged = Merged(so_far.new + new.new, so_far.updated + new.updated, so_far.duplicate + new.duplicate)
        if tell:
            tell(each)

    def note(self, memory: Memory, *, stopping: bool) -> None:
        """Bring the record up to what came of it."""
        news = self._merged.new + self._merged.updated > 0
        if self._error is None:
            self.record = succeeded(self.record, memory.values, self._now, news=news, unfinished=memory.unfinished)
        elif stopping:  # no fault of the source
            self.record = replace(self.record, values=memory.values)
        else:
            self.record = failed(
                self.record,
                memory.values,
                self._now,
                str(self._error),
                news=news,
                permanent=not isinstance(self._error, Unavailable),
                retry_after=self._error.retry_after if isinstance(self._error, Unavailable) else None,
            )

    def polled(self) -> Polled:
        """What came of it."""
        standing = verdict(self.config, self.record, self._now)
        return Polled(self.config.name, self._dumps, self._found, self._merged, standing, self._error, self._unread)


def _record(records: dict[str, SourceRecord], config: SourceConfig) -> SourceRecord:
    """What is known of a source; nothing, when it was another one by that name."""
    found = records.get(config.name)
    return found if found is not None and found.place == config.place else SourceRecord(config.place)


def _records_file(settings: Settings) -> Path:
    return settings.home / "data" / "sources.json"
