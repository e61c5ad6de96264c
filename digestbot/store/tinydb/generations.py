"""The generations of one TinyDB file: how snapshot and journals belong together, and how the next is made.

``papers.json`` and ``papers.journal`` are the state; ``papers.json.1`` and ``papers.journal.1`` are the
generation before. A journal names the snapshot it continues and the journal it follows, so that the last
generation with both journals is the same state as the newest: a lost snapshot loses nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from digestbot.model.errors import NewerStore, Problem, StoreError
from digestbot.platform.system import sync_folder
from digestbot.store.older import brought_forward
from digestbot.store.tinydb import files, journal, snapshot
from digestbot.store.tinydb.snapshot import Tables
from digestbot.store.tinydb.version import SCHEMA

_RESTORE = "or let it be done, as far as it can be: digestbot restore"


class Paths(NamedTuple):
    """The four files of one TinyDB file."""

    snapshot: Path
    journal: Path
    last_snapshot: Path
    last_journal: Path

    @classmethod
    def of(cls, folder: Path, name: str) -> Paths:
        """The files of `name` in `folder`."""
        return cls(*(folder / f"{name}{end}" for end in (".json", ".journal", ".json.1", ".journal.1")))

    def present(self) -> list[Path]:
        """Those that are there."""
        return [path for path in self if path.exists()]


class GenerationState(NamedTuple):
    """What was read: the tables, and where the next record or generation goes on.

    ``journal`` is None where a crash came between the snapshot and its journal: `begin_journal` makes it.
    ``outdated``: an earlier version wrote the files; the tables are brought forward, the files are not yet.
    """

    generation: int
    checksum: str
    follows: str
    tables: Tables
    snapshot_bytes: int
    journal: journal.JournalContents | None
    outdated: bool = False


BLANK = GenerationState(0, "", "", {}, 0, None)
"""What a store is before its files are made."""


def read(paths: Paths, name: str) -> GenerationState:
    """The state as the files tell it.

    Raises StoreError naming the file that is wrong, the last good generation and what going back to it
    would lose.
    """
    try:
        newest = snapshot.read(paths.snapshot, name)
    except NewerStore:
        raise
    except StoreError as error:
        raise _with_way_out(error, paths, name) from error
    try:
        state = _continued(newest, paths, name)
    except NewerStore:
        raise
    except StoreError as error:
        problem = error.problems[0]
        whole = f"; {paths.snapshot}, the last good generation, is whole but older"
        raise StoreError(replace(problem, way_out=f"{problem.way_out}{whole}; {_RESTORE}")) from error
    if newest.schema == SCHEMA:
        return state
    brought_forward(state.tables)
    return state._replace(outdated=True)


def _continued(start: snapshot.Snapshot, paths: Paths, name: str) -> GenerationState:
    """The snapshot with the journals that continue it."""
    last = journal.read(paths.journal, name)
    generation, follows = start.generation, start.follows
    if last.header.generation == generation - 1 and last.mark == follows:
        return GenerationState(generation, start.checksum, follows, start.tables, start.bytes, None)
    journals = [last]
    if last.header.generation == generation + 1:
        journals.insert(0, journal.read(paths.last_journal, name))
        generation += 1
        if journals[0].mark != last.header.follows:
            raise _apart(paths.last_journal, paths.journal)
    if journals[0].header.generation != start.generation or journals[0].header.snapshot != start.checksum:
        raise _apart(paths.journal if journals[0] is last else paths.last_journal, paths.snapshot)
    for each in journals:
        for record in each.records:
            apply(start.tables, record)
    return GenerationState(generation, last.header.snapshot, last.header.follows, start.tables, start.bytes, last)


def apply(tables: Tables, changes: dict[str, dict[str, Any]]) -> None:
    """Put a record's documents into the tables; a document of None is taken out."""
    for name, documents in changes.items():
        table = tables.setdefault(name, {})
        for place, document in documents.items():
            if document is None:
                table.pop(place, None)
            else:
                table[place] = document


