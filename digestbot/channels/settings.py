"""What the channels are told: the working directory, the mail server, the destinations' secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from digestbot.channels.base import Misconfigured
from digestbot.model.secret import Secret
from digestbot.platform.clock import utc_now
from digestbot.platform.links.returns import Returns
from digestbot.platform.net.network import DIRECT, Network

if TYPE_CHECKING:
    from digestbot.platform.net.oauth import AccessTokens
    from digestbot.platform.settings import Settings


def variable(name: str) -> str:
    """The setting that holds the URL of the destination `name`: ``lab`` -> ``DIGESTBOT_TO_LAB``."""
    return "DIGESTBOT_TO_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


@dataclass(frozen=True, slots=True)
class DkimSettings:
    """What signs mail: files with private keys in PEM, a selector for each of them, and the domain (d=).

    Without keys nothing is signed.
    """

    keys: tuple[Path, ...] = ()
    selectors: tuple[str, ...] = ()
    domain: str = ""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """The settings of all channels.

    ``destinations`` maps what follows ``DIGESTBOT_TO_`` (in upper or lower case) to its value: a webhook's URL under
    its name, what goes with it under the name with ``_secret``, ``_token`` or ``_headers`` behind. ``timeout`` is how
    long one answer is waited for, in seconds. ``now`` gives the time, aware. ``dkim`` says what signs mail,
    ``network`` how webhooks and mail servers are reached, ``helo`` what this machine calls itself there, ``tokens``
    what opens it in place of a password. ``return_path`` gives the sender on a mail's envelope by the delivery's id,
    None where that is the address in From.
    """

    home: Path
    smtp_url: Secret | None = None
    mail_from: str = "digestbot <digestbot@localhost>"
    destinations: Mapping[str, Secret] = field(default_factory=dict)
    timeout: float = 20.0
    now: Callable[[], datetime] = utc_now
    dkim: DkimSettings = DkimSettings()
    network: Network = DIRECT
    helo: str | None = None
    tokens: AccessTokens | None = None
    return_path: Callable[[str], str | None] = lambda _: None

    @classmethod
    def of(cls, settings: Settings, now: Callable[[], datetime]) -> Self:
        """Those of a working directory. Raises UsageError for a proxy of the environment that is none."""
        network = Network.of(settings)
        tokens = None
        if settings.smtp_oauth_refresh_token is not None:
            from digestbot.platform.net.oauth import AccessTokens

            tokens = AccessTokens.of(settings, network)
        return cls(
            home=settings.home,
            smtp_url=settings.smtp_url,
            mail_from=settings.mail_from,
            destinations=settings.destinations,
            now=now,
            dkim=DkimSettings(settings.dkim_keys, settings.dkim_selectors, settings.dkim_domain),
            network=network,
            tokens=tokens,
            helo=settings.helo,
            return_path=Returns(settings.secrets, settings.bounce_address).address,
        )

    def secret(self, name: str) -> Secret | None:
        """What is set for `name`, None when nothing is."""
        wanted = variable(name)
        return next((s for known, s in self.destinations.items() if variable(known) == wanted and s), None)

    def url(self, name: str) -> Secret:
        """The URL of the destination `name`. Raises Misconfigured naming the variable to set."""
        found = self.secret(name)
        if found is None:
            raise Misconfigured(
                f"no URL is known for the destination {name!r}: set {variable(name)}", destination_only=True
            )
        return found
