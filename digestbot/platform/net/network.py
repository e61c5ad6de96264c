"""The network as a house has it: its fence, the proxy that leads out, and an authority of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from digestbot.platform.net.fence import PUBLIC_ONLY, Fence
from digestbot.platform.net.proxies import NO_PROXIES, Proxies
from digestbot.platform.settings import Settings

if TYPE_CHECKING:  # what only names the kinds of channels loads no TLS
    import ssl


@dataclass(frozen=True, slots=True)
class Network:
    """What every connection of ours is made by.

    ``authority`` is a file with certificates that are trusted beside those of the system.
    """

    fence: Fence = PUBLIC_ONLY
    proxies: Proxies = NO_PROXIES
    authority: Path | None = None

    @classmethod
    def of(cls, settings: Settings, environ: Mapping[str, str] = os.environ) -> Self:
        """That of a working directory. Raises UsageError for a proxy of the environment that is none."""
        proxies = Proxies.of(settings.proxy, settings.no_proxy, environ)
        return cls(Fence.allowing(settings.allow_networks), proxies, settings.ca_file)

    def trusted(self) -> ssl.SSLContext:
        """Whose certificates are trusted by what is no HTTP: mail servers and mailboxes."""
        import ssl

        context = ssl.create_default_context()
        if self.authority is not None:
            context.load_verify_locations(self.authority)
        return context


DIRECT = Network()
"""Without a proxy, to public addresses, trusting who the system trusts."""
