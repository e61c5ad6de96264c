"""Compiled subscriptions kept from one start to the next, in one file, each by the content of its own file.

What is kept holds for one version of digestbot, of what it reads files with, and of the topics and synonyms; anything
else, and a damaged file, is thrown away. The file holds JSON and nothing that is run.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from digestbot import __version__
from digestbot.platform.files.atomic import replace_file
from digestbot.rules.topics import Topics
from digestbot.subscribers.compiled import CompiledRules, CompiledSubscription
from digestbot.subscribers.packing import packed_rules, packed_subscription, unpacked_rules, unpacked_subscription

_PACKAGE = Path(__file__).parent.parent
_ROOMS = ("model", "rules", "platform", "channels", "subscribers")
_READ_WITH = ("tomli", "cronsim", "re2")
_KEY = 32  # characters of a key
LEAST = 100
"""Subscriptions from which on a file is worth it: fewer are compiled in less time than one blinks."""


class KeptRules:
    """Rules that are unpacked when they are first asked for: most are due long after the start, or never."""

    __slots__ = ("_packed", "_rules", "_topics")

    def __init__(self, packed: bytes, topics: Topics) -> None:
        self._packed, self._topics = packed, topics
        self._rules: CompiledRules | None = None

    def known(self) -> CompiledRules:
        """The rules."""
        packed, known = self._packed, self._rules  # in this order: another thread may be at it, and makes the same
        if known is None:
            known = self._rules = unpacked_rules(orjson.loads(packed), self._topics)
            self._packed = b""
        return known


class CompiledCache:
    """What was compiled when the folder was last read, by this process or an earlier one.

    A reading of the folder begins with `begin`, asks `get` for each file, and ends with `end`.
    """

    def __init__(self, path: Path | None = None, *, least: int = LEAST) -> None:
        """Kept at `path`; without one for this process only. Fewer than `least` are not worth a file."""
        self._path, self._least = path, least
        self._topics = Topics({})
        self._known: Mapping[str, CompiledSubscription] = {}
        self._lines: dict[str, bytes] = {}
        self._unsaved = False

    def begin(self, topics: Topics) -> Topics:
        """Get ready for a reading with these topics; where they are those of before, that very object is given back."""
        if not self._known or topics.fingerprint() != self._topics.fingerprint():
            self._topics, self._known = topics, {}
            self._lines = self._read()
        return self._topics

    def get(self, key: str) -> CompiledSubscription | None:
        """What a file of this content was compiled to, without its library; None where that is not known."""
        known = self._known.get(key)
        if known is None and (line := self._lines.get(key)):
            subscription, _, rules = line.partition(b"\t")
            known = CompiledSubscription(
                unpacked_subscription(orjson.loads(subscription)), KeptRules(rules, self._topics)
            )
        return known if known is not None and _is_zone(known.subscription.timezone) else None

    def end(self, compiled: Mapping[str, CompiledSubscription]) -> None:
        """Remember these and nothing else."""
        self._unsaved |= compiled.keys() != (self._lines or self._known).keys()
        self._known, self._lines = compiled, {}

    def save(self) -> None:
        """Write the file where it is not as it should be. That it cannot be written is no harm."""
        if self._path is None or not self._unsaved:
            return
        self._unsaved = False
        with suppress(OSError):
            if len(self._known) < self._least:
                self._path.unlink(missing_ok=True)
            else:
                replace_file(self._path, self._written(self._known))

    def _read(self) -> dict[str, bytes]:
        """The lines of the file by their keys; none where it is not there, damaged, or of another context."""
        if self._path is None:
            return {}
        try:
            head, _, body = self._path.read_bytes().partition(b"\n")
        except OSError:
            return {}
        if head != self._head(body):
            return {}
        return {line[:_KEY].decode(): line[_KEY:] for line in body.splitlines()}

    def _written(self, compiled: Mapping[str, CompiledSubscription]) -> bytes:
        before = self._read()
        lines = (
            key.encode() + (before[key] if key in before else _packed(each)) + b"\n" for key, each in compiled.items()
        )
        body = b"".join(lines)
        return self._head(body) + b"\n" + body

    def _head(self, body: bytes) -> bytes:
        context = f"{_version()} {self._topics.fingerprint()}"
        return blake2b(context.encode() + blake2b(body).digest()).hexdigest().encode()


def key_of(name: str, content: bytes) -> str:
    """What a file is known by: its name, which is the subscription's id, and all that stands in it."""
    return blake2b(name.encode("utf-8", "surrogateescape") + b"\0" + content, digest_size=_KEY // 2).hexdigest()


def _packed(compiled: CompiledSubscription) -> bytes:
    subscription, rules = packed_subscription(compiled.subscription), packed_rules(compiled.rules)
    return orjson.dumps(subscription) + b"\t" + orjson.dumps(rules)


def _is_zone(name: str) -> bool:
    """Whether this machine knows a time zone: its data may be others than when that was looked at."""
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


@cache
def _version() -> str:
    """What tells this digestbot, and what it reads files with, from any other, also from one that is worked on."""
    modules = [path for room in _ROOMS for path in sorted((_PACKAGE / room).rglob("*.py"))]
    modules += [Path(spec.origin) for name in _READ_WITH if (spec := find_spec(name)) and spec.origin]
    stamps = [(str(path), at.st_size, at.st_mtime_ns) for path in modules for at in (path.stat(),)]
    return blake2b(repr((__version__, sys.version, stamps)).encode(), digest_size=16).hexdigest()
