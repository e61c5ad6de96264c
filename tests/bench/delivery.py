"""Ten thousand mails through the ledger, against a bare smtplib loop: ``python -m tests.bench.delivery``.

Both send the same bytes to the same sink, a process of its own, in one run. The loop has them ready, and sends them
over one connection; it runs before digestbot and after it, so that a machine that grows slower meanwhile shows. That
side is measured twice: with the same messages ready (claim, send, record), and with every message written from the
ledger as well. A subscription has 100 readers, unless ``--each`` says otherwise: with 1, no two get the same digest.
The start and the end are the first and the last tenth of the deliveries.
"""

from __future__ import annotations

import argparse
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from digestbot.bootstrap import App
from digestbot.channels.email.transport import wire_form
from digestbot.digests import hand_slot, open_digest
from digestbot.model.deliveries import Delivery, Message
from digestbot.platform.settings import load_settings
from tests.delivery.kit import ROOT, configure, mail_to, papers, subscribe

AIM = 1.5  # times the wall time of the loop
EVEN = 1.25  # times as long a message may take at the end as at the start: what is more is no noise


@contextmanager
def sink() -> Iterator[int]:
    """A sink in its own process; its port."""
    command = [sys.executable, "-m", "tests.servers.sink"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def prepared(home: Path, port: int, count: int, each: int) -> App:
    """A working directory in which `count` deliveries are planned."""
    configure(home, SMTP_URL=f"smtp://127.0.0.1:{port}")
    for n in range(count // each):
        subscribe(home, f"s{n:05}", mail_to(f"reader{n}.{m}" for m in range(each)))
    app = App(load_settings(home, {}))
    app.register()
    app.store.merge(papers(10), now=app.clock())
    for compiled in app.wants():
        open_digest(compiled, app.store, hand_slot(compiled.subscription, app.store.head(), app.clock()), app.clock())
    return app


def bare(port: int, mails: Sequence[tuple[str, bytes]]) -> list[float]:
    """When each message was taken, in a plain loop over one connection."""
    at = [time.perf_counter()]
    with smtplib.SMTP("127.0.0.1", port) as client:
        for address, body in mails:
            client.sendmail("digestbot@localhost", [address], body)
            at.append(time.perf_counter())
    return at


def through_the_ledger(app: App, write: Callable[[Delivery], Message]) -> list[float]:
    """When each delivery was written down as sent."""
    app.dispatcher.write = write
    at = [time.perf_counter()]
    for _, outcome in app.dispatcher.run():
        assert outcome.state == "sent", outcome.reason
        at.append(time.perf_counter())
    return at


def told(what: str, at: Sequence[float], base: float | None = None) -> tuple[float, float]:
    """Wall time, and how many times as long a message took at the end as at the start; both and the ratio to `base`."""
    wall, count = at[-1] - at[0], len(at) - 1
    some = max(count // 10, 1)
    first, last = some / (at[some] - at[0]), some / (at[-1] - at[-1 - some])
    ratio = f"  {wall / base:.2f} x the loop" if base else ""
    print(
        f"{what:<38} {wall:6.2f} s  {wall / count * 1e6:5.0f} us each"
        f"  start: {first:5.0f}/s  end: {last:5.0f}/s{ratio}",
        flush=True,
    )
    return wall, first / last


def rendered(app: App) -> tuple[Mapping[str, Message], float]:
    """Every message, and the seconds it took to write them one after another."""
    began = time.perf_counter()
    ready = {each.id: app.writer.write(each) for each in app.store.deliveries()}
    return ready, time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=100, help="readers of one subscription")
    asked = parser.parse_args()
    sizes = asked.count, asked.each
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, sink() as port:
        with prepared(Path(one), port, *sizes) as app:
            app.writer.write(app.store.deliveries()[0])  # templates are compiled once
            ready, seconds = rendered(app)
            size = sum(len(each.parts[0].body) for each in ready.values()) // len(ready)
            print(f"{len(ready)} messages of {size} bytes; writing them alone: {seconds:.2f} s")
            mails = [
                (each.destination.options["address"], wire_form(ready[each.id].parts[0].body, app.clock()))
                for each in app.store.deliveries()
            ]
            base, _ = told("bare smtplib loop", bare(port, mails))
            told("digestbot: claim, send, record", through_the_ledger(app, lambda d: ready[d.id]), base)
        with prepared(Path(two), port, *sizes) as app:
            at = through_the_ledger(app, app.writer.write)
        again, _ = told("bare smtplib loop, again", bare(port, mails))
        wall, slower = told("digestbot: claim, write, send, record", at, (base + again) / 2)
    times = wall / ((base + again) / 2)
    print(f"aims: at most {AIM:g} x the loop ({times:.2f}), no slower at the end than at the start ({slower:.2f} x)")
    return int(times > AIM or slower > EVEN)


if __name__ == "__main__":
    sys.exit(main())
