"""What readers think of papers, in TinyDB beside the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tinydb.table import Document

from digestbot.model.feedback import Feedback
from digestbot.store.codec import from_opinion, storable, storable_text, to_opinion
from digestbot.store.tinydb.storage import Database


class Opinions:
    """The table ``opinions`` of one database, with its indexes."""

    def __init__(self, database: Database) -> None:
        self._opinions = database.table("opinions")
        self.index()

    def index(self) -> None:
        """Make the indexes anew."""
        self._place_of: dict[str, int] = {}
        self._places_of: dict[str, list[int]] = {}
        self._last = 0
        self.known(list(self._opinions))

    def prepared(self, opinions: Iterable[Feedback]) -> list[Document]:
        """Their documents, the last word about each."""
        said = {entry["id"]: entry for entry in (storable(from_opinion(each))[0] for each in opinions)}
        fresh = iter(range(self._last + 1, self._last + 1 + len(said)))
        return [Document(entry, self._place_of.get(name) or next(fresh)) for name, entry in said.items()]

    def write(self, documents: Iterable[Document]) -> None:
        """Add them, or put them in the place of what was said before."""
        for document in documents:
            self._opinions.upsert(document)

    def known(self, documents: Iterable[Document]) -> None:
        """Take what was written into the indexes."""
        for each in documents:
            if each["id"] not in self._place_of:
                self._place_of[each["id"]] = each.doc_id
                self._places_of.setdefault(each["subscription"], []).append(each.doc_id)
                self._last = max(self._last, each.doc_id)

    def remove(self, subscriptions: Collection[str]) -> None:
        """Take out what the readers of these said; the indexes lag behind until `index`."""
        places = [place for name in subscriptions for place in self._places_of.get(name, ())]
        self._opinions.remove(doc_ids=places)

    def of(self, subscription: str) -> list[Feedback]:
        """What the readers of one said, in the order of the papers' places."""
        places = self._places_of.get(storable_text(subscription), ())
        entries = (self._opinions.get(doc_id=place) for place in places)
        found = [to_opinion(entry) for entry in entries if isinstance(entry, Document)]
        return sorted(found, key=lambda each: each.place)
