"""How often somebody may have a mail sent from the pages: bounded for each address, each network, and in all."""

from __future__ import annotations

import ipaddress
import threading
import unicodedata
from collections import OrderedDict, deque
from datetime import datetime, timedelta

EVERY = timedelta(hours=1)
PER_ADDRESS = 1
PER_NETWORK = 20
IN_ALL = 300
_REMEMBERED = 50_000
"""The latest so many addresses and networks, some ten megabytes: older ones are forgotten first."""


def one_person(address: str) -> str:
    """The address without what anybody can vary of it and still get the mail: case, and what follows a plus."""
    local, _, domain = unicodedata.normalize("NFKC", address).strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def network(client: str) -> str:
    """The client's address; in IPv6 the network of one household (/64), in which anybody takes any address."""
    try:
        at = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(at, ipaddress.IPv6Address):
        return str(at.ipv4_mapped or ipaddress.ip_network((at, 64), strict=False))
    return str(at)


class Throttle:
    """Remembers the mails of the last hour. It is in memory: a restart forgets it, and costs an address one mail
    more at most, since whoever waits for a confirmation is known from the store as well. For any thread.
    """

    def __init__(self) -> None:
        self._taken: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def busy(self, client: str, now: datetime) -> bool:
        """Whether this network, or the world, has asked too often; if not, it counts. It is no secret: what is
        asked for which address plays no part in it.
        """
        here = f"n {network(client)}"
        with self._lock:
            if self._full("", IN_ALL, now) or self._full(here, PER_NETWORK, now):
                return True
            self._take("", now)
            self._take(here, now)
            return False

    def may_have(self, address: str, now: datetime) -> bool:
        """Whether a mail may go to this address now; if so, it counts."""
        here = f"a {one_person(address)}"
        with self._lock:
            if self._full(here, PER_ADDRESS, now):
                return False
            self._take(here, now)
            return True

    def _full(self, key: str, most: int, now: datetime) -> bool:
        taken = self._taken.get(key)
        while taken and not timedelta(0) <= now - taken[0] < EVERY:
            taken.popleft()
        return taken is not None and len(taken) >= most

    def _take(self, key: str, now: datetime) -> None:
        self._taken.setdefault(key, deque(maxlen=IN_ALL)).append(now)
        self._taken.move_to_end(key)
        if len(self._taken) > _REMEMBERED:
            oldest = next(iter(self._taken))
            if oldest:
                del self._taken[oldest]
