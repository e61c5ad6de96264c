"""How often somebody may have a mail sent from the pages: bounded for each address, each network, and in all."""

from __future__ import annotations

import ipaddress
import threading
from datetime import datetime, timedelta

from digestbot.model.rate_limit import RateLimit
from digestbot.model.subscribers import folded_address
from digestbot.web.pace import Times

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
