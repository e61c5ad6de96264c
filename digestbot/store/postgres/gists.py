"""What a model wrote of papers, in PostgreSQL: two who ask at once never ask for the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from digestbot.store.codec import storable_text
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.schema import LOCK_GISTS
from digestbot.store.postgres.statements import columns, load

_SQL = load("gists.sql")


def take(connection: Connection, ids: Iterable[str], day: date, most: int) -> list[str]:
    """Note the day for those that may be asked for."""
    names = list(dict.fromkeys(map(storable_text, ids)))
    connection.execute(_SQL["lock_gists"], (LOCK_GISTS,))
    taken = {name for (name,) in connection.execute(_SQL["take_gists"], {"ids": names, "day": day, "most": most})}
    return [name for name in names if name in taken]


def put(connection: Connection, texts: Mapping[str, str]) -> None:
    """Keep texts."""
    if texts:
        rows = sorted((storable_text(name), storable_text(text)) for name, text in texts.items())
        connection.execute(_SQL["put_gists"], columns(rows))


def of(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The texts there are."""
    asked = {storable_text(each): each for each in ids}
    return {asked[name]: text for name, text in connection.execute(_SQL["gists"], (list(asked),))}
