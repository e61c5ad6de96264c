"""What an operator does with subscribers, each thing by one word: the same here and where a daemon has the store."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.errors import Problem, UsageError
from digestbot.model.subscribers import Membership, SubscriberRecord, Suppression, folded_address
from digestbot.rules.topics import Topics
from digestbot.store.base import Store
from digestbot.subscribers import leaving
from digestbot.subscribers.files import Folder
from digestbot.subscribers.importing import Import, Imported
from digestbot.subscribers.rows import Row, Rows

Given: TypeAlias = Mapping[str, Any]
"""What a command was given: JSON values. ``who`` says who gave it, ``token`` names this command for ever."""


@dataclass(frozen=True, slots=True)
class Administration:
    """What an operator's acts are done with. ``topics`` raises UsageError when their file cannot be read."""

    store: Store
    folder: Folder
    topics: Callable[[], Topics]
    clock: Callable[[], datetime]

    def carry_out(self, verb: str, given: Given) -> list[str]:
        """Do it; what is to be told, line by line. Twice does no harm. Raises DigestbotError."""
        return VERBS[verb](self, given)


def in_words(given: Given) -> str:
    """What a command was given, as an order carries it."""
    return json.dumps(given)


def add(by: Administration, given: Given) -> list[str]:
    """One subscriber, who has agreed to it: so the operator says."""
    row = Row(given["address"], given["wants"])
    with Import(given["address"]) as taken:
        rows = Rows(by.topics(), given["address"], taken.tell)
        taken.take([row] if rows.check(row) else [])
        done = taken.write(by.store, now=by.clock(), who=given["who"], detail=given["consent"], act=Act.ADDED)
    for each in done.left_out:
        hint = f"let mail go there again with: digestbot subscribers release {each.address}"
        raise UsageError(Problem(each.why, each.address, way_out=hint))
    return [f"{folded_address(row.address)}: {'added' if done.added else 'was there, changed'}"]


def import_file(by: Administration, given: Given) -> list[str]:
    """Rows of a CSV or TOML file, all of them or none."""
    path, shown = Path(given["path"]), given["shown"]
    with Import(shown, by.folder.ids) as taken:
        rows = Rows(by.topics(), shown, taken.tell)
        if given["defaults"]:
            taken.defaults = rows.defaults(Path(given["defaults"]), Path(given["defaults"]).name)
        try:
            if given["form"] == "toml":
                taken.take(rows.of_toml(path))
            else:
                with path.open("rb") as file:
                    taken.take(rows.of_csv(file, given["encoding"]))
        except OSError as error:
            raise UsageError(Problem(f"cannot be read: {error.strerror or error}", shown)) from None
        detail = f"from {shown}" + (f": {given['consent']}" if given["consent"] else "")
        done = taken.write(by.store, now=by.clock(), who=given["who"], detail=detail, dry_run=given["dry_run"])
    return _told(done, shown, dry_run=given["dry_run"])


def _told(done: Imported, shown: str, *, dry_run: bool) -> list[str]:
    lines = [
        f"{shown}:{each.line or ''}{':' if each.line else ''} {each.address} is left out: {each.why}"
        for each in done.left_out
    ]
    more = done.repeated + done.barred - len(done.left_out)
    lines += [f"... and {more} more are left out"] if more else []
    would = "would be " if dry_run else ""
    left_out = f", {done.barred} left out, {done.repeated} repeated"
    left_out += (
        f"; {done.suppressed} of those left out {would or 'are '}suppressed from now on" if done.suppressed else ""
    )
    return [*lines, f"{done.added} {would}added, {done.updated} {would}changed{left_out}"]


def pause(by: Administration, given: Given) -> list[str]:
    """No digests until a day, or until further notice; or again from now on (``until`` is None)."""
    until = given["until"]
    day = date.fromisoformat(until) if until not in (None, "") else None
    if day is not None and day <= by.clock().date():
        hint = "write a day to come, or end the pause: digestbot subscribers pause --end"
        raise UsageError(Problem(f"{until} is no day on which a pause could end", way_out=hint))
    new = {"paused": until == "", "paused_until": day.isoformat() if day else None}
    told = f"paused until {until}" if day else "paused" if until == "" else "goes on"
    records = [
        replace(each, wants={**_without(each.wants), **{k: v for k, v in new.items() if v}}, changed_at=by.clock())
        for each in _meant(by, given["names"])
    ]
    by.store.put_subscribers(records, noting=[_entry(by, given, each, Act.PAUSED, told) for each in records])
    return [f"{_called(each)}: {told}" for each in records]


