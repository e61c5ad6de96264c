"""Dumps read in, by whoever has the store: a daemon gets them named where it can reach them, else their bytes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Self

from digestbot.delivery.control_channel import Command, ControlChannel
from digestbot.ingest.pipeline import Ingested, ingest
from digestbot.ingest.sources.base import Dump
from digestbot.ingest.sources.files import files_in, read_dumps
from digestbot.model.errors import Problem, StoreError
from digestbot.store.base import Store


@dataclass(frozen=True, slots=True)
class Upload:
    """What `digestbot ingest` was asked for: what people call each dump, and where they are if not there."""

    names: Sequence[str]
    places: Sequence[str] = ()
    form: str | None = None
    partial: bool = False

    @property
    def order(self) -> Command:
        """The order to read them in."""
        return Command("ingest", (json.dumps(asdict(self)),))

    @classmethod
    def ordered(cls, order: Command) -> Self:
        """What `order` is made of."""
        return cls(**json.loads(order.names[0]))


def stage(asked: Upload, home: Path, orders: ControlChannel) -> Upload:
    """The dumps as another process finds them: a service may see neither the folders of people nor /tmp.

    What lies in the working directory is named; of the rest, standard input and pipes too, the bytes are put aside.
    Raises StoreError when there is no room for them.
    """
    names, places = [called for name in asked.names for called in _files(name)], list[str]()
    try:
        for name in names:
            places.append(_place(name, home, orders))
    except OSError as error:
        orders.discard(places)
        way_out = "make room on the disk, or stop the daemon first"
        raise StoreError(
            Problem(f"cannot be put aside for the daemon: {error.strerror}", name, way_out=way_out)
        ) from None
    return replace(asked, names=names, places=places)


def _files(name: str) -> Iterator[str]:
    """The files in a folder; else, and for a folder without any, the name."""
    files = [str(file) for file in files_in(Path(name))] if name != "-" and Path(name).is_dir() else []
    yield from files or [name]


def _place(name: str, home: Path, orders: ControlChannel) -> str:
    if name == "-":
        return str(orders.put_aside(sys.stdin.buffer))
    path = Path(os.path.realpath(name))
    if path.is_relative_to(os.path.realpath(home)) or path.is_dir():
        return str(path)
    try:
        stream: BinaryIO = open(name, "rb")  # noqa: SIM115 - closed below; only its opening may fail here
    except OSError:
        return str(path)  # whoever reads it in says what is wrong
    with stream:
        return str(orders.put_aside(stream))


def ingest_upload(
    handed: Upload,
    store: Store,
    *,
    subscriptions: Sequence[str],
    now: datetime,
    watch: Callable[[int], object] = lambda _: None,
) -> Iterator[Ingested]:
    """Read them in, one after the other. `watch` hears of bytes when they are first read. Raises StoreError."""
    places = iter(handed.places)

    def read(name: str) -> Iterator[Dump]:
        place = next(places, None)
        return read_dumps(name, at=Path(place) if place is not None else None, watch=watch)

    return ingest(
        handed.names,
        read,
        store,
        subscriptions=subscriptions,
        now=now,
        form=handed.form,
        partial=handed.partial,
    )
