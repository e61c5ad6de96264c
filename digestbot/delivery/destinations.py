"""What the dispatcher knows of destinations: who asks for patience, who is gone, how fast it goes, who refuses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from digestbot.channels.registry import CHANNELS
from digestbot.channels.spec import Pace, Reach
from digestbot.delivery.decisions import Objection, Wait
from digestbot.delivery.send_pool import Key, identity
from digestbot.model.causes import PATIENCE, Cause, sentence
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.rate_limit import RateLimit
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination

_NEVER = datetime.min.replace(tzinfo=UTC)
_SHORTEST_SLOT = timedelta(seconds=0.25)

# Discord shuts out an address after 10,000 invalid answers in ten minutes; a hundredth of it is nobody's mistake.
# https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
REFUSALS = RateLimit(100, timedelta(minutes=10))


def pace(destination: Destination) -> Pace:
    """How fast this destination is fed. Of a kind that is no more, the attempt says so."""
    spec = CHANNELS.get(destination.channel)
    return spec.pace if spec else Pace()


def host_of(destination: Destination, url: Callable[[str], Secret | None]) -> str:
    """The host that a destination is at; its name where no `url` is known for it."""
    found = url(destination.options.get("destination", ""))
    return (urlsplit(found.reveal()).hostname if found else None) or destination.name


@dataclass(slots=True)
class _Known:
    """One destination: not before `ready`, for this `cause`, and `why` in words; `gone` for good; last post at `left`;
    slots given out up to `slot`."""

    ready: datetime = _NEVER
    cause: Cause = Cause.BEHIND
    why: str | None = None
    gone: str | None = None
    left: datetime = _NEVER
    slot: datetime = _NEVER


class Destinations:
    """Starts from what the ledger says, so that patience and ends outlive a restart.

    ``host`` names the host of a destination's URL, on which refusals are counted together.
    """

    def __init__(self, ledger: Iterable[Delivery], host: Callable[[Destination], str]) -> None:
        self._host = host
        self._known: dict[Key, _Known] = {}
        self._refusals: dict[str, deque[datetime]] = {}
        for each in ledger:
            known = self._of(each.destination)
            if each.gone:
                known.gone = _gone(each.destination, each.reason, each.id)
            until = each.lease_until if each.state is DeliveryState.SENDING else each.not_before
            if each.state is not DeliveryState.FAILED and until is not None and until > known.ready:
                known.ready, known.cause, known.why = until, _behind(each.cause), each.reason

    def objection(self, delivery: Delivery) -> Objection | None:
        """Why nothing goes to this destination ever again; None when something may."""
        gone = self._of(delivery.destination).gone
        return Objection(DeliveryState.HELD, Cause.DESTINATION_GONE, gone) if gone else None

    def wait(self, delivery: Delivery, now: datetime, taken_up: int) -> Wait | None:
        """Until when this delivery has to wait, and why; None when it may leave.

        ``taken_up`` is how many of its destination are in hand already.
        """
        known, speed = self._of(delivery.destination), pace(delivery.destination)
        name = delivery.destination.name
        if known.ready > now:
            return Wait(known.ready, known.cause, sentence(known.cause, destination=name, why=known.why))
        refusals = self._refusals.get(self._host(delivery.destination), deque()) if self._refusals else deque()
        rests_until = refusals[-1] + REFUSALS.within if refusals else now
        if rests_until > now and REFUSALS.reached(refusals, refusals[-1]):
            facts = {"refusals": REFUSALS.most, "minutes": REFUSALS.within.seconds // 60}
            return Wait(rests_until, Cause.HOST_REFUSES, sentence(Cause.HOST_REFUSES, **facts))
        if taken_up < speed.depth and known.left + speed.interval <= now:
            known.left = now
            return None
        known.slot = max(known.slot, now) + max(speed.interval, _SHORTEST_SLOT)
        return Wait(known.slot, Cause.TURN, sentence(Cause.TURN, destination=name))

    def reopen(self, destination: Destination) -> None:
        """Something may go there again."""
        self._of(destination).gone = None

    def open(self, destination: Destination, now: datetime) -> bool:
        """Whether what is in hand for this destination may still go there."""
        known = self._of(destination)
        return known.gone is None and known.ready <= now

    def learn(self, delivery: Delivery, outcome: Outcome, *, answered: bool) -> None:
        """Keep in mind what an outcome says of its destination; ``answered``: the far side was asked."""
        known = self._of(delivery.destination)
        known.left = max(known.left, outcome.at)
        if outcome.cause is Cause.GONE:
            known.gone = _gone(delivery.destination, outcome.reason, delivery.id)
        if not answered:
            return
        if outcome.not_before is not None and outcome.not_before > known.ready:
            known.ready, known.cause, known.why = outcome.not_before, _behind(outcome.cause), outcome.reason
        if _counted(delivery.destination) and outcome.state in (DeliveryState.FAILED, DeliveryState.DEFERRED):
            refusals = self._refusals.setdefault(self._host(delivery.destination), deque(maxlen=REFUSALS.most))
            refusals.append(outcome.at)

    def _of(self, destination: Destination) -> _Known:
        return self._known.setdefault(identity(destination), _Known())


def _counted(destination: Destination) -> bool:
    """Whether its refusals are: those of a host, which may shut out all that comes from here."""
    spec = CHANNELS.get(destination.channel)
    return spec is not None and spec.reach is Reach.URL


def _gone(destination: Destination, reason: str | None, delivery: str) -> str:
    facts = {"destination": destination.name, "delivery": delivery[:8], "why": reason}
    return sentence(Cause.DESTINATION_GONE, **facts)


def _behind(first: Cause | None) -> Cause:
    """Why another to the same destination waits, as the first does for this cause."""
    if first is None:
        return Cause.BEHIND_SENDING
    return Cause.BEHIND_PATIENCE if first in PATIENCE else Cause.BEHIND
