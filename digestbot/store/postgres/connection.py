"""Connections to the server: a pool for those who write, one moment held fast for those who only look.

What goes wrong on the way is a StoreError that says so without the password; a connection that was lost is
replaced at the next call.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, TypeAlias
from urllib.parse import quote

import orjson
import psycopg
from psycopg import IsolationLevel, ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_loads

from digestbot.model.errors import Problem, StoreError, UsageError
from digestbot.platform.system import says_something

Connection: TypeAlias = psycopg.Connection[Any]

MOST = 8
"""Connections of one process; what needs one more waits for its turn."""
_PATIENCE = 10.0  # seconds until a call that gets no connection gives up
# A process that was stopped in the middle of a change lets go of its locks after so long; a statement that takes
# longer waits for something that does not come. What a method returned from is on the disk, whatever the server
# is set to.
_SESSION = b"""
set timezone = 'UTC';
set idle_in_transaction_session_timeout = '60s';
set lock_timeout = '60s';
set statement_timeout = '300s';
select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'
"""
_TRY_AGAIN = "nothing was changed; it is tried again with the next call"
MOVED = "DB001"
"""What the server answers to changes of a store that was moved elsewhere (SQLSTATE)."""


class Server:
    """The server and database that `url` names; `place` is the same without the password."""

    def __init__(self, url: str) -> None:
        try:
            known = conninfo_to_dict(url)
            if not re.fullmatch(r"[\d,]*", str(known.get("port") or "")):
                raise ProgrammingError("a port is a number")
        except psycopg.Error:
            raise UsageError(
                Problem(
                    "is no URL that PostgreSQL understands",
                    place="DIGESTBOT_STORE",
                    way_out="write postgresql://user:password@host:5432/database, with %40 for an @ in the password",
                )
            ) from None
        self._info = make_conninfo(url, application_name=known.get("application_name") or "digestbot")
        user, host = known.get("user"), known.get("host") or known.get("hostaddr") or "localhost"
        port = f":{known['port']}" if known.get("port") else ""
        # The options may name the schema, which tells stores in one database apart.
        options = f"?options={quote(str(known['options']))}" if known.get("options") else ""
        self.place = f"postgresql://{f'{user}@' if user else ''}{host}{port}/{known.get('dbname') or ''}{options}"

    def connect(self) -> Connection:
        """A connection of its own, in which each statement is a transaction. Raises StoreError."""
        with self.naming():
            connection = psycopg.connect(self._info, autocommit=True, connect_timeout=int(_PATIENCE))
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            return connection

    def _prepare(self, connection: Connection) -> None:
        connection.isolation_level = IsolationLevel.READ_COMMITTED
        # A plan that the server keeps is of the size a table had by then: one of an empty ledger reads all of it, again
        # and again, while a million digests come in.
        connection.prepare_threshold = None
        set_json_loads(orjson.loads, connection)
        connection.execute(_SESSION)

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Turn an error of the server within into a StoreError that names it and the way out."""
        try:
            yield
        except psycopg.Error as error:
            raise self.error(*_told(error)) from error

    def error(self, message: str, way_out: str | None = None) -> StoreError:
        """An error that names the store."""
        return StoreError(Problem(message, place=self.place, way_out=way_out))


def _told(error: psycopg.Error) -> tuple[str, str]:
    """What an error of the server means, and the way out."""
    said = (error.diag.message_primary or str(error).strip() or type(error).__name__).splitlines()[0]
    state = error.sqlstate or ""
    if state == MOVED:
        return said, error.diag.message_hint or ""
    if state in ("42P01", "42703", "3F000"):  # no such table, column, schema
        return f"does not hold what it held when it was opened: {said}", "start digestbot anew"
    if state in ("28000", "28P01", "3D000", "42501"):  # refused, no such database, no right to
        return said, "look at the user, the password and the database in DIGESTBOT_STORE, and at what the user may do"
    if state == "53100":
        return said, "make room on the server's disk: nothing was changed"
    if state == "53300":
        return said, f"raise max_connections, or run fewer workers (each takes up to {MOST}); {_TRY_AGAIN}"
    if state in ("40001", "40P01"):
        return f"two writers met: {said}", _TRY_AGAIN
    if state in ("57014", "55P03", "25P03"):
        return f"took too long: {said}", _TRY_AGAIN
    if isinstance(error, psycopg.OperationalError):
        return f"cannot be reached: {said}", _TRY_AGAIN
    return said, "nothing was changed"


class Pooled:
    """Connections of a store that is written to: kept when they are free, made when there is none.

    psycopg's own pool makes connections in the background, with pauses that grow while the server is away; here
    a call says at once what is wrong, and the first call after the server has come back goes on.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._closed = False
        self._room = threading.BoundedSemaphore(MOST)
        self._free: list[Connection] = []

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in which each statement sees what is there by then."""
        if self._closed:
            raise self._server.error("is closed")
        if not self._room.acquire(timeout=_PATIENCE):
            raise self._server.error(f"all {MOST} connections of this process are busy", _TRY_AGAIN)
        try:
            with self._server.naming():
                connection = self._take()
                try:
                    yield connection
                finally:
                    self._give_back(connection)
        finally:
            self._room.release()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all or nothing. Each statement sees what others have finished by then."""
        with self.reading() as connection, connection.transaction():
            yield connection

    def _take(self) -> Connection:
        while self._free:
            try:
                connection = self._free.pop()
            except IndexError:  # another thread has it
                break
            if _is_quiet(connection):
                return connection
            connection.close()
        return self._server.connect()

    def _give_back(self, connection: Connection) -> None:
        if connection.broken:
            # The server has gone: the others are no better.
            self._let_go()
        if self._closed or connection.info.transaction_status is not TransactionStatus.IDLE:
            connection.close()
        else:
            self._free.append(connection)

    def _let_go(self) -> None:
        while self._free:
            with suppress(IndexError):
                self._free.pop().close()

    def close(self) -> None:
        """Let go of all connections. Closing twice is fine."""
        self._closed = True
        self._let_go()


def _is_quiet(connection: Connection) -> bool:
    """Whether the server has said nothing unasked: it says its goodbye so."""
    return not connection.closed and not says_something(connection.fileno())


class Held:
    """One moment of a store, seen through one connection by threads that take turns."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._turn = threading.RLock()
        self._connection = server.connect()
        with server.naming():
            self._connection.execute("set idle_in_transaction_session_timeout = 0")
            self._connection.execute("begin transaction isolation level repeatable read, read only")
            self._connection.execute("select 1 from migrations limit 1")  # the moment is that of the first look

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The connection, which sees the moment the store was opened."""
        with self._turn:
            if self._connection.closed:
                raise self._server.error("is closed")
            with self._server.naming():
                yield self._connection

    def writing(self) -> AbstractContextManager[Connection]:
        """Refused."""
        with self.reading():
            raise self._server.error("was opened for reading only")

    def close(self) -> None:
        """Let go of the connection. Closing twice is fine."""
        with self._turn:
            self._connection.close()


Connections: TypeAlias = Pooled | Held
Together: TypeAlias = Callable[[Connection, list[str]], None]
"""What is to happen in the transaction that opens digests, if it happens: it gets the connection and their keys."""
