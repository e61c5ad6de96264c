"""The PostgreSQL store opened for being moved: its tables as rows, page by page, behind a guard against all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from psycopg.rows import dict_row

from digestbot.model.papers import Paper
from digestbot.store.codec import from_delivery, from_subscriber, from_time, storable, to_subscriber
from digestbot.store.identity import id_keys, title_keys
from digestbot.store.moving import TABLES, Mark, MovedTable, Row
from digestbot.store.postgres import digest_book, membership
from digestbot.store.postgres.connection import Connection, Server
from digestbot.store.postgres.outbox import delivery
from digestbot.store.postgres.paper_log import Names, as_json, known_as
from digestbot.store.postgres.schema import refuse_older, upgrade
from digestbot.store.postgres.statements import load

_SQL = load("moving.sql")
_PAGE = 2_000


class PostgresShelf:
    """The store in the database that `url` names, whose tables are made or brought forward.

    With `read_only` all rows are those of one moment, and nothing is changed.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._server = Server(url)
        self.place = self._server.place
        self._connection = self._server.connect()
        try:
            with self._server.naming():
                if read_only:
                    refuse_older(self._server, self._connection)
                upgrade(self._server, self._connection)
                self._connection.execute("set digestbot.moves = 'yes'")
                if read_only:
                    self._connection.execute("set idle_in_transaction_session_timeout = 0")
                    self._connection.execute("begin transaction isolation level repeatable read, read only")
        except BaseException:
            self.close()
            raise

    def mark(self) -> Mark | None:
        """The mark it carries."""
        with self._server.naming():
            row = self._connection.execute(_SQL["mark"]).fetchone()
        return Mark(row[0], left=row[1]) if row is not None else None

    def put_mark(self, mark: Mark | None) -> None:
        """Give it a mark, or take it off. Changes that have begun are waited for, those that come are refused."""
        with self._server.naming():
            self._change_mark(mark)
            if mark is None:
                self._connection.execute("analyze")  # the server plans by what it knows of its tables

    def _change_mark(self, mark: Mark | None) -> None:
        with self._connection.transaction():
            for table in TABLES:
                self._connection.execute(f"drop trigger if exists marked on {table.name}".encode())
                if mark is not None:
                    guard = f"before insert or update or delete or truncate on {table.name}"
                    statement = f"create trigger marked {guard} for each statement execute function refuse_marked()"
                    self._connection.execute(statement.encode())
            if mark is None:
                self._connection.execute(_SQL["take_mark_off"])
                return
            problem = mark.problem(self.place)
            self._connection.execute(_SQL["put_mark"], (mark.other, mark.left, problem.message, problem.way_out))
            if mark.left:
                self._refuse_sending()

    def _refuse_sending(self) -> None:
        (count,) = self._one("on_their_way")
        if count:
            hint = "stop all workers, then try again; what one left behind is free when its lease is over"
            raise self._server.error(f"{count} deliveries are on their way", hint)

    def count(self, table: MovedTable) -> int:
        """The number of rows."""
        with self._server.naming():
            return int(self._one(f"count_{table.name}")[0])

    def _one(self, statement: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = self._connection.execute(_SQL[statement]).fetchone()
        assert row is not None  # it counts
        return row

    def rows(self, table: MovedTable) -> Iterator[Row]:
        """All rows in the table's order."""
        # Rows lie in the order of their keys, or of the numbers they were given when they came.
        order = table.key if table.sorted else "number"
        after: Any = 0 if order in ("place", "number") else ""
        while True:
            with self._server.naming(), self._connection.cursor(row_factory=dict_row) as cursor:
                arguments = {"after": after, "limit": _PAGE}
                page = cursor.execute(_SQL[table.name], arguments).fetchall()
            if not page:
                return
            after = page[-1][order]
            yield from (_ROWS.get(table.name, dict)(row) for row in page)

    def take_in(self, table: MovedTable, rows: Sequence[Row]) -> None:
        """Write rows, as one change."""
        with self._server.naming(), self._connection.transaction():
            _TAKERS[table.name](self._connection, [storable(row)[0] for row in rows])

    def take_out(self, table: MovedTable, rows: Sequence[Row]) -> None:
        """Remove rows of an open table, as one change."""
        names = [row[table.key] for row in rows]
        with self._server.naming(), self._connection.transaction():
            if table.name == "works":  # the work stays, what is known of it beyond the log goes
                blank: Row = {"into": None, "ids": [], "titles": [], "late": None}
                _take_works(self._connection, [{"key": name, **blank} for name in names])
            elif table.name == "subscribers":
                membership.remove(self._connection, names)
            elif table.name == "opinions":
                self._connection.execute(_SQL["remove_opinions"], (names,))
            else:
                membership.release(self._connection, names)

    def close(self) -> None:
        """Let go of the connection. Closing twice is fine."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# from the tables


def _log_row(row: Row) -> Row:
    return {"place": row["place"], "key": row["key"], "at": from_time(row["logged_at"]), "paper": row["paper"]}


def _audit_row(row: Row) -> Row:
    return {**{name: value for name, value in row.items() if name != "number"}, "at": from_time(row["at"])}


def _subscriber_row(row: Row) -> Row:
    return from_subscriber(membership.subscriber(tuple(row.values())))


def _opinion_row(row: Row) -> Row:
    return {**row, "at": from_time(row["at"])}


_ROWS: dict[str, Callable[[Row], Row]] = {
    "log": _log_row,
    "standings": lambda row: {**row, "first_seen": from_time(row["first_seen"])},
    "digests": lambda row: row["record"],
    "deliveries": lambda row: from_delivery(delivery(row)),
    "subscribers": _subscriber_row,
    "suppressions": lambda row: {**row, "since": from_time(row["since"])},
    "audit": _audit_row,
    "opinions": _opinion_row,
}

# into the tables


def _take_log(connection: Connection, rows: Sequence[Row]) -> None:
    digests = list({known_as(row["key"]) for row in rows})
    numbers: dict[str, int] = dict(connection.execute(_SQL["numbers"], (digests,)).fetchall())
    names = Names()
    last: dict[str, int] = {}
    for row in rows:
        paper = Paper.from_json(row["paper"])
        first = row["key"] not in numbers
        number = numbers.setdefault(row["key"], row["place"])
        last[row["key"]] = row["place"]
        names.add(number, id_keys(paper), title_keys(paper.title) if first else ())  # a work keeps its title
    with connection.cursor() as cursor:
        works = [(numbers[key], key, known_as(key), place) for key, place in last.items()]
        cursor.executemany(_SQL["log_works"], works)
        with cursor.copy("copy log (place, work, logged_at, paper) from stdin") as copy:
            for row in rows:
                copy.write_row((row["place"], numbers[row["key"]], row["at"], as_json(row["paper"])))
    names.write(connection)


def _take_works(connection: Connection, rows: Sequence[Row]) -> None:
    names = Names()
    digests = [known_as(row["key"]) for row in rows]
    numbers: dict[str, int] = dict(connection.execute(_SQL["numbers"], (digests,)).fetchall())
    for row in rows:
        connection.execute(
            _SQL["put_works"],
            {
                "key": known_as(row["key"]),
                "into": row["into"] and known_as(row["into"]),
                "ids": as_json(row["ids"]),
                "titles": as_json(row["titles"]),
                "late": row["late"] and as_json(row["late"]),
            },
        )
        if row["into"] is None:
            titles = [folded for title in row["titles"] for folded in title_keys(title)]
            names.add(numbers[row["key"]], row["ids"], titles)
    names.write(connection)


def _take_cursors(connection: Connection, rows: Sequence[Row]) -> None:
    connection.cursor().executemany(_SQL["put_standings"], rows)


def _take_digests(connection: Connection, rows: Sequence[Row]) -> None:
    digest_book.copy_digests(connection, [storable(row) for row in rows])


def _take_deliveries(connection: Connection, rows: Sequence[Row]) -> None:
    connection.cursor().executemany(_SQL["put_deliveries"], [digest_book.delivery_columns(row) for row in rows])


def _take_subscribers(connection: Connection, rows: Sequence[Row]) -> None:
    columns = [(*membership.columns(to_subscriber(row)), row["revision"]) for row in rows]
    connection.cursor().executemany(_SQL["put_subscribers"], columns)
    connection.execute(_SQL["raise_revisions"])


def _take_suppressions(connection: Connection, rows: Sequence[Row]) -> None:
    connection.cursor().executemany(_SQL["put_suppressions"], rows)


def _take_audit(connection: Connection, rows: Sequence[Row]) -> None:
    connection.cursor().executemany(_SQL["put_audit"], rows)


def _take_opinions(connection: Connection, rows: Sequence[Row]) -> None:
    connection.cursor().executemany(_SQL["put_opinions"], rows)


def _take_gists(connection: Connection, rows: Sequence[Row]) -> None:
    connection.cursor().executemany(_SQL["put_gists"], rows)


_TAKERS: dict[str, Callable[[Connection, Sequence[Row]], None]] = {
    "log": _take_log,
    "works": _take_works,
    "standings": _take_cursors,
    "digests": _take_digests,
    "deliveries": _take_deliveries,
    "subscribers": _take_subscribers,
    "suppressions": _take_suppressions,
    "audit": _take_audit,
    "opinions": _take_opinions,
    "gists": _take_gists,
}
