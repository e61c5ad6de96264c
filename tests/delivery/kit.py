"""Working directories with subscribers, a clock to move by hand, and looks at what arrived."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Self

from digestbot.bootstrap import App
from digestbot.channels.base import Channel, Receipt, SendError
from digestbot.digests import hand_slot, open_digest
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome, Part
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import Destination
from digestbot.platform.settings import load_settings
from digestbot.store import open_store
from digestbot.store.base import Store
from tests.servers.smtp import Mail

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Clock:
    """Time that moves only by hand, or by being waited for."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pause(self, seconds: float) -> None:
        """Wait: the clock moves on."""
        self.now += timedelta(seconds=seconds)

    def move(self, **by: float) -> None:
        """Set the clock forward, or back."""
        self.now += timedelta(**by)


def mail_to(names: Iterable[str]) -> str:
    """``[[to]]`` tables that mail to these."""
    return "".join(f'[[to]]\nchannel = "email"\naddress = "{name}@example.org"\n' for name in names)


def post_to(channel: str, name: str) -> str:
    """A ``[[to]]`` table that posts to the destination of that name."""
    return f'[[to]]\nchannel = "{channel}"\ndestination = "{name}"\n'


def subscribe(home: Path, name: str, to: str, **options: object) -> None:
    """A subscription to every paper."""
    (home / "subscriptions").mkdir(parents=True, exist_ok=True)
    lines = {"query": "'the OR paper'", "cadence": '"daily 08:00"', **options}
    text = "".join(f"{key} = {value}\n" for key, value in lines.items())
    (home / "subscriptions" / f"{name}.toml").write_text(text + to, encoding="utf-8")


def configure(home: Path, **settings: object) -> None:
    """Write `.env`; names without DIGESTBOT_."""
    home.mkdir(parents=True, exist_ok=True)
    lines = [f"DIGESTBOT_{name}={value}\n" for name, value in settings.items()]
    (home / ".env").write_text("".join(lines), encoding="utf-8")


def papers(count: int = 3, first: int = 1) -> list[Paper]:
    """Papers that every subscription of these tests wants."""
    numbers = range(first, first + count)
    return [Paper(title=f"The paper number {n}", abstract="What it is about.", url="https://x.org") for n in numbers]


class FakedApp(App):
    """An App whose channels of some kinds are fakes."""

    fakes: Mapping[str, Channel] = MappingProxyType({})

    def anew(self) -> Self:
        """With the same fakes."""
        fresh = super().anew()
        fresh.fakes = self.fakes
        return fresh

    def channel(self, kind: str) -> Channel:
        """The fake of this kind, else the real one."""
        return self.fakes.get(kind) or super().channel(kind)


def store_setting() -> dict[str, str]:
    """The kind of store that the tests run over, as the environment has it."""
    return {name: value for name, value in os.environ.items() if name == "DIGESTBOT_STORE"}


def store_of(home: Path, *, read_only: bool = False) -> Store:
    """The store of a working directory."""
    return open_store(store_setting().get("DIGESTBOT_STORE", "tinydb:data"), home=home, read_only=read_only)


def restarted() -> tuple[str, ...]:
    """Options for the process that comes after one that was killed.

    Whoever has TinyDB's lock is alone and knows that the one before is gone; on a server others may be at work,
    and what the one before had is free when its lease is over.
    """
    return ("--later", "20") if store_setting() else ()


def open_app(home: Path, clock: Clock, *fakes: Channel) -> FakedApp:
    """The parts of the working directory, under a clock moved by hand."""
    here = {"DIGESTBOT_ALLOW_NETWORKS": "127.0.0.1,::1"}  # where the scripted servers are
    app = FakedApp(load_settings(home, store_setting() | here), clock, clock.pause)
    app.fakes = {each.kind: each for each in fakes}
    return app


def planned(app: App, count: int = 3) -> None:
    """New papers come in, and a digest of them is opened for every subscription."""
    app.register()
    app.store.merge(papers(count, first=app.store.head() + 1), now=app.clock())
    for compiled in app.wants():
        slot = hand_slot(compiled.subscription, app.store.head(), app.clock())
        assert open_digest(compiled, app.store, slot, app.clock()) is not None


def deliver(app: App) -> list[tuple[Delivery, Outcome]]:
    """All that may leave now leaves; what became of it."""
    return list(app.dispatcher.run())


def states(app: App) -> Counter[str]:
    """How many deliveries stand how."""
    return Counter(each.state.value for each in app.store.deliveries())


def by_name(app: App) -> dict[str, Delivery]:
    """The newest delivery of each destination."""
    return {each.destination.name: each for each in app.store.deliveries()}


class FakeChannel(Channel):
    """Keeps what it is handed; `answers` is asked first and may raise what a channel raises."""

    def __init__(self, kind: str, answers: Callable[[Destination, str], None] = lambda to, key: None) -> None:
        self.kind = kind
        self.answers = answers
        self.taken: list[tuple[str, str, bytes]] = []

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """Take one part."""
        self.answers(to, key)
        self.taken.append((to.name, key, part.body))
        return Receipt("taken")

    def close(self) -> None:
        """Nothing is kept open."""


def refusing(errors: dict[str, Sequence[SendError | None]]) -> Callable[[Destination, str], None]:
    """Answers for a FakeChannel: each destination raises its errors one after another, then takes."""
    left = {name: list(each) for name, each in errors.items()}

    def answer(to: Destination, key: str) -> None:
        error = left[to.name].pop(0) if left.get(to.name) else None
        if error is not None:
            raise error

    return answer


def run(home: Path, *arguments: str, options: Sequence[str] = ()) -> subprocess.Popen[str]:
    """A real process: the command line over `home`, in which `options` of tests.delivery.dying hold."""
    command = [sys.executable, "-m", "tests.delivery.dying", *options, "--", "--home", str(home), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for its end: code, output, errors."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def fill(home: Path, count: int = 3) -> None:
    """Papers are in the store, news to every subscription that is there."""
    names = [path.stem for path in (home / "subscriptions").glob("*.toml")]
    with store_of(home) as store:
        store.register(names, now=NOW)
        store.merge(papers(count), now=NOW)


def left(home: Path) -> list[Delivery]:
    """Deliveries that are not sent."""
    with store_of(home, read_only=True) as store:
        return [each for each in store.deliveries() if each.state is not DeliveryState.SENT]


def copies(mails: Sequence[Mail]) -> dict[str, int]:
    """How often each recipient got it; every copy must be the same but for its Date."""
    seen: dict[str, set[bytes]] = {}
    for mail in mails:
        seen.setdefault(mail.recipient, set()).add(re.sub(rb"(?m)^Date: .*\r\n", b"", mail.data))
    assert all(len(bodies) == 1 for bodies in seen.values()), "a copy differs from the first"
    return Counter(mail.recipient for mail in mails)
