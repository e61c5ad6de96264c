"""The promises of `digestbot.store.base`, one test each: a backend's tests inherit them and say how to open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import DeliveryState
from digestbot.model.digests import OpenedTurn, Slot
from digestbot.model.errors import StoreError
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import GUID, Paper
from digestbot.model.partial_date import PartialDate
from digestbot.model.secret import Secret
from digestbot.model.subscribers import BUCKETS, FORGOTTEN, Membership, Suppression, bucket
from digestbot.model.subscriptions import Destination
from digestbot.store.base import Cursor, Merged, Opening, Store
from tests.store.making import LEASE, NOW, delivery, digest, later, opening, outcome, subscriber

Opener: TypeAlias = Callable[..., Store]
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def now_and_reopened(store: Store, reopen: Opener) -> Iterator[Store]:
    yield store
    yield reopen()


class MergeContract:
    """The life of a paper."""

    def test_new_works_take_log_places_in_order(self, store: Store) -> None:
        assert store.head() == 0
        papers = [Paper(title="Low-resource translation", upvotes=3), Paper(title="Speech for everyone")]
        assert store.merge(papers, now=NOW) == Merged(new=2, updated=0, duplicate=0)
        assert store.head() == 2
        assert [(each.sequence, each.paper, each.logged_at) for each in store.window(0, 2)] == [
            (1, papers[0], NOW),
            (2, papers[1], NOW),
        ]

    def test_a_paper_comes_back_whole_after_reopening(self, reopen: Opener) -> None:
        paper = Paper(
            title="Ünïcode \U0001f600 and “quotes”",
            abstract="line\nline",
            authors=("Ada Lovelace", "李"),
            organization="ACME",
            journal="Acta Änigmatica",
            upvotes=7,
            published=date(2024, 2, 29),
            categories=("cs.CL",),
            ids={"arxiv": "2401.00001", "doi": "10.1/x"},
            url="https://example.org/1",
            source="here",
            kind="new",
        )
        reopen().merge([paper], now=NOW)
        (again,) = reopen().window(0, 1)
        assert (again.paper, again.key) == (paper, "arxiv:2401.00001")

    def test_the_same_dump_again_is_all_duplicates(self, reopen: Opener) -> None:
        papers = [Paper(title=f"Paper number {n} of many", upvotes=n) for n in range(5)]
        papers += [Paper(title="Preface"), Paper(title="BERT", authors=("J. Devlin",), abstract="We.")]
        reopen().merge(papers, now=NOW)
        store = reopen()
        assert store.merge(papers, now=later(1)) == Merged(new=0, updated=0, duplicate=7)
        assert store.head() == 7

    def test_a_repetition_within_a_dump_is_a_duplicate_and_fills_gaps(self, store: Store) -> None:
        twice = [Paper(title="One paper twice"), Paper(title="One Paper Twice", abstract="Filled.")]
        assert store.merge(twice, now=NOW) == Merged(new=1, updated=0, duplicate=1)
        assert store.logged([1])[1].paper.abstract == "Filled."

    def test_a_visible_change_takes_a_new_place_and_leaves_the_old_as_it_was(self, store: Store) -> None:
        store.merge([Paper(title="Rising star of the week", upvotes=1), Paper(title="Another paper")], now=NOW)
        seen = Paper(title="Rising star of the week", upvotes=9, ids={"arxiv": "2401.00002"})
        assert store.merge([seen], now=later(1)) == Merged(new=0, updated=1, duplicate=0)
        versions = store.logged([1, 3])
        assert (versions[1].paper.upvotes, versions[3].paper.upvotes) == (1, 9)
        assert versions[1].key == versions[3].key
        assert [each.sequence for each in store.window(0, 3)] == [2, 3]
        assert [each.sequence for each in store.window(0, 2)] == [1, 2]

    def test_a_change_no_rule_sees_takes_no_place_and_is_found(self, reopen: Opener) -> None:
        store = reopen()
        store.merge([Paper(title="A paper without a link")], now=NOW)
        seen = Paper(title="A paper without a link", url="https://example.org")
        assert store.merge([seen], now=later(1)) == Merged(new=0, updated=0, duplicate=1)
        store = reopen()
        assert store.head() == 1
        assert store.logged([1])[1].paper.url is None
        found = store.find("a paper without a link")
        assert found is not None
        assert found.paper.url == "https://example.org"
        store.merge([Paper(title="A paper without a link", upvotes=2)], now=later(2))
        assert store.logged([2])[2].paper.url == "https://example.org"

    def test_a_poorer_dump_empties_nothing(self, store: Store) -> None:
        rich = Paper(title="A rich paper", abstract="Long.", authors=("A. B.",), upvotes=4)
        store.merge([rich], now=NOW)
        store.merge([Paper(title="A rich paper")], now=NOW)
        assert store.logged([1])[1].paper == rich
        assert store.head() == 1

    def test_ids_met_later_join_the_same_work_under_its_first_key(self, store: Store) -> None:
        store.merge([Paper(title="Known by title first")], now=NOW)
        (first,) = store.window(0, 1)
        store.merge([Paper(title="Known by title first", ids={"arxiv": "2401.00003"})], now=NOW)
        store.merge([Paper(title="Renamed in version two", ids={"arxiv": "2401.00003v2"})], now=NOW)
        store.merge([Paper(title="Renamed in Version Two", upvotes=1)], now=NOW)
        assert {each.key for each in store.window(0, store.head())} == {first.key}

    def test_works_that_ids_show_to_be_one_go_on_as_the_first(self, reopen: Opener) -> None:
        store = reopen()
        store.merge([Paper(title="The preprint's title", ids={"arxiv": "2401.00004"})], now=NOW)
        store.merge([Paper(title="The journal's title", ids={"doi": "10.1/j"})], now=NOW)
        store.open_digest(digest(window=(0, 2), entries=[2]), [])
        assert store.delivered("ml") == {"doi:10.1/j"}
        both = Paper(title="The journal's title", ids={"doi": "10.1/j", "arxiv": "2401.00004"})
        assert store.merge([both], now=NOW) == Merged(new=0, updated=1, duplicate=0)
        for again in now_and_reopened(store, reopen):
            assert [each.key for each in again.window(0, 3)] == ["arxiv:2401.00004"]
            assert again.logged([2])[2].key == "arxiv:2401.00004"
            assert again.delivered("ml") == {"arxiv:2401.00004"}
            found = again.find("10.1/J")
            assert found is not None
            assert found.key == "arxiv:2401.00004"

    def test_a_feeds_corrected_title_is_the_same_paper_with_its_new_title(self, reopen: Opener) -> None:
        ids = {GUID: "https://journal.example.org/article/7"}
        reopen().merge([Paper(title="A model of teh rain", ids=ids), Paper(title="Another of its papers")], now=NOW)
        corrected = Paper(title="A model of the rain", ids=ids)
        assert reopen().merge([corrected], now=later(1)) == Merged(new=0, updated=1, duplicate=0)
        for store in now_and_reopened(reopen(), reopen):
            assert store.merge([corrected], now=later(2)) == Merged(new=0, updated=0, duplicate=1)
            (of_old, of_new) = (store.find("A model of teh rain"), store.find("A model of the rain"))
            assert of_old is not None
            assert of_old == of_new
            assert of_old.paper.title == "A model of the rain"

    def test_one_guid_for_whatever_a_feed_has_makes_nothing_one(self, store: Store) -> None:
        ids = {GUID: "https://journal.example.org/current"}
        store.merge([Paper(title="Kites over ice", ids=ids)], now=NOW)
        assert store.merge([Paper(title="Nets under water", ids=ids)], now=NOW).new == 1

    def test_a_guid_yields_to_a_doi_that_says_otherwise(self, store: Store) -> None:
        one, other = ({GUID: "g", "doi": f"10.1000/{number}"} for number in (1, 2))
        store.merge([Paper(title="A model of the rain in place 1", ids=one)], now=NOW)
        assert store.merge([Paper(title="A model of the rain in place 2", ids=other)], now=NOW).new == 1

    def test_a_guid_is_nothing_that_a_rule_can_see(self, store: Store) -> None:
        store.merge([Paper(title="A model of the rain")], now=NOW)
        assert store.merge([Paper(title="A model of the rain", ids={GUID: "g"})], now=NOW).duplicate == 1

    def test_what_an_address_names_is_an_id(self, reopen: Opener) -> None:
        address = "https://www.nature.com/articles/s41586-026-00001-2"
        reopen().merge([Paper(title="A model of teh rain", url=address)], now=NOW)
        store = reopen()
        seen = Paper(title="Quite another title of it", ids={"doi": "10.1038/s41586-026-00001-2"})
        assert store.merge([seen], now=later(1)).new == 0
        assert store.find("10.1038/s41586-026-00001-2") is not None

    def test_a_year_is_kept_and_gives_way_to_a_day(self, reopen: Opener) -> None:
        reopen().merge([Paper(title="A model of the rain", published=PartialDate(2026))], now=NOW)
        store = reopen()
        assert store.logged([1])[1].paper.published == PartialDate(2026)
        store.merge([Paper(title="A model of the rain", published=date(2026, 5, 3))], now=later(1))
        assert store.logged([2])[2].paper.published == date(2026, 5, 3)

    @pytest.mark.parametrize("title", ["Preface", "Editorial", "Front Matter", "Introduction to the Special Issue"])
    def test_boilerplate_titles_stay_apart(self, store: Store, title: str) -> None:
        papers = [Paper(title=title, authors=("Ada Lovelace",)), Paper(title=title, authors=("Alan Turing",))]
        assert store.merge([*papers, Paper(title=title)], now=NOW) == Merged(new=3, updated=0, duplicate=0)
        assert store.merge([*papers, Paper(title=title)], now=NOW) == Merged(new=0, updated=0, duplicate=3)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (Paper(title="On the theory of things I"), Paper(title="On the theory of things II")),
            (Paper(title="A survey of", ids={"arxiv": "2401.1"}), Paper(title="A survey of", ids={"arxiv": "2401.2"})),
            (Paper(title="Deep learning", ids={"doi": "10.1/a"}), Paper(title="Deep learning", ids={"doi": "10.1/b"})),
            (Paper(title="Deep learning", authors=("Y. LeCun",)), Paper(title="Deep learning", authors=("A. Ng",))),
            (Paper(title="Programming in C"), Paper(title="Programming in C++")),
            (Paper(title="One", ids={"isbn": "978"}), Paper(title="Two", ids={"isbn": "978"})),
            (Paper(title="???"), Paper(title="!!!")),
        ],
    )
    def test_two_papers_never_become_one(self, store: Store, one: Paper, other: Paper) -> None:
        assert store.merge([one, other], now=NOW).new == 2
        assert len({each.key for each in store.window(0, 2)}) == 2
        assert store.merge([other, one], now=NOW).duplicate == 2

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (Paper(title="Pre-training Großer Modelle"), Paper(title="PRETRAINING GROSSER MODELLE")),
            (Paper(title="x y", ids={"arxiv": "2401.00001v1"}), Paper(title="z", ids={"arxiv": "arXiv:2401.00001"})),
            (Paper(title="x", ids={"doi": "10.1/AB"}), Paper(title="z", ids={"doi": "https://doi.org/10.1/ab"})),
            (Paper(title="x", ids={"doi": "10.48550/arXiv.2401.1"}), Paper(title="z", ids={"arxiv": "2401.1"})),
            (Paper(title="x", ids={"pmid": "12"}), Paper(title="z", ids={"pmid": "12"})),
            (Paper(title="A title here", ids={"doi": "10.1/a"}), Paper(title="A title here")),
            (Paper(title="A title here", ids={"doi": "10.1/a"}), Paper(title="A title here", ids={"arxiv": "2401.1"})),
            (Paper(title="Deep nets", authors=("Y. LeCun",)), Paper(title="Deep nets", authors=("Yann LeCun",))),
        ],
    )
    def test_one_paper_never_becomes_two(self, reopen: Opener, one: Paper, other: Paper) -> None:
        assert reopen().merge([one], now=NOW).new == 1
        assert reopen().merge([other], now=NOW).new == 0

    def test_text_no_file_can_hold_is_replaced_and_stays_known(self, reopen: Opener) -> None:
        odd = Paper(title="A half \ud800 and a NUL \0 in it", abstract="\udfff")
        assert reopen().merge([odd], now=NOW).new == 1
        store = reopen()
        assert store.logged([1])[1].paper.title == "A half \ufffd and a NUL \ufffd in it"
        assert store.merge([odd], now=NOW).duplicate == 1

    def test_a_number_too_large_to_store_changes_nothing(self, store: Store) -> None:
        with pytest.raises(StoreError):
            store.merge([Paper(title="Fine as it is"), Paper(title="Too popular", upvotes=1 << 80)], now=NOW)
        assert (store.head(), store.find("Fine as it is")) == (0, None)

    def test_window_keeps_to_its_bounds(self, store: Store) -> None:
        store.merge([Paper(title=f"Paper number {n}") for n in "abcde"], now=NOW)
        assert [each.sequence for each in store.window(1, 3)] == [2, 3]
        assert list(store.window(3, 3)) == list(store.window(5, 99)) == []
        assert [each.sequence for each in store.window(-5, 99)] == [1, 2, 3, 4, 5]

    def test_a_window_is_read_from_its_newest_paper_on_where_that_is_asked_for(self, store: Store) -> None:
        store.merge([Paper(title=f"Paper number {n}", upvotes=1) for n in "abcde"], now=NOW)
        store.merge([Paper(title="Paper number b", upvotes=2)], now=NOW)
        assert [each.sequence for each in store.window(1, 6, newest_first=True)] == [6, 5, 4, 3]
        assert [each.sequence for each in store.window(1, 5, newest_first=True)] == [5, 4, 3, 2]
        assert next(store.window(0, 6, newest_first=True)).paper.upvotes == 2

    def test_logged_leaves_out_places_that_are_not_there(self, store: Store) -> None:
        store.merge([Paper(title="Only one paper")], now=NOW)
        assert set(store.logged([0, 1, 2, -1])) == {1}

    @pytest.mark.parametrize(
        "reference",
        [
            "2401.00001",
            "arXiv:2401.00001v3",
            "https://arxiv.org/abs/2401.00001v1",
            "arxiv:2401.00001",
            "10.1/AB",
            "doi:10.1/ab",
            "https://doi.org/10.1/ab",
            "W77",
            "openalex:W77",
            "the  TITLE of-it",
        ],
    )
    def test_find_by_id_key_or_title(self, store: Store, reference: str) -> None:
        ids = {"arxiv": "2401.00001", "doi": "10.1/ab", "openalex": "W77"}
        store.merge([Paper(title="The title of it", ids=ids), Paper(title="Not this one")], now=NOW)
        found = store.find(reference)
        assert found is not None
        assert found.sequence == 1

    @pytest.mark.parametrize("reference", ["", " ", "2401.00009", "No such title", "title:0123456789abcdef", ":"])
    def test_find_nothing(self, store: Store, reference: str) -> None:
        store.merge([Paper(title="The title of it")], now=NOW)
        assert store.find(reference) is None


class LedgerContract:
    """The life of a digest and of its deliveries."""

    def test_register_notes_the_head_once(self, reopen: Opener) -> None:
        store = reopen()
        assert store.cursor("ml") is None
        store.merge([Paper(title="Before it was here")], now=NOW)
        store.register(["ml", "ml"], now=NOW)
        store.merge([Paper(title="After it was here")], now=NOW)
        store.register(["ml", "new"], now=later(5))
        store = reopen()
        assert store.cursor("ml") == Cursor(1, NOW, None, ())
        assert store.cursor("new") == Cursor(2, later(5), None, ())

    def test_to_register_subscribers_is_to_register_all_who_are_active(self, reopen: Opener) -> None:
        store = reopen()
        states = {"ada": Membership.ACTIVE, "bob": Membership.PENDING, "cy": Membership.ACTIVE, "dan": Membership.LEFT}
        store.put_subscribers([subscriber(name, state=state) for name, state in states.items()])
        store.register(["cy"], now=NOW)
        store.merge([Paper(title="After cy was here")], now=NOW)
        store.register_subscribers(now=later(5))
        store = reopen()
        assert store.cursors(states) == {
            "ada": Cursor(1, later(5), None, ()),
            "cy": Cursor(0, NOW, None, ()),
        }

    def test_a_digest_moves_cursor_and_carry_and_plans_deliveries(self, reopen: Opener) -> None:
        store = reopen()
        store.merge([Paper(title=f"Paper number {n}", ids={"doi": f"10.1/{n}"}) for n in "abc"], now=NOW)
        store.register(["ml"], now=NOW)
        record = digest(window=(0, 3), entries=[1, 2], carry=[3])
        assert store.delivered("ml") == set()
        assert store.open_digest(record, [delivery(record, "ada"), delivery(record, "bob"), delivery(record, "ada")])
        for again in now_and_reopened(store, reopen):
            assert again.digest(record.key) == record
            assert again.cursor("ml") == Cursor(3, NOW, 3, (3,))
            assert again.deliveries() == [delivery(record, "ada"), delivery(record, "bob")]
            assert again.delivered("ml") == {"doi:10.1/a", "doi:10.1/b"}
            assert again.delivered("other") == set()

    def test_a_digest_opens_once(self, store: Store) -> None:
        assert store.open_digest(digest(window=(0, 3)), [])
        again = digest(window=(0, 9), carry=[7])
        assert not store.open_digest(again, [delivery(again)])
        cursor = store.cursor("ml")
        assert cursor is not None
        assert (cursor.position, cursor.carry, store.deliveries()) == (3, (), [])

    def test_the_cursor_never_moves_back(self, store: Store) -> None:
        store.open_digest(digest("a", window=(0, 9)), [])
        store.open_digest(digest("b", window=(0, 3)), [])
        cursor = store.cursor("ml")
        assert cursor is not None
        assert cursor.position == 9

    def test_a_digest_composed_before_another_was_opened_is_not_opened(self, store: Store) -> None:
        """Two that meet (by hand and when due; two workers) would show the same papers twice."""
        store.register(["ml"], now=NOW)
        assert store.open_digest(digest("one", window=(0, 3), entries=[1], carry=[2, 3]), [])
        late = digest("two", window=(0, 4), entries=[1, 4])
        assert not store.open_digest(late, [delivery(late)])
        assert store.open_digest(digest("three", window=(3, 3), entries=[2], carried=[2], carry=[3]), [])
        spent = digest("four", window=(3, 3), entries=[2], carried=[2])
        assert not store.open_digest(spent, [delivery(spent)])
        assert store.cursor("ml") == Cursor(0, NOW, 3, (3,))
        assert (len(store.digests()), store.deliveries()) == (2, [])

    def test_many_digests_open_as_one_change_each_once(self, reopen: Opener) -> None:
        store = reopen()
        store.register(["a"], now=NOW)
        store.merge([Paper(title="What they cover"), Paper(title="What they cover too")], now=NOW)
        one, two = digest("x", subscription="a", window=(0, 2)), digest("x", subscription="b", window=(1, 2))
        again, stale = replace(one, name="Another"), digest("y", subscription="a", window=(0, 2))
        following = digest("z", subscription="a", window=(2, 2))
        openings = [opening(each, "ada", "bob") for each in (one, two, again, stale, following)]
        assert store.open_digests(openings) == [True, True, False, False, True]
        assert store.open_digests(openings) == [False] * 5
        assert store.open_digests([]) == []
        for each in now_and_reopened(store, reopen):
            assert each.digests() == [one, two, following]
            planned = [(delivery.digest, delivery.destination.name) for delivery in each.deliveries()]
            assert planned == [
                (record.key, f"email {who}@example.org") for record in (one, two, following) for who in ("ada", "bob")
            ]
            assert each.cursors(["a", "b", "c"]) == {"a": Cursor(0, NOW, 2, ()), "b": Cursor(1, NOW, 2, ())}

    def test_an_opening_of_many_that_fails_changes_nothing(self, store: Store) -> None:
        good, bad = digest("x", subscription="a"), digest("x", subscription="b")
        naive = replace(delivery(bad), planned_at=datetime(2026, 1, 1))
        with pytest.raises(StoreError):
            store.open_digests([opening(good, "ada"), Opening(bad, [naive])])
        assert (store.digests(), store.deliveries(), store.cursors(["a", "b"])) == ([], [], {})

    def test_digests_of_many_at_once(self, store: Store) -> None:
        records = [digest(str(n), subscription=s, window=(n, n + 1)) for n in range(3) for s in ("a", "b")]
        assert all(store.open_digests([opening(each) for each in records]))
        assert store.earlier(["b", "c"], newest=2) == {"b": [records[3], records[5]]}
        assert store.earlier([], newest=2) == store.earlier(["a"], newest=0) == {}

    def test_what_many_were_sent_of_these_works(self, store: Store) -> None:
        """Also under a key that a work had when it was sent, and since it turned out to be another."""
        titles = [Paper(title=f"Paper number {n}", ids={"doi": f"10.1/{n}"}) for n in "abcd"]
        store.merge(titles, now=NOW)
        store.open_digest(digest("x", subscription="a", window=(0, 4), entries=[1, 3, 4]), [])
        store.open_digest(digest("x", subscription="b", window=(0, 4), entries=[2]), [])
        store.merge([replace(titles[0], upvotes=3)], now=NOW)
        store.merge([Paper(title="Paper number b", ids={"doi": "10.1/c", "arxiv": "2401.1"})], now=NOW)
        store.merge([Paper(title="x", ids={"arxiv": "2401.1", "doi": "10.1/b"})], now=NOW)
        asked = {"doi:10.1/a", "doi:10.1/b", "doi:10.1/c", "doi:none"}
        expected = {each: store.delivered(each) & asked for each in ("a", "b", "c")}
        assert expected["a"] >= {"doi:10.1/a"}
        assert expected["c"] == set()
        assert store.delivered_of(["a", "b", "c"], asked) == expected
        assert store.delivered_of(["a"], set()) == {"a": set()}
        assert store.delivered_of([], asked) == {}

    def test_an_open_that_fails_changes_nothing(self, store: Store) -> None:
        record = digest(window=(0, 3), carry=[1])
        naive = replace(delivery(record), planned_at=datetime(2026, 1, 1))
        with pytest.raises(StoreError):
            store.open_digest(record, [delivery(record, "bob"), naive])
        assert (store.digest(record.key), store.cursor("ml"), store.deliveries()) == (None, None, [])
        assert store.open_digest(record, [delivery(record, "bob")])

    def test_digests_in_the_order_they_were_opened(self, reopen: Opener) -> None:
        for number, subscription in enumerate(["b", "a", "b", "b"]):
            reopen().open_digest(digest(str(number), subscription=subscription), [])
        store = reopen()
        assert [each.key for each in store.digests()] == ["b/0", "a/1", "b/2", "b/3"]
        assert [each.key for each in store.digests("b", newest=2)] == ["b/2", "b/3"]
        assert [each.key for each in store.digests(newest=9)] == ["b/0", "a/1", "b/2", "b/3"]
        assert store.digests("b", newest=0) == store.digests("nobody") == []
        assert store.digest("nobody/1") is None

    def test_the_last_turn_of_a_subscription_is_that_of_the_digest_opened_last(self, reopen: Opener) -> None:
        for number, subscription in enumerate(["b", "a", "b"]):
            made = digest(str(number), subscription=subscription, entries=[])
            reopen().open_digest(replace(made, opened_at=NOW + timedelta(minutes=number)), [])
        store = reopen()
        assert store.last_turn("b") == OpenedTurn(Slot("2", date(2026, 3, 2), NOW), NOW + timedelta(minutes=2))
        assert store.last_turn("a") == OpenedTurn(Slot("1", date(2026, 3, 2), NOW), NOW + timedelta(minutes=1))
        assert store.last_turn("nobody") is None

    def test_claim_takes_planned_ones_in_order_under_a_new_fence(self, store: Store) -> None:
        record = digest()
        planned = [delivery(record, f"u{n}") for n in range(5)]
        store.open_digest(record, planned)
        first = store.claim(now=NOW, lease=LEASE, limit=2)
        assert [each.id for each in first] == [each.id for each in planned[:2]]
        assert {(e.state, e.fence, e.attempts, e.lease_until) for e in first} == {
            (DeliveryState.SENDING, 1, 1, NOW + LEASE)
        }
        assert [each.id for each in store.claim(now=NOW, lease=LEASE, limit=9)] == [each.id for each in planned[2:]]
        assert store.claim(now=NOW, lease=LEASE, limit=9) == []
        assert store.deliveries(states={DeliveryState.SENDING})[:2] == first

    def test_claim_keeps_to_the_digests_given(self, store: Store) -> None:
        records = [digest(label) for label in "abc"]
        for record in records:
            store.open_digest(record, [delivery(record, "x"), delivery(record, "y")])
        wanted = {records[0].key, records[2].key, "unknown/key"}
        claimed = store.claim(now=NOW, lease=LEASE, limit=3, digests=wanted)
        assert [each.digest for each in claimed] == [records[0].key, records[0].key, records[2].key]
        assert [each.digest for each in store.claim(now=NOW, lease=LEASE, limit=9, digests=wanted)] == [records[2].key]
        assert [each.digest for each in store.claim(now=NOW, lease=LEASE, limit=9)] == [records[1].key] * 2

    def test_a_deferred_one_waits_for_its_time(self, reopen: Opener) -> None:
        record = digest()
        store = reopen()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        assert store.record([outcome(claimed, DeliveryState.DEFERRED, parts=0, not_before=later(10))]) == 1
        assert store.claim(now=later(9.9), lease=LEASE, limit=1) == []
        (again,) = reopen().claim(now=later(10), lease=LEASE, limit=1)
        assert (again.fence, again.attempts) == (2, 2)

    def test_a_clock_set_back_makes_it_wait_again(self, store: Store) -> None:
        record = digest()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        store.record([outcome(claimed, DeliveryState.DEFERRED, not_before=later(10))])
        assert store.claim(now=later(11), lease=LEASE, limit=0) == []
        assert store.claim(now=later(5), lease=LEASE, limit=1) == []
        assert len(store.claim(now=later(12), lease=LEASE, limit=1)) == 1

    def test_one_left_sending_comes_back_as_unknown_and_is_claimed_with_the_same_id(self, reopen: Opener) -> None:
        record = digest()
        store = reopen()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        assert reopen().claim(now=NOW + LEASE - timedelta(seconds=1), lease=LEASE, limit=1) == []
        assert reopen().claim(now=NOW + LEASE, lease=LEASE, limit=0) == []
        (unknown,) = reopen().deliveries()
        assert (unknown.state, unknown.cause, unknown.lease_until) == (DeliveryState.UNKNOWN, Cause.LEASE_OVER, None)
        assert unknown.possible_duplicate
        assert unknown.reason == sentence(Cause.LEASE_OVER)
        (again,) = reopen().claim(now=NOW + LEASE, lease=LEASE, limit=1)
        assert (again.id, again.fence, again.state) == (claimed.id, 2, DeliveryState.SENDING)
        assert (again.cause, again.possible_duplicate) == (Cause.LEASE_OVER, True)

    def test_claims_of_a_process_that_is_known_to_be_gone_need_not_wait_for_their_lease(self, reopen: Opener) -> None:
        record = digest()
        store = reopen()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        known = reopen()
        given_up = known.abandon()
        (left,) = known.deliveries()
        if given_up:
            assert (left.state, left.cause, left.lease_until) == (DeliveryState.UNKNOWN, Cause.LEASE_OVER, None)
            assert [each.id for each in known.claim(now=NOW, lease=LEASE, limit=1)] == [claimed.id]
            assert known.record([outcome(claimed)]) == 0, "the first claim's fence is outdated"
        else:
            assert left.state is DeliveryState.SENDING
        assert reopen().abandon() == given_up

    def test_an_outdated_fence_is_refused_and_the_current_one_taken(self, store: Store) -> None:
        record = digest()
        store.open_digest(record, [delivery(record)])
        (first,) = store.claim(now=NOW, lease=LEASE, limit=1)
        (second,) = store.claim(now=later(6), lease=LEASE, limit=1)
        assert store.record([outcome(first, DeliveryState.FAILED), outcome(second)]) == 1
        assert store.record([outcome(first, DeliveryState.FAILED)]) == 0
        (done,) = store.deliveries()
        assert (done.state, done.reason, done.done_at, done.lease_until) == (DeliveryState.SENT, "250 taken", NOW, None)

    def test_the_holder_of_an_expired_lease_still_tells_what_became_of_it(self, store: Store) -> None:
        record = digest()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        assert store.record([outcome(claimed, at=later(60))]) == 1
        assert store.claim(now=later(60), lease=LEASE, limit=1) == []

    def test_an_outcome_for_nobody_is_not_taken(self, store: Store) -> None:
        assert store.record([outcome(delivery(digest()))]) == 0
        assert store.record([]) == 0

    def test_parts_that_left_are_noted_while_sending(self, reopen: Opener) -> None:
        record = digest()
        store = reopen()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        assert (
            store.record(
                [outcome(claimed, DeliveryState.SENDING, parts=1), outcome(claimed, DeliveryState.SENDING, parts=2)]
            )
            == 2
        )
        (noted,) = reopen().deliveries()
        assert (noted.state, noted.parts_sent, noted.lease_until) == (DeliveryState.SENDING, 2, NOW + LEASE)

    def test_parts_are_not_noted_for_one_that_is_no_longer_sending(self, store: Store) -> None:
        record = digest()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        store.record([outcome(claimed, DeliveryState.HELD)])
        assert store.record([outcome(claimed, DeliveryState.SENDING, parts=2)]) == 0
        assert [each.state for each in store.deliveries()] == [DeliveryState.HELD]

    def test_one_handed_back_untried_is_no_attempt(self, store: Store) -> None:
        record = digest()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        store.record([outcome(claimed, DeliveryState.PLANNED, parts=0)])
        (again,) = store.claim(now=NOW, lease=LEASE, limit=1)
        assert (again.attempts, again.fence) == (1, 2)

    @pytest.mark.parametrize(
        "state", [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.HELD, DeliveryState.DROPPED]
    )
    def test_what_is_done_or_held_is_not_claimed_until_someone_says_so(
        self, store: Store, state: DeliveryState
    ) -> None:
        record = digest()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        store.record([outcome(claimed, state)])
        assert store.claim(now=later(99), lease=LEASE, limit=1) == []
        store.record([outcome(claimed, DeliveryState.PLANNED, at=later(98))])
        (again,) = store.claim(now=later(99), lease=LEASE, limit=1)
        assert (again.attempts, again.done_at, again.planned_at) == (1, None, later(98))

    def test_one_handed_back_may_have_to_wait(self, reopen: Opener) -> None:
        record = digest()
        store = reopen()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        store.record([outcome(claimed, DeliveryState.PLANNED, not_before=later(10))])
        assert store.claim(now=later(9), lease=LEASE, limit=1) == []
        (again,) = reopen().claim(now=later(10), lease=LEASE, limit=1)
        assert (again.attempts, again.planned_at) == (1, NOW)

    def test_a_destination_that_is_gone_is_kept_in_mind(self, reopen: Opener) -> None:
        record = digest()
        store = reopen()
        store.open_digest(record, [delivery(record)])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        store.record([outcome(claimed, DeliveryState.FAILED, cause=Cause.GONE)])
        store = reopen()
        (failed,) = store.deliveries(states={DeliveryState.FAILED})
        assert failed.gone
        store.record([outcome(claimed, DeliveryState.PLANNED, cause=Cause.BY_HAND)])
        assert not store.deliveries()[0].gone

    def test_deliveries_by_digest_and_state(self, reopen: Opener) -> None:
        one, two = digest("a"), digest("b")
        store = reopen()
        to = Destination("slack", {"destination": "lab"}, theme="plain")
        slack = replace(delivery(two), id="f" * 32, destination=to)
        store.open_digest(one, [delivery(one)])
        store.open_digest(two, [slack, delivery(two, state=DeliveryState.HELD)])
        store = reopen()
        assert store.deliveries(digest=two.key) == [slack, delivery(two, state=DeliveryState.HELD)]
        assert store.deliveries(states={DeliveryState.PLANNED}) == [delivery(one), slack]
        assert store.deliveries(digest=two.key, states={DeliveryState.HELD}) == [
            delivery(two, state=DeliveryState.HELD)
        ]
        assert store.deliveries(digest="none/x") == store.deliveries(states=set()) == []
        assert store.count_deliveries({DeliveryState.PLANNED, DeliveryState.HELD, DeliveryState.SENT}) == {
            DeliveryState.PLANNED: 2,
            DeliveryState.HELD: 1,
        }
        assert store.count_deliveries(set()) == {}
        assert store.count_digests() == 2

    @pytest.mark.parametrize(
        ("planned", "pending"),
        [
            ([], (0, None)),
            ([{}], (1, NOW)),
            ([{"not_before": NOW + HOUR}], (1, NOW + HOUR)),
            ([{"not_before": NOW - HOUR}], (1, NOW)),
            ([{"not_before": NOW + 2 * HOUR}], (1, NOW + 2 * HOUR)),
            ([{"not_before": NOW + 2 * HOUR + SECOND}], (0, None)),
            ([{"state": DeliveryState.SENDING, "lease_until": NOW + 3 * HOUR, "not_before": NOW}], (0, None)),
            ([{"state": DeliveryState.SENDING, "lease_until": NOW + HOUR}], (1, NOW + HOUR)),
            ([{}, {"planned_at": NOW + HOUR}, {"planned_at": NOW + 3 * HOUR}], (2, NOW)),
            ([{"state": each} for each in DeliveryState], (4, NOW)),
            (
                [{"state": DeliveryState.DEFERRED, "not_before": NOW + HOUR}, {"planned_at": NOW + HOUR}],
                (2, NOW + HOUR),
            ),
        ],
    )
    def test_how_many_could_leave_and_since_when(
        self, store: Store, planned: list[dict[str, Any]], pending: tuple[int, datetime | None]
    ) -> None:
        record = digest()
        store.open_digest(record, [replace(delivery(record, f"{n}"), **each) for n, each in enumerate(planned)])
        assert store.pending(now=NOW + 2 * HOUR) == pending

    def test_deliveries_to_one_address_however_it_is_spelled(self, store: Store) -> None:
        record = digest()
        spelled = ("ada@example.org", " Ada@Example.ORG", "ada@bücher.example", "ADA@xn--bcher-kva.Example", "a@b.org")
        planned = [delivery(record, f"{n}") for n in range(len(spelled))]
        to = [replace(each, destination=Destination("email", {"address": address}))
              for each, address in zip(planned, spelled, strict=True)]  # fmt: skip
        file = replace(delivery(record, "file"), destination=Destination("file", {"path": "out"}))
        store.open_digest(record, [*to, file])
        assert store.deliveries(address="ADA@example.org") == to[:2]
        assert store.deliveries(address="ada@BÜCHER.example") == store.deliveries(address="ada@xn--bcher-kva.example")
        assert store.deliveries(address="ada@bücher.example") == to[2:4]
        assert store.deliveries(address="ada@bücher.example", states={DeliveryState.PLANNED}, ids={to[2].id}) == [to[2]]
        assert (
            store.deliveries(address="a@b.org", states={DeliveryState.SENT})
            == store.deliveries(address="x@b.org")
            == []
        )

    def test_deliveries_of_subscriptions(self, store: Store) -> None:
        ours, theirs = digest("a"), digest("a", subscription="speech")
        store.open_digests([opening(ours, "ada", "bob"), opening(theirs, "ada")])
        (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1)
        store.record([outcome(claimed)])
        ada, bob, other = store.deliveries()
        assert store.deliveries(subscriptions={"speech"}) == [other]
        assert store.deliveries(subscriptions={"ml", "speech"}) == [ada, bob, other]
        assert store.deliveries(subscriptions={"ml"}, states={DeliveryState.SENT}) == [ada]
        assert store.deliveries(subscriptions={"ml"}, states={DeliveryState.PLANNED}) == [bob]
        assert store.deliveries(subscriptions={"ml"}, digest="speech/a") == store.deliveries(subscriptions=set()) == []
        assert store.deliveries(subscriptions={"m", "ml/a", "none"}) == []


class SubscriberContract:
    """The life of a subscriber."""

    def test_subscribers_come_back_whole_in_the_order_of_their_ids(self, reopen: Opener) -> None:
        store = reopen()
        rich = subscriber("s-2", keywords=["Ünïcode \U0001f600"], max_entries=7, paused=True, query=None)
        store.put_subscribers([rich, subscriber("s-1", state=Membership.PENDING), subscriber("S-3")])
        for each in now_and_reopened(store, reopen):
            found = list(each.subscribers())
            assert [replace(one, revision=0) for one in found] == [
                subscriber("S-3"),
                subscriber("s-1", state=Membership.PENDING),
                rich,
            ]
            assert len({one.revision for one in found}) == 3
            assert each.count_subscribers() == {Membership.ACTIVE: 2, Membership.PENDING: 1}

    def test_a_change_takes_the_place_of_what_was_there(self, reopen: Opener) -> None:
        store = reopen()
        store.put_subscribers([subscriber(), subscriber("s-2")])
        (before,) = store.subscribers(["s-1"])
        changed = replace(subscriber(address="bob@example.org"), state=Membership.LEFT, changed_at=later(1))
        store.put_subscribers([subscriber(name="s-1", query="x"), changed])
        for each in now_and_reopened(store, reopen):
            (after,) = each.subscribers(["s-1", "nobody"])
            assert after == replace(changed, revision=after.revision)
            assert after.revision > before.revision
            assert list(each.subscribers(address="ada@example.org")) == list(each.subscribers(["s-2"]))
            assert each.count_subscribers() == {Membership.ACTIVE: 1, Membership.LEFT: 1}

    def test_who_is_removed_is_gone_and_may_come_again(self, reopen: Opener) -> None:
        store = reopen()
        store.put_subscribers([subscriber(), subscriber("s-2")])
        assert store.remove_subscribers(["s-1", "s-1", "nobody"]) == 1
        assert [each.id for each in reopen().subscribers()] == ["s-2"]
        store = reopen()
        assert store.remove_subscribers(["s-1"]) == store.remove_subscribers([]) == 0
        store.put_subscribers([subscriber("s-1")])
        assert [each.id for each in store.subscribers()] == ["s-1", "s-2"]

    def test_shards_share_all_subscribers_and_none_twice(self, store: Store) -> None:
        ids = [f"s-{n}" for n in range(5000)]
        store.put_subscribers([subscriber(each) for each in ids])
        shards = [range(start, start + BUCKETS // 4) for start in range(0, BUCKETS, BUCKETS // 4)]
        parts = [[each.id for each in store.subscribers(buckets=shard)] for shard in shards]
        assert sorted(each for part in parts for each in part) == sorted(ids)
        assert all(part == sorted(part) and 1000 < len(part) < 1500 for part in parts)
        assert [sum(store.count_subscribers(shard).values()) for shard in shards] == [len(part) for part in parts]
        assert [each.id for each in store.subscribers(ids[:99], buckets=shards[0])] == [
            each for each in parts[0] if each in ids[:99]
        ]

    def test_the_mark_of_a_shard_tells_every_change_in_it_and_no_other(self, store: Store) -> None:
        store.put_subscribers([subscriber(f"s-{n}") for n in range(9)])
        here, there = range(bucket("s-1"), bucket("s-1") + 1), range(bucket("s-2"), bucket("s-2") + 1)
        marks, elsewhere = [store.subscribers_mark(here)], store.subscribers_mark(there)
        for change in (
            lambda: store.put_subscribers([subscriber("s-1", query="x")]),
            lambda: store.put_subscribers([subscriber("s-1", query="x")]),
            lambda: store.remove_subscribers(["s-1"]),
            lambda: store.put_subscribers([subscriber("s-1")]),
        ):
            change()
            marks.append(store.subscribers_mark(here))
        assert len(set(marks)) == 5
        assert store.subscribers_mark(there) == elsewhere

    @pytest.mark.parametrize("spelt", ["ada@example.org", "  ADA@Example.ORG "])
    def test_a_subscriber_is_found_by_address_however_it_is_spelt(self, store: Store, spelt: str) -> None:
        store.put_subscribers([subscriber("s-1", address="Ada@example.org"), subscriber("s-2", address="bob@x.org")])
        assert [each.id for each in store.subscribers(address=spelt)] == ["s-1"]
        assert list(store.subscribers(["s-2"], address=spelt)) == list(store.subscribers(address="")) == []

    def test_text_no_file_can_hold_is_replaced_in_subscribers_too(self, reopen: Opener) -> None:
        store = reopen()
        store.put_subscribers([subscriber("odd \0", query="half \ud800")])
        store.suppress([Suppression("a\0@x.org", "\ud800", NOW)])
        for each in now_and_reopened(store, reopen):
            (found,) = each.subscribers(["odd \0"])
            assert (found.id, found.wants["query"]) == ("odd \ufffd", "half \ufffd")
            (suppressed,) = each.suppressions(["A\0@x.org"]).values()
            assert suppressed == Suppression("a\ufffd@x.org", "\ufffd", NOW)

    def test_a_subscriber_that_cannot_be_stored_changes_nothing(self, store: Store) -> None:
        for wrong in (
            subscriber("s-2", max_entries=1 << 80),
            replace(subscriber("s-2"), added_at=datetime(2026, 1, 1)),
        ):
            with pytest.raises(StoreError):
                store.put_subscribers([subscriber(), wrong])
        assert list(store.subscribers()) == []

    def test_the_first_reason_of_a_suppression_stays_until_it_is_released(self, reopen: Opener) -> None:
        store = reopen()
        first = Suppression("Ada@Example.org", "unsubscribed", NOW, "one-click")
        store.suppress(
            [first, Suppression("ada@example.org", "bounced", later(1)), Suppression("b@x.org", "spam", NOW)]
        )
        store.suppress([Suppression("ada@example.org ", "bounced", later(2))])
        kept = replace(first, address="ada@example.org")
        for each in now_and_reopened(store, reopen):
            assert each.suppressions(["ADA@example.org", "c@x.org"]) == {"ada@example.org": kept}
            assert list(each.suppressions()) == ["ada@example.org", "b@x.org"]
        store = reopen()
        assert store.release(["ADA@example.org", "ada@example.org", "c@x.org"]) == 1
        assert reopen().suppressions(["ada@example.org"]) == {}
        reopen().suppress([Suppression("ada@example.org", "bounced", later(2))])
        assert reopen().suppressions()["ada@example.org"].reason == "bounced"


def KEYS() -> tuple[Secret, ...]:  # noqa: N802  # a constant to whoever hands it on
    return (Secret("a secret of the house"),)


def entry(about: str = "ada@example.org", act: Act = Act.CONFIRMED, **rest: str) -> AuditEntry:
    return AuditEntry(NOW, "subscriber", act, about, **rest)


class AuditContract:
    """Who did what, and what stays when one person is erased."""

    def test_entries_come_back_whole_in_the_order_they_were_noted(self, reopen: Opener) -> None:
        store = reopen()
        first = entry("Ada@Example.org", detail="the box was ticked \0 ä", reference="form 3")
        assert store.note([first, entry("b@x.org"), entry(act=Act.LEFT)]) == 3
        for each in now_and_reopened(store, reopen):
            found = each.audit()
            assert len({one.id for one in found} - {""}) == 3
            assert [replace(one, id="") for one in found] == [
                entry(detail="the box was ticked \ufffd ä", reference="form 3"),
                entry("b@x.org"),
                entry(act=Act.LEFT),
            ]
            assert each.audit(" ADA@example.org ") == [found[0], found[2]]
            assert each.audit(newest=2) == found[1:]
            assert each.audit("ada@example.org", newest=1) == found[2:]
            assert each.audit(ids=[found[1].id, "none"]) == [found[1]]
            assert each.audit("nobody") == each.audit(ids=[]) == each.audit(newest=0) == []

    def test_an_entry_with_an_id_is_noted_once(self, reopen: Opener) -> None:
        assert reopen().note([entry(id="mail-1"), entry(id="mail-1", act=Act.LEFT)]) == 1
        store = reopen()
        assert store.note([entry(id="mail-1", act=Act.LEFT), entry(id="mail-2")]) == 1
        assert [(each.id, each.act) for each in store.audit()] == [("mail-1", Act.CONFIRMED), ("mail-2", Act.CONFIRMED)]

    def test_a_change_and_its_entry_are_one(self, reopen: Opener) -> None:
        store = reopen()
        naive = replace(entry(), at=datetime(2026, 1, 1))
        suppression = Suppression("ada@example.org", "bounced", NOW)
        store.put_subscribers([subscriber()], noting=[entry(act=Act.ADDED)])
        for change in (
            lambda: store.put_subscribers([subscriber("s-2")], noting=[naive]),
            lambda: store.remove_subscribers(["s-1"], noting=[naive]),
            lambda: store.suppress([suppression], noting=[naive]),
            lambda: store.note([entry(), naive]),
        ):
            with pytest.raises(StoreError):
                change()
        for each in now_and_reopened(store, reopen):
            assert [one.id for one in each.subscribers()] == ["s-1"]
            assert each.suppressions() == {}
            assert [one.act for one in each.audit()] == [Act.ADDED]
        store = reopen()
        store.suppress([suppression], noting=[entry(act=Act.SUPPRESSED)])
        with pytest.raises(StoreError):
            store.release(["ada@example.org"], noting=[naive])
        store = reopen(keys=KEYS)
        with pytest.raises(StoreError):
            store.erase("ada@example.org", now=NOW, noting=[naive])
        assert list(store.suppressions()) == ["ada@example.org"]
        assert store.release(["ada@example.org"], noting=[entry(act=Act.RELEASED)]) == 1
        assert store.remove_subscribers(["s-1"], noting=[entry(act=Act.REMOVED)]) == 1
        acts = [Act.ADDED, Act.SUPPRESSED, Act.RELEASED, Act.REMOVED]
        assert [one.act for one in reopen().audit()] == acts

    def test_the_latest_deliveries_and_how_many_were_done_with_on_which_day(self, store: Store) -> None:
        one, two = digest("1"), digest("2")
        store.open_digests([opening(one, "ada", "bob"), opening(two, "ada", "bob", "eve")])
        claimed = store.claim(now=NOW, lease=LEASE, limit=4)
        states = (DeliveryState.SENT, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DEFERRED)
        store.record([replace(outcome(each, state), at=NOW) for each, state in zip(claimed, states, strict=True)])
        assert [each.id for each in store.latest({DeliveryState.SENT, DeliveryState.DEFERRED}, newest=2)] == [
            delivery(two, "bob").id,
            delivery(one, "bob").id,
        ]
        assert len(store.latest(set(DeliveryState), newest=9)) == 5
        assert store.latest(set(), newest=9) == store.latest({DeliveryState.HELD}, newest=9) == []
        assert store.tally(since=NOW) == {(NOW.date(), DeliveryState.SENT): 2, (NOW.date(), DeliveryState.FAILED): 1}
        assert store.tally(since=later(1)) == {}

    def test_the_last_word_about_each_paper_is_kept(self, store: Store, reopen: Opener) -> None:
        more = Feedback("ml", 3, Liking.MORE, NOW)
        store.put_opinions([replace(more, liking=Liking.LESS), more, replace(more, place=12), replace(more, place=2)])
        store.put_opinions([replace(more, subscription="ml/3", place=1), replace(more, place=2, liking=Liking.NONE)])
        for each in now_and_reopened(store, reopen):
            assert each.opinions("ml") == [
                replace(more, place=2, liking=Liking.NONE),
                more,
                replace(more, place=12),
            ]
            assert len(each.opinions("ml/3")) == 1
            assert each.opinions("nobody") == []

    def test_an_opinion_at_no_time_is_not_kept(self, store: Store) -> None:
        with pytest.raises(StoreError):
            store.put_opinions(
                [Feedback("ml", 1, Liking.MORE, NOW), Feedback("ml", 2, Liking.MORE, datetime(2026, 1, 1))]
            )
        assert store.opinions("ml") == []

    def test_what_a_subscriber_said_goes_with_the_subscriber(self, reopen: Opener) -> None:
        store = reopen(keys=KEYS)
        two = [{"channel": "email", "address": "ada@example.org"}, {"channel": "file", "path": "out"}]
        store.put_subscribers([subscriber("s-1"), subscriber("s-2", address="eva@x.org"), subscriber("s-4")])
        store.put_subscribers(
            [replace(subscriber("s-3"), wants={"to": two}), subscriber("s-4", address="ada@example.org")]
        )
        store.put_opinions([Feedback(f"s-{n}", 1, Liking.MORE, NOW) for n in range(1, 5)])
        assert store.remove_subscribers(["s-1"]) == 1
        store.erase("ada@example.org", now=NOW)
        for each in now_and_reopened(store, reopen):
            assert [len(each.opinions(f"s-{n}")) for n in range(1, 5)] == [0, 1, 1, 0]

    def test_a_library_is_kept_as_a_whole_and_its_mark_tells_of_changes(self, store: Store, reopen: Opener) -> None:
        one, two = Paper(title="Nul \0 and half \ud800", abstract="a\nb"), Paper(title="Two", ids={"doi": "10.1/2"})
        assert (store.library("source/zotero"), store.library_mark("source/zotero")) == ([], "")
        store.put_library("source/zotero", [one])
        first = store.library_mark("source/zotero")
        store.put_library("source/zotero", [two, one])
        store.put_library("source/other", [one])
        store.put_library("source/other", [])
        for each in now_and_reopened(store, reopen):
            assert each.library("source/zotero") == [two, replace(one, title="Nul \ufffd and half \ufffd")]
            assert each.library_mark("source/zotero") not in ("", first)
            assert (each.library("source/other"), each.library_mark("source/other")) == ([], "")

    def test_what_a_subscriber_likes_goes_with_the_subscriber(self, reopen: Opener) -> None:
        store = reopen(keys=KEYS)
        store.put_subscribers([subscriber(f"s-{n}", address=f"u{n}@example.org") for n in range(3)])
        for n in range(3):
            store.put_library(f"s-{n}", [Paper(title=f"Liked by {n}")])
        assert store.remove_subscribers(["s-0"]) == 1
        store.erase("u1@example.org", now=NOW)
        for each in now_and_reopened(store, reopen):
            assert [len(each.library(f"s-{n}")) for n in range(3)] == [0, 0, 1]

    def test_deliveries_by_their_ids(self, store: Store) -> None:
        one, two = digest("1"), digest("2")
        store.open_digests([opening(one, "ada", "bob"), opening(two, "ada")])
        ada, bob, again = delivery(one), delivery(one, "bob"), delivery(two)
        assert store.deliveries(ids={again.id, ada.id, "none"}) == [ada, again]
        assert store.deliveries(ids={ada.id, again.id}, digest=two.key) == [again]
        assert store.deliveries(ids={ada.id, bob.id}, states={DeliveryState.SENT}) == store.deliveries(ids=set()) == []

    def test_one_person_is_erased_and_a_hash_left_in_every_place(self, reopen: Opener) -> None:
        store = reopen(keys=KEYS)
        record = digest()
        spelt = replace(delivery(record, "other"), destination=Destination("email", {"address": "Ada@Example.org"}))
        store.open_digest(record, [delivery(record), spelt, delivery(record, "bob")])
        claimed = store.claim(now=NOW, lease=LEASE, limit=1)
        store.record([outcome(claimed[0], DeliveryState.FAILED, reason="550 <ADA@example.org>: full")])
        store.put_subscribers([subscriber(address="ADA@example.org"), subscriber("s-2", address="bob@example.org")])
        two = [{"channel": "email", "address": "ada@example.org"}, {"channel": "file", "path": "out"}]
        store.put_subscribers([replace(subscriber("s-3"), wants={"to": two})])
        store.suppress(
            [Suppression("ada@example.org", "spam", NOW, "ada@"), Suppression("bob@example.org", "left", NOW)]
        )
        moved = replace(entry("bob@example.org", act=Act.MOVED), reference="ada@example.org")
        store.note([entry(detail="Ada@example.org: full"), entry("bob@example.org"), moved])
        assert store.erase("ada@EXAMPLE.org", now=later(1), noting=[entry(act=Act.FORGOTTEN)]) == 7
        (hidden,) = set(store.suppressions()) - {"bob@example.org"}
        assert hidden.startswith("erased:")
        for each in now_and_reopened(store, lambda: reopen(keys=KEYS)):
            assert [one.id for one in each.subscribers()] == ["s-2", "s-3"]
            assert [one.wants for one in each.subscribers(["s-3"])] == [{"to": two[1:]}]
            assert each.suppressions()[hidden] == Suppression(hidden, "spam", NOW)
            assert [(one.about, one.act, one.detail) for one in each.audit()] == [
                (hidden, Act.CONFIRMED, f"{hidden}: full"),
                ("bob@example.org", Act.CONFIRMED, ""),
                ("bob@example.org", Act.MOVED, ""),
                (hidden, Act.FORGOTTEN, ""),
            ]
            assert each.audit()[2].reference == hidden
            found = each.deliveries()
            assert [one.destination.options["address"] for one in found] == [hidden, hidden, "bob@example.org"]
            said = f"550 <{hidden}>: full"
            assert (found[0].id, found[0].reason, found[0].answer) == (delivery(record).id, said, said)

    def test_an_erased_address_stays_suppressed_as_long_as_its_key_is_known(self, reopen: Opener) -> None:
        store = reopen(keys=KEYS)
        assert store.erase("ada@example.org", now=NOW) == 0
        for keys, known in ((KEYS, True), (lambda: (Secret("new"), *KEYS()), True), (lambda: (Secret("new"),), False)):
            found = reopen(keys=keys).suppressions([" ADA@example.org", "bob@example.org"])
            assert found == ({"ada@example.org": Suppression("ada@example.org", FORGOTTEN, NOW)} if known else {})
        store = reopen(keys=KEYS)
        assert store.release(["ada@example.org"]) == 1
        assert reopen(keys=KEYS).suppressions() == {}

    def test_nobody_is_erased_without_a_key(self, store: Store) -> None:
        store.put_subscribers([subscriber()])
        with pytest.raises(StoreError, match="DIGESTBOT_SECRET"):
            store.erase("ada@example.org", now=NOW)
        assert [each.id for each in store.subscribers()] == ["s-1"]


class GistContract:
    """What a model wrote of papers."""

    def test_one_is_taken_once_a_day_until_it_is_there(self, reopen: Opener) -> None:
        day, tomorrow = date(2026, 3, 2), date(2026, 3, 3)
        store = reopen()
        assert store.take_gists(["zh/b", "zh/a", "zh/b"], day=day, most=9) == ["zh/b", "zh/a"]
        assert store.take_gists(["zh/c", "zh/a"], day=day, most=9) == ["zh/c"]
        store.put_gists({"zh/a": "一行\0", "zh/never-taken": "x"})
        for each in now_and_reopened(store, reopen):
            assert each.gists(["zh/a", "zh/b", "zh/never-taken", "de/a"]) == {"zh/a": "一行\ufffd"}
            assert each.take_gists(["zh/a", "zh/b"], day=day, most=9) == []
        assert reopen().take_gists(["zh/a", "zh/b"], day=tomorrow, most=9) == ["zh/b"]

    def test_no_more_are_taken_on_a_day_than_may_be(self, reopen: Opener) -> None:
        day = date(2026, 3, 2)
        store = reopen()
        assert store.take_gists([], day=day, most=2) == []
        assert store.take_gists(["a", "b", "c"], day=day, most=2) == ["a", "b"]
        for each in now_and_reopened(store, reopen):
            assert each.take_gists(["c"], day=day, most=2) == []
        assert reopen().take_gists(["c", "a", "b"], day=date(2026, 3, 3), most=2) == ["c", "a"]
        assert reopen().take_gists(["d", "b"], day=date(2026, 3, 3), most=3) == ["d"]


class OpeningContract:
    """Opening and closing."""

    def test_a_reader_beside_the_writer_sees_its_moment_and_changes_nothing(self, reopen: Opener) -> None:
        store = reopen()
        store.merge([Paper(title="Seen by the reader")], now=NOW)
        with reopen(beside=True, read_only=True) as reader:
            store.merge([Paper(title="Merged after that")], now=NOW)
            assert reader.head() == 1
            record = digest()
            for change in (
                lambda: reader.merge([Paper(title="Refused")], now=NOW),
                lambda: reader.register(["ml"], now=NOW),
                lambda: reader.open_digest(record, []),
                lambda: reader.claim(now=NOW, lease=LEASE, limit=1),
                lambda: reader.open_digests([]),
                lambda: reader.abandon(),
                lambda: reader.record([]),
                lambda: reader.put_subscribers([subscriber()]),
                lambda: reader.remove_subscribers(["s-1"]),
                lambda: reader.suppress([]),
                lambda: reader.release([]),
                lambda: reader.erase("ada@example.org", now=NOW),
                lambda: reader.note([]),
            ):
                with pytest.raises(StoreError, match="reading only"):
                    change()
        assert store.head() == 2

    def test_closed_twice_and_then_of_no_use(self, store: Store) -> None:
        store.close()
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.head()


class StoreContract(MergeContract, LedgerContract, SubscriberContract, AuditContract, GistContract, OpeningContract):
    """All of it. A backend's test class gives the fixtures `reopen` and `store`."""
