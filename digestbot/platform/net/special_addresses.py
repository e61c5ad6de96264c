"""IANA's registries of addresses that are not for use across the internet, as of 30 November 2026.

The newest copy that their rows were compared with is that of IPv6 of 9 October 2025.

Python's own tables differ from release to release. Refused is a range as a whole, with the few addresses in it that
can be reached globally (anycast of PCP, TURN, DNS-SD and AS112): none of them is a webhook's or a source's.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

# https://www.iana.org/assignments/iana-ipv4-special-registry
# https://www.iana.org/assignments/multicast-addresses
SPECIAL_IPV4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this host, this network
            "10.0.0.0/8",  # private use
            "100.64.0.0/10",  # shared address space
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link local
            "172.16.0.0/12",  # private use
            "192.0.0.0/24",  # IETF protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays, deprecated
            "192.168.0.0/16",  # private use
            "192.175.48.0/24",  # AS112, direct delegation
            "198.18.0.0/15",  # benchmarking
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and limited broadcast
        ),
    )
)
# https://www.iana.org/assignments/ipv6-address-space: all that is handed out for use across the internet; with it
# loopback, mapped and translated addresses, discard-only, segment routing, unique and link local, and multicast are out
GLOBAL_UNICAST = IPv6Network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry: those within the global unicast addresses
SPECIAL_IPV6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, AMT, AS112, ORCHID, DETs and others
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, what is left of it when the IPv4 address inside was looked at
            "2620:4f:8000::/48",  # AS112, direct delegation
            "3fff::/20",  # documentation
        ),
    )
)
