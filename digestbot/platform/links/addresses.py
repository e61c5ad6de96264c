"""The addresses of the web's pages that stand in mails, each for one reader."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from digestbot.model.subscribers import folded_address
from digestbot.platform.links.tokens import Purpose, Tokens

CONFIRM_WITHIN = timedelta(days=7)
"""A sign-up that is not confirmed by then is forgotten."""
PREFERENCES_FOR = timedelta(days=180)
"""So long a mail's link leads to the preferences; a fresh one can be asked for."""
ADDRESS_WITHIN = timedelta(days=1)
"""A new address that is not confirmed by then is not taken."""


class Links:
    """Makes the addresses; ``public_url`` is where the pages are reached, without a slash at its end."""

    def __init__(self, public_url: str, tokens: Tokens) -> None:
        self.public_url = public_url.rstrip("/")
        self.tokens = tokens

    @property
    def secure(self) -> bool:
        """Whether the pages are reached by https, without which there is no one-click unsubscription."""
        return self.public_url.startswith("https://")

    def confirm(self, subscriber: str, address: str, now: datetime) -> str:
        """Where a sign-up is confirmed."""
        words = subscriber, fingerprint(address)
        return self._at("confirm", self.tokens.sign(Purpose.CONFIRM, *words, until=now + CONFIRM_WITHIN))

    def preferences(self, subscriber: str, address: str, issued: datetime) -> str:
        """Where a subscriber changes what it wants, for as long as its digests go to this address."""
        words = subscriber, fingerprint(address)
        return self._at("preferences", self.tokens.sign(Purpose.PREFERENCES, *words, until=issued + PREFERENCES_FOR))

    def new_address(self, subscriber: str, old: str, new: str, now: datetime) -> str:
        """Where a subscriber's new address is confirmed."""
        words = subscriber, fingerprint(old), new
        return self._at("address", self.tokens.sign(Purpose.ADDRESS, *words, until=now + ADDRESS_WITHIN))

    def leave(self, subscription: str, address: str) -> str:
        """Where an address leaves a subscription; it never expires."""
        return self._at("leave", self.leave_token(subscription, address))

    def leave_token(self, subscription: str, address: str) -> str:
        """The same for a mail that asks for it: its subject is ``unsubscribe`` and this."""
        return self.tokens.sign(Purpose.LEAVE, subscription, fingerprint(address))

    def archive(self, subscription: str) -> str:
        """Where a subscription's own digests are read, also those that are not public; it never expires."""
        return self._at("mine", self.tokens.sign(Purpose.ARCHIVE, subscription))

    def citations(self, digest: str) -> tuple[tuple[str, str], ...]:
        """Where the papers of a digest (its key) are had for a library: by the name of a format; they never expire."""
        at = self._at("citations", self.tokens.sign(Purpose.DIGEST, digest))
        return ("BibTeX", f"{at}/digest.bib"), ("RIS", f"{at}/digest.ris")

    def waiting(self, subscription: str) -> str:
        """Where what waits for later digests is seen, and sent at once when asked to; it never expires."""
        return self._at("waiting", self.tokens.sign(Purpose.WAITING, subscription))

    def opinions(self, subscription: str, place: int) -> tuple[str, str]:
        """Where a reader says of the paper at a place of the log: more like this, or less; they never expire."""
        token = self.tokens.sign(Purpose.OPINION, subscription, str(place))
        return self._at("more", token), self._at("less", token)

    def _at(self, *path: str) -> str:
        return "/".join((self.public_url, *path))


def fingerprint(address: str) -> str:
    """An address as links name it: whoever reads a log or a forwarded mail does not read the address."""
    return hashlib.sha256(folded_address(address).encode("utf-8", "surrogatepass")).hexdigest()[:24]
