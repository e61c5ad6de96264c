"""The paper log and the ledger; `open_store` opens the backend that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digestbot.model.errors import Problem, UsageError
from digestbot.store.base import Store
from digestbot.store.erasing import Keys
from digestbot.store.moving import MovableStore

_POSTGRES = ("postgresql", "postgres")


def open_store(url: str, *, home: Path, read_only: bool = False, keys: Keys = tuple) -> Store:
    """The store that `url` (the setting DIGESTBOT_STORE) names: ``tinydb:FOLDER``, relative to `home`, or
    ``postgresql://...``.

    With `read_only` the store is what it was at this moment: it is opened without waiting for the process
    that writes, and refuses to change. `keys` gives the secrets that hide erased addresses. Raises UsageError
    for a URL nobody here understands, and StoreError where the store is damaged, of a newer version, locked, or
    out of reach.
    """
    scheme, folder = _understood(url, home)
    if scheme in _POSTGRES:
        with _client_needed():
            from digestbot.store.postgres.store import PostgresStore
        return PostgresStore(url, read_only=read_only, keys=keys)
    from digestbot.store.tinydb.store import TinyStore

    return TinyStore(folder, read_only=read_only, keys=keys)


def open_movable(url: str, *, home: Path, read_only: bool = False) -> MovableStore:
    """The store that `url` names, to be moved as a whole; with `read_only` to be copied as it is at this moment,
    while others write. Raises as `open_store` does.
    """
    scheme, folder = _understood(url, home)
    if scheme in _POSTGRES:
        with _client_needed():
            from digestbot.store.postgres.moving import PostgresShelf
        return PostgresShelf(url, read_only=read_only)
    from digestbot.store.tinydb.moving import TinyShelf

    return TinyShelf(folder, read_only=read_only)


def _understood(url: str, home: Path) -> tuple[str, Path]:
    """The scheme of a store's URL, and its folder if it has one. Raises UsageError."""
    scheme, _, place = url.partition(":")
    if scheme in _POSTGRES or (scheme == "tinydb" and place.strip()):
        return scheme, home / Path(place.strip()).expanduser()
    # A URL may hold a password: only its scheme is told.
    raise UsageError(
        Problem(
            f"the store {scheme + ':...' if place else scheme!r} is not understood",
            place="DIGESTBOT_STORE",
            way_out="write tinydb:FOLDER, such as tinydb:data, or postgresql://user:password@host/database",
        )
    )


@contextmanager
def _client_needed() -> Iterator[None]:
    """Say what to install where PostgreSQL's client is not."""
    try:
        yield
    except ImportError as error:
        hint = 'install it: pip install "digestbot[postgres]"'
        raise UsageError(
            Problem("PostgreSQL's client is not installed", place="DIGESTBOT_STORE", way_out=hint)
        ) from error
