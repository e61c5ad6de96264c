"""Salvage: what can still be read of a damaged store, made whole beside it, and then put in its place.

A process that dies on the way leaves a store that is refused as before, or one that is whole.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import OPEN_STATES, DeliveryState
from digestbot.model.errors import NewerStore, Problem, StoreError
from digestbot.platform.system import sync_folder
from digestbot.store.older import brought_forward
from digestbot.store.tinydb import files, generations, journal, snapshot
from digestbot.store.tinydb.generations import Paths
from digestbot.store.tinydb.resealing import reseal
from digestbot.store.tinydb.sealed_log import SEALED_FILES, SealedLog, log_head
from digestbot.store.tinydb.snapshot import Tables

NAMES = ("ledger", "papers")  # the ledger first: without it nothing is ever begun anew beside papers
_SIDE, _READY = "restoring", "restored"
_OPEN = frozenset(state.value for state in OPEN_STATES)


class Salvaged(NamedTuple):
    """What can be read of a TinyDB file, and whether anything of it is lost."""

    tables: Tables
    lost: bool


class _Start(NamedTuple):
    generation: int
    checksum: str
    tables: Tables


@dataclass(frozen=True, slots=True)
class Side:
    """A whole store beside the damaged one, in ``folder``; ``lost`` names the files of which something is missing."""

    folder: Path
    lost: tuple[str, ...]


def salvage(folder: Path, name: str) -> Salvaged:
    """All that can be read of a file. Raises StoreError where nothing can, or it is of a newer version."""
    paths = Paths.of(folder, name)
    try:
        return Salvaged(generations.read(paths, name).tables, lost=False)
    except NewerStore:
        raise
    except StoreError:
        pass  # what is left of it is read piece by piece
    for start in _starts(paths, name):
        found = _continued(start, paths, name)
        brought_forward(found.tables)
        return found
    raise StoreError(
        Problem(
            "nothing of it can be read, nor of the generation before",
            place=str(paths.snapshot),
            way_out="put the whole folder back from a backup",
        )
    )


def _continued(start: _Start, paths: Paths, name: str) -> Salvaged:
    """A generation with what the journals have of the changes after it."""
    lost, (generation, checksum, tables) = True, start
    last, newest = (journal.salvage(path, name) for path in (paths.last_journal, paths.journal))
    for found in filter(None, (last, newest)):
        header = found.contents.header
        if (header.generation, header.snapshot) != (generation, checksum):
            continue
        for record in found.contents.records:
            generations.apply(tables, record)
        lost = not (found is newest and found.whole)
        if newest is not None and found.whole and newest.contents.header.follows == found.contents.mark:
            generation, checksum = newest.contents.header.generation, newest.contents.header.snapshot
    return Salvaged(tables, lost)


def _starts(paths: Paths, name: str) -> Iterator[_Start]:
    """The generations one may start from, the newest first; the very first is blank, and known by heart."""
    for path in (paths.snapshot, paths.last_snapshot):
        try:
            found = snapshot.read(path, name)
        except StoreError:
            continue
        yield _Start(found.generation, found.checksum, found.tables)
    first = journal.salvage(paths.journal, name)
    blank = snapshot.encode(name, 1, "", {})
    if first is not None and first.contents.header[1:3] == (1, blank.checksum):
        yield _Start(1, blank.checksum, {})


def fit(ledger: Tables, head: int, lost: Set[int], *, in_doubt: bool) -> None:
    """Make the ledger one that papers up to `head`, without those at some `lost` places, can stand beside.

    What is open and `in_doubt`, or shows a paper that is lost, is held for a human.
    """

    def there(place: int) -> bool:
        return place <= head and place not in lost

    for entry in ledger.get("standings", {}).values():
        entry["first_head"] = min(entry["first_head"], head)
        entry["cursor"] = None if entry["cursor"] is None else min(entry["cursor"], head)
        entry["carry"] = list(filter(there, entry["carry"]))
    cut = {record["key"] for record in ledger.get("digests", {}).values() if _cut(record, there)}
    for delivery in ledger.get("deliveries", {}).values():
        if delivery["state"] in _OPEN and (in_doubt or delivery["digest"] in cut):
            delivery.update(
                state=DeliveryState.HELD.value,
                cause=Cause.RESTORED.value,
                reason=sentence(Cause.RESTORED),
                lease_until=None,
                not_before=None,
            )


def _cut(record: dict[str, Any], there: Callable[[int], bool]) -> bool:
    """Take the lost papers out of a digest's record; whether there were any."""
    known = [entry for entry in record["entries"] if there(entry["sequence"])]
    cut = len(known) < len(record["entries"])
    record["entries"] = known
    record["carry"] = list(filter(there, record["carry"]))
    return cut


def rebuild(folder: Path) -> Side | None:
    """Make a whole store beside a damaged one; None where nothing is damaged. The damaged one is left as it is."""
    found = {name: salvage(folder, name) for name in NAMES}
    if not _damaged(folder):
        return None
    side = folder / _SIDE
    with files.naming(side):
        shutil.rmtree(side, ignore_errors=True)
        side.mkdir(mode=0o700)
    papers, ledger = found["papers"], found["ledger"]
    resealed = reseal(folder, side, papers.tables)
    head = log_head(papers.tables)
    short = furthest(ledger.tables) > head
    fit(ledger.tables, head, resealed.lost_places, in_doubt=ledger.lost)
    for name in NAMES:
        generations.create(Paths.of(side, name), name, found[name].tables)
    lost = {"ledger": ledger.lost, "papers": papers.lost or resealed.lost or short}
    return Side(side, tuple(name for name in NAMES if lost[name]))


def _damaged(folder: Path) -> bool:
    try:
        ledger, papers = (generations.read(Paths.of(folder, name), name).tables for name in NAMES)
        SealedLog.listed(folder, papers).prove()
    except StoreError:
        return True
    return furthest(ledger) > log_head(papers)


def furthest(ledger: Tables) -> int:
    """The last log place that the ledger's cursors know of."""
    cursors = ledger.get("standings", {}).values()
    return max((max(entry["first_head"], entry["cursor"] or 0) for entry in cursors), default=0)


def ready(folder: Path) -> bool:
    """Whether an earlier restore was interrupted while the whole store took its place."""
    return (folder / _READY).is_dir()


def take_place(folder: Path, aside: Path) -> None:
    """Put the whole store in the damaged one's place, whose files go to `aside`. May be repeated after a crash."""
    side = folder / _READY
    with files.naming(folder):
        if (folder / _SIDE).is_dir():
            os.replace(folder / _SIDE, side)
            sync_folder(folder)
        aside.mkdir(mode=0o700, exist_ok=True)
        for name in NAMES:
            old, new = Paths.of(folder, name), Paths.of(side, name)
            if not new.present():
                continue  # it was put in its place before
            for path in old.present() if new.snapshot.exists() and new.journal.exists() else []:
                os.replace(path, aside / path.name)
            if name == "papers":
                _take_sealed(side, folder, aside)
            for path in (new.journal, new.snapshot, new.last_journal, new.last_snapshot):
                if path.exists():
                    os.replace(path, folder / path.name)
            sync_folder(folder)
        shutil.rmtree(side)


def _take_sealed(side: Path, folder: Path, aside: Path) -> None:
    """Give sealed files a second name in `folder`, so that they may be taken again after a crash."""
    new = {path.name: path for path in side.glob(SEALED_FILES)}
    for path in folder.glob(SEALED_FILES):
        if path.name not in new or not path.samefile(new[path.name]):
            os.replace(path, aside / path.name)
    for name, path in new.items():
        files.keep_as(path, folder / name)
