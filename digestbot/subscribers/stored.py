"""The subscriptions that stand in the store, read anew when one of them has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock

from digestbot.model.errors import Problem, UsageError
from digestbot.model.subscribers import BUCKETS, Membership, SubscriberRecord
from digestbot.model.subscriptions import Subscription
from digestbot.rules.topics import Topics
from digestbot.store.base import Store
from digestbot.subscribers.compiled import CompiledSubscription
from digestbot.subscribers.files import Folder
from digestbot.subscribers.records import RecordCompiler


class StoredSubscriptions:
    """Subscribers who are active, as subscriptions. For any thread."""

    def __init__(self, store: Store, topics: Topics) -> None:
        self._store = store
        self._reader = RecordCompiler(topics, store)
        self._lock = Lock()
        self._mark: str | None = None
        self._wants: Sequence[CompiledSubscription] = ()
        self.problems: Sequence[Problem] = ()
        """What was wrong with those last read."""

    def wants(self) -> Sequence[CompiledSubscription]:
        """All whose records are right. Raises StoreError."""
        mark = self._store.subscribers_mark(range(BUCKETS))
        with self._lock:
            if mark != self._mark:
                self._wants, self.problems = self._reader.read(self._store.subscribers())
                self._mark = mark
            return self._wants

    def some(self, ids: Iterable[str]) -> Sequence[CompiledSubscription]:
        """Those with these ids whose records are right, as they are in this moment. Raises StoreError."""
        return self._read(self._store.subscribers(ids))[1]

    def now(self, identifier: str) -> dict[str, Subscription | None]:
        """The one with this id as it is in this moment: nothing where it is not, or left; None for a wrong one.

        Raises StoreError.
        """
        active, wants = self._read(self._store.subscribers([identifier]))
        return dict.fromkeys(each.id for each in active) | {each.subscription.id: each.subscription for each in wants}

    def _read(
        self, records: Iterable[SubscriberRecord]
    ) -> tuple[Sequence[SubscriberRecord], Sequence[CompiledSubscription]]:
        active = [each for each in records if each.state is Membership.ACTIVE]
        with self._lock:
            return active, self._reader.read(active)[0]


class Directory:
    """Every subscription by its id, of a file or of the store, as it is now."""

    def __init__(self, folder: Folder, stored: Callable[[], StoredSubscriptions]) -> None:
        right = {each.subscription.id: each.subscription for each in folder.wants}
        self.of_files: Mapping[str, Subscription | None] = dict.fromkeys(folder.ids) | right
        """Those of files; None for one whose file is wrong."""
        self._stored = stored

    def now(self, identifier: str) -> Mapping[str, Subscription | None]:
        """Holds the one with this id where there is one; None for one that is wrong. Raises StoreError."""
        return self.of_files if identifier in self.of_files else self._stored().now(identifier)

    def get(self, identifier: str) -> Subscription | None:
        """The one with this id; None without one that is right. Raises StoreError."""
        return self.now(identifier).get(identifier)


def chosen(
    folder: Folder, members: StoredSubscriptions, ids: Sequence[str], home: Path, *, none_is_fine: bool
) -> list[CompiledSubscription]:
    """The subscriptions asked for; for none of them all that are right, of files and of the store.

    Raises UsageError when one that was asked for is wrong or not there, or when there is none and that is not fine.
    """
    if ids:
        of_store = {each.subscription.id: each for each in members.some(ids)}
        named = [each for each in ids if each not in of_store]
        of_files = {each.subscription.id: each for each in folder.asked_for(named)} if named else {}
        return [(of_store | of_files)[each] for each in ids]
    all_of_store = members.wants()
    if not folder.wants and (all_of_store or none_is_fine):
        return list(all_of_store)
    if not folder.ids:
        hint = f"add a file there, or start with: digestbot init {home}"
        raise UsageError(Problem("there is no subscription", str(home / "subscriptions"), way_out=hint))
    return [*folder.asked_for(()), *all_of_store]
