"""The siege: ``python -m tests.bench.siege [--papers 20000] [--rounds 7]``.

A real daemon that may have 1,024 files open, and from another process 1,100 connections that send nothing, 210 that
send a header in drops, and 60 that search for what is costly, all from one address that is trusted as a proxy, so that
no share of a network helps; whoever is closed comes again after five seconds, whoever is answered after one. It comes
and goes several times: mails leave in the calm and under siege in turn, so that what else the machine does weighs on
both. Meanwhile `/live` and one-click leaving are timed, by a process of its own, as it would else hold up the mail
server of this one; after each siege the time until the daemon has let everything go is taken. Ends with 1 when a bound
is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote, urlsplit

import httpx

from digestbot.model.papers import Paper
from digestbot.model.secret import Secret
from digestbot.platform.links import Links, Tokens
from digestbot.store import open_store
from tests.bench import workload
from tests.bench.running import running
from tests.servers.smtp import SmtpServer

IDLE, SLOW, COSTLY = 1_100, 210, 60
FILES = 1_024
PUBLIC, SECRET = "https://digest.example.org", "a secret for the siege alone"
READERS, LEAVERS = 1_000, 5_000
GATHERS = 5  # seconds until all of the siege are there
LIVE, LEAVING, SLOWER, BACK, LARGER = 1.0, 2.0, 1.2, 10.0, 100  # seconds, seconds, times, seconds, MB


async def besiege(host: str, port: int) -> None:
    """The other side, until it is ended."""

    async def hold(sent: bytes, drop: bytes) -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(sent)
                with suppress(OSError):
                    while drop and not reader.at_eof():
                        writer.write(drop)
                        await writer.drain()
                        with suppress(TimeoutError):
                            await asyncio.wait_for(reader.read(1), 1)
                    await reader.read(1)
                writer.close()
            await asyncio.sleep(5)

    async def search(number: int) -> None:
        rule = quote(f"/[a-m]{{{3 + number % 9},40}}[^y]{{0,160}}w{number}/")
        head = f"GET /search?q={rule} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 198.51.100.{number}"
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(f"{head}\r\n\r\n".encode())
                with suppress(OSError):
                    await reader.read(-1)
                writer.close()
            await asyncio.sleep(1)

    await asyncio.gather(
        *(hold(b"", b"") for _ in range(IDLE)),
        *(hold(b"GET / HTTP/1.1\r\n", b"X-Drop: x\r\n") for _ in range(SLOW)),
        *(search(number) for number in range(COSTLY)),
    )


@contextmanager
def besieged(url: str) -> Iterator[None]:
    """Within, the siege is on."""
    with subprocess.Popen([sys.executable, "-m", "tests.bench.siege", "--besiege", url]) as process:
        try:
            yield
        finally:
            process.kill()


class Visitors:
    """A process that asks for `/live` and leaves by one click, each time over a new connection, while it is entered."""

    def __init__(self, url: str, leaving: Iterator[str]) -> None:
        processes = multiprocessing.get_context("spawn")
        self._ours, its = processes.Pipe()
        paths = [next(leaving) for _ in range(LEAVERS // 10)]
        self._process = processes.Process(target=visit, args=(its, url, paths))

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.send("enough")
        self.live, self.leaving = self._ours.recv()
        self._process.join()


def visit(connection: Connection, url: str, leaving: Sequence[str]) -> None:
    """Until something is heard: how long the answers took, in seconds, is what is said at the end."""
    at, body = urlsplit(url), "List-Unsubscribe=One-Click"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    times: tuple[list[float], list[float]] = [], []

    def ask(method: str, path: str, *given: Any) -> float:
        begun, asked = time.monotonic(), http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
        asked.request(method, path, *given)
        assert asked.getresponse().status == 200
        asked.close()
        return time.monotonic() - begun

    for path in leaving:
        if connection.poll(0.1):
            break
        times[0].append(ask("GET", "/live"))
        times[1].append(ask("POST", path, body, kind))
    connection.send(times)


def prepared(home: Path, smtp: str, some: Sequence[Paper]) -> None:
    """Papers, a subscription to whatever comes in, and one whose readers will leave."""
    settings = {
        "SMTP_URL": smtp, "MAIL_FROM": "d@example.org", "LISTEN": "127.0.0.1:0", "PUBLIC_URL": PUBLIC,
        "SECRET": f'"{SECRET}"',
    }  # fmt: skip
    (home / ".env").write_text("".join(f"DIGESTBOT_{name}={value}\n" for name, value in settings.items()))
    for name, count in (("readers", READERS), ("leavers", LEAVERS)):
        to = "".join(f'[[to]]\nchannel = "email"\naddress = "{name}{n}@example.org"\n' for n in range(count))
        (home / "subscriptions").mkdir(exist_ok=True)
        cadence = "instant" if name == "readers" else "weekly mon 08:00"
        (home / "subscriptions" / f"{name}.toml").write_text(f'cadence = "{cadence}"\nquery = "NOT zzzz"\n{to}')
    now = datetime.now(UTC)
    with open_store("tinydb:data", home=home) as store:
        for at in range(0, len(some), 1_000):
            store.merge(some[at : at + 1_000], now=now - timedelta(minutes=1))
        store.register(["readers", "leavers"], now=now)


def delivered(home: Path, smtp: SmtpServer, number: int) -> float:
    """Seconds from the first to the last of the mails about a new paper."""
    before, dump = len(smtp.mails), home / f"new-{number}.jsonl"
    dump.write_text(json.dumps({"title": f"The paper that came as number {number}", "abstract": "It is new."}))
    subprocess.run(
        [sys.executable, "-m", "digestbot", "--home", str(home), "ingest", str(dump)], check=True, capture_output=True
    )
    while len(smtp.mails) == before:
        time.sleep(0.005)
    begun = time.monotonic()
    while len(smtp.mails) < before + READERS:
        time.sleep(0.005)
    return time.monotonic() - begun


def memory(process: int) -> float:
    """The most that it has had, and the process that searches for it, in MB."""
    family = [str(process)]
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(FileNotFoundError):  # it has ended since
            family += (thread / "children").read_text().split()
    status = [Path(f"/proc/{each}/status").read_text() for each in family]
    return sum(int(each.split("VmHWM:")[1].split()[0]) for each in status) / 1024


def files(process: int) -> int:
    """How many files it has open."""
    return len(os.listdir(f"/proc/{process}/fd"))


def back(process: int, url: str, calm: int) -> float:
    """Seconds until it has no more files open than before, and searches again."""
    begun = time.monotonic()
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        while client.get("/search?q=title:paper").status_code != 200 or files(process) > calm + 5:
            time.sleep(0.05)
    return time.monotonic() - begun


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--corpus", type=Path, default=workload.CORPUS)
    parser.add_argument("--rounds", type=int, default=7, help="how often it comes and goes")
    parser.add_argument("--besiege", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if chosen.besiege:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        at = urlsplit(chosen.besiege)
        asyncio.run(besiege(at.hostname or "", at.port or 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))
    links = Links(PUBLIC, Tokens([Secret(SECRET)]))
    paths = (links.leave("leavers", f"leavers{n}@example.org").removeprefix(PUBLIC) for n in range(LEAVERS))
    with tempfile.TemporaryDirectory() as folder, SmtpServer() as smtp:
        home = Path(folder)
        prepared(home, smtp.url(), workload.papers(chosen.corpus, chosen.papers, Random(7)))
        with running(home) as (process, url):
            threading.Thread(target=_read, args=[process.stderr], daemon=True).start()
            while httpx.get(f"{url}/search?q=title:paper", timeout=60, trust_env=False).status_code != 200:
                time.sleep(0.1)
            delivered(home, smtp, 0)  # what is made but once is made
            mb, open_before, calm, under, again = memory(process.pid), files(process.pid), [], [], []
            live, leaving, most = [], [], 0
            for number in range(1, 2 * chosen.rounds, 2):
                calm.append(delivered(home, smtp, number))
                with besieged(url):
                    time.sleep(GATHERS)
                    with Visitors(url, paths) as visitors:
                        under.append(delivered(home, smtp, number + 1))
                    most = max(most, files(process.pid))
                live += visitors.live
                leaving += visitors.leaving
                again.append(back(process.pid, url, open_before))
            larger = memory(process.pid) - mb
    slower = statistics.median(under) / statistics.median(calm)
    measured = (
        ("/live, 95th percentile", _p95(live), LIVE, "s"),
        ("one-click leaving, 95th percentile", _p95(leaving), LEAVING, "s"),
        ("mails leave slower", slower, SLOWER, "times"),
        ("all back after", max(again), BACK, "s"),
        ("memory beyond that of the calm", larger, LARGER, "MB"),
    )
    print(*(f"{of:.2f}" for of in calm), "s in the calm,", *(f"{of:.2f}" for of in under), "s under siege")
    print(
        f"{IDLE} silent, {SLOW} slow and {COSTLY} costly connections; {len(live)} + {len(leaving)} asked, {most} files"
    )
    for what, value, bound, unit in measured:
        print(f"{what}: {value:.2f} {unit} (at most {bound})")
    return int(any(value > bound for _, value, bound, _ in measured))


def _read(said: IO[str]) -> None:
    """What the daemon says is read, else it would stand still; until its end."""
    with suppress(ValueError):
        for _ in said:
            pass


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    raise SystemExit(main())
