"""The small decisions of values: what is counted, named, folded and told, as literal values."""

from __future__ import annotations

import gc
import pickle
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from digestbot.model.addresses import ids_in_address
from digestbot.model.cadence import parse_cadence
from digestbot.model.causes import Cause
from digestbot.model.deliveries import DECIDABLE, OPEN_ENDS, OPEN_STATES, Delivery, DeliveryState, delivery_id
from digestbot.model.digests import (
    Counts,
    DigestRecord,
    DigestVerdict,
    EntryRecord,
    Slot,
    Window,
    assemble,
    digest_key,
)
from digestbot.model.errors import DigestbotError, Problem, UsageError
from digestbot.model.garbage import uncollected
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.secret import Secret
from digestbot.model.subscribers import Membership, SubscriberRecord, bucket, fits, folded_address
from digestbot.model.subscriptions import Destination, RuleSpec, Subscription
from digestbot.model.zones import zone_hint

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
SLOT = Slot("2026-03-02T08:00", date(2026, 3, 2), AT)


def test_what_is_new_is_what_was_found_but_for_what_was_sent_or_had_waited() -> None:
    counts = Counts(found=20, already_sent=3, carried_in=5, shown=9, waiting_shown=2)
    assert (counts.new, counts.new_shown) == (12, 7)


def made(*entries: EntryRecord, sections: tuple[tuple[str, str], ...] = ()) -> list[tuple[str, str, list[int], bool]]:
    record = DigestRecord("k", "lab", "Lab", SLOT, AT, Window(0, 9), DigestVerdict.SEND, entries, sections)
    digest = assemble(record, {n: LoggedPaper(n, f"k{n}", AT, Paper(title=f"T{n}")) for n in range(9)})
    assert [each.record for each in digest.entries] == [each.record for s in digest.sections for each in s.entries]
    return [(s.label, s.heading, [each.paper.sequence for each in s.entries], s.waiting) for s in digest.sections]


def test_sections_stand_in_the_order_of_their_best_papers_and_what_waited_comes_last() -> None:
    entries = [EntryRecord(5, ("b", "a"), carried=True), EntryRecord(3, ("b", "a")), EntryRecord(1, ("a",))]
    assert made(*entries, EntryRecord(2, ("b",)), EntryRecord(4, ("c",)), sections=(("a", "Alpha"), ("b", "Beta"))) == [
        ("b", "Beta", [3, 2], False),
        ("a", "Alpha", [1], False),
        ("c", "c", [4], False),
        ("waiting", "Still waiting", [5], True),
    ]
    assert made(EntryRecord(1, ("a",))) == [("a", "a", [1], False)]
    assert made() == []


def test_keys_and_ids_that_stand_in_peoples_ledgers() -> None:
    assert digest_key("lab", SLOT) == "lab/2026-03-02T08:00"
    to = Destination("email", {"b": "2", "a": "1"})
    assert delivery_id("lab/x", to) == delivery_id("lab/x", replace(to, options={"a": "1", "b": "2"}, theme="plain"))
    assert delivery_id("lab/x", to) == "e6cb13089f60497483b30e386dd6f575"
    assert bucket("lab") == 42257
    assert bucket("sub-1") == 2688


def test_which_states_are_open_and_which_a_human_may_decide() -> None:
    assert {str(each) for each in OPEN_STATES} == {"planned", "sending", "deferred", "unknown"}
    assert {str(each) for each in OPEN_ENDS} == {"planned", "sending", "deferred", "unknown", "failed", "held"}
    assert {str(each) for each in DECIDABLE} == {"planned", "deferred", "unknown", "failed", "held"}
    failed = Delivery("d", "k", "lab", Destination("file"), DeliveryState.FAILED, AT)
    assert [replace(failed, cause=each).gone for each in (None, Cause.GONE, Cause.REFUSED)] == [False, True, False]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"address": "ada@example.org", "path": "x"}, "email ada@example.org"),
        ({"path": "x", "destination": "lab"}, "email lab"),
        ({"path": "out"}, "email out"),
        ({}, "email"),
    ],
)
def test_what_people_call_a_destination(options: dict[str, str], name: str) -> None:
    assert Destination("email", options).name == name


