"""Who may try the operator's password, and which logins were ended before their time."""

from __future__ import annotations

from datetime import datetime, timedelta

from digestbot.web.pace import VisitorPace

TRIES, WITHIN = 10, timedelta(minutes=15)
"""Tries from one network, or one browser that was let in before; more are refused."""
STRANGERS = 100
"""Tries from all networks that were never let in; more are slow, and none is refused for others' tries."""
SLOW = 3.0  # seconds that a stranger then waits for the answer


class Logins:
    """In memory: a restart forgets it."""

    def __init__(self) -> None:
        self._here = VisitorPace(TRIES, WITHIN)
        self._strangers = VisitorPace(STRANGERS, WITHIN)
        self._known: set[str] = set()
        self._ended: set[str] = set()

    def allowed(self, network: str, browser: str | None, now: datetime) -> bool:
        """Whether a password may be tried; it counts for the browser, where that was let in before."""
        return not self._here.too_often(browser or network, now)

    def wait(self, network: str, browser: str | None, now: datetime) -> float:
        """Seconds after which the answer to a try leaves; it counts, unless it is a known one's."""
        known = browser is not None or network in self._known
        return SLOW if not known and self._strangers.too_often("", now) else 0.0

    def succeeded(self, network: str, browser: str | None) -> None:
        """Who knew it has not tried in vain, and is known here from now on."""
        self._here.forgive(browser or network)
        self._known.add(network)

    def end(self, word: str) -> None:
        """The login with this word is over."""
        self._ended.add(word)

    def is_over(self, word: str) -> bool:
        """Whether it was ended."""
        return word in self._ended
