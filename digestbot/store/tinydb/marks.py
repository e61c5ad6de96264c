"""The mark of a store that is being moved, kept with the ledger."""

from __future__ import annotations

from tinydb.table import Document

from digestbot.model.errors import StoreError
from digestbot.store.moving import Mark
from digestbot.store.tinydb.storage import Database


def read_mark(ledger: Database) -> Mark | None:
    """The mark it carries."""
    entry = ledger.table("marks").get(doc_id=1)
    return Mark(entry["other"], left=entry["left"]) if isinstance(entry, Document) else None


def refuse_marked(ledger: Database, place: str) -> None:
    """Raises StoreError for a store that nobody may write to."""
    mark = read_mark(ledger)
    if mark is not None:
        raise StoreError(mark.problem(place))


def put_mark(ledger: Database, mark: Mark | None) -> None:
    """Give it a mark, or take it off."""
    table = ledger.table("marks")
    if mark is not None:
        table.upsert(Document({"other": mark.other, "left": mark.left}, 1))
    elif table.contains(doc_id=1):
        table.remove(doc_ids=[1])
