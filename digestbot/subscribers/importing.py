"""Importing subscribers: every row judged first and set aside, then all of them written down, or none."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Any, Self

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.errors import Problem, UsageError
from digestbot.model.subscribers import UNCHOSEN, Membership, SubscriberRecord, Suppression, folded_address
from digestbot.store.base import Store
from digestbot.subscribers.list_tools import Standing
from digestbot.subscribers.rows import RULES, Row, asks, record_wants

TOLD = 100
"""So many problems, and so many rows left out, are told one by one."""
_PAGE = 1_000

_TABLES = """
create table staged (
    address text primary key, written text not null, line integer, given text not null, wants text not null,
    asks integer not null,
    consent text not null, id text, before text, state text, added text, why text
) without rowid;
create index staged_given on staged (given) where given <> '';
create index staged_id on staged (id);
create table standing (
    address text primary key, line integer, why text not null, reason text not null, since text, joined text, note text
) without rowid;
create table repeated (line integer, address text, first integer);
"""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not taken up: its line, where it has one, its address, and why."""

    line: int | None
    address: str
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import: numbers, and the first rows that were left out.

    ``suppressed`` are those of them who are from now on, for their list says that they left, complained or bounced.
    """

    added: int
    updated: int
    repeated: int
    barred: int
    suppressed: int
    left_out: tuple[LeftOut, ...]


class Import:
    """One import, its rows set aside in a file of the system's own until all of them are known to be right.

    Whatever the number of rows, memory holds a page of them. Use it as a context manager.
    """

    def __init__(self, shown: str, files: Collection[str] = ()) -> None:
        """``files`` are the ids that subscriptions in files have: nobody else may have one of them."""
        self.defaults: Mapping[str, Any] = {}
        """What those who are new want, where their row does not say it."""
        self._shown = shown
        self._files = frozenset(files)
        self._rows = sqlite3.connect("", isolation_level=None)  # a file without a name, gone when it is closed
        self._rows.executescript(_TABLES)
        self._problems: list[Problem] = []
        self._wrong = 0

    def __enter__(self) -> Self:
        self._rows.execute("begin")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()

    def tell(self, problem: Problem) -> None:
        """Hear of a problem."""
        self._wrong += 1
        if len(self._problems) < TOLD:
            self._problems.append(problem)

    def take(self, rows: Iterable[Row]) -> None:
        """Set the rows aside; of those with one address the first counts. Raises UsageError with the problems."""
        for row in rows:
            if row.id in self._files:
                self.tell(Problem(f"id: {row.id!r} is a subscription in a file", self._shown, row.line))
            address = folded_address(row.address)
            if row.standing is not None:
                self._set_apart(address, row, row.standing)
                continue
            values = (
                address,
                row.address,
                row.line,
                row.id,
                json.dumps(row.wants),
                row.asks,
                row.consent and f"; {row.consent}",
            )
            columns = "address, written, line, given, wants, asks, consent"
            sql = f"insert or ignore into staged ({columns}) values (?, ?, ?, ?, ?, ?, ?)"
            if not self._rows.execute(sql, values).rowcount:
                first = self._one("select line from staged where address = ?", address)
                self._rows.execute("insert into repeated values (?, ?, ?)", (row.line, address, first))
        self._refuse_ids_twice()
        self._refuse_all()

    def _set_apart(self, address: str, row: Row, standing: Standing) -> None:
        """One who is not subscribed; of several words about one address the first that suppresses it counts."""
        values = (address, row.line, standing.why, standing.reason, standing.since and standing.since.isoformat())
        self._rows.execute(
            "insert into standing (address, line, why, reason, since) values (?, ?, ?, ?, ?) on conflict do update "
            "set line = excluded.line, why = excluded.why, reason = excluded.reason, since = excluded.since "
            "where standing.reason = '' and excluded.reason <> ''",
            values,
        )

    def _refuse_all(self) -> None:
        if self._wrong:
            more = self._wrong - len(self._problems)
            rest = [Problem(f"{more} more problems", self._shown)] if more else []
            hint = Problem("nothing was imported", self._shown, way_out="mend these rows and import the file again")
            raise UsageError(*self._problems, *rest, hint)

    def _refuse_ids_twice(self) -> None:
        sql = "select given, max(line) from staged where given <> '' group by given having count(*) > 1 limit ?"
        for given, line in self._rows.execute(sql, (TOLD,)):
            self.tell(Problem(f"id: {given!r} stands at two addresses", self._shown, line))

    def write(
        self, store: Store, *, now: datetime, who: str, detail: str, act: Act = Act.IMPORTED, dry_run: bool = False
    ) -> Imported:
        """Write them down as one change, each with an entry in the audit log. Raises StoreError, UsageError.

        Who left, complained, bounced or was forgotten is left out, whatever the file says.
        """
        self._meet(store)
        self._refuse_askers_of_nothing()
        self._bar(store)
        done = self._result()
        if dry_run:
            return done
        self._suppress(store, now, who, detail)
        noting = (
            AuditEntry(now, who, Act.CHANGED if known else act, record.addresses[0], f"{detail}{consent}", record.id)
            for record, known, consent in self._records(now)
            if record.addresses
        )
        store.put_subscribers((record for record, *_ in self._records(now)), noting=noting)
        self._register(store, now)
        return done

    def _suppress(self, store: Store, now: datetime, who: str, detail: str) -> None:
        """Take over whom their list says nothing is to be sent to; the first reason there is for an address stays."""
        last = ""
        sql = "select address, reason, since, why from standing where note is null and address > ? order by address"
        while page := self._rows.execute(f"{sql} limit ?", (last, _PAGE)).fetchall():
            last = page[-1][0]
            noting = [AuditEntry(now, who, Act.SUPPRESSED, address, f"{detail}: {why}") for address, _, _, why in page]
            store.suppress(
                [
                    Suppression(address, reason, min(datetime.fromisoformat(since), now) if since else now, detail)
                    for address, reason, since, _ in page
                ],
                noting=noting,
            )

    def _meet(self, store: Store) -> None:
        """Note whom the store knows already, by id or by address."""
        known = "update staged set id = ?, before = ?, state = ?, added = ?"
        update = (f"{known} where address = ? and given = ''", f"{known} where given = ?")
        by_address = "update staged set why = ? where address = ? and given <> '' and given <> ?"
        for each in store.subscribers():
            values = (each.id, json.dumps(dict(each.wants)), each.state.value, each.added_at.isoformat())
            self._rows.execute(update[1], (*values, each.id))
            for address in each.addresses:
                self._rows.execute(update[0], (*values, address))
                if each.state is Membership.ACTIVE:
                    self._rows.execute("update standing set joined = ? where address = ?", (values[-1], address))
                why = f"is the address of the subscriber {each.id} already"
                self._rows.execute(by_address, (why, address, each.id))
        unnamed = "select address, given from staged where id is null limit ?"
        while page := self._rows.execute(unnamed, (_PAGE,)).fetchall():
            names = [(given or f"{UNCHOSEN}{secrets.token_hex(10)}", address) for address, given in page]
            self._rows.executemany("update staged set id = ? where address = ?", names)

    def _refuse_askers_of_nothing(self) -> None:
        sql = "select line, address from staged where before is null and not asks order by line"
        hint = "give keywords, topics, query or require; or for all of them with --defaults FILE"
        for line, address in self._rows.execute(sql) if not asks(self.defaults) else ():
            self.tell(Problem(f"{address} is new, and nothing is asked for", self._shown, line, way_out=hint))
        self._refuse_all()

    def _bar(self, store: Store) -> None:
        """Note who is not to be sent anything: no import brings anybody back."""
        left = "left; only its own word, or: digestbot subscribers release, brings it back"
        self._rows.execute("update staged set why = ? where state = ? and why is null", (left, Membership.LEFT.value))
        self._rows.execute(
            "update staged set why = (select 'is kept out by line ' || s.line || ': ' || s.why from standing s "
            "where s.address = staged.address) where address in (select address from standing)"
        )
        self._rows.execute("update standing set note = 'is not subscribed: ' || why where reason = ''")
        self._rows.execute("update standing set note = why || ', and joined here since: stays' where joined > since")
        last, both = "", "select address from staged union select address from standing"
        while page := self._rows.execute(
            f"select address from ({both}) where address > ? order by address limit ?", (last, _PAGE)
        ).fetchall():
            last = page[-1][0]
            for address, each in store.suppressions(address for (address,) in page).items():
                why = f"is suppressed since {each.since:%d %b %Y}: {each.reason}"
                self._rows.execute("update staged set why = ? where address = ?", (why, address))
                self._rows.execute("update standing set note = ? where address = ?", (why, address))

    def _records(self, now: datetime) -> Iterator[tuple[SubscriberRecord, bool, str]]:
        """The subscribers to be written, in the order of their ids: whether they are known, and of their consent."""
        sql = "select written, line, wants, id, before, state, added, consent from staged where why is null order by id"
        for written, line, wants, name, before, state, added, consent in self._rows.execute(sql):
            said = json.loads(wants)
            known: dict[str, Any] | None = json.loads(before) if before else None
            if known is None:
                said = {key: each for key, each in self.defaults.items() if key not in RULES or not asks(said)} | said
            membership = Membership(state) if state else Membership.ACTIVE
            since = datetime.fromisoformat(added) if added else now
            wanted = record_wants(Row(written, said, name, line), known)
            yield SubscriberRecord(name, membership, wanted, since, now), known is not None, consent

    def _register(self, store: Store, now: datetime) -> None:
        """What was logged before they came is not news to them."""
        names = (name for (name,) in self._rows.execute("select id from staged where why is null and before is null"))
        while page := list(islice(names, _PAGE)):
            store.register(page, now=now)

    def _result(self) -> Imported:
        counted = "select count(*) from staged where why is null and before is {} null"
        both = "select line, address, why from staged where why is not null"
        both += " union all select line, address, coalesce(note, why || ': is suppressed') from standing"
        left_out = [LeftOut(*each) for each in self._rows.execute(f"{both} order by 1 limit ?", (TOLD,))]
        for line, address, first in self._rows.execute("select * from repeated order by line limit ?", (TOLD,)):
            where = f"line {first}" if first else "an earlier one"
            left_out.append(LeftOut(line, address, f"repeats {where}, which counts"))
        return Imported(
            added=self._one(counted.format("")),
            updated=self._one(counted.format("not")),
            repeated=self._one("select count(*) from repeated"),
            barred=self._one(f"select count(*) from ({both})"),
            suppressed=self._one("select count(*) from standing where note is null"),
            left_out=tuple(left_out[:TOLD]),
        )

    def _one(self, sql: str, *values: object) -> Any:
        row = self._rows.execute(sql, values).fetchone()
        return row[0]
