"""Sealing: what is old enough goes from the open part of the paper log, a table of TinyDB, into segments.

The files come first, then one record lists them and takes out of the tables what they hold: a process that dies in
between leaves files that nobody lists, and writes them again.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import cast

from digestbot.store.tinydb.sealed_log import LISTS, MOST_WORKS, SealedLog
from digestbot.store.tinydb.storage import Database, JournaledTable

SEGMENT = 4_096
"""Places in a segment, some 8 MB before they are compressed: what is not sealed yet is read whole at each opening."""


def listed(folder: Path, papers: Database) -> SealedLog:
    """The sealed log that goes with these papers. Raises StoreError unless all of it is there."""
    return SealedLog.listed(folder, papers.storage.read() or {})


def sealed_further(papers: Database, sealed: SealedLog) -> SealedLog:
    """With all of the open part that fills segments; what is not sealed yet is only written. Raises StoreError."""
    log, grown = _table(papers, "log"), sealed
    full = len(log) // SEGMENT
    for number in range(full):
        places = range(grown.head + 1, grown.head + SEGMENT + 1)
        works = []
        if number == full - 1:  # what is known besides goes with the last
            still_open = {each["key"] for each in log if each.doc_id > places[-1]}
            works = [dict(each) for each in papers.table("works") if each["key"] not in still_open]
        grown = grown.grown([log.at(place) for place in places], works[:MOST_WORKS])
    return grown


def settle(papers: Database, grown: SealedLog) -> None:
    """Keep it in the lists, and take out of the tables what it holds, as one record. Raises StoreError."""
    log, works = _table(papers, "log"), _table(papers, "works")
    inside = {each.doc_id for each in log if each.doc_id <= grown.head}
    still_open = {each["key"] for each in log if each.doc_id > grown.head}
    with papers.together():
        log.take_out(inside)
        works.take_out(islice((each.doc_id for each in works if each["key"] not in still_open), MOST_WORKS))
        for name, entries in zip(LISTS, grown.lists(), strict=True):
            table = _table(papers, name)
            table.take_out({each.doc_id for each in table} - entries.keys())
            table.put(entries)
    papers.fold()
    grown.clear()


def _table(papers: Database, name: str) -> JournaledTable:
    return cast(JournaledTable, papers.table(name))