@pytest.mark.parametrize(
    ("paused", "until", "now", "rests"),
    [
        (False, None, AT, False),
        (True, None, AT, True),
        (True, date(2026, 3, 1), AT, True),
        (False, date(2026, 3, 2), AT, False),
        (False, date(2026, 3, 3), datetime(2026, 3, 2, 10, 59, 59, tzinfo=UTC), True),
        (False, date(2026, 3, 3), datetime(2026, 3, 2, 11, tzinfo=UTC), False),  # midnight in Apia
    ],
)
def test_whether_a_subscription_rests(paused: bool, until: date | None, now: datetime, rests: bool) -> None:
    one = Subscription("lab", "Lab", "Pacific/Apia", parse_cadence("instant"), RuleSpec(), (), paused=paused)
    one = replace(one, paused_until=until)
    assert one.rests(now) is rests
    assert (one.pause_ends is None) is (until is None)


def test_the_defaults_of_a_subscription() -> None:
    one = Subscription("lab", "Lab", "UTC", parse_cadence("instant"), RuleSpec(), ())
    told = (one.max_entries, one.first_run_days, one.waiting_share, one.waiting_days, one.language, one.like)
    assert told == (20, None, 0.25, 14, "en", None)
    assert (one.paused, one.public, one.feedback, one.carry, one.paused_until) == (False, False, True, True, None)
    assert [str(each) for each in (one.order, one.when_empty, one.catch_up, one.thread, one.gist)] == [
        "relevance",
        "skip",
        "merge",
        "series",
        "sentence",
    ]


@pytest.mark.parametrize(
    ("address", "folded"),
    [
        (" Ada@Example.ORG ", "ada@example.org"),
        ("ada@bücher.example", "ada@bücher.example"),
        ("Ada@xn--bcher-kva.Example", "ada@bücher.example"),
        ("ada@XN--BCHER-KVA.example", "ada@bücher.example"),
        ("ada@xn--bcher-2pa.example", "ada@bücher.example"),
        ("ada@mail。example", "ada@mail.example"),
        ("ａda@example.org", "ada@example.org"),
        ("ada@xn--.example", "ada@xn--.example"),
        ("ada@xn--99999999.example", "ada@xn--99999999.example"),  # it only looks so
        ("ünder", "ünder"),
    ],
)
def test_one_mailbox_has_one_spelling(address: str, folded: str) -> None:
    assert folded_address(address) == folded


def subscriber(**wants: Any) -> SubscriberRecord:
    return SubscriberRecord("lab", Membership.ACTIVE, wants, AT, AT)


def test_where_a_subscribers_digests_go_by_mail() -> None:
    tables = [{"address": "Ada@example.org"}, {"path": "x"}, {"address": "ada@example.org"}, "no", {"address": 3}]
    assert subscriber(to=[*tables, {"address": "b@example.org"}]).addresses == ("ada@example.org", "b@example.org")
    assert subscriber(to=({"address": "a@b.c"},)).addresses == ("a@b.c",)
    assert (subscriber(to="ada@example.org").addresses, subscriber().addresses) == ((), ())


def test_who_lies_in_some_buckets_and_is_reached_at_an_address() -> None:
    one, at = subscriber(to=[{"address": "ada@example.org"}]), bucket("lab")
    assert fits(one, None, None)
    assert [fits(one, range(at, at + 1), None), fits(one, range(at + 1, at + 9), None)] == [True, False]
    assert [fits(one, None, each) for each in ("ADA@example.org", "eve@example.org")] == [True, False]
    assert not fits(one, range(at + 1, at + 9), "ada@example.org")


def test_a_problem_says_where_it_is_what_it_is_and_the_way_out() -> None:
    assert str(Problem("it is wrong")) == "it is wrong"
    assert str(Problem("it is wrong", "a.toml", 3, 7, "mend it")) == "a.toml:3:7: it is wrong (mend it)"
    assert str(Problem("it is wrong", line=3)) == "3: it is wrong"
    told = Problem("it is wrong", line=3, column=7)
    assert str(told.at("b.toml")) == "b.toml:3:7: it is wrong"
    assert str(told.at("b.toml", 4, 0)) == "b.toml:4:0: it is wrong"
    error = UsageError("one", Problem("two", "x"))
    assert (str(error), len(error.problems), error.exit_code, DigestbotError().exit_code) == ("one\nx: two", 2, 2, 1)


