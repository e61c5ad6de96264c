"""How often somebody may have a mail sent from the pages: bounded for each address, each network, and in all."""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from digestbot.model.subscribers import folded_address

EVERY, DAY = timedelta(hours=1), timedelta(days=1)
PER_ADDRESS, PER_ADDRESS_A_DAY = 1, 5
PER_NETWORK = 20
IN_ALL = 300
"""An hour, from everywhere: beyond, each neighbourhood has `CROWDED` an hour, and nobody is shut out by others."""
CROWDED = 2
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
        self._taken: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def busy(self, client: str, now: datetime) -> bool:
        """Whether this network has asked too often, for how much the world asks; if not, it counts. It is no
        secret: what is asked for which address plays no part in it.
        """
        here, around = f"n {network(client)}", f"w {neighbourhood(client)}"
        with self._lock:
            crowded = self._full("", IN_ALL, now)
            if self._full(around, CROWDED, now) if crowded else self._full(here, PER_NETWORK, now):
                return True
            for key in ("", here, around):
                self._take(key, now)
            return False

    def may_have(self, address: str, now: datetime) -> bool:
        """Whether a mail may go to this address now; if so, it counts."""
        person = one_person(address)
        here, all_day = f"a {person}", f"d {person}"
        with self._lock:
            if self._full(here, PER_ADDRESS, now) or self._full(all_day, PER_ADDRESS_A_DAY, now, DAY):
                return False
            self._take(here, now)
            self._take(all_day, now)
            return True

    def _full(self, key: str, most: int, now: datetime, within: timedelta = EVERY) -> bool:
        taken = self._taken.get(key)
        while taken and not timedelta(0) <= now - taken[0] < within:
            taken.popleft()
        return taken is not None and len(taken) >= most

    def _take(self, key: str, now: datetime) -> None:
        self._taken.setdefault(key, deque(maxlen=IN_ALL)).append(now)
        self._taken.move_to_end(key)
        if len(self._taken) > _REMEMBERED:
            oldest = next(iter(self._taken))
            if oldest:
                del self._taken[oldest]
