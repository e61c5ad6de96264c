"""Which proxy a request takes, if any: the one that is set, or those of the usual variables when that is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Self

from digestbot.model.errors import Problem, UsageError
from digestbot.model.secret import Secret
from digestbot.platform.settings.kinds import is_url

ASKED = "env"
"""The value of DIGESTBOT_PROXY that asks for HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."""
SETTING = "DIGESTBOT_PROXY"


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxy of each scheme, and the hosts that are reached without one: names with all below them, addresses and
    networks, ``*`` for all. This machine itself always is.
    """

    of_scheme: Mapping[str, Secret] = field(default_factory=dict)
    direct: tuple[str, ...] = ()

    @classmethod
    def of(cls, setting: Secret | None, direct: Iterable[str], environ: Mapping[str, str]) -> Self:
        """Those of the settings. Raises UsageError for a variable that is asked and holds no proxy's URL."""
        own = tuple(each.lower() for each in direct)
        if setting is None:
            return cls()
        if setting.reveal() != ASKED:
            return cls({"http": setting, "https": setting}, own)
        found = {}
        for scheme in ("http", "https"):
            for name in (f"{scheme}_proxy", f"{scheme}_PROXY".upper(), "all_proxy", "ALL_PROXY"):
                if value := environ.get(name, "").strip():
                    found[scheme] = Secret(_whole(name, value))
                    break
        listed = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
        return cls(found, own + tuple(re.split(r"[\s,]+", listed.lower().strip(" ,"))))

    def for_url(self, scheme: str, host: str) -> Secret | None:
        """The proxy that leads to this host, None for none."""
        name = host.lower().rstrip(".")
        direct = any(_covers(each, name) for each in (*_HERE, *self.direct))
        return None if direct else self.of_scheme.get(scheme)


_HERE = ("localhost", "127.0.0.0/8", "::1")
NO_PROXIES = Proxies()


def refused_by_proxy(said: str) -> tuple[str, bool]:
    """What a proxy's refusal is in words with the way out, and whether it will say the same the next time."""
    if said.startswith("407"):
        return (
            f"the proxy wants a user and a password ({said}): write them in {SETTING}, http://user:password@host:port",
            True,
        )
    if said[:3] in ("403", "405"):
        return (
            f"the proxy does not let it through ({said}): ask who runs it, or name the host in DIGESTBOT_NO_PROXY",
            True,
        )
    return f"the proxy does not lead there: {said}", False


def _whole(name: str, value: str) -> str:
    """A proxy's URL as the variables have it, the scheme often left out. Raises UsageError."""
    url = value if "://" in value else f"http://{value}"
    if not is_url(url, "http", "https"):
        hint = f"{SETTING}={ASKED} asks for it: write http://host:port there, or the proxy itself in {SETTING}"
        raise UsageError(Problem(f"{name} is no HTTP proxy's URL", "the environment", way_out=hint))
    return url


def _covers(listed: str, host: str) -> bool:
    if listed in ("", "*"):
        return listed == "*"
    try:
        address = ip_address(host)
    except ValueError:
        name = re.sub(r":\d+$", "", listed).lstrip("*").strip(".")
        return host == name or host.endswith(f".{name}")
    try:
        return address in ip_network(listed.strip("[]"), strict=False)
    except ValueError:
        return False
