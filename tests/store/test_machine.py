"""A store against a small model in memory, over any run of calls, reopenings, crashes and returns to old copies."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import OPEN_STATES, Delivery, DeliveryState, Outcome
from digestbot.model.papers import Paper, merge, visible_change
from digestbot.store import open_store
from digestbot.store.base import Merged
from digestbot.store.tinydb import sealing, storage
from tests.servers.postgres import PostgresServer
from tests.store.making import LEASE, NOW, delivery, digest

# Titles that name one work each, and ids that go with one of them: whose work a paper is, is plain to see.
WORKS = [f"The work called {name}" for name in ("alpha", "beta", "gamma", "delta")]
PAPERS = st.builds(
    lambda number, with_id, upvotes, url: Paper(
        title=WORKS[number],
        ids={"arxiv": f"2401.0000{number}"} if with_id else {},
        upvotes=upvotes,
        url=url,
    ),
    st.integers(0, len(WORKS) - 1),
    st.booleans(),
    st.none() | st.integers(0, 3),
    st.sampled_from([None, "https://example.org"]),
)


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.url = self.place()
        self.store = open_store(self.url, home=self.home)
        self.now = NOW
        self.log: list[Paper] = []
        self.newest: dict[str, Paper] = {}
        self.digests: list[str] = []
        self.cursor: int | None = None
        self.ledger: dict[str, Delivery] = {}
        self.claimed: list[Delivery] = []
        self.open_digest(["a", "b"])
        self.claim(2, filtered=False)

    def place(self) -> str:
        """Where the store is."""
        return "tinydb:data"

    @rule(papers=st.lists(PAPERS, max_size=6))
    def merge(self, papers: list[Paper]) -> None:
        before = dict(self.newest)
        logged = {paper.title: paper for paper in self.log}
        for paper in papers:
            known = self.newest.get(paper.title)
            self.newest[paper.title] = merge(known, paper) if known else paper
        titles = list(dict.fromkeys(paper.title for paper in papers))
        new = [title for title in titles if title not in before]
        updated = [t for t in titles if t in before and visible_change(logged[t], self.newest[t])]
        self.log += [self.newest[title] for title in titles if title in new or title in updated]
        expected = Merged(len(new), len(updated), len(papers) - len(new) - len(updated))
        assert self.store.merge(papers, now=self.now) == expected

    @rule(people=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4))
    def open_digest(self, people: list[str]) -> None:
        head = len(self.log)
        record = digest(str(len(self.digests)), window=(self.cursor or 0, head), entries=range(1, head + 1))
        planned = [delivery(record, who) for who in people]
        assert self.store.open_digest(record, planned)
        assert not self.store.open_digest(record, planned)
        self.digests.append(record.key)
        self.cursor = head
        self.ledger.update({each.id: each for each in planned})

    @rule(limit=st.integers(0, 9), filtered=st.booleans())
    def claim(self, limit: int, filtered: bool) -> None:
        digests = set(self.digests[-2:]) if filtered else None
        expected: list[Delivery] = []
        for each in self.ledger.values():
            if digests is not None and each.digest not in digests:
                continue
            if each.state is DeliveryState.SENDING and each.lease_until is not None and each.lease_until <= self.now:
                each = replace(each, state=DeliveryState.UNKNOWN, lease_until=None, not_before=None)
                reason = sentence(Cause.LEASE_OVER)
                each = replace(each, cause=Cause.LEASE_OVER, reason=reason, possible_duplicate=True)
                self.ledger[each.id] = each
            waits = each.state is DeliveryState.SENDING or (each.not_before is not None and each.not_before > self.now)
            if each.state in OPEN_STATES and not waits and len(expected) < limit:
                self.ledger[each.id] = replace(
                    each,
                    state=DeliveryState.SENDING,
                    lease_until=self.now + LEASE,
                    fence=each.fence + 1,
                    attempts=each.attempts + 1,
                )
                expected.append(self.ledger[each.id])
        assert self.store.claim(now=self.now, lease=LEASE, limit=limit, digests=digests) == expected
        self.claimed += expected

    @precondition(lambda self: self.claimed)
    @rule(
        data=st.data(),
        state=st.sampled_from(DeliveryState),
        wait=st.none() | st.integers(1, 20),
        cause=st.sampled_from(Cause),
        doubt=st.booleans(),
    )
    def record(self, data: st.DataObject, state: DeliveryState, wait: int | None, cause: Cause, doubt: bool) -> None:
        """Also under fences long outdated."""
        each = data.draw(st.sampled_from(self.claimed))
        not_before = self.now + timedelta(minutes=wait) if wait else None
        said = Outcome(each.id, each.fence, state, 1, self.now, cause, "so", "said", doubt, not_before)
        known = self.ledger[each.id]
        late = state is DeliveryState.SENDING and known.state is not DeliveryState.SENDING
        taken = known.fence == each.fence and not late
        assert self.store.record([said]) == taken
        if taken:
            handed_back = state is DeliveryState.PLANNED and known.state is DeliveryState.SENDING
            anew = state is DeliveryState.PLANNED and not handed_back
            done = state in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DROPPED)
            self.ledger[each.id] = replace(
                known,
                state=state,
                parts_sent=1,
                cause=cause,
                reason="so",
                answer="said",
                possible_duplicate=doubt,
                not_before=not_before,
                attempts=0 if anew else known.attempts - handed_back,
                planned_at=self.now if anew else known.planned_at,
                lease_until=known.lease_until if state is DeliveryState.SENDING else None,
                done_at=self.now if done else None,
            )

    @rule(minutes=st.sampled_from([-3, 1, 6, 12]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = open_store(self.url, home=self.home)

    @rule(torn=st.binary(max_size=400))
    def crash(self, torn: bytes) -> None:
        """The process is gone while it wrote a record: what is on the disk, with its beginning, is all there is."""
        copy = Path(tempfile.mkdtemp())
        shutil.copytree(self.home / "data", copy / "data", ignore=shutil.ignore_patterns("lock*"))
        self.store.close()
        shutil.rmtree(self.home)
        self.home = copy
        for path in (copy / "data").glob("*.journal"):
            data = path.read_bytes()
            end = len(data.rstrip(b"\0"))
            path.write_bytes(data[:end] + torn.replace(b"\n", b"") + data[end + len(torn.replace(b"\n", b"")) :])
        self.store = open_store(self.url, home=self.home)

    @invariant()
    def agrees(self) -> None:
        assert [each.paper for each in self.store.logged(range(1, 999)).values()] == self.log
        last = {paper.title: place for place, paper in enumerate(self.log, 1)}
        assert [each.sequence for each in self.store.window(0, 999)] == sorted(last.values())
        assert {t: found.paper for t in WORKS if (found := self.store.find(t))} == self.newest
        assert self.store.deliveries() == list(self.ledger.values())
        assert [each.key for each in self.store.digests()] == self.digests
        cursor = self.store.cursor("ml")
        assert (cursor.position if cursor else None) == self.cursor

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.home)


class FoldingStoreMachine(StoreMachine):
    """The same with a new generation every few records."""

    def __init__(self) -> None:
        self._least = storage._FOLD_AT_LEAST
        storage._FOLD_AT_LEAST = 1500
        super().__init__()

    def teardown(self) -> None:
        storage._FOLD_AT_LEAST = self._least
        super().teardown()


class SealingStoreMachine(StoreMachine):
    """The same with a new segment every few papers."""

    def __init__(self) -> None:
        self._segment = sealing.SEGMENT
        sealing.SEGMENT = 2
        super().__init__()

    def teardown(self) -> None:
        sealing.SEGMENT = self._segment
        super().teardown()


TestStoreMachine = StoreMachine.TestCase
TestSealingStoreMachine = SealingStoreMachine.TestCase
TestFoldingStoreMachine = FoldingStoreMachine.TestCase
TestStoreMachine.settings = TestSealingStoreMachine.settings = TestFoldingStoreMachine.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None
)


def test_the_store_on_a_server_agrees_with_the_model(postgres: PostgresServer) -> None:
    class ServerMachine(StoreMachine):
        def place(self) -> str:
            return postgres.url()

        @rule()
        def crash(self) -> None:
            """The process is gone: so are its connections, and what it had not finished."""
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'digestbot'"
                )
            self.reopen()

    run_state_machine_as_test(ServerMachine, settings=settings(TestStoreMachine.settings, max_examples=12))
