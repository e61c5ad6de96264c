"""How each subscription stands: sent, sending, quiet, stale, broken, paused or waiting, and what did not arrive."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from digestbot.bootstrap import App
from digestbot.digests import quiet
from digestbot.model.deliveries import OPEN_ENDS, Delivery, DeliveryState
from digestbot.model.digests import DigestRecord, DigestVerdict
from digestbot.runtime.health.pulse import LONGEST_WAIT
from digestbot.subscribers.compiled import CompiledSubscription


def subscription_statuses(app: App, wants: Sequence[CompiledSubscription]) -> Iterator[dict[str, Any]]:
    """How each of these stands, as JSON has it."""
    names = {compiled.subscription.id for compiled in wants}
    leaving, open_ends = Counter[str](), defaultdict[str, list[Delivery]](list)
    for each in app.store.deliveries(subscriptions=names, states=OPEN_ENDS):
        name = each.subscription
        if on_its_way(each, app.clock()):
            leaving[name] += 1
        else:
            open_ends[name].append(each)
    known, last = app.store.cursors(names), app.store.earlier(names, newest=1)
    for compiled in wants:
        name = compiled.subscription.id
        (newest,) = last.get(name) or (None,)
        state, why = _before(newest, seen=name in known)
        if compiled.subscription.rests(app.clock()):
            state, why = "paused", f"paused; before: {why}"
        if leaving[name]:
            state, why = "sending", f"{why}, {leaving[name]} deliveries on their way"
        yield _standing(name, state, why, newest, open_ends.get(name, []))


def on_its_way(delivery: Delivery, now: datetime) -> bool:
    """Whether it was planned not long ago and nothing has gone wrong with it yet: that takes its time."""
    fresh = (
        delivery.state in (DeliveryState.PLANNED, DeliveryState.SENDING)
        and delivery.attempts <= 1
        and delivery.cause is None
    )
    return fresh and now - delivery.planned_at <= LONGEST_WAIT


def _before(last: DigestRecord | None, *, seen: bool) -> tuple[str, str]:
    if last is None:
        return "waiting", "no digest yet" if seen else "never seen by ingest, send or run"
    if last.entries:
        return "sent", f"{last.counts.shown} papers"
    return ("stale" if last.verdict is DigestVerdict.NOTHING_NEW else "quiet"), quiet(last)


def _standing(
    name: str, state: str, why: str, last: DigestRecord | None, open_ends: Sequence[Delivery]
) -> dict[str, Any]:
    return {
        "subscription": name,
        "state": "broken" if open_ends else state,
        "why": why,
        "last_digest": last.opened_at.isoformat() if last else None,
        "papers": last.counts.shown if last else 0,
        "broken": [
            {
                "id": each.id,
                "digest": each.digest,
                "destination": each.destination.name,
                "state": each.state,
                "cause": each.cause,
                "reason": each.reason,
                "possible_duplicate": each.possible_duplicate,
                "destination_gone": each.gone,
            }
            for each in open_ends
        ],
    }
