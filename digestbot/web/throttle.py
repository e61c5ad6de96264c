"""How often visitors may have something done, each network and all: mails, passwords, costly searches."""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from digestbot.model.rate_limit import RateLimit
from digestbot.model.subscribers import folded_address

_VISITORS = 20_000


class Times:
    """When each of some keys did something, in memory: of more than ``most`` keys the oldest are forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._done: OrderedDict[str, deque[datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._done)

    def reached(self, key: str, limit: RateLimit, now: datetime) -> bool:
        """Whether this key may do no more now."""
        return limit.reached(self._done.get(key, ()), now)

    def add(self, key: str, limit: RateLimit, now: datetime) -> None:
        """It does something: of each key as many times are kept as its limit needs."""
        self._done.setdefault(key, deque(maxlen=limit.most)).append(now)
        self._done.move_to_end(key)
        if len(self._done) > self._most:
            self._done.popitem(last=False)

    def forget(self, key: str) -> None:
        """Nothing counts that it did."""
        self._done.pop(key, None)


class VisitorPace:
    """Remembers, in memory, who asked when. For any thread."""

    def __init__(self, most: int, within: timedelta) -> None:
        self._limit = RateLimit(most, within)
        self._times = Times(_VISITORS)
        self._lock = threading.Lock()

    def too_often(self, who: str, now: datetime) -> bool:
        """Whether they have to wait; if not, it counts."""
        with self._lock:
            if self._times.reached(who, self._limit, now):
                return True
            self._times.add(who, self._limit, now)
            return False

    def forgive(self, who: str) -> None:
        """Nothing counts that they did."""
        with self._lock:
            self._times.forget(who)


EVERY, DAY = timedelta(hours=1), timedelta(days=1)
PER_ADDRESS, PER_ADDRESS_A_DAY = RateLimit(1, EVERY), RateLimit(5, DAY)
PER_NETWORK = RateLimit(20, EVERY)
IN_ALL = RateLimit(300, EVERY)
"""An hour, from everywhere: beyond, each neighbourhood has `CROWDED` an hour, and nobody is shut out by others."""
CROWDED = RateLimit(2, EVERY)
_REMEMBERED = 50_000
"""The latest so many addresses and networks, some ten megabytes: older ones are forgotten first."""


def one_person(address: str) -> str:
    """The address without what anybody can vary of it and still get the mail: case, what follows a plus, and the
    dots that Gmail passes over.
    """
    local, _, domain = folded_address(address).rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain.replace('googlemail.com', 'gmail.com')}"


def network(client: str) -> str:
    """The client's address; in IPv6 the network of one household (/64), in which anybody takes any address."""
    try:
        at = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(at, ipaddress.IPv6Address):
        return str(at.ipv4_mapped or ipaddress.ip_network((at, 64), strict=False))
    return str(at)


def neighbourhood(client: str) -> str:
    """The wider network, of which one owner may have all: /24 in IPv4, /48 in IPv6."""
    try:
        at = ipaddress.ip_address(network(client).partition("/")[0])
    except ValueError:
        return client
    return str(ipaddress.ip_network((at, 24 if at.version == 4 else 48), strict=False))


class Throttle:
    """Remembers the mails of the last hours. It is in memory: a restart forgets it, and costs an address one mail
    more at most, since whoever waits for a confirmation is known from the store as well. For any thread.
    """

    def __init__(self) -> None:
        self._mails = Times(_REMEMBERED)
        self._lock = threading.Lock()

    def busy(self, client: str, now: datetime) -> bool:
        """Whether this network has asked too often, for how much the world asks; if not, it counts. It is no
        secret: what is asked for which address plays no part in it.
        """
        here, around = f"n {network(client)}", f"w {neighbourhood(client)}"
        with self._lock:
            crowded = self._mails.reached("", IN_ALL, now)
            key, limit = (around, CROWDED) if crowded else (here, PER_NETWORK)
            if self._mails.reached(key, limit, now):
                return True
            for key, limit in (("", IN_ALL), (here, PER_NETWORK), (around, CROWDED)):
                self._mails.add(key, limit, now)
            return False

    def may_have(self, address: str, now: datetime) -> bool:
        """Whether a mail may go to this address now; if so, it counts."""
        person = one_person(address)
        limits = ((f"a {person}", PER_ADDRESS), (f"d {person}", PER_ADDRESS_A_DAY))
        with self._lock:
            if any(self._mails.reached(key, limit, now) for key, limit in limits):
                return False
            for key, limit in limits:
                self._mails.add(key, limit, now)
            return True


TRIES, WITHIN = 10, timedelta(minutes=15)
"""Tries from one network, or one browser that was let in before; more are refused."""
STRANGERS = 100
"""Tries from all networks that were never let in; more are slow, and none is refused for others' tries."""
SLOW = 3.0  # seconds that a stranger then waits for the answer


class Logins:
    """In memory: a restart forgets it."""

    def __init__(self) -> None:
        self._here = VisitorPace(TRIES, WITHIN)
        self._strangers = VisitorPace(STRANGERS, WITHIN)
        self._known: set[str] = set()
        self._ended: set[str] = set()

    def allowed(self, network: str, browser: str | None, now: datetime) -> bool:
        """Whether a password may be tried; it counts for the browser, where that was let in before."""
        return not self._here.too_often(browser or network, now)

    def wait(self, network: str, browser: str | None, now: datetime) -> float:
        """Seconds after which the answer to a try leaves; it counts, unless it is a known one's."""
        known = browser is not None or network in self._known
        return SLOW if not known and self._strangers.too_often("", now) else 0.0

    def succeeded(self, network: str, browser: str | None) -> None:
        """Who knew it has not tried in vain, and is known here from now on."""
        self._here.forgive(browser or network)
        self._known.add(network)

    def end(self, word: str) -> None:
        """The login with this word is over."""
        self._ended.add(word)

    def is_over(self, word: str) -> bool:
        """Whether it was ended."""
        return word in self._ended
