"""The tables of the jobs' engine (procrastinate) in the store's own schema, as the engine ships them."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from digestbot.store.postgres.connection import Connection


def complete(connection: Connection) -> bool:
    """Whether the tables are as new as the engine that is installed, if one is."""
    return set(_versions()) <= _done(connection)


def upgrade(connection: Connection) -> None:
    """Bring them forward, within the transaction of the store's own migrations.

    The engine ships its newest tables as a whole, and the steps to each version: whoever begins takes the whole.
    """
    done, known = _done(connection), _versions()
    missing = sorted(set(known) - done)
    if not missing:
        return
    for path in [known[name] for name in missing] if done else [_folder() / "schema.sql"]:
        connection.execute(path.read_bytes())
    connection.execute("insert into engine_versions select unnest(%s::text[])", (missing,))


@cache
def _versions() -> dict[str, Path]:
    return {path.name: path for path in (_folder() / "migrations").glob("*.sql")}


@cache
def _folder() -> Path:
    """Where the engine keeps its SQL. Found, not imported: that would take as long as all the rest of a command."""
    found = find_spec("procrastinate")
    return Path(found.origin).parent / "sql" if found is not None and found.origin else Path("nowhere")


def _done(connection: Connection) -> set[str]:
    return {name for (name,) in connection.execute("select name from engine_versions")}
