"""The paper log in PostgreSQL: a dump's works are fetched set-wise, merged by the code all stores share, and kept.

One merge goes on at a time, under a lock that is held until its places can be seen. So places are given without
gaps, and no reader's cursor passes one that is still to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from digestbot.model.papers import LoggedPaper, Paper
from digestbot.store.base import Merged
from digestbot.store.codec import from_time, storable
from digestbot.store.identity import id_keys, new_key, reference_keys, title_keys
from digestbot.store.merging import Merging, Work
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.schema import LOCK_LOG
from digestbot.store.postgres.statements import columns, load

_SQL = load("paper_log.sql")
_PAGE = 1_000  # papers fetched at once
_LONGEST_SCHEME = 100  # longer ones are nobody's, and an index could not take them


def known_as(name: str) -> bytes:
    """A key, an id key or a folded title as the indexes have it: names may be longer than an index takes."""
    return sha256(name.encode()).digest()[:16]


def clean(paper: Paper) -> Paper:
    """The paper as every store can hold it. Raises StoreError for what none can."""
    said = paper.to_json()
    cleaned, _ = storable(said)
    return paper if cleaned is said else Paper.from_json(cleaned)


def as_json(value: Any) -> str:
    """A JSON value as PostgreSQL takes it; it was cleaned before."""
    return orjson.dumps(value).decode()


class _Kept(NamedTuple):
    """A work's row as it stands."""

    number: int
    last: int
    also_ids: list[str]
    also_titles: list[str]
    late: dict[str, Any] | None


class WorksOfDump:
    """The works that the papers of one dump may be, fetched at once: the catalogue that merging asks."""

    def __init__(self, connection: Connection, papers: Sequence[Paper]) -> None:
        self._connection = connection
        ids = {known_as(key) for paper in papers for key in id_keys(paper)}
        titles = {known_as(folded) for paper in papers for folded in title_keys(paper.title)}
        self._by_id: dict[bytes, int] = dict(connection.execute(_SQL["works_by_id"], (list(ids),)).fetchall())
        self._by_title: dict[bytes, list[int]] = {}
        for digest, number in connection.execute(_SQL["works_by_title"], (list(titles),)):
            self._by_title.setdefault(digest, []).append(number)
        numbers = {*self._by_id.values(), *(each for found in self._by_title.values() for each in found)}
        self._works: dict[int, Work] = {}
        self.kept: dict[str, _Kept] = {}
        for row in connection.execute(_SQL["works"], (list(numbers),)):
            self._fetched(*row)
        self._taken = self._among_keys(new_key(paper) for paper in papers)

    def _fetched(
        self,
        number: int,
        key: str,
        last: int,
        also_ids: list[str],
        also_titles: list[str],
        late: dict[str, Any] | None,
        newest: dict[str, Any],
    ) -> None:
        logged = Paper.from_json(newest)
        self.kept[key] = _Kept(number, last, also_ids, also_titles, late)
        self._works[number] = Work(
            key,
            number,
            logged,
            Paper.from_json(late) if late else logged,
            ids={*id_keys(logged), *also_ids},
            titles={folded for title in (logged.title, *also_titles) for folded in title_keys(title)},
            also_titles=list(also_titles),
        )

    def _among_keys(self, keys: Iterable[str]) -> dict[str, bool]:
        digests = {key: known_as(key) for key in keys}
        rows = self._connection.execute(_SQL["works_by_key"], (list(digests.values()),))
        there = {digest for digest, _ in rows}
        return {key: digest in there for key, digest in digests.items()}

    # what merging asks

    def by_id(self, key: str) -> Work | None:
        """The work with this id key."""
        number = self._by_id.get(known_as(key))
        return self._works[number] if number is not None else None

    def by_title(self, folded: str) -> Sequence[Work]:
        """The works with this folded title, first logged first."""
        return [self._works[number] for number in self._by_title.get(known_as(folded), ())]

    def taken(self, key: str) -> bool:
        """Whether a work was ever named so."""
        if key not in self._taken:
            self._taken |= self._among_keys([key])
        return self._taken[key]


def merge(connection: Connection, papers: Sequence[Paper], now: datetime) -> Merged:
    """Merge a dump within the transaction of `connection`."""
    connection.execute(_SQL["lock_log"], (LOCK_LOG,))
    catalogue = WorksOfDump(connection, papers)
    merging = Merging(catalogue)
    for paper in papers:
        merging.see(paper)
    _Keeping(connection, catalogue, merging).keep(now)
    return merging.counts()