def _apart(path: Path, other: Path) -> StoreError:
    return StoreError(
        Problem(
            f"does not belong to {other.name} beside it",
            place=str(path),
            way_out="put both back from the same backup of the whole folder",
        )
    )


def _with_way_out(error: StoreError, paths: Paths, name: str) -> StoreError:
    """The same error with the last good generation, tried out, and how to go back to it."""
    problem = error.problems[0]
    try:
        earlier = snapshot.read(paths.last_snapshot, name)
    except StoreError:
        way_out = "there is no earlier generation: put the whole folder back from a backup"
        return StoreError(replace(problem, way_out=f"{way_out}; {_RESTORE}"))
    way_out = f"the last good generation is {paths.last_snapshot}: "
    try:
        _continued(earlier, paths, name)
        way_out += f"cp {paths.last_snapshot} {paths.snapshot} loses nothing"
    except StoreError as broken:
        way_out += (
            "what came after it cannot be read, and may be sent again when you go back to it "
            f"({broken}): put the whole folder back from a backup"
        )
    return StoreError(replace(problem, way_out=f"{way_out}; {_RESTORE}"))


def unfinished(paths: Paths, name: str) -> bool:
    """Whether only a first, blank journal is there: a crash came while the file was made."""
    if paths.present() != [paths.journal]:
        return False
    contents = journal.read(paths.journal, name)
    return contents.header.generation == 1 and not contents.records and not contents.torn


def create(paths: Paths, name: str, tables: Tables) -> GenerationState:
    """The first generation. The journal comes first: a snapshot without one is always damage."""
    encoded = snapshot.encode(name, 1, "", tables)
    header = journal.Header(name, 1, encoded.checksum, "")
    with files.naming(paths.journal):
        _put(paths.journal, [journal.blank(header)])
    with files.naming(paths.snapshot):
        _put(paths.snapshot, encoded.pieces)
        sync_folder(paths.snapshot.parent)
    return GenerationState(1, encoded.checksum, "", tables, encoded.bytes, _new_contents(header))


def advance(paths: Paths, name: str, generation: int, follows: str, tables: Tables) -> GenerationState:
    """Write the next generation, which holds all of `tables`; the one before is kept.

    `follows` is the last checksum of the journal that ends with it. Raises StoreError with the state as
    it was.
    """
    encoded = snapshot.encode(name, generation, follows, tables)
    header = journal.Header(name, generation, encoded.checksum, follows)
    with files.naming(paths.snapshot):
        try:
            files.write_aside(paths.snapshot, encoded.pieces)
            files.write_aside(paths.journal, [journal.blank(header)])
            files.keep_as(paths.snapshot, paths.last_snapshot)
            files.keep_as(paths.journal, paths.last_journal)
        except BaseException:
            files.aside(paths.snapshot).unlink(missing_ok=True)
            files.aside(paths.journal).unlink(missing_ok=True)
            raise
        os.replace(files.aside(paths.snapshot), paths.snapshot)
    state = GenerationState(generation, encoded.checksum, follows, tables, encoded.bytes, None)
    try:
        sync_folder(paths.snapshot.parent)
        os.replace(files.aside(paths.journal), paths.journal)
        sync_folder(paths.snapshot.parent)
    except OSError:
        return state  # the new generation stands; its journal is begun before anything is written to it
    return state._replace(journal=_new_contents(header))


def begin_journal(paths: Paths, name: str, state: GenerationState) -> GenerationState:
    """The journal that a crash kept from being made, behind its snapshot."""
    header = journal.Header(name, state.generation, state.checksum, state.follows)
    with files.naming(paths.journal):
        files.keep_as(paths.journal, paths.last_journal)
        _put(paths.journal, [journal.blank(header)])
        sync_folder(paths.journal.parent)
    return state._replace(journal=_new_contents(header))


def _put(path: Path, pieces: Sequence[bytes]) -> None:
    files.write_aside(path, pieces)
    os.replace(files.aside(path), path)


def _new_contents(header: journal.Header) -> journal.JournalContents:
    lines, mark = journal.first_lines(header)
    return journal.JournalContents(header, [], len(lines), mark, len(journal.blank(header)), torn=False)
