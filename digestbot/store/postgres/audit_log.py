"""The audit log in PostgreSQL, and the erasing of one person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import uuid4

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.subscribers import FORGOTTEN, Suppression, folded_address
from digestbot.store.codec import from_audit, storable, storable_text
from digestbot.store.erasing import Erasure
from digestbot.store.postgres import membership, outbox
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.statements import load

_SQL = load("audit_log.sql")
_COLUMNS = ("id", "at", "who", "act", "about", "detail", "reference")
_PAGE = 5_000  # entries sent at once


def note(connection: Connection, entries: Iterable[AuditEntry]) -> int:
    """Append entries, each id once; how many were new."""
    new = 0
    said = (storable(from_audit(each))[0] for each in entries)
    rows = ((each["id"] or uuid4().hex, *(each[name] for name in _COLUMNS[1:])) for each in said)
    while page := list(islice(rows, _PAGE)):
        with connection.cursor() as cursor:
            cursor.executemany(_SQL["note"], page)
            new += cursor.rowcount
    return new


def entries(
    connection: Connection, about: str | None, ids: Iterable[str] | None, newest: int | None
) -> list[AuditEntry]:
    """Those that fit everything given, in the order they were noted."""
    arguments = {
        "about": None if about is None else storable_text(folded_address(about)),
        "ids": None if ids is None else list(map(storable_text, ids)),
        "newest": newest,
    }
    return list(map(_entry, connection.execute(_SQL["entries"], arguments)))


def _entry(row: tuple[Any, ...]) -> AuditEntry:
    name, at, who, act, about, detail, reference = row
    return AuditEntry(at, who, Act(act), about, detail, reference, name)


def erase(connection: Connection, erasure: Erasure, now: datetime) -> int:
    """Take an address out of everything but its suppression, which names it by its hash; in how many records."""
    names = membership.names(connection, None, None, erasure.address)
    here = list(membership.these(connection, names))
    kept = [each for each in map(erasure.subscriber, here) if each is not None]
    gone = sorted(set(names) - {each.id for each in kept})
    membership.remove(connection, gone)
    connection.execute(_SQL["rename_digests"], (erasure.instead, gone))
    membership.put(connection, kept)
    before = membership.suppressions(connection, [erasure.address, erasure.instead])
    first = before.get(erasure.instead) or before.get(erasure.address)
    membership.release(connection, before)
    stays = erasure.suppression(first, Suppression(erasure.instead, FORGOTTEN, now))
    membership.suppress(connection, [stays])
    about = list(map(_entry, connection.execute(_SQL["naming"], {"address": erasure.address})))
    deliveries = outbox.deliveries(connection, None, None, erasure.address, None, None)
    with connection.cursor() as cursor:
        erased = [(erasure.entry(each), each.id) for each in about]
        cursor.executemany(
            _SQL["put_entry"], [(each.about, each.detail, each.reference, name) for each, name in erased]
        )
        rows = [
            (*(said and erasure.text(said) for said in (each.reason, each.answer)), erasure.instead, each.id)
            for each in deliveries
        ]
        cursor.executemany(_SQL["put_delivery"], rows)
    return len(here) + len(about) + len(deliveries) + (erasure.address in before)
