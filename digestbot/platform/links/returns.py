"""The return address of a delivery: signed, so that a report of a mail that came back is known to be of ours."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence

from digestbot.model.secret import Secret

HEADER = "X-Digestbot-Delivery"
"""Carries the signed id of the delivery: reports quote the headers of what they are about."""
_ID = re.compile(r"[0-9a-f]{32}")
_SIGNED = re.compile(r"(?<![0-9a-z])([0-9a-f]{32})-([0-9a-f]{16})(?![0-9a-z])", re.IGNORECASE)


class Returns:
    """Signs the ids of deliveries with the first of the secrets, and takes what any of them has signed.

    ``bounces`` is where mail comes back to, ``bounce@example.org``. What it makes is of digits and letters that
    survive being written in capitals, as the names of mailboxes may be.
    """

    def __init__(self, secrets: Sequence[Secret], bounces: str | None = None) -> None:
        self._secrets = tuple(secrets)
        self._bounces = bounces

    def sign(self, delivery: str) -> str | None:
        """The signed id; None where there is no secret, or the id is no delivery's."""
        if not self._secrets or not _ID.fullmatch(delivery):
            return None
        return f"{delivery}-{_signature(delivery, self._secrets[0])}"

    def address(self, delivery: str) -> str | None:
        """The sender on the envelope, ``bounce+SIGNED@example.org``; None where it has to be the one in From."""
        signed = self.sign(delivery) if self._bounces else None
        local, _, domain = (self._bounces or "").rpartition("@")
        return f"{local}+{signed}@{domain}" if signed else None

    def read(self, texts: Iterable[str]) -> str | None:
        """The delivery that the first good signed id in these texts names."""
        return next(self._good(texts), None)

    def _good(self, texts: Iterable[str]) -> Iterator[str]:
        for found in (each for text in texts for each in _SIGNED.finditer(text.lower())):
            if any(hmac.compare_digest(found[2], _signature(found[1], each)) for each in self._secrets):
                yield found[1]


def _signature(delivery: str, secret: Secret) -> str:
    words = f"digestbot.returns\0{delivery}".encode()
    return hmac.new(secret.reveal().encode(), words, hashlib.sha256).hexdigest()[:16]