def test_a_secret_never_shows_itself() -> None:
    one = Secret("hush")
    assert [str(one), repr(one), f"{one:>10}", one.reveal()] == ["<secret>", "<secret>", "  <secret>", "hush"]
    assert (one == Secret("hush"), one == Secret("x"), one == "hush") == (True, False, False)
    assert (hash(one) == hash(Secret("hush")), bool(one), bool(Secret(""))) == (True, True, False)
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(one)


KNOWN = {"Europe/Berlin", "Europe/Paris", "America/New_York", "Etc/GMT+1", "UTC", "Asia/Ho_Chi_Minh"}


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("CET", "CET is no place: write 'Europe/Berlin' or 'Europe/Paris', or another in that zone"),
        ("ist (India)", "IST is no place: write 'Asia/Kolkata', or another in that zone"),
        ("GMT+2", 'an offset knows no summer time: write the place by its IANA name, such as "Europe/Berlin"'),
        ("utc +02:00", 'an offset knows no summer time: write the place by its IANA name, such as "Europe/Berlin"'),
        ("new york", "did you mean 'America/New_York'?"),
        (" Ho Chi Minh ", "did you mean 'Asia/Ho_Chi_Minh'?"),
        ("Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("GMT+1 ", 'an offset knows no summer time: write the place by its IANA name, such as "Europe/Berlin"'),
        ("Nowhere", 'write an IANA name such as "Europe/Berlin"'),
    ],
)
def test_what_an_unknown_time_zone_may_mean(written: str, hint: str) -> None:
    assert zone_hint(written, KNOWN) == hint


ABBREVIATIONS = (
    "CET CEST MEZ MESZ HNEC HAEC WET WEST WESZ EET EEST OEZ OESZ BST GMT MSK MSD PST PDT PT PACIFIC MST MDT MT MOUNTAIN"
    " CST CDT CT CENTRAL EST EDT ET EASTERN AKST AKDT BRT BRST AEST AEDT NZST NZDT IST JST KST SGT HKT SAST"
)


@pytest.mark.parametrize("word", ABBREVIATIONS.split())
def test_no_abbreviation_is_a_place(word: str) -> None:
    assert zone_hint(word, KNOWN).startswith(f"{word} is no place: write '")


def test_a_machine_without_time_zones_says_so() -> None:
    assert zone_hint("CET", set()) == "this machine has no time zone data: install its tzdata, or pip install tzdata"


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_as_it_was_after_it_rested(on: bool) -> None:
    was = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert gc.isenabled() is on
    finally:
        (gc.enable if was else gc.disable)()


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("https://openreview.net/forum?x=1&id=rJXMpikCZ", {"openreview": "rJXMpikCZ"}),
        ("https://hal.science/HAL-01234567v2", {}),
        ("https://hal.science/hal-01234567v2", {"hal": "hal-01234567"}),
        ("https://aclanthology.org/2020.acl-main.1/", {"acl": "2020.acl-main.1"}),
        ("https://pubmed.ncbi.nlm.nih.gov/12345678/", {"pmid": "12345678"}),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1234567/", {"pmcid": "PMC1234567"}),
        ("https://www.nature.com/articles/S41586-020-2649-2.pdf", {"doi": "10.1038/s41586-020-2649-2"}),
        ("https://journals.plos.org/plosone/article?id=10.1371%2Fjournal.PONE.0000001",
         {"doi": "10.1371/journal.pone.0000001"}),
        ("https://dx.doi.org/10.1000/ABC?x=1", {"doi": "10.1000/abc"}),
        ("https://example.org/?to=https://doi.org/10.1000/abc", {}),
        ("https://huggingface.co/papers/2401.00001", {"arxiv": "2401.00001"}),
        ("https://example.org/", {}),
    ],
)  # fmt: skip
def test_what_an_address_names(url: str, ids: dict[str, str]) -> None:
    assert ids_in_address(url) == ids
