"""Thirty virtual days of fifty subscribers and every kind of fault, and the account at the end.

    python -m tests.soak [--days 30] [--seed 1]

Dumps come daily; mail and webhooks fail in every way the contract knows; the process dies at its writes and
sends; the clock jumps; the host sleeps; people send by hand and decide about what failed meanwhile. At the end:
planned = sent + not sent with a reason, nothing lost, no more copies than there were sends in flight at the
crashes or answers that never came, each copy the same.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Self, cast
from unittest import mock

from digestbot.bootstrap import App
from digestbot.channels.base import Channel, Misconfigured, Permanent, Receipt, Temporary, Unknown
from digestbot.delivery.control_channel import Command, ControlChannel
from digestbot.matching.stretch import find
from digestbot.model.deliveries import OPEN_STATES, DeliveryState, Part
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import Destination
from digestbot.platform.settings import load_settings
from digestbot.runtime.daemon import Daemon
from digestbot.runtime.reloader import Reloader
from digestbot.store.base import Store
from digestbot.store.tinydb import sealing
from tests.delivery.kit import Clock, configure, mail_to, post_to, subscribe

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "arxiv-20k.jsonl.gz"
START = datetime(2026, 3, 15, tzinfo=UTC)  # the zones below change their clocks within the month
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo", "Asia/Kathmandu",
    "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Beirut",
)  # fmt: skip
CADENCES = ("daily 00:30", "daily 02:30", "daily 08:00", "weekdays 08:00", "weekly mon 08:00", "instant")
WORDS = ("language", "graph", "quantum", "vision", "learning", "galaxy", "network", "theory", "model", "data")
DAILY = 25  # papers
STEP = timedelta(minutes=30)


class Crash(BaseException):
    """The process is gone; nothing in digestbot catches it."""


@dataclass
class Fate:
    """When the process dies next: after so many writes and sends. Once dead, nothing of it does anything."""

    random: Random
    left: int = 0
    dead: bool = False
    gentle: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def live(self) -> None:
        """A new process."""
        self.dead, self.left = False, self.random.choice((3, 10, 40, 150, 400))

    def step(self) -> None:
        """One more step; the last one is fatal."""
        with self.lock:
            self.left -= not self.gentle
            if self.left == 0:
                self.dead = True
            if self.dead:
                raise Crash


class DyingStore:
    """A store whose writes may be the last thing that the process did, or what it did not come to do."""

    def __init__(self, store: Store, fate: Fate) -> None:
        self.store = store
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.store, name)
        if name not in ("merge", "register", "open_digest", "claim", "record"):
            return found

        def dying(*args: Any, **options: Any) -> Any:
            self._fate.step()
            done = found(*args, **options)
            self._fate.step()
            return done

        return dying


class FarSide(Channel):
    """All mail servers and webhooks at once: takes, refuses, puts off, or falls silent."""

    def __init__(self, kind: str, fate: Fate, clock: Clock, random: Random) -> None:
        self.kind = kind
        self.taken: dict[str, list[bytes]] = {}
        self.silent = 0
        self.raised: Counter[str] = Counter()
        self._fate, self._clock, self._random = fate, clock, random
        self._lock = threading.Lock()

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """As the dice fall."""
        with self._lock:
            if not self._fate.dead:
                self._fate.step()
            chance = 1.0 if self._fate.gentle else self._random.random()
            error = self._error(chance)
            if self._fate.dead:
                raise Temporary("the process that asks is gone")
            if error is None or (isinstance(error, Unknown) and chance > 0.008):
                self.taken.setdefault(key, []).append(part.body)
                self.silent += error is not None
            if error is not None:
                self.raised[type(error).__name__] += 1
                raise error
            self._fate.step()
            return Receipt("250 taken")

    def _error(self, chance: float) -> Exception | None:
        outage = not self._fate.gentle and self._clock.now.day % 9 == 4 and self._clock.now.hour % 6 < 2
        for most, error in (
            (0.016, Unknown("no answer")),
            (0.020, Permanent("554 spam")),
            (0.0205, Permanent("550 5.1.1 gone", disables=True)),
            (0.025, Misconfigured("535 login refused")),
            (0.045, Temporary("429", timedelta(seconds=self._random.choice((1, 90, 7200))))),
            (1.0 if outage else 0.10, Temporary("451 later")),
        ):
            if chance < most:
                return error
        return None

    def close(self) -> None:
        """Nothing is kept open."""


class SoakApp(App):
    """An App whose far side and store are those of the soak."""

    fate: Fate
    far: Mapping[str, FarSide]

    def anew(self) -> Self:
        """With the same far side and store."""
        fresh = super().anew()
        fresh.fate, fresh.far = self.fate, self.far
        return fresh

    @cached_property
    def store(self) -> Store:  # kept, as the real one is by its process
        """The real store, mortal."""
        return cast(Store, DyingStore(super().store, self.fate))

    def channel(self, kind: str) -> Channel:
        """The far side."""
        return self.far[kind]


@dataclass
class Account:
    """The figures at the end."""

    days: int = 0
    papers: int = 0
    digests: int = 0
    crashes: int = 0
    orders: int = 0
    planned: int = 0
    sent: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    copies: int = 0
    in_flight_at_crashes: int = 0
    answers_lost: int = 0
    differing_copies: int = 0
    papers_lost: int = 0
    papers_expired: int = 0
    papers_twice: int = 0
    seconds: float = 0.0

    def holds(self) -> bool:
        """Whether the promise was kept."""
        whole = self.planned == self.sent + sum(self.reasons.values())
        nothing = self.lost == self.differing_copies == self.papers_lost == self.papers_twice == 0
        return whole and nothing and self.copies <= self.in_flight_at_crashes + self.answers_lost

    def __str__(self) -> str:
        faults = ", ".join(f"{count} {name}" for name, count in sorted(self.faults.items()))
        reasons = "".join(f"\n    {count:>6} {reason}" for reason, count in self.reasons.most_common())
        return (
            f"{self.days} virtual days, {self.papers} papers, {self.digests} digests in {self.seconds:.0f} s\n"
            f"faults: {self.crashes} crashes, {faults}; {self.orders} orders by hand\n"
            f"planned {self.planned} = sent {self.sent} + not sent, each with a reason: "
            f"{sum(self.reasons.values())}{reasons}\n"
            f"lost: {self.lost}; papers lost: {self.papers_lost}; papers twice: {self.papers_twice}; "
            f"papers that waited for too long, counted in a digest: {self.papers_expired}\n"
            f"copies too many: {self.copies}, of {self.in_flight_at_crashes} in flight at crashes and "
            f"{self.answers_lost} taken without an answer; not the same bytes: {self.differing_copies}\n"
            f"the promise {'holds' if self.holds() else 'is BROKEN'}"
        )


def daily_papers(random: Random) -> Iterator[list[Paper]]:
    """A dump a day, with papers of the days before in it again."""
    if CORPUS.is_file():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
            read = [json.loads(line) for line, _ in zip(lines, range(3000), strict=False)]
        known = [
            Paper(title=each["title"], abstract=each["abstract"][:250], ids={"arxiv": each["id"]}) for each in read
        ]
    else:
        known = [
            Paper(
                title=f"On {random.choice(WORDS)} and {random.choice(WORDS)}, part {n}", ids={"arxiv": f"2601.{n:05d}"}
            )
            for n in range(3000)
        ]
    at = 0
    while True:
        yield [*known[at : at + DAILY], *random.sample(known[: at + 1], min(at, 5))]
        at = (at + DAILY) % len(known)


class Soak:
    """One run."""

    def __init__(self, home: Path, seed: int) -> None:
        self.random = Random(seed)
        self.home = home
        self.clock = Clock(START)
        self.fate = Fate(Random(seed + 1))
        self.far = {
            kind: FarSide(kind, self.fate, self.clock, Random(f"{seed}{kind}"))
            for kind in ("email", "webhook", "slack")
        }
        self.account = Account()
        self.dumps = daily_papers(self.random)
        self.app: SoakApp | None = None
        self.daemon: Daemon | None = None
        urls = {f"TO_H{n}": f"https://hook{n}.example/x" for n in range(10)}
        configure(home, SMTP_URL="smtp://localhost:25", TO_LAB="https://hooks.slack.com/services/x", **urls)
        (home / "subscriptions").mkdir()
        (home / "subscriptions" / "topics.toml").write_text('[one]\nkeywords = ["one"]\n')
        for n in range(50):
            to = mail_to([f"reader{n}"]) + (post_to("slack", "lab") if n % 10 == 3 else "")
            to += post_to("webhook", f"h{n % 10}") if n % 5 == 2 else ""
            words = json.dumps(self.random.sample(WORDS, 2))
            cadence = f'"{CADENCES[n % len(CADENCES)]}"'
            options = {"cadence": cadence, "keywords": words, "catch_up": '"each"' if n % 3 else '"merge"'}
            subscribe(home, f"s{n:02}", to, timezone=f'"{ZONES[n % 10]}"', query='""', **options)
            path = home / "subscriptions" / f"s{n:02}.toml"
            path.write_text(path.read_text().replace('query = ""\n', ""))

    def boot(self) -> None:
        """A new process over what is on the disk."""
        if self.app is not None:
            store = cast(DyingStore, self.app.store).store
            store.close()  # lets go of the lock and writes nothing
            self.account.crashes += 1
        gentle, self.fate.gentle = self.fate.gentle, True
        self.fate.live()
        self.app = SoakApp(load_settings(self.home, {}), self.clock, self.clock.pause)
        self.app.fate, self.app.far = self.fate, self.far
        self.account.in_flight_at_crashes += len(self.app.store.deliveries(states={DeliveryState.SENDING}))
        self.app.register()
        self.daemon = Daemon(Reloader(self.app), lambda _: None)
        self.fate.gentle = gentle

    def survive(self, act: Callable[[], object]) -> None:
        """Do it; after a crash boot, and do it again, as a supervisor and a cron job would."""
        while True:
            try:
                act()
                return
            except Crash:
                self.boot()

    def run(self, days: int) -> Account:
        """All days, then four gentle ones in which what waits comes to its end."""
        began = time.monotonic()
        self.boot()
        for day in range(days):
            papers = next(self.dumps)
            self.survive(lambda papers=papers: self.app.store.merge(papers, now=self.clock()))  # type: ignore[misc, union-attr]
            self._day(START + timedelta(days=day + 1))
        self.fate.gentle = True
        self._day(START + timedelta(days=days + 4))
        self.account.days = days
        self._reckon()
        self.account.seconds = time.monotonic() - began
        return self.account

    def _day(self, end: datetime) -> None:
        while self.clock.now < end:
            dice = 1.0 if self.fate.gentle else self.random.random()
            if dice < 0.004:
                self.clock.move(hours=self.random.choice((-1, 3, 9)))  # a jump, or a sleep
            self.clock.now += STEP
            if not self.fate.gentle:
                self._order()
            self.survive(self.daemon.tick)  # type: ignore[union-attr]

    def _order(self) -> None:
        """Now and then somebody sends by hand, or decides about what failed, beside the daemon."""
        assert self.app is not None
        orders, dice = ControlChannel(self.home), self.random.random()
        if dice < 0.02:
            orders.give(Command("send", (f"s{self.random.randrange(50):02}",)))
        elif dice < 0.03:
            failed = self.app.store.deliveries(states={DeliveryState.FAILED, DeliveryState.HELD})
            names = tuple(each.id for each in failed if self.random.random() < 0.5)
            orders.give(Command(self.random.choice(("retry", "retry", "hold")), names))
        self.account.orders += dice < 0.03

    def _reckon(self) -> None:
        account, app = self.account, self.app
        assert app is not None
        account.papers = app.store.head()
        account.digests = len(app.store.digests())
        deliveries = app.store.deliveries()
        account.planned = len(deliveries)
        taken = {key.partition("-")[0]: 0 for far in self.far.values() for key in far.taken}
        for far in self.far.values():
            account.faults.update(far.raised)
            account.answers_lost += far.silent
            for bodies in far.taken.values():
                account.copies += len(bodies) - 1
                account.differing_copies += len(set(bodies)) - 1
        for each in deliveries:
            if each.state is DeliveryState.SENT:
                account.sent += 1
                account.lost += each.id not in taken
            elif each.state in OPEN_STATES or each.cause is None or not each.reason:
                account.lost += 1
            else:
                account.reasons[f"{each.state}: {each.cause}"] += 1
        self._reckon_papers()

    def _reckon_papers(self) -> None:
        """Every paper that a subscription's rules find is in exactly one of its digests, or waits for the next, or
        is counted in one as having waited for too long.
        """
        assert self.app is not None
        store = self.app.store
        for compiled in self.app.wants():
            name = compiled.subscription.id
            cursor = store.cursor(name)
            if cursor is None or cursor.position is None:
                continue
            seen = list(store.window(cursor.first_head, cursor.position))
            wanted = {found.logged.key for found in find(compiled.rule, seen, today=self.clock.now.date())}
            digests = store.digests(name)
            shown = [entry.sequence for record in digests for entry in record.entries]
            ended = sum(record.counts.expired for record in digests)
            keys = [each.key for each in store.logged(shown).values()]
            waiting = {each.key for each in store.logged(cursor.carry).values()}
            self.account.papers_expired += ended
            self.account.papers_lost += max(len(wanted - set(keys) - waiting) - ended, 0)
            self.account.papers_twice += len(keys) - len(set(keys)) + len(shown) - len(keys)


_SEGMENT = 40  # papers: they are sealed again and again


def soak(home: Path, days: int = 30, seed: int = 1) -> Account:
    """Run it in `home`; the account at the end."""
    with mock.patch.object(sealing, "SEGMENT", _SEGMENT):
        return Soak(home, seed).run(days)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        account = soak(Path(home), asked.days, asked.seed)
    print(account)
    raise SystemExit(0 if account.holds() else 1)


if __name__ == "__main__":
    main()
