"""The fence: which addresses somebody's URL may lead to, judged on the address itself, however it was spelt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from digestbot.platform.net.special_addresses import GLOBAL_UNICAST, SPECIAL_IPV4, SPECIAL_IPV6

SETTING = "DIGESTBOT_ALLOW_NETWORKS"

# https://www.rfc-editor.org/rfc/rfc6052#section-2.1: the last 32 bits are an IPv4 address
_NAT64 = IPv6Network("64:ff9b::/96")

# https://www.rfc-editor.org/rfc/rfc5214#section-6.1: the same, of any network, behind these 32 bits
_ISATAP = (0x00005EFE, 0x02005EFE)


class Forbidden(Exception):
    """A connection that was not made because its address is not public; the text says how to allow it."""


@dataclass(frozen=True, slots=True)
class Fence:
    """Lets connections out to public addresses, and to those in the networks ``allowed``."""

    allowed: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def allowing(cls, networks: Iterable[str]) -> Self:
        """The fence that lets these networks (CIDR) through too. Raises ValueError."""
        return cls(tuple(ip_network(each, strict=False) for each in networks))

    def permits(self, address: str) -> bool:
        """Whether a connection to this address (as the system resolved it) may be made."""
        written = ip_address(address)
        meant = _meant(written)
        if any(each in network for network in self.allowed for each in (written, meant)):
            return True
        return _is_public(meant)

    def check(self, host: str, addresses: Iterable[str]) -> None:
        """Raises Forbidden when any of a host's addresses is not permitted: a mix is no host of good faith."""
        for address in addresses:
            if not self.permits(address):
                leads = address if host == address else f"{host} leads to {address}, which"
                raise Forbidden(
                    f"{leads} is no public address (to allow it, set {SETTING}={_meant(ip_address(address))})"
                )


PUBLIC_ONLY = Fence()
EVERYWHERE = Fence.allowing(["0.0.0.0/0", "::/0"])
"""No fence: for what the operator alone names, such as the proxy."""


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that only wraps it, else the address."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return _behind_isatap(address) or address.ipv4_mapped or address.sixtofour or address
    return address


def _behind_isatap(address: IPv6Address) -> IPv4Address | None:
    """The address that an ISATAP router hands it on to, where that one is not public."""
    inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside if int(address) >> 32 & 0xFFFFFFFF in _ISATAP and not _is_public(inside) else None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        return address in GLOBAL_UNICAST and not any(address in network for network in SPECIAL_IPV6)
    return not any(address in network for network in SPECIAL_IPV4)
