"""A week of digests: each leads with its news, what waits has its share, and nothing is lost from sight uncounted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from digestbot.digests import open_by_hand
from digestbot.model.digests import DigestRecord, assemble
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import SortOrder, Subscription
from digestbot.rendering.base import Envelope
from digestbot.rendering.view import DigestView, view
from digestbot.rules.combine import combine
from digestbot.store import open_store
from digestbot.store.base import Store
from digestbot.subscribers.compiled import CompiledRules
from tests.digests.kit import NAME, compiled, subscription, utc

DAYS = (150, 6, 0, 40, 3)


def opened(store: Store, wanted: Subscription, day: int, *, waiting: bool = False) -> DigestRecord:
    (record,) = open_by_hand([compiled(wanted)], store, utc(day, 9), waiting=waiting)
    assert record is not None
    return record


def shown(store: Store, record: DigestRecord) -> DigestView:
    return view(assemble(record, store.logged(each.sequence for each in record.entries)), Envelope(""))


def played(store: Store, wanted: Subscription) -> list[DigestRecord]:
    """The digests of a week in which so many papers of the subject came each day, and one of no subject."""
    store.register([NAME], now=utc(1))
    records = []
    for day, count in enumerate(DAYS, 2):
        fresh = [Paper(title=f"Speech {day}/{n}") for n in range(count)]
        store.merge([*fresh, Paper(title=f"Other {day}")], now=utc(day, 8))
        records.append(opened(store, wanted, day))
    return records


def test_each_digest_leads_with_its_news_and_what_waits_takes_no_more_than_its_share(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        records = played(store, subscription())
        counts = [each.counts for each in records]
        assert [each.new_shown for each in counts] == [20, 6, 0, 20, 3]
        assert [each.waiting_shown for each in counts] == [0, 2, 5, 0, 1]
        assert [each.left_out for each in counts] == [130, 128, 123, 143, 142]
        for record in records:
            carried = [each.carried for each in record.entries]
            assert carried == sorted(carried), "what waited stands last"
        first = shown(store, records[1])
        assert first.count == "6 new papers"
        assert first.lead == "6 new papers among 7 read; 2 of 130 from earlier days below."
        assert [each.heading for each in first.sections][-1] == "Still waiting"
        assert first.entries[0].title.text.startswith("Speech 3/")


def test_every_paper_is_shown_waits_or_was_counted_by_the_digest_that_let_it_go(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        records = played(store, subscription(waiting_days=2))
        seen = {each.sequence for record in records for each in record.entries}
        gone = sum(each.counts.expired for each in records)
        assert gone > 0
        assert len(seen) + len(records[-1].carry) + gone == sum(DAYS)
        let_go = next(each for each in records if each.counts.expired)
        assert f"{let_go.counts.expired} let go" in shown(store, let_go).closing


def test_all_that_waits_comes_at_once_when_it_is_asked_for(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        wanted = subscription()
        (*_, last) = played(store, wanted)
        rest = opened(store, wanted, 7, waiting=True)
        assert {each.sequence for each in rest.entries} == set(last.carry)
        assert rest.carry == ()


def test_what_rises_comes_first_once_and_nothing_piles_up(tmp_path: Path) -> None:
    """Of everything the three that gained most since the day before; what is not among them may rise later."""
    wanted = subscription(order=SortOrder.TRENDING, max_entries=3, carry=False)
    everything = replace(compiled(wanted), rules=CompiledRules(combine(query="*"), (("query", "query"),)))
    upvotes = {"A": (9, 10, 11), "B": (8, 30, 31), "C": (7, 8, 40), "D": (6, 6, 6), "E": (0, 5, 6), "F": (0, 0, 9)}
    with open_store("tinydb:data", home=tmp_path) as store:
        store.register([NAME], now=utc(1))
        titles, records = [], []
        for day in range(3):
            now = utc(2, 8) + timedelta(days=day)
            store.merge([Paper(title=name, upvotes=each[day]) for name, each in upvotes.items()], now=now)
            (record,) = open_by_hand([everything], store, now)
            assert record is not None
            records.append(record)
            logged = store.logged(each.sequence for each in record.entries)
            titles.append([logged[each.sequence].paper.title for each in record.entries])
        assert titles == [["A", "B", "C"], ["E"], ["F"]]
        assert all(each.carry == () for each in records)
        flat = [title for each in titles for title in each]
        assert len(flat) == len(set(flat))