def _without(wants: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wants.items() if key not in ("paused", "paused_until")}


def remove(by: Administration, given: Given) -> list[str]:
    """Take subscribers out; nothing keeps them from being added or imported again."""
    records = _meant(by, given["names"], missing_ok=True)
    noting = [_entry(by, given, each, Act.REMOVED, given["reason"]) for each in records]
    by.store.remove_subscribers([each.id for each in records], noting=noting)
    return [f"{_called(each)}: removed" for each in records] or ["nobody was removed"]


def suppress(by: Administration, given: Given) -> list[str]:
    """Nothing more is sent to addresses, subscribers or not."""
    now, names = by.clock(), [folded_address(each) for each in given["names"]]
    before = by.store.suppressions(names)
    new = [each for each in names if each not in before]
    said = [Suppression(each, given["reason"], now, given["evidence"]) for each in new]
    detail = f"{given['reason']}; {given['evidence']}" if given["evidence"] else given["reason"]
    noting = [AuditEntry(now, given["who"], Act.SUPPRESSED, each, detail, id=_id(given, each)) for each in new]
    by.store.suppress(said, noting=noting)
    return [
        f"{each}: " + (f"was suppressed before: {before[each].reason}" if each in before else "suppressed")
        for each in names
    ]


def release(by: Administration, given: Given) -> list[str]:
    """Let mail go to addresses again, and bring their subscribers back who had left."""
    now, lines = by.clock(), []
    for address in map(folded_address, given["names"]):
        found = by.store.suppressions([address])
        left = [each for each in by.store.subscribers(address=address) if each.state is Membership.LEFT]
        if not found and not left:
            lines.append(f"{address}: was not suppressed")
            continue
        why = "; ".join([given["reason"], *(f"was: {each.reason}" for each in found.values())])
        noting = [AuditEntry(now, given["who"], Act.RELEASED, address, why, id=_id(given, address))]
        by.store.release([address], noting=noting)
        by.store.put_subscribers([replace(each, state=Membership.ACTIVE, changed_at=now) for each in left])
        lines.append(f"{address}: released" + (f", {len(left)} subscriptions are active again" if left else ""))
    return lines


def forget(by: Administration, given: Given) -> list[str]:
    """Erase one person."""
    address = folded_address(given["names"][0])
    places = leaving.forget(by.store, address, now=by.clock(), who=given["who"])
    files = [each.id for each in (compiled.subscription for compiled in by.folder.wants) if _is_to(each.to, address)]
    return [
        f"{address}: forgotten in {places} records",
        "what stays: that digests were sent and things were noted, under a keyed hash instead of the address;"
        " by it no import, sign-up or send brings the address back",
        "what this cannot reach: backups, logs, exports and copies of the digests themselves",
        *(f"subscriptions/{each}.toml still names the address: take it out there" for each in files),
    ]


def _is_to(destinations: Sequence[Any], address: str) -> bool:
    return any(folded_address(to.options.get("address", "")) == address for to in destinations)


def _meant(by: Administration, names: Sequence[str], *, missing_ok: bool = False) -> list[SubscriberRecord]:
    """The subscribers meant by ids or addresses. Raises UsageError for a name of nobody."""
    found: dict[str, SubscriberRecord] = {}
    problems = []
    for name in names:
        records = list(by.store.subscribers([name])) or list(by.store.subscribers(address=name))
        if not records and not missing_ok:
            problems.append(Problem(f"no subscriber {name!r}", way_out="see: digestbot subscribers list"))
        found |= {each.id: each for each in records}
    if problems:
        raise UsageError(*problems)
    return list(found.values())


def _entry(by: Administration, given: Given, record: SubscriberRecord, act: Act, detail: str) -> AuditEntry:
    about = next(iter(record.addresses), record.id)
    return AuditEntry(by.clock(), given["who"], act, about, detail, record.id, _id(given, record.id))


def _id(given: Given, name: str) -> str:
    """An entry's id: the same command, done a second time after a crash, is noted once."""
    return f"{given['token']}:{name}"


def _called(record: SubscriberRecord) -> str:
    return next(iter(record.addresses), record.id)


def new_token() -> str:
    """The name of one command."""
    return secrets.token_hex(12)


VERBS: Mapping[str, Callable[[Administration, Given], list[str]]] = MappingProxyType(
    {
        "add": add,
        "import": import_file,
        "pause": pause,
        "remove": remove,
        "suppress": suppress,
        "release": release,
        "forget": forget,
    }
)
