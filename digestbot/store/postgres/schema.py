"""The tables' versions: numbered `.sql` files, applied in order under a lock, each noted when it is done."""

from __future__ import annotations

from pathlib import Path

from digestbot.model.errors import Problem, StoreError
from digestbot.store.postgres import engine_tables, older_words
from digestbot.store.postgres.connection import Connection, Server

_FOLDER = Path(__file__).parent / "schema"
LOCK_MIGRATIONS, LOCK_LOG, LOCK_GISTS = 71_001, 71_002, 71_003
"""Advisory locks, each together with the schema: several stores may live in one database."""


def versions() -> dict[int, Path]:
    """The migrations this digestbot knows, by number."""
    return {int(path.name.partition("_")[0]): path for path in sorted(_FOLDER.glob("*.sql"))}


def upgrade(server: Server, connection: Connection) -> None:
    """Bring the tables forward to this version; whoever starts at the same time waits and finds it done.

    Raises StoreError when they are of a newer version, or the database cannot hold every character.
    """
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        hint = "create the database with: createdb --encoding UTF8 --template template0 NAME"
        raise StoreError(Problem(f"is encoded in {encoding}, not in UTF8", server.place, way_out=hint))
    known = versions()
    if _done(connection) == set(known) and engine_tables.complete(connection):
        return
    with server.naming(), connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s, hashtext(current_schema()))", (LOCK_MIGRATIONS,))
        connection.execute(
            "create table if not exists migrations (number integer primary key, done_at timestamptz not null)"
        )
        done = _done(connection)
        refuse_newer(server, done)
        for number in sorted(set(known) - done):
            connection.execute(known[number].read_bytes())
            if number == older_words.VERSION:
                older_words.bring_forward(connection)
            connection.execute("insert into migrations values (%s, now())", (number,))
        engine_tables.upgrade(connection)


def refuse_older(server: Server, connection: Connection) -> None:
    """Raises StoreError for tables of an older version: whoever only looks moves nothing forward."""
    done = _done(connection)
    refuse_newer(server, done)
    if done and done != set(versions()):
        hint = "stop the older ones that run on it, then bring it forward with: digestbot ingest, send or run"
        raise StoreError(Problem("was written by an older digestbot", server.place, way_out=hint))


def refuse_newer(server: Server, done: set[int]) -> None:
    """Raises StoreError for a migration this version does not know."""
    newest = max(versions())
    if max(done, default=0) > newest:
        raise StoreError(
            Problem(
                f"was written by a newer digestbot (version {max(done)} of the tables; this one knows {newest})",
                server.place,
                way_out="upgrade digestbot; an older one never touches it",
            )
        )


def refuse_marked(server: Server, connection: Connection) -> None:
    """Raises StoreError for a store that nobody may write to, because it is being moved or was."""
    for message, way_out in connection.execute("select message, way_out from marks"):
        raise server.error(message, way_out)


def _done(connection: Connection) -> set[int]:
    if connection.execute("select to_regclass('migrations')").fetchone() == (None,):
        return set()
    return {number for (number,) in connection.execute("select number from migrations")}
