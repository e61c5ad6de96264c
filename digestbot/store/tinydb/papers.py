"""The paper log in TinyDB: every logged state of every work, found by place, id and title without a scan.

What stands at a log place is never rewritten, so that an old digest can be written again to the byte.
What a rule cannot see (a URL) and what a work is also known by are kept beside the log, in ``works``,
and go into the next place the work takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from tinydb.table import Document

from digestbot.model.papers import LoggedPaper, Paper
from digestbot.store.codec import from_time, to_time
from digestbot.store.identity import id_keys, keys_of, reference_keys, title_keys
from digestbot.store.merging import Merging, Work
from digestbot.store.tinydb.storage import Database, JournaledTable

_KEPT_READ = 1_000  # papers, of some KB each


class PaperLog:
    """The tables ``log`` (document id: log place) and ``works`` of one database, with their indexes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._log = cast(JournaledTable, database.table("log"))
        self._works = database.table("works")
        self._read = lru_cache(_KEPT_READ)(self._paper)
        # Tuples, for nearly all have one member: half the memory, and nothing for the garbage collector to walk.
        self._places: dict[str, tuple[int, ...]] = {}
        self._beside: dict[str, int] = {}
        self._into: dict[str, str] = {}
        self._by_id: dict[str, str] = {}
        self._schemes: set[str] = set()
        self._by_title: dict[str, tuple[str, ...]] = {}
        for entry in self._log:
            paper = entry["paper"]
            titles = () if entry["key"] in self._places else title_keys(paper["title"])  # a work keeps its title
            self._index_place(entry.doc_id, entry["key"], keys_of(paper["ids"], paper["url"]), titles)
        for entry in self._works:
            self._index_beside(entry.doc_id, entry)

    # merging

    def by_id(self, key: str) -> Work | None:
        """The work with this id key."""
        return self._work(self._by_id[key]) if key in self._by_id else None

    def by_title(self, folded: str) -> Sequence[Work]:
        """The works with this folded title, first logged first."""
        found = self._by_title.get(folded)
        if not found:
            return ()
        keys = dict.fromkeys(map(self.canonical, found))
        return sorted((self._work(key) for key in keys), key=lambda work: work.first or 0)

    def taken(self, key: str) -> bool:
        """Whether a work was ever named so."""
        return key in self._places

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
        elif any(entry[name] for name in ("into", "ids", "titles", "late")):
            place = self._works.insert(entry)
        else:
            return []
        return [Document(entry, place)]

    # reading

    def head(self) -> int:
        """The last place of the log."""
        return len(self._log)

    def at(self, places: Iterable[int]) -> Iterator[LoggedPaper]:
        """What stands at these places, in their order; places that are not there are left out."""
        for place in places:
            entry = self._log.at(place)
            if entry is not None:
                yield self._logged(place, entry, Paper.from_json(entry["paper"]))

    def again(self, places: Iterable[int]) -> Iterator[LoggedPaper]:
        """The same for those of digests, which are asked for again and again: the latest stay read."""
        for place in places:
            entry = self._log.at(place)
            if entry is not None:
                yield self._logged(place, entry, self._read(place))

    def _paper(self, place: int) -> Paper:
        entry = self._log.at(place)
        assert entry is not None  # whoever asks has looked
        return Paper.from_json(entry["paper"])

    def last_places(self, after: int, upto: int) -> list[int]:
        """The places in (after, upto] at which a work was last logged in there, in order."""
        last: dict[str, int] = {}
        for place in range(max(after, 0) + 1, min(upto, self.head()) + 1):
            entry = self._log.at(place)
            if entry is not None:
                last[self.canonical(entry["key"])] = place
        return sorted(last.values())

    def keys(self, places: Iterable[int]) -> Iterator[str]:
        """The works that stand at these places."""
        for place in places:
            entry = self._log.at(place)
            if entry is not None:
                yield self.canonical(entry["key"])

    def find(self, reference: str) -> LoggedPaper | None:
        """The newest state of the work named by its key, an id, or its title."""
        key = reference if reference in self._places else None
        if key is None:
            ids = reference_keys(reference, self._schemes)
            key = next((self._by_id[each] for each in ids if each in self._by_id), None)
        if key is None:
            key = next((keys[0] for keys in map(self._by_title.get, title_keys(reference)) if keys), None)
        if key is None:
            return None
        work = self._work(key)
        place = self._places[work.key][-1]
        entry = self._log.at(place)
        return self._logged(place, entry, work.paper) if entry is not None else None

    def canonical(self, key: str) -> str:
        """The key of the work that the one with this key is, by now."""
        while key in self._into:
            key = self._into[key]
        return key

    def _logged(self, place: int, entry: Mapping[str, Any], paper: Paper) -> LoggedPaper:
        return LoggedPaper(place, self.canonical(entry["key"]), to_time(entry["at"]), paper)

    def _work(self, key: str) -> Work:
        key = self.canonical(key)
        places = self._places[key]
        entry = self._log.at(places[-1])
        assert entry is not None  # the index points into the log
        logged = Paper.from_json(entry["paper"])
        beside = self._works.get(doc_id=self._beside[key]) if key in self._beside else None
        known: dict[str, Any] = beside or {"ids": [], "titles": [], "late": None}
        paper = Paper.from_json(known["late"]) if known["late"] else logged
        titles = [logged.title, *known["titles"]]
        return Work(
            key,
            places[0],
            logged,
            paper,
            ids={*id_keys(paper), *known["ids"]},
            titles={folded for title in titles for folded in title_keys(title)},
            also_titles=list(known["titles"]),
        )

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
