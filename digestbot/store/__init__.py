"""The paper log and the ledger; `open_store` opens the backend that the settings name."""

from __future__ import annotations

from pathlib import Path

from digestbot.core.errors import Problem, UsageError
from digestbot.store.base import Store


def open_store(url: str, *, home: Path, read_only: bool = False) -> Store:
    """The store that `url` (the setting DIGESTBOT_STORE) names: ``tinydb:FOLDER``, relative to `home`.

    With `read_only` the store is what it was at this moment: it is opened without waiting for the process
    that writes, and refuses to change. Raises UsageError for a URL nobody here understands, and StoreError
    where the store is damaged, of a newer version, or locked.
    """
    scheme, _, place = url.partition(":")
    if scheme == "tinydb" and place.strip():
        from digestbot.store.tinydb.store import TinyStore

        return TinyStore(home / Path(place.strip()).expanduser(), read_only=read_only)
    # A URL may hold a password: only its scheme is told.
    raise UsageError(
        Problem(
            f"the store {scheme + ':...' if place else scheme!r} is not understood",
            place="DIGESTBOT_STORE",
            way_out="write tinydb:FOLDER, such as tinydb:data; other stores are not built into this version",
        )
    )
