"""A pytest plugin: every reason that the ledger keeps is reworded, beyond recognition.

`python -m pytest -p tests.delivery.rewording tests/delivery` shows that nothing decides by what people read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from digestbot.model import causes
from digestbot.model.deliveries import Outcome
from digestbot.store.postgres.store import PostgresStore
from digestbot.store.tinydb.store import TinyStore

# Neither the old words nor the facts, and alike for several causes.
WORDS = {cause: f"wörter, {'nichts als ' * (number % 3)}wörter" for number, cause in enumerate(causes.Cause)}
AGAIN = "noch mehr davon"


def pytest_configure() -> None:
    """Before any test: other words, and stores that take no others."""
    causes.SENTENCES.update(WORDS)
    causes.AGAIN = AGAIN
    known = {None, AGAIN, *WORDS.values()}

    def strict(record: Callable[[Any, Sequence[Outcome]], int]) -> Callable[[Any, Sequence[Outcome]], int]:
        def recorded(store: Any, outcomes: Sequence[Outcome]) -> int:
            assert {each.reason for each in outcomes} <= known, "a reason that is worded elsewhere"
            return record(store, outcomes)

        return recorded

    for kind in (TinyStore, PostgresStore):
        setattr(kind, "record", strict(kind.record))  # noqa: B010  # for the whole process; types know better
