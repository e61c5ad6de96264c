"""The subscription: who wants what, when and where. Values only; files are read in `subscribers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from digestbot.model.cadence import Cadence

PER_WEEK = 5
"""About so many papers a week come by likeness, unless a subscription says another number."""


class SortOrder(StrEnum):
    """What stands first in a digest."""

    RELEVANCE = "relevance"
    UPVOTES = "upvotes"
    NEWEST = "newest"
    TRENDING = "trending"


class Thread(StrEnum):
    """How mail programs gather the digests of a subscription: as one series, or each by itself."""

    SERIES = "series"
    NONE = "none"


class WhenEmpty(StrEnum):
    """What becomes of a digest in which nothing matched: nothing, one line, or the whole frame."""

    SKIP = "skip"
    NOTE = "note"
    ALWAYS = "always"


class GistSource(StrEnum):
    """What tells of a paper in one line: a sentence of its abstract, what a model wrote where one did, or nothing."""

    SENTENCE = "sentence"
    MODEL = "model"
    NONE = "none"


class CatchUp(StrEnum):
    """What becomes of several slots missed in a row: one digest of all, one for each, or only the latest's."""

    MERGE = "merge"
    EACH = "each"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """The rules as people write them; `digestbot.rules.combine` makes one rule of them."""

    keywords: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    query: str | None = None
    query_name: str | None = None


@dataclass(frozen=True, slots=True)
class LikeSpec:
    """What somebody likes, as people write it: what is like that comes besides what the rules find.

    ``papers`` are ids of papers in the log, ``library`` a dump of papers, as written, ``about`` words that say it.
    """

    papers: tuple[str, ...] = ()
    library: str | None = None
    about: str | None = None
    per_week: int = PER_WEEK


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a digest goes. It names its secrets and never holds them.

    ``channel`` is the kind. ``options`` are what its SPEC in `channels` names: ``destination`` (the name in
    DIGESTBOT_TO_<NAME>) where it is reached by a URL, ``address``, ``path`` and so on. ``theme`` names the folder of
    templates it is written with, None for the house's own.
    """

    channel: str
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    theme: str | None = None

    @property
    def name(self) -> str:
        """What people call it: ``email ada@example.org``, ``slack lab``, ``file out``."""
        where = next((self.options[k] for k in ("address", "destination", "path") if k in self.options), "")
        return f"{self.channel} {where}".rstrip()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants what, when and where. ``id`` is the file's name without ``.toml``.

    ``max_entries`` caps a digest; the rest waits for the next ones, where it takes at most ``waiting_share`` of each
    and is let go after ``waiting_days``; without ``carry`` it is let go at once. ``first_run_days`` None means
    baseline: what was known before the subscription is not sent; N means the papers of the last N days.
    ``paused_until`` is the first day, in its own zone, on which digests are made again. ``public`` digests stand in
    the archive for everybody. With ``feedback`` mails ask for each paper whether there should be more like it, and
    the answers have their part in the order. ``like`` is what is liked, besides the rules or instead of them.
    ``gist`` is what tells of each paper in one line, in ``language`` (a code: ``zh``, ``pt-BR``) where a model does.
    """

    id: str
    name: str
    timezone: str
    cadence: Cadence
    spec: RuleSpec
    to: tuple[Destination, ...]
    max_entries: int = 20
    order: SortOrder = SortOrder.RELEVANCE
    when_empty: WhenEmpty = WhenEmpty.SKIP
    first_run_days: int | None = None
    paused: bool = False
    catch_up: CatchUp = CatchUp.MERGE
    paused_until: date | None = None
    public: bool = False
    feedback: bool = True
    carry: bool = True
    waiting_share: float = 0.25
    waiting_days: int = 14
    thread: Thread = Thread.SERIES
    like: LikeSpec | None = None
    gist: GistSource = GistSource.SENTENCE
    language: str = "en"

    def rests(self, now: datetime) -> bool:
        """Whether no digest is made at that moment: it is paused, or not over its pause yet."""
        ends = self.pause_ends
        return self.paused or (ends is not None and now < ends)

    @property
    def pause_ends(self) -> datetime | None:
        """The moment in which the last pause ends, or ended."""
        if self.paused_until is None:
            return None
        return datetime.combine(self.paused_until, time(), ZoneInfo(self.timezone))
