"""Who may try the operator's password, and which logins were ended before their time."""

from __future__ import annotations

from datetime import datetime, timedelta

from digestbot.web.pace import VisitorPace

TRIES, TRIES_OF_ALL, WITHIN = 10, 100, timedelta(minutes=15)
"""Wrong passwords from one network, and from everywhere."""


class Logins:
    """In memory: a restart forgets it."""

    def __init__(self) -> None:
        self._here = VisitorPace(TRIES, WITHIN)
        self._everywhere = VisitorPace(TRIES_OF_ALL, WITHIN)
        self._ended: set[str] = set()

    def allowed(self, network: str, now: datetime) -> bool:
        """Whether a password may be tried; it counts."""
        return not self._here.too_often(network, now) and not self._everywhere.too_often("", now)

    def succeeded(self, network: str) -> None:
        """Who knew it has not tried in vain."""
        self._here.forgive(network)

    def end(self, word: str) -> None:
        """The login with this word is over."""
        self._ended.add(word)

    def is_over(self, word: str) -> bool:
        """Whether it was ended."""
        return word in self._ended