class _Keeping:
    """What one merge changed, written down."""

    def __init__(self, connection: Connection, catalogue: WorksOfDump, merging: Merging) -> None:
        self._connection = connection
        self._kept = catalogue.kept
        works = list(merging.works())
        self._into = {work.key: work.into for work in works if work.into}
        # Works new in this dump that turned out to be another leave no trace.
        self._works = [work for work in works if not (work.into and work.first is None)]
        places = enumerate((work for work in self._works if work.takes_place), head(connection) + 1)
        self._places = {work.key: place for place, work in places}

    def keep(self, now: datetime) -> None:
        """Write the places, the works, and what these are known by; what did not change is not written."""
        at = from_time(now)
        with self._connection.cursor() as cursor:
            if self._places:
                with cursor.copy(_SQL["copy_log"]) as copy:
                    for work in self._works:
                        if work.key in self._places:
                            row = (self._places[work.key], self._number(work), at, as_json(work.paper.to_json()))
                            copy.write_row(row)
            rows = [row for row in map(self._row, self._works) if row is not None]
            if rows:
                cursor.executemany(_SQL["keep_works"], rows)
            joined = [(self._number(work), self._target(work.key)) for work in self._works if work.into]
            if joined:
                cursor.execute(_SQL["join_works"], columns(joined))
        self._keep_names([work for work in self._works if work.into is None])

    def _number(self, work: Work) -> int:
        return work.first if work.first is not None else self._places[work.key]

    def _target(self, key: str) -> int:
        """The number of the work that this one turned out to be, by now."""
        while key in self._into:
            key = self._into[key]
        return self._kept[key].number if key in self._kept else self._places[key]

    def _row(self, work: Work) -> tuple[Any, ...] | None:
        """A work's row, None where it stands so already."""
        before = self._kept.get(work.key)
        last = self._places.get(work.key) or (before.last if before else 0)
        late = None
        if work.into is None and not work.takes_place and work.paper != work.logged:
            late = work.paper.to_json()
        also_ids, also_titles = work.also_ids, work.also_titles
        now = _Kept(self._number(work), last, also_ids, also_titles, late)
        if work.into is None and now == before:
            return None
        target = self._target(work.key) if work.into else None
        names = as_json(also_ids), as_json(also_titles)
        return now.number, work.key, known_as(work.key), last, target, *names, late and as_json(late)

    def _keep_names(self, works: Sequence[Work]) -> None:
        names = Names()
        for work in works:
            names.add(self._number(work), work.ids, work.titles)
        names.write(self._connection)


class Names:
    """What works are known by: id keys, of which the first work to have one keeps it, and folded titles."""

    def __init__(self) -> None:
        self._ids: list[tuple[bytes, int]] = []
        self._titles: list[tuple[bytes, int]] = []
        self._schemes: set[str] = set()

    def add(self, number: int, ids: Iterable[str], titles: Iterable[str]) -> None:
        """A work is known by these, too."""
        for key in ids:
            self._ids.append((known_as(key), number))
            self._schemes.add(key.partition(":")[0])
        self._titles += [(known_as(folded), number) for folded in titles]

    def write(self, connection: Connection) -> None:
        """Write them down; those that are known already stay as they are."""
        schemes = [each for each in sorted(self._schemes) if len(each) <= _LONGEST_SCHEME]
        if self._ids:
            connection.execute(_SQL["know_ids"], columns(self._ids))
            connection.execute(_SQL["know_schemes"], (schemes,))
        if self._titles:
            connection.execute(_SQL["know_titles"], columns(self._titles))


# reading


def head(connection: Connection) -> int:
    """The last place of the log."""
    return int(_one(connection, "head")[0])


def last_places(connection: Connection, after: int, upto: int) -> list[int]:
    """The places in (after, upto] at which a work was last logged in there, in order."""
    return [place for (place,) in connection.execute(_SQL["last_places"], (after, upto))]


def pages(places: Sequence[int]) -> Iterator[Sequence[int]]:
    """The places in stretches that are fetched at once."""
    for start in range(0, len(places), _PAGE):
        yield places[start : start + _PAGE]


def at(connection: Connection, places: Sequence[int]) -> list[LoggedPaper]:
    """What stands at these places, in log order; places that are not there are left out."""
    rows = connection.execute(_SQL["at"], (list(places),))
    return [LoggedPaper(place, key, logged_at, Paper.from_json(paper)) for place, key, logged_at, paper in rows]


def find(connection: Connection, reference: str) -> LoggedPaper | None:
    """The newest state of the work named by its key, an id, or its title."""

    def first(statement: str, names: Sequence[str]) -> int | None:
        digests = [known_as(name) for name in names]
        found: dict[bytes, int] = {}
        for digest, number in connection.execute(_SQL[statement], (digests,)):
            found.setdefault(digest, number)
        return next((found[digest] for digest in digests if digest in found), None)

    number = first("works_by_key", [reference])
    if number is None:
        schemes = [scheme for (scheme,) in connection.execute(_SQL["schemes"])]
        number = first("works_by_id", reference_keys(reference, schemes))
    if number is None:
        number = first("works_by_title", title_keys(reference))
    if number is None:
        return None
    place, key, logged_at, paper = _one(connection, "newest", number)
    return LoggedPaper(place, key, logged_at, Paper.from_json(paper))


def _one(connection: Connection, statement: str, *arguments: object) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(_SQL[statement], arguments).fetchone()
    assert row is not None  # it is asked for what is there
    return row
