"""Fetching from other people's servers with manners: bounded, paced, robots heard, the URL never shown."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import BinaryIO
from urllib.robotparser import RobotFileParser

import httpx

from digestbot import __version__
from digestbot.ingest.sources.base import Refused, Unavailable
from digestbot.model.errors import Problem
from digestbot.platform.net.certificates import distrusted
from digestbot.platform.net.deadline import Deadline
from digestbot.platform.net.fence import Forbidden
from digestbot.platform.net.hush import unlogged
from digestbot.platform.net.network import DIRECT, Network
from digestbot.platform.net.proxies import refused_by_proxy
from digestbot.platform.net.transport import guarded_transport

AGENT = f"digestbot/{__version__} (self-hosted digests of research papers)"
_ROBOT = "digestbot"
_TIMEOUT = 30.0
_MOST_REDIRECTS = 5
_LARGEST_ROBOTS = 512 * 1024  # bytes that must be read of a robots.txt: RFC 9309, 2.5
_ROBOTS_KEPT = 86_400.0  # seconds, RFC 9309, 2.4
_SHORT_WAIT = 60.0  # seconds a server may ask for and be waited for here
_MOST_TRIES = 3
_IN_MEMORY = 8 * 1024 * 1024
_BUSY = frozenset({429, 503})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an answer may be, in bytes once unpacked, and how long all of it may take, in seconds."""

    size: int = 256 * 1024 * 1024
    total: float = 240.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its status (200 or 304), headers, and body at its beginning, to be closed by who asked."""

    status: int
    headers: httpx.Headers
    body: BinaryIO


def pausing(stopping: threading.Event) -> Callable[[float], None]:
    """Waits some seconds between two requests. Raises Unavailable when told to stop meanwhile."""

    def pause(seconds: float) -> None:
        if stopping.wait(seconds):
            raise Unavailable(Problem("told to stop"))

    return pause


class Web:
    """One HTTP client for all sources.

    `pause` sleeps so many seconds, and raises when it should not go on.
    """

    def __init__(
        self,
        pause: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        network: Network = DIRECT,
    ) -> None:
        self.clock, self.network = clock, network
        self._pause, self._now = pause, now
        self._last: dict[str, float] = {}
        self._robots: dict[str, tuple[float, RobotFileParser]] = {}
        # A connection of its own for each request: the deadline must see it made to be able to cut it.
        transport = guarded_transport(network, kept=0)
        self._client = httpx.Client(
            transport=transport, timeout=_TIMEOUT, trust_env=False, headers={"User-Agent": AGENT}
        )

    def close(self) -> None:
        """Let connections go."""
        self._client.close()

    def get(
        self,
        url: str,
        name: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits = Limits(),
        gap: float = 1.0,
        robots: bool = True,
    ) -> Fetched:
        """What is at `url`; `name` is what errors call it, for its path and query may be secret.

        At least `gap` seconds lie between two requests to one host. `robots` is False for interfaces made for
        programs, whose own rules are kept instead. Raises Unavailable or Refused.
        """
        target = _target(url, name)
        until = self.clock() + limits.total
        for _ in range(_MOST_REDIRECTS + 1):
            if robots:
                gap = max(gap, self._allowed(target, name))
            fetched = self._patiently(target, name, headers or {}, limits, gap, until)
            if fetched.status not in _REDIRECTS:
                return fetched
            fetched.body.close()
            target = _redirected(target, fetched.headers.get("Location", ""), name)
        raise Refused(Problem(f"redirects more than {_MOST_REDIRECTS} times", name, way_out="write where it leads"))

    def _patiently(
        self, url: httpx.URL, name: str, headers: Mapping[str, str], limits: Limits, gap: float, until: float
    ) -> Fetched:
        """One request, and again where the server asks for a wait that is short, and over before `until`."""
        for attempt in range(1, _MOST_TRIES + 1):
            self._keep_apart(url.host, gap)
            fetched = self._once(url, name, headers, Limits(limits.size, max(until - self.clock(), 1.0)))
            if fetched.status in (200, 304) or fetched.status in _REDIRECTS:
                return fetched
            fetched.body.close()
            wait = retry_after(fetched.headers.get("Retry-After"), self._now())
            short = wait is not None and wait.total_seconds() <= min(_SHORT_WAIT, until - self.clock())
            if fetched.status not in _BUSY or not short or attempt == _MOST_TRIES:
                raise _failure(fetched.status, wait, url, name)
            self._pause(wait.total_seconds() if wait else 0.0)
        raise AssertionError("the last attempt returns or raises")

    def _keep_apart(self, host: str, gap: float) -> None:
        wait = self._last.get(host, float("-inf")) + gap - self.clock()
        if wait > 0:
            self._pause(wait)
        self._last[host] = self.clock()

    def _once(self, url: httpx.URL, name: str, headers: Mapping[str, str], limits: Limits) -> Fetched:
        try:
            with (
                unlogged(),
                Deadline(limits.total) as deadline,
                self._client.stream("GET", url, headers=dict(headers), extensions={"trace": deadline.trace}) as answer,
            ):
                body = _taken(answer, limits, deadline, name)
                if deadline.passed:
                    body.close()
                    raise _slow(limits, url, name)
                return Fetched(answer.status_code, answer.headers, body)
        except Forbidden as error:
            raise Refused(Problem(str(error), name)) from None
        except httpx.ProxyError as error:
            words, lasting = refused_by_proxy(str(error))
            raise (Refused if lasting else Unavailable)(Problem(words, name)) from None
        except httpx.ConnectError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                what = f"the certificate of {url.host} is not trusted, {distrusted(str(error))}"
                raise Refused(Problem(what, name)) from None
            raise Unavailable(Problem(f"{url.host} is not reached", name, way_out="check the network")) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if deadline.passed:
                raise _slow(limits, url, name) from None
            what = f"{url.host} broke off ({type(error).__name__})"
            raise Unavailable(Problem(what, name, way_out="it is tried again later")) from None
        finally:
            # A pause counts from the end: a slow answer is a server that has enough to do.
            self._last[url.host] = self.clock()

    def _allowed(self, url: httpx.URL, name: str) -> float:
        """The seconds robots.txt wants between requests. Raises Refused where it forbids the page."""
        origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        read_at, rules = self._robots.get(origin, (float("-inf"), RobotFileParser()))
        if self.clock() - read_at > _ROBOTS_KEPT:
            rules = self._read_robots(url, name)
            self._robots[origin] = self.clock(), rules
        if not rules.can_fetch(_ROBOT, str(url)):
            hint = "ask its owner, or use the interface it has for programs"
            raise Refused(Problem(f"{url.host} forbids it to robots (robots.txt)", name, way_out=hint))
        return min(float(rules.crawl_delay(_ROBOT) or 0.0), _SHORT_WAIT)

    def _read_robots(self, url: httpx.URL, name: str) -> RobotFileParser:
        target = url.copy_with(path="/robots.txt", query=None, fragment=None)
        status, lines = 0, list[str]()
        for _ in range(_MOST_REDIRECTS + 1):
            fetched = self._once(target, name, {}, Limits(_LARGEST_ROBOTS, _TIMEOUT))
            status = fetched.status
            with fetched.body as body:
                lines = body.read().decode("utf-8", "replace").splitlines()
            if status not in _REDIRECTS:
                break
            target = _redirected(target, fetched.headers.get("Location", ""), name)
        if status >= 500 or status == 429:
            what = f"{url.host} does not say what robots may do (robots.txt)"
            raise Unavailable(Problem(what, name, way_out="it is tried again later"))
        rules = RobotFileParser()
        rules.parse(lines if status == 200 else [])  # RFC 9309, 2.3.1.3: where there is none, all is allowed
        return rules


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for, in seconds or as a date; None for none, or nonsense."""
    if value is None:
        return None
    text = value.strip()
    try:
        if text.isascii() and text.isdigit():
            return timedelta(seconds=min(int(text), 7 * 86_400))
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), timedelta(days=7))


