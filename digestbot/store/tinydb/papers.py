"""The paper log in TinyDB: every logged state of every work, found by place, id and title without a scan.

What stands at a log place is never rewritten, so that an old digest can be written again to the byte.
What a rule cannot see (a URL) and what a work is also known by are kept beside the log, in ``works``,
and go into the next place the work takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, cast

from tinydb.table import Document

from digestbot.model.errors import StoreError
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.store.codec import from_time, to_time
from digestbot.store.identity import id_keys, keys_of, reference_keys, title_keys
from digestbot.store.merging import Merging, Work
from digestbot.store.tinydb import sealing
from digestbot.store.tinydb.sealed_log import BESIDE, NOTHING_SEALED, SealedLog, each_before
from digestbot.store.tinydb.storage import Database, JournaledTable

_KEPT_READ = 1_000  # papers, of some KB each


class WorkStanding(NamedTuple):
    """A work as it is now, the last place at which it was logged, and what stands there."""

    work: Work
    last: int
    entry: Mapping[str, Any]


class PaperLog:
    """The open part, tables ``log`` (document id: log place) and ``works`` of one database, after what is sealed."""

    def __init__(self, database: Database, sealed: SealedLog) -> None:
        self._database = database
        self._sealed = sealed
        self._log = cast(JournaledTable, database.table("log"))
        self._works = database.table("works")
        self._read = lru_cache(_KEPT_READ)(self._paper)
        self._seal_at = 0
        self._into: dict[str, str] = {}
        self._index()

    def _index(self) -> None:
        """Make the indexes of the open part anew."""
        # Tuples, for nearly all have one member: half the memory, and nothing for the garbage collector to walk.
        self._places: dict[str, tuple[int, ...]] = {}
        self._beside: dict[str, int] = {}
        self._by_id: dict[str, str] = {}
        self._schemes: set[str] = set()
        self._by_title: dict[str, tuple[str, ...]] = {}
        for entry in self._log:
            paper = entry["paper"]
            titles = () if entry["key"] in self._places else title_keys(paper["title"])  # a work keeps its title
            self._index_place(entry.doc_id, entry["key"], keys_of(paper["ids"], paper["url"]), titles)
        for entry in self._works:
            self._index_beside(entry.doc_id, entry)

    def seal(self) -> None:
        """Seal what fills segments, where there is room for it on the disk."""
        if len(self._log) < max(sealing.SEGMENT, self._seal_at):
            return
        before = self._sealed
        try:
            # Whoever reads without a turn finds a place in one of the two.
            self._sealed = sealing.sealed_further(self._database, before)
            sealing.settle(self._database, self._sealed)
        except StoreError:
            # The journal has it all: no reason to fail what is done. Tried again when there is half as much more.
            self._sealed = before
            self._seal_at = len(self._log) + sealing.SEGMENT // 2
            return
        self._seal_at = 0
        self._index()

    # merging

    def taken(self, key: str) -> bool:
        """Whether a work was ever named so."""
        return key in self._places or bool(self._sealed.standing(key).places)

    def named(self, id_key: str) -> str | None:
        """The key of the work with this id key."""
        found = self._sealed.by_id(id_key) or self._by_id.get(id_key)
        return self.canonical(found) if found is not None else None

    def titled(self, folded: str) -> Iterable[str]:
        """The keys of the works with this folded title."""
        found = (*self._sealed.by_title(folded), *self._by_title.get(folded, ()))
        return dict.fromkeys(map(self.canonical, found)) if found else ()

    def keep(self, merging: Merging, now: datetime) -> None:
        """Write down what a merge changed, in one record. Raises StoreError with nothing changed."""
        works = [work for work in merging.works() if not (work.into and work.first is None)]
        at = from_time(now)
        taking = [work for work in works if work.takes_place]
        logged = {
            place: {"key": work.key, "at": at, "paper": work.paper.to_json()}
            for place, work in enumerate(taking, self.head() + 1)
        }
        beside: list[Document] = []
        with self._database.together():
            if logged:
                self._log.put(logged)
            for work in works:
                if not work.is_plain:
                    beside += self._keep_beside(work)
        for place, work in zip(logged, taking, strict=True):
            self._index_place(place, work.key, work.ids, work.titles)
        for entry in beside:
            self._index_beside(entry.doc_id, entry)
        self.seal()

    def _keep_beside(self, work: Work) -> list[Document]:
        """Stage what is known of a work beyond the log; the document, where there is something to index."""
        late = None
        if work.into is None and not work.takes_place and work.paper != work.logged:
            late = work.paper.to_json()
        entry = {
            "key": work.key,
            "into": work.into,
            "ids": work.also_ids,
            "titles": work.also_titles,
            "late": late,
        }
        place = self._beside.get(work.key)
        if place is not None:
            self._works.update(entry, doc_ids=[place])
        elif any(entry[name] for name in BESIDE) or (work.paper is not work.logged and self._was_beside(work.key)):
            place = self._works.insert(entry)
        else:
            return []
        return [Document(entry, place)]

    def _was_beside(self, key: str) -> bool:
        """Whether something was sealed that counts until there is something newer."""
        return self._sealed.standing(key).beside is not None

    # reading

    def head(self) -> int:
        """The last place of the log."""
        return self._sealed.head + len(self._log)

    def at(self, places: Iterable[int]) -> Iterator[LoggedPaper]:
        """What stands at these places, in their order; places that are not there are left out."""
        for place in places:
            entry = self._entry(place)
            if entry is not None:
                yield self._logged(place, entry, Paper.from_json(entry["paper"]))

    def again(self, places: Iterable[int]) -> Iterator[LoggedPaper]:
        """The same for those of digests, which are asked for again and again: the latest stay read."""
        for place in places:
            entry = self._entry(place)
            if entry is not None:
                yield self._logged(place, entry, self._read(place))

    def _paper(self, place: int) -> Paper:
        entry = self._entry(place)
        assert entry is not None  # whoever asks has looked
        return Paper.from_json(entry["paper"])

    def _entry(self, place: int) -> Mapping[str, Any] | None:
        entry = self._log.at(place)
        return entry if entry is not None else self._sealed.at(place)

    def last_places(self, after: int, upto: int, *, newest_first: bool = False) -> Iterator[int]:
        """The places in (after, upto] at which a work was last logged in there, in order or the other way round."""
        after, upto = max(after, 0), min(upto, self.head())
        passed = self._passed(after, upto)
        places = range(upto, after, -1) if newest_first else range(after + 1, upto + 1)
        return (place for place in places if place not in passed)

    def _passed(self, after: int, upto: int) -> set[int]:
        """The places in (after, upto] after which their works were logged again in there."""
        passed = {place for place, later in self._sealed.repeated(after, upto)}
        known = self._sealed if after < self._sealed.head else NOTHING_SEALED
        passed.update(place for place, later in each_before(self._places, known) if place > after and later <= upto)
        one = defaultdict[str, set[int]](set)
        for key in self._merged_after(after):
            work = self.canonical(key)
            one[work].update(each for name in (key, work) for each in self._all_places(name) if after < each <= upto)
        for places in one.values():
            passed.update(sorted(places)[:-1])
        return passed

    def _merged_after(self, after: int) -> Iterator[str]:
        """The works that turned out to be others and have a place after this one."""
        yield from (key for key, (_, last) in self._sealed.merged.items() if last > after)
        yield from (key for key in self._into if (self._all_places(key) or (0,))[-1] > after)

    def _all_places(self, key: str) -> tuple[int, ...]:
        return (*self._sealed.standing(key).places, *self._places.get(key, ()))

    def keys(self, places: Iterable[int]) -> Iterator[str]:
        """The works that stand at these places."""
        for place in places:
            entry = self._log.at(place)
            key = entry["key"] if entry is not None else self._sealed.key(place)
            if key is not None:
                yield self.canonical(key)

    def find(self, reference: str) -> LoggedPaper | None:
        """The newest state of the work named by its key, an id, or its title."""
        names: Iterator[str] = iter((reference,) if self.taken(reference) else ())
        ids = reference_keys(reference, self._schemes | self._sealed.schemes)
        titles = (key for title in title_keys(reference) for key in self.titled(title))
        keys = chain(map(self.canonical, names), filter(None, map(self.named, ids)), titles)
        for standing in map(self.standing, keys):
            if standing is not None:
                return self._logged(standing.last, standing.entry, standing.work.paper)
        return None

    def canonical(self, key: str) -> str:
        """The key of the work that the one with this key is, by now."""
        while True:
            into = self._into.get(key)
            if into is None:
                if key not in self._sealed.merged:
                    return key
                into, _ = self._sealed.merged[key]
            key = into

    def _logged(self, place: int, entry: Mapping[str, Any], paper: Paper) -> LoggedPaper:
        return LoggedPaper(place, self.canonical(entry["key"]), to_time(entry["at"]), paper)

    def standing(self, key: str) -> WorkStanding | None:
        """Where the work with this key, that is no other by now, stands; None where all of its places are lost."""
        sealed = self._sealed.standing(key)
        places = (*sealed.places, *self._places.get(key, ()))
        entry = self._entry(places[-1]) if places else None
        if entry is None:
            return None
        logged = Paper.from_json(entry["paper"])
        beside = self._works.get(doc_id=self._beside[key]) if key in self._beside else sealed.beside
        known: Mapping[str, Any] = beside or {"ids": (), "titles": (), "late": None}
        paper = Paper.from_json(known["late"]) if known["late"] else logged
        titles = [logged.title, *known["titles"]]
        work = Work(
            key,
            places[0],
            logged,
            paper,
            ids={*id_keys(paper), *known["ids"]},
            titles={folded for title in titles for folded in title_keys(title)},
            also_titles=list(known["titles"]),
        )
        return WorkStanding(work, places[-1], entry)

    # indexes

    def _index_place(self, place: int, key: str, ids: Iterable[str], folded_titles: Iterable[str]) -> None:
        before = self._places.get(key)
        self._places[key] = (*before, place) if before else (place,)
        self._index_names(ids, folded_titles, key)

    def _index_beside(self, document: int, entry: Document) -> None:
        key = entry["key"]
        self._beside[key] = document
        if entry["into"]:
            self._into[key] = entry["into"]
            return
        self._index_names(entry["ids"], (folded for title in entry["titles"] for folded in title_keys(title)), key)

    def _index_names(self, ids: Iterable[str], folded_titles: Iterable[str], key: str) -> None:
        for each in ids:
            if each not in self._by_id:
                self._by_id[each] = key
                self._schemes.add(each.partition(":")[0])
        for folded in folded_titles:
            keys = self._by_title.get(folded)
            if keys is None:
                self._by_title[folded] = (key,)
            elif key not in keys:
                self._by_title[folded] = (*keys, key)
