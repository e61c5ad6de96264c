"""The work: the store, the rounds of `run`, what is configured, each source and each subscription."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from digestbot.delivery.control_channel import ControlChannel
from digestbot.delivery.mail_queue import MailQueue
from digestbot.digests import due_turns
from digestbot.ingest.poller import source_statuses
from digestbot.ingest.sources.polling import Health
from digestbot.model.deliveries import DeliveryState as Delivered
from digestbot.model.errors import DigestbotError, Problem, UsageError
from digestbot.platform.files.sealed import unsealed
from digestbot.platform.settings.names import meant, strangers
from digestbot.runtime.doctor.base import Finding, FindingState, Patient
from digestbot.runtime.doctor.refused import refused_later
from digestbot.runtime.doctor.unheeded import unheeded
from digestbot.runtime.health.pulse import LONGEST_WAIT, last_mark, waiting
from digestbot.runtime.health.subscriptions import subscription_statuses
from digestbot.subscribers.compiled import CompiledSubscription

_MOST_TOLD = 20  # of one kind, one by one
_SILENT = timedelta(minutes=5)
_OVERDUE = timedelta(minutes=30)
_RARE = timedelta(days=370)
_ILL = {"stale": FindingState.STALE, "broken": FindingState.BROKEN}
_HEALTH = {
    Health.FRESH: FindingState.FINE,
    Health.QUIET: FindingState.QUIET,
    Health.WAITING: FindingState.QUIET,
    Health.STALE: FindingState.STALE,
    Health.BROKEN: FindingState.BROKEN,
}


_WORST_FIRST = [Delivered.FAILED, Delivered.HELD, Delivered.UNKNOWN, Delivered.DEFERRED, *Delivered]
_BY_HAND = "digestbot outbox retry {id} sends it, digestbot outbox drop {id} gives it up"
_BY_ITSELF = "mend what it says; `digestbot run` tries again by itself, `digestbot send` at once"
_MENDS = dict.fromkeys(Delivered, _BY_ITSELF) | {
    Delivered.FAILED: f"mend what it says; then {_BY_HAND}",
    Delivered.HELD: _BY_HAND,
}


def configuration(patient: Patient) -> Iterator[Finding]:
    """What `digestbot check` would refuse."""
    app = patient.app
    problems = [*refused_later(app), *app.folder.problems, *app.unreachable(), *app.template_problems()]
    for problem in problems[:_MOST_TOLD]:
        what = str(Problem(problem.message, problem.place, problem.line, problem.column))
        yield Finding("configuration", FindingState.MISCONFIGURED, what, problem.way_out or "see: digestbot check")
    if len(problems) > _MOST_TOLD:
        what = f"{len(problems) - _MOST_TOLD} more problems"
        yield Finding("configuration", FindingState.MISCONFIGURED, what, "see: digestbot check")
    for each in unheeded(app):
        what = str(Problem(each.message, each.place, each.line))
        yield Finding("configuration", FindingState.WARNING, what, each.way_out or "see: digestbot check")
    for name in strangers(patient.environ):
        yield Finding("configuration", FindingState.WARNING, f"{name} in the environment is no setting", meant(name))
    if not app.folder.ids:
        yield Finding(
            "configuration", FindingState.MISCONFIGURED, "there is no subscription", "digestbot init writes one"
        )
    elif not problems:
        yield Finding("configuration", FindingState.FINE, f"{len(app.folder.ids)} subscriptions are right")


def store(patient: Patient) -> Iterator[Finding]:
    """The store: readable and whole, all of it, and the generation before it."""
    app = patient.app
    records = app.store.count_digests()
    sent = app.store.count_deliveries({Delivered.SENT}).get(Delivered.SENT, 0)
    what = f"{app.store.place}: {app.store.head()} entries in the paper log, {records} digests, {sent} deliveries sent"
    yield Finding("store", FindingState.FINE, what)
    scheme, _, folder = app.settings.store.reveal().partition(":")
    if scheme == "tinydb":
        kept = sorted((app.settings.home / folder).glob("*.json.1"))
        last = max((path.stat().st_mtime for path in kept), default=None)
        when = "none yet" if last is None else f"of {datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M} UTC"
        yield Finding("store", FindingState.FINE, f"the generation before: {when}")


def letters(patient: Patient) -> Iterator[Finding]:
    """The mails of the pages that wait, each in a file: nothing where all can be read."""
    for problem in MailQueue(patient.app.settings.home / "data" / "letters").damaged():
        yield Finding("letters", FindingState.BROKEN, f"{problem.place}: {problem.message}", problem.way_out or "")


def remembered(patient: Patient) -> Iterator[Finding]:
    """What is remembered beside the store: nothing where it can be read."""
    for name in ("sources.json", "bounces.json", "notices.json"):
        path = patient.app.settings.home / "data" / name
        try:
            unsealed(path.read_bytes(), lambda said: "checksum" not in said)  # an older one had none
        except FileNotFoundError:
            continue
        except (OSError, ValueError, TypeError):
            mend = "remove it: what is remembered there is asked for anew, and nothing is sent twice"
            yield Finding("data folder", FindingState.BROKEN, f"{path}: is damaged", mend)


def rounds(patient: Patient) -> Iterator[Finding]:
    """Whether `digestbot run` is there and goes round; without it, whether anything waits for it."""
    home, now = patient.app.settings.home, patient.wall()
    last = last_mark(home)
    ago = "never" if last is None else f"{_long(now - last)} ago"
    number, longest = waiting(patient.app.store, patient.app.clock())
    if longest > LONGEST_WAIT:
        what = f"{number} deliveries wait to leave, the oldest for {_long(longest)}"
        yield Finding(
            "queue", FindingState.BROKEN, what, "digestbot outbox list says why; digestbot send lets them leave"
        )
    if not ControlChannel(home).is_attended():
        mend = "start it (digestbot run, under a supervisor), or call `digestbot send` on a schedule"
        yield Finding("rounds", FindingState.WARNING, f"`digestbot run` is not there; its last round was {ago}", mend)
    elif last is None or now - last > _SILENT:
        mend = "start it anew; its log says what held it up"
        yield Finding(
            "rounds", FindingState.BROKEN, f"`digestbot run` is there and stands still; last round {ago}", mend
        )
    else:
        yield Finding("rounds", FindingState.FINE, f"the last round was {ago}")


def schedules(patient: Patient) -> Iterator[Finding]:
    """Subscriptions that are hardly ever due, and those that were due and had no digest."""
    app, now = patient.app, patient.app.clock()
    attended = ControlChannel(app.settings.home).is_attended()
    for compiled in app.folder.wants:
        subscription = compiled.subscription
        name = f"schedule of {subscription.id}"
        zone = ZoneInfo(subscription.timezone)
        if not subscription.cadence.instant:
            next_ = subscription.cadence.upcoming(zone, after=now, count=1)
            if not next_ or next_[0].at - now > _RARE:
                when = f"{next_[0].at:%d %b %Y}" if next_ else "never"
                what = f"{subscription.cadence.text!r} comes next {when}"
                yield Finding(name, FindingState.WARNING, what, "write a cadence that comes more often")
        late = _overdue(patient, compiled, now) if attended else None
        if late is not None:
            what = f"due since {late:%d %b %H:%M} UTC and not opened"
            yield Finding(name, FindingState.BROKEN, what, "the log of `digestbot run` says why")


def _overdue(patient: Patient, compiled: CompiledSubscription, now: datetime) -> datetime | None:
    turns = [
        turn.slot.at
        for turn in due_turns(compiled, patient.app.store, now)
        if not compiled.subscription.cadence.instant
    ]
    return min(turns).astimezone(UTC) if turns and now - min(turns) > _OVERDUE else None


def sources(patient: Patient) -> Iterator[Finding]:
    """How each source stands."""
    try:
        found = source_statuses(patient.app.settings, patient.app.clock())
    except UsageError as error:
        for each in error.problems:
            yield Finding("sources", FindingState.MISCONFIGURED, str(each), each.way_out or "mend sources.toml")
        return
    mends = {
        Health.STALE: "look at its page yourself: it may have moved, or its query find nothing any more",
        Health.BROKEN: "digestbot ingest tries it now and says what happens",
    }
    for source in found:
        health = source.verdict.health
        name, what = f"source {source.config.name}", f"{health}: {source.verdict.reason}"
        yield Finding(name, _HEALTH[health], what, mends.get(health, ""))
    if not found:
        yield Finding("sources", FindingState.QUIET, "none: papers come by `digestbot ingest DUMP` only")


def subscriptions(patient: Patient) -> Iterator[Finding]:
    """How each subscription stands; those that are well are only counted."""
    well, ill = Counter[str](), Counter[str]()
    for each in subscription_statuses(patient.app, patient.app.folder.wants):
        state = each["state"]
        if state not in _ILL:
            well[state] += 1
            continue
        ill[state] += 1
        if ill[state] <= _MOST_TOLD:
            yield _subscription(each["subscription"], state, each["why"], each["broken"])
    for state, number in ill.items():
        if number > _MOST_TOLD:
            what = f"{number - _MOST_TOLD} more are {state}"
            yield Finding("subscriptions", _ILL[state], what, "digestbot status tells each of them")
    if well or not ill:
        counted = ", ".join(f"{number} {state}" for state, number in sorted(well.items()))
        yield Finding("subscriptions", FindingState.FINE if well["sent"] else FindingState.QUIET, counted or "none")


def _subscription(name: str, state: str, why: str, open_ends: Sequence[dict[str, Any]]) -> Finding:
    if state == "stale":
        mend = "ingest dumps, or look at the sources above"
        return Finding(f"subscription {name}", FindingState.STALE, why, mend)
    first = min(open_ends, key=lambda each: (not each["destination_gone"], _WORST_FIRST.index(each["state"])))
    more = f", and {len(open_ends) - 1} more (digestbot outbox list)" if len(open_ends) > 1 else ""
    gone = ", and nothing more goes there" if first["destination_gone"] else ""
    what = f"{first['destination']}: {first['state']}: {first['reason'] or 'not tried yet'}{gone}{more}"
    return Finding(f"subscription {name}", FindingState.BROKEN, what, _MENDS[first["state"]].format(id=first["id"][:8]))


def _long(span: timedelta) -> str:
    minutes = span.total_seconds() / 60
    if minutes < 2:
        return f"{span.total_seconds():.0f} seconds"
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"


def failed(error: DigestbotError, check: str) -> Iterator[Finding]:
    """What a check found that could not be carried through."""
    state = FindingState.MISCONFIGURED if isinstance(error, UsageError) else FindingState.BROKEN
    for each in error.problems:
        what = str(Problem(each.message, each.place, each.line, each.column))
        yield Finding(check, state, what, each.way_out or "")
