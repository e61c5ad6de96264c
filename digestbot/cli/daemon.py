"""`run`, `next-runs` and `status`: the daemon, and what it will do and has done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.cli import completing
from digestbot.cli.terminal import complain_of, out, out_json
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:
    from digestbot.runtime.health.pulse import Pulse
    from digestbot.runtime.health.watch import Watch
    from digestbot.runtime.reloader import Reloader
    from digestbot.subscribers.compiled import CompiledSubscription


@click.command()
@click.pass_obj
def run(home: str | None) -> int:
    """The daemon: sends each digest when it is due.

    Works until SIGTERM or Ctrl-C, and finishes what is in flight before it goes; a second one ends it at
    once. Changed settings, subscriptions and templates are taken up when they are right; a subscription whose
    file is wrong is told, and stops none of the others.
    """
    import logging

    from digestbot.platform.logs import set_up
    from digestbot.runtime.daemon import TICK, Daemon
    from digestbot.runtime.doctor.machine import exposed
    from digestbot.runtime.health.pulse import Pulse
    from digestbot.runtime.health.watch import Watch
    from digestbot.runtime.reloader import Reloader

    with App.open(home) as app, ExitStack() as open_:
        set_up(app.settings.log, app.settings.log_level)
        tell = logging.getLogger(__name__).info
        wants = _read(app)
        for problem in app.folder.problems:
            logging.getLogger(__name__).error("%s", problem)
        for path in exposed(app.settings):
            logging.getLogger(__name__).warning("others on this machine can read %s (chmod 600 %s)", path, path)
        app.register()
        current = Reloader(app)
        current.settled.clear()
        pulse = Pulse(TICK.total_seconds())
        watch = Watch(pulse)
        if app.settings.listen is not None or app.settings.probes is not None:
            watch = open_.enter_context(_served(current, pulse, tell))
        tell(f"{len(wants)} subscriptions; stop with Ctrl-C")
        polls = [lambda now: current.app.source_poller(now), lambda now: current.app.bounce_poller(now)]
        return Daemon(current, tell=tell, polls=polls, watch=watch).serve()


def _read(app: App) -> Sequence[CompiledSubscription]:
    """All subscriptions. They stay: looking for rubbish among them, meanwhile and later, is time for nothing."""
    import gc

    from digestbot.model.garbage import uncollected

    with uncollected():
        wants = app.wants()
        gc.freeze()
    return wants


@contextmanager
def _served(current: Reloader, pulse: Pulse, tell: Callable[[str], object]) -> Iterator[Watch]:
    """The web pages at DIGESTBOT_LISTEN, and what watches the bot, there or at DIGESTBOT_PROBES; the watch that
    counts for it.

    Raises UsageError without the extra.
    """
    try:
        from digestbot.runtime.health.metrics import Metrics
        from digestbot.web import WebServer, listening_at, probes
    except ModuleNotFoundError as missing:
        hint = 'pip install "digestbot[web]", or unset it'
        raise UsageError(Problem(f"DIGESTBOT_LISTEN needs {missing.name}", way_out=hint)) from None
    metrics, settings = Metrics(current, pulse), current.app.settings
    with ExitStack() as open_:
        if settings.listen is not None:
            beside = metrics if settings.probes is None else None
            server = open_.enter_context(WebServer(current, *listening_at(settings.listen), watch=beside))
            tell(f"serving at {server.url}")
        if settings.probes is not None:
            place = listening_at(settings.probes, "DIGESTBOT_PROBES")
            listener = open_.enter_context(probes(current, *place, metrics))
            tell(f"probes at {listener.url}")
        yield metrics


@click.command("next-runs")
@click.argument("subscriptions", nargs=-1, metavar="[SUBSCRIPTION...]", shell_complete=completing.subscriptions)
@click.option("--count", default=3, show_default=True, type=click.IntRange(1, 100))
@click.option("--json", "as_json", is_flag=True, help="One subscription a line, as JSON.")
@click.pass_obj
def next_runs(home: str | None, subscriptions: tuple[str, ...], count: int, as_json: bool) -> int:
    """When each subscription is due next, in its own time zone."""
    from zoneinfo import ZoneInfo

    with App.open(home, read_only=True) as app:
        for compiled in app.wants(subscriptions):
            subscription = compiled.subscription
            zone = ZoneInfo(subscription.timezone)
            slots = subscription.cadence.upcoming(zone, after=app.clock(), count=count)
            local = [slot.at.astimezone(zone) for slot in slots]
            if as_json:
                out_json({"subscription": subscription.id, "next": [at.isoformat() for at in local]})
                continue
            when = ", ".join(f"{at:%a %d %b %H:%M}" for at in local) or "whenever something new matches"
            paused = "paused; would be " if subscription.rests(app.clock()) else ""
            out(f"{subscription.id}: {paused}{when} ({subscription.timezone})")
        return 0 if subscriptions else complain_of(app.folder.problems)