def _taken(answer: httpx.Response, limits: Limits, deadline: Deadline, name: str) -> BinaryIO:
    """The body set aside, unpacked as it comes."""
    body = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed by who asked for it
    size = 0
    try:
        for piece in answer.iter_bytes():
            size += len(piece)
            if size > limits.size:
                what = f"is larger than {limits.size // (1024 * 1024)} MiB"
                raise Refused(Problem(what, name, way_out="set largest_mb in sources.toml"))
            if deadline.passed:
                break
            body.write(piece)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body  # type: ignore[return-value]  # a SpooledTemporaryFile is a binary file in all but its type


def _target(url: str, name: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
        target.host.encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        target = httpx.URL("")
    if target.scheme not in ("http", "https") or not target.host:
        raise Refused(Problem("its URL is not understood", name, way_out="write the whole https:// URL"))
    return target


def _redirected(url: httpx.URL, location: str, name: str) -> httpx.URL:
    try:
        target = url.join(location)
    except httpx.InvalidURL:
        target = httpx.URL("")
    if not location or target.scheme not in ("http", "https") or not target.host:
        raise Refused(Problem(f"{url.host} redirects to nowhere", name, way_out="check the address"))
    if url.scheme == "https" and target.scheme == "http":
        raise Refused(Problem(f"{url.host} redirects from https to http", name, way_out="write where it leads"))
    return target


def _failure(status: int, wait: timedelta | None, url: httpx.URL, name: str) -> Refused | Unavailable:
    if status in _BUSY or status >= 500 or status in (408, 425):
        return Unavailable(Problem(f"{url.host} answers {status}", name, way_out="it is tried again later"), wait)
    hint = {401: "it wants a login", 403: "it lets nobody in", 404: "check the address", 410: "it is gone for good"}
    return Refused(Problem(f"{url.host} answers {status}", name, way_out=hint.get(status, "check the address")))


def _slow(limits: Limits, url: httpx.URL, name: str) -> Unavailable:
    return Unavailable(
        Problem(f"{url.host} took longer than {limits.total:.0f} seconds", name, way_out="it is tried again later")
    )
