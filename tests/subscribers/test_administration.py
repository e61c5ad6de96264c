"""What an operator does with subscribers, by values: what is told, stored and noted."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import DeliveryState, Outcome
from digestbot.model.errors import UsageError
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import Paper
from digestbot.model.subscribers import Membership, SubscriberRecord, Suppression
from digestbot.platform.links import fingerprint
from digestbot.store.base import Store
from digestbot.subscribers import leaving
from digestbot.subscribers.administration import Administration, in_words, new_token
from digestbot.subscribers.exporting import HEADER, as_csv, as_toml, everybody, listed, of_person
from tests.delivery.kit import NOW, Clock, FakeChannel, configure, deliver, mail_to, open_app, planned, subscribe

MAIL = [{"channel": "email", "address": "ada@example.org"}]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Administration]:
    monkeypatch.chdir(tmp_path)
    configure(tmp_path, SECRET="a-secret-of-many-characters")
    subscribe(tmp_path, "weekly", mail_to(["filed", "other"]))
    with open_app(tmp_path, Clock()) as app:
        yield app.administration


def do(office: Administration, verb: str, **given: Any) -> list[str]:
    return office.carry_out(verb, {"who": "operator ada", "token": verb, **given})


def add(office: Administration, address: str = "ada@example.org", **wants: object) -> list[str]:
    return do(office, "add", address=address, wants={"keywords": ["moss"], **wants}, consent="by letter")


def people(office: Administration, **about: Any) -> dict[str, SubscriberRecord]:
    return {each.addresses[0]: each for each in office.store.subscribers(**about)}


def noted(office: Administration, about: str | None = None) -> list[tuple[Act, str, str]]:
    return [(each.act, each.about, each.detail) for each in office.store.audit(about)]


def imported(office: Administration, text: str, **given: Any) -> list[str]:
    Path("people.csv").write_text(text, encoding="utf-8")
    usual = {"path": "people.csv", "shown": "people.csv", "form": "csv", "encoding": "", "defaults": ""}
    return do(office, "import", **{**usual, "consent": "", "dry_run": False, **given})


def defaults(text: str) -> str:
    Path("defaults.toml").write_text(text, encoding="utf-8")
    return "defaults.toml"


def test_one_who_is_added_is_active_from_now_on_and_a_second_time_only_changes(office: Administration) -> None:
    assert add(office, " Ada@Example.org ".strip()) == ["ada@example.org: added"]
    (ada,) = office.store.subscribers()
    assert ada.id.startswith("sub-")
    assert len(ada.id) == 24
    assert (ada.state, ada.added_at, ada.changed_at) == (Membership.ACTIVE, NOW, NOW)
    assert ada.wants == {"keywords": ["moss"], "to": MAIL}
    assert add(office, keywords=["fern"]) == ["ada@example.org: was there, changed"]
    assert noted(office) == [
        (Act.ADDED, "ada@example.org", "by letter"),
        (Act.CHANGED, "ada@example.org", "by letter"),
    ]
    assert [each.who for each in office.store.audit()] == ["operator ada"] * 2
    assert people(office)["ada@example.org"].wants["keywords"] == ["fern"]


def test_who_is_suppressed_or_wrong_is_not_added(office: Administration) -> None:
    do(office, "suppress", names=["ada@example.org"], reason="asked", evidence="")
    with pytest.raises(UsageError) as refused:
        add(office)
    (problem,) = refused.value.problems
    assert (problem.place, problem.message) == ("ada@example.org", "is suppressed since 02 Mar 2026: asked")
    assert problem.way_out == "let mail go there again with: digestbot subscribers release ada@example.org"
    with pytest.raises(UsageError, match="order cannot be 'x'"):
        add(office, "bob@example.org", order="x")
    assert list(office.store.subscribers()) == []


@pytest.mark.parametrize(
    ("until", "told", "wants"),
    [
        ("2026-03-03", "paused until 2026-03-03", {"paused_until": "2026-03-03"}),
        ("", "paused", {"paused": True}),
        (None, "goes on", {}),
    ],
)
def test_a_pause_takes_the_place_of_the_one_before(
    office: Administration, until: str | None, told: str, wants: dict[str, object]
) -> None:
    add(office, paused=True, paused_until="2026-09-01")
    assert do(office, "pause", names=["ADA@example.org"], until=until) == [f"ada@example.org: {told}"]
    (ada,) = office.store.subscribers()
    assert ada.wants == {"keywords": ["moss"], "to": MAIL, **wants}
    entry = office.store.audit()[-1]
    assert (entry.act, entry.about, entry.detail, entry.reference) == (Act.PAUSED, "ada@example.org", told, ada.id)
    assert entry.id == f"pause:{ada.id}"


@pytest.mark.parametrize("until", ["2026-03-02", "2026-03-01"])
def test_a_pause_ends_on_a_day_to_come(office: Administration, until: str) -> None:
    add(office)
    with pytest.raises(UsageError, match=f"{until} is no day on which a pause could end"):
        do(office, "pause", names=["ada@example.org"], until=until)


def test_who_is_meant_is_told_by_id_or_address_and_who_is_nobody_refused(office: Administration) -> None:
    add(office)
    add(office, "bob@example.org")
    name = people(office)["ada@example.org"].id
    with pytest.raises(UsageError) as refused:
        do(office, "pause", names=[name, "eve@example.org"], until="")
    assert [each.message for each in refused.value.problems] == ["no subscriber 'eve@example.org'"]
    assert do(office, "pause", names=[name, "ada@example.org", "bob@example.org"], until="") == [
        "ada@example.org: paused",
        "bob@example.org: paused",
    ]


def test_who_is_removed_is_no_more_and_may_be_added_again(office: Administration) -> None:
    add(office)
    assert do(office, "remove", names=["nobody", "ada@example.org"], reason="moved") == ["ada@example.org: removed"]
    assert do(office, "remove", names=["ada@example.org"], reason="moved") == ["nobody was removed"]
    assert noted(office)[-1] == (Act.REMOVED, "ada@example.org", "moved")
    assert add(office) == ["ada@example.org: added"]


def test_suppressing_tells_what_was_before_and_releasing_brings_back_who_left(office: Administration) -> None:
    add(office)
    names = ["ADA@example.org", "bob@example.org"]
    assert do(office, "suppress", names=names, reason="asked", evidence="letter") == [
        "ada@example.org: suppressed",
        "bob@example.org: suppressed",
    ]
    assert do(office, "suppress", names=names[:1], reason="again", evidence="", token="another") == [
        "ada@example.org: was suppressed before: asked"
    ]
    assert office.store.suppressions()["ada@example.org"] == Suppression("ada@example.org", "asked", NOW, "letter")
    assert noted(office)[1:] == [(Act.SUPPRESSED, each.lower(), "asked; letter") for each in names]
    (ada,) = office.store.subscribers()
    leaving.leave(office.store, "ada@example.org", now=NOW, evidence="by post")
    assert people(office)["ada@example.org"].state is Membership.LEFT
    told = do(office, "release", names=["ada@example.org", "bob@example.org", "eve@example.org"], reason="was wrong")
    assert told == [
        "ada@example.org: released, 1 subscriptions are active again",
        "bob@example.org: released",
        "eve@example.org: was not suppressed",
    ]
    assert office.store.suppressions() == {}
    assert people(office)["ada@example.org"].state is Membership.ACTIVE
    assert office.store.audit("ada@example.org")[-1].detail == "was wrong; was: asked"
    assert office.store.audit("ada@example.org")[-1].id == "release:ada@example.org"
    assert ada.id == people(office)["ada@example.org"].id


def test_who_is_suppressed_without_evidence_is_noted_with_the_reason_alone(office: Administration) -> None:
    do(office, "suppress", names=["ada@example.org"], reason="asked", evidence="")
    assert noted(office) == [(Act.SUPPRESSED, "ada@example.org", "asked")]


def test_who_never_left_is_released_and_goes_on_as_before(office: Administration) -> None:
    add(office)
    do(office, "suppress", names=["ada@example.org"], reason="asked", evidence="")
    assert do(office, "release", names=["ada@example.org"], reason="asked") == ["ada@example.org: released"]


def test_who_left_and_is_no_longer_suppressed_is_released_all_the_same(office: Administration) -> None:
    add(office)
    (ada,) = office.store.subscribers()
    office.store.put_subscribers([SubscriberRecord(ada.id, Membership.LEFT, ada.wants, NOW, NOW)])
    assert do(office, "release", names=["ada@example.org"], reason="asked") == [
        "ada@example.org: released, 1 subscriptions are active again"
    ]


def test_who_is_forgotten_is_told_with_what_stays_and_the_files_that_name_it(office: Administration) -> None:
    add(office)
    told = do(office, "forget", names=["Ada@example.org"])
    assert told[0] == "ada@example.org: forgotten in 2 records"
    assert len(told) == 3
    assert list(office.store.subscribers()) == []
    filed = do(office, "forget", names=["filed@example.org"])
    assert filed[3:] == ["subscriptions/weekly.toml still names the address: take it out there"]


def test_an_order_carries_what_was_given_and_tokens_are_never_the_same() -> None:
    assert json.loads(in_words({"names": ["a"], "until": None})) == {"names": ["a"], "until": None}
    assert len(new_token()) == 24
    assert new_token() != new_token()


# imports


def test_an_import_tells_who_came_who_changed_and_who_is_left_out(office: Administration) -> None:
    add(office, "bob@example.org", name="Bob")
    do(office, "suppress", names=["carl@example.org"], reason="asked", evidence="")
    text = (
        "address,keywords,name,state,suppressed\n"
        "ada@example.org,moss,Ada,,\n"
        "bob@example.org,fern,,,\n"
        "ADA@example.org,again,,,\n"
        "carl@example.org,moss,,,\n"
        "dora@example.org,moss,,left,\n"
        "eve@example.org,moss,,pending,\n"
    )
    would = imported(office, text, dry_run=True)
    assert sorted(people(office)) == ["bob@example.org"]
    assert would[-1] == (
        "1 would be added, 1 would be changed, 3 left out, 1 repeated; "
        "1 of those left out would be suppressed from now on"
    )
    told = imported(office, text, consent="by letter")
    assert told == [
        "people.csv:5: carl@example.org is left out: is suppressed since 02 Mar 2026: asked",
        "people.csv:6: dora@example.org is left out: unsubscribed: is suppressed",
        "people.csv:7: eve@example.org is left out: is not subscribed: was never confirmed",
        "people.csv:4: ada@example.org is left out: repeats line 2, which counts",
        "1 added, 1 changed, 3 left out, 1 repeated; 1 of those left out are suppressed from now on",
    ]
    assert people(office)["bob@example.org"].wants == {
        "keywords": ["fern"],
        "name": "Bob",
        "to": [{"channel": "email", "address": "bob@example.org"}],
    }
    assert people(office)["ada@example.org"].wants == {"keywords": ["moss"], "name": "Ada", "to": MAIL}
    assert set(noted(office)[2:]) == {
        (Act.SUPPRESSED, "dora@example.org", "from people.csv: by letter: unsubscribed"),
        (Act.IMPORTED, "ada@example.org", "from people.csv: by letter"),
        (Act.CHANGED, "bob@example.org", "from people.csv: by letter"),
    }
    suppressed = office.store.suppressions()["dora@example.org"]
    assert suppressed == Suppression("dora@example.org", "unsubscribed", NOW, "from people.csv: by letter")


def test_an_import_that_changes_nobodys_standing_ends_with_one_plain_line(office: Administration) -> None:
    assert imported(office, "address,keywords\nada@example.org,moss\n") == [
        "1 added, 0 changed, 0 left out, 0 repeated"
    ]
    assert noted(office) == [(Act.IMPORTED, "ada@example.org", "from people.csv")]


@pytest.mark.parametrize(("rows", "more"), [(100, []), (101, ["... and 1 more are left out"])])
def test_a_hundred_rows_left_out_are_told_one_by_one(office: Administration, rows: int, more: list[str]) -> None:
    lines = "".join(f"n{number}@example.org,moss,pending\n" for number in range(rows))
    told = imported(office, f"address,keywords,state\n{lines}")
    assert told[100:] == [*more, f"0 added, 0 changed, {rows} left out, 0 repeated"]


@pytest.mark.parametrize(("rows", "more"), [(100, []), (103, ["3 more problems"])])
def test_a_hundred_problems_are_told_one_by_one(office: Administration, rows: int, more: list[str]) -> None:
    lines = "".join(f"n{number},moss\n" for number in range(rows))
    with pytest.raises(UsageError) as refused:
        imported(office, f"address,keywords\n{lines}")
    assert [each.message for each in refused.value.problems[100:]] == [*more, "nothing was imported"]


def test_an_id_is_nobody_elses(office: Administration) -> None:
    add(office)
    with pytest.raises(UsageError) as refused:
        imported(office, "address,id,keywords\na@x.org,weekly,x\nb@x.org,b,x\nc@x.org,b,x\n")
    assert [(each.line, each.message) for each in refused.value.problems] == [
        (2, "id: 'weekly' is a subscription in a file"),
        (4, "id: 'b' stands at two addresses"),
        (None, "nothing was imported"),
    ]
    name = people(office)["ada@example.org"].id
    assert imported(office, "address,id,keywords\nada@example.org,other,x\n")[0] == (
        f"people.csv:2: ada@example.org is left out: is the address of the subscriber {name} already"
    )
    assert imported(office, f"address,id,keywords\nmoved@example.org,{name},x\nnew@example.org,n,x\n") == [
        "1 added, 1 changed, 0 left out, 0 repeated"
    ]
    assert {each.id: each.addresses for each in office.store.subscribers()} == {
        name: ("moved@example.org",),
        "n": ("new@example.org",),
    }


def test_who_is_new_asks_for_something_in_the_row_or_by_the_defaults(office: Administration) -> None:
    with pytest.raises(UsageError) as refused:
        imported(office, "address,cadence\nada@example.org,weekly mon 08:00\n")
    assert [(each.line, each.message) for each in refused.value.problems] == [
        (2, "ada@example.org is new, and nothing is asked for"),
        (None, "nothing was imported"),
    ]
    usual = defaults('keywords = ["moss"]\nexclude = ["fern"]\ncadence = "weekly tue 08:00"\nname = "N"\n')
    add(office, "old@example.org")
    text = "address,query,cadence\nada@example.org,,weekly mon 08:00\nbob@example.org,x,\nold@example.org,,\n"
    imported(office, text, defaults=usual)
    wants = {name: {k: v for k, v in each.wants.items() if k != "to"} for name, each in people(office).items()}
    assert wants == {
        "ada@example.org": {"keywords": ["moss"], "exclude": ["fern"], "cadence": "weekly mon 08:00", "name": "N"},
        "bob@example.org": {"query": "x", "cadence": "weekly tue 08:00", "name": "N"},
        "old@example.org": {"keywords": ["moss"]},
    }


def test_who_left_is_brought_back_by_no_import(office: Administration) -> None:
    add(office)
    (ada,) = office.store.subscribers()
    office.store.put_subscribers([SubscriberRecord(ada.id, Membership.LEFT, ada.wants, NOW, NOW)])
    assert imported(office, "address,keywords\nada@example.org,x\n") == [
        "people.csv:2: ada@example.org is left out: "
        "left; only its own word, or: digestbot subscribers release, brings it back",
        "0 added, 0 changed, 1 left out, 0 repeated",
    ]


def test_the_first_word_that_suppresses_an_address_counts_and_keeps_its_other_rows_out(office: Administration) -> None:
    told = imported(
        office,
        "email,attributes,status,updated_at\n"
        "ada@example.org,,disabled,2026-01-05T00:00:00Z\n"
        "ada@example.org,,blocklisted,2026-01-06T00:00:00Z\n"
        "ada@example.org,,enabled,\n",
        defaults=defaults('keywords = ["moss"]\n'),
    )
    assert (
        told
        == [
            "people.csv:2: ada@example.org is left out: disabled in listmonk: is suppressed",
            "people.csv:4: ada@example.org is left out: is kept out by line 2: disabled in listmonk",
            "0 added, 0 changed, 2 left out, 0 repeated; 1 of those left out are suppressed from now on",
        ]
        or told == []
    )
    since = office.store.suppressions()["ada@example.org"].since
    assert since == datetime(2026, 1, 5, tzinfo=UTC)


def test_who_joined_here_after_leaving_there_stays_and_a_time_to_come_is_now(office: Administration) -> None:
    add(office)
    told = imported(
        office,
        "email,attributes,status,updated_at\n"
        "ada@example.org,,blocklisted,2026-01-05T00:00:00+00:00\n"
        "bob@example.org,,blocklisted,2036-01-05T00:00:00+00:00\n",
    )
    assert told[0].endswith("ada@example.org is left out: blocklisted in listmonk, and joined here since: stays")
    assert {name: each.since for name, each in office.store.suppressions().items()} == {"bob@example.org": NOW}
    assert people(office)["ada@example.org"].state is Membership.ACTIVE


def test_what_a_list_says_of_consent_is_noted_and_one_without_a_time_left_now(office: Administration) -> None:
    usual = defaults('keywords = ["moss"]\n')
    lines = "ada@example.org,,enabled,2025-02-03,\nbob@example.org,,disabled,,\n"
    imported(office, f"email,attributes,status,created_at,updated_at\n{lines}", defaults=usual, consent="by letter")
    assert set(noted(office)) == {
        (Act.IMPORTED, "ada@example.org", "from people.csv: by letter; list of listmonk, since 2025-02-03"),
        (Act.SUPPRESSED, "bob@example.org", "from people.csv: by letter: disabled in listmonk"),
    }
    assert office.store.suppressions()["bob@example.org"].since == NOW


def test_who_left_there_after_joining_here_leaves_and_a_suppression_of_before_stays(office: Administration) -> None:
    add(office)
    do(office, "suppress", names=["carl@example.org"], reason="asked", evidence="")
    told = imported(
        office,
        "email,attributes,status,updated_at\n"
        "ada@example.org,,blocklisted,2026-03-02T09:00:00Z\n"
        "carl@example.org,,blocklisted,2026-03-02T09:00:00Z\n",
    )
    assert told[:2] == [
        "people.csv:2: ada@example.org is left out: blocklisted in listmonk: is suppressed",
        "people.csv:3: carl@example.org is left out: is suppressed since 02 Mar 2026: asked",
    ]
    assert {name: each.reason for name, each in office.store.suppressions().items()} == {
        "ada@example.org": "blocklisted in listmonk",
        "carl@example.org": "asked",
    }


def test_wrong_rows_are_told_before_anybody_is_asked_what_they_want(office: Administration) -> None:
    with pytest.raises(UsageError) as refused:
        imported(office, "address,keywords\nada,x\nbob@example.org,\n")
    assert [(each.line, each.message[:20]) for each in refused.value.problems] == [
        (2, "address: 'ada' is no"),
        (None, "nothing was imported"),
    ]


def test_who_is_new_is_registered_and_who_gets_no_mail_is_noted_by_nobodys_address(office: Administration) -> None:
    text = '[[subscriber]]\naddress = "ada@example.org"\nid = "ada"\nkeywords = ["x"]\n'
    imported(office, f'{text}[[subscriber.to]]\nchannel = "file"\npath = "out"\n', form="toml")
    (ada,) = office.store.subscribers()
    assert ada.wants["to"] == [{"channel": "file", "path": "out"}]
    assert office.store.audit() == []
    assert list(office.store.cursors(["ada", "eve"])) == ["ada"]


def test_a_file_that_cannot_be_read_is_told_by_its_name(office: Administration) -> None:
    with pytest.raises(UsageError, match=r"none\.csv: cannot be read: No such file or directory"):
        imported(office, "", path="none.csv", shown="none.csv")


def test_toml_is_read_as_toml(office: Administration) -> None:
    assert imported(office, '[[subscriber]]\naddress = "ada@example.org"\nkeywords = ["x"]\n', form="toml") == [
        "1 added, 0 changed, 0 left out, 0 repeated"
    ]


def test_more_than_a_page_is_imported_whole(office: Administration) -> None:
    lines = "".join(f"n{number}@example.org,moss,{'left' if number % 2 else ''}\n" for number in range(2_500))
    told = imported(office, f"address,keywords,state\n{lines}")
    assert told[-1].startswith(
        "1250 added, 0 changed, 1250 left out, 0 repeated; 1250 of those left out are suppressed"
    )
    assert len(list(office.store.subscribers())) == 1_250
    assert len(office.store.suppressions()) == 1_250


# leaving, coming back, being forgotten


def record(name: str, *addresses: str, state: Membership = Membership.ACTIVE) -> SubscriberRecord:
    to = [{"channel": "email", "address": each} for each in addresses]
    return SubscriberRecord(name, state, {"keywords": ["moss"], "to": to}, NOW, NOW)


def test_who_leaves_is_noted_once_and_a_subscription_of_several_goes_on_for_the_others(office: Administration) -> None:
    store, later = office.store, NOW + timedelta(days=1)
    store.put_subscribers([record("one", "a@x.org"), record("both", "a@x.org", "b@x.org"), record("other", "c@x.org")])
    for now in (NOW, later):
        leaving.leave(store, "a@x.org", now=now, evidence="one click", who="subscriber")
    assert {each.id: each.state.value for each in store.subscribers()} == {
        "one": "left",
        "both": "active",
        "other": "active",
    }
    assert store.suppressions() == {"a@x.org": Suppression("a@x.org", "unsubscribed", NOW, "one click")}
    assert [(each.who, each.act, each.detail, each.at) for each in store.audit()] == [
        ("subscriber", Act.LEFT, "one click", NOW)
    ]
    assert [each.changed_at for each in store.subscribers(["one"])] == [NOW], "who left before is left alone"
    leaving.leave(store, "b@x.org", now=later, evidence="one click")
    (both,) = store.subscribers(["both"])
    assert (both.state, both.changed_at) == (Membership.LEFT, later)


@pytest.mark.parametrize("reason", ["bounced", "asked"])
def test_nobody_comes_back_whom_somebody_else_had_suppressed(office: Administration, reason: str) -> None:
    office.store.put_subscribers([record("one", "a@x.org", state=Membership.LEFT)])
    office.store.suppress([Suppression("a@x.org", reason, NOW)])
    assert leaving.come_back(office.store, "a@x.org", now=NOW) is False
    assert [each.state for each in office.store.subscribers()] == [Membership.LEFT]
    assert list(office.store.suppressions()) == ["a@x.org"]


def test_who_left_comes_back_by_its_own_word(office: Administration) -> None:
    store = office.store
    assert leaving.come_back(store, "a@x.org", now=NOW) is True
    assert store.audit() == []
    store.put_subscribers([record("one", "a@x.org"), record("two", "a@x.org", state=Membership.PENDING)])
    leaving.leave(store, "a@x.org", now=NOW, evidence="")
    assert leaving.come_back(store, "a@x.org", now=NOW) is True
    assert {each.state for each in store.subscribers()} == {Membership.ACTIVE}
    assert store.suppressions() == {}
    store.put_subscribers([record("two", "a@x.org", state=Membership.PENDING)])
    leaving.come_back(store, "a@x.org", now=NOW)
    assert [each.state for each in store.subscribers(["two"])] == [Membership.PENDING]
    last = store.audit()[-1]
    assert (last.who, last.act, last.detail) == ("subscriber", Act.RELEASED, "came back by its own word")


def test_who_is_suppressed_by_its_own_word_or_has_left_comes_back_by_either(office: Administration) -> None:
    store = office.store
    store.suppress([Suppression("a@x.org", "unsubscribed", NOW)])
    store.put_subscribers([record("b", "b@x.org", state=Membership.LEFT)])
    for address in ("a@x.org", "b@x.org"):
        assert leaving.come_back(store, address, now=NOW) is True
    assert store.suppressions() == {}
    assert [each.state for each in store.subscribers()] == [Membership.ACTIVE]
    assert [each.about for each in store.audit()] == ["a@x.org", "b@x.org"]


def test_the_oldest_address_is_forgotten_first_for_the_last_knows_the_others(
    office: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(office.store, "b@x.org", "a@x.org")
    moved(office.store, "c@x.org", "b@x.org")
    erased: list[str] = []

    def erase(address: str, *, now: datetime, noting: list[AuditEntry]) -> int:
        assert [(each.act, each.about) for each in noting] == [(Act.FORGOTTEN, address)]
        erased.append(address)
        return 2

    monkeypatch.setattr(office.store, "erase", erase)
    assert leaving.forget(office.store, "c@x.org", now=NOW) == 6
    assert erased == ["a@x.org", "b@x.org", "c@x.org"]


def moved(store: Store, new: str, old: str) -> None:
    store.put_subscribers([], noting=[AuditEntry(NOW, "subscriber", Act.MOVED, new, "", old)])


def test_addresses_of_before_are_those_where_nobody_is_subscribed_now(office: Administration) -> None:
    store = office.store
    for new, old in (("c@x.org", "B@x.org"), ("b@x.org", "a@x.org"), ("c@x.org", "c@x.org"), ("c@x.org", "d@x.org")):
        moved(store, new, old)
    store.put_subscribers([record("d", "d@x.org"), record("b", "b@x.org", state=Membership.LEFT)])
    assert leaving.before(store, "C@x.org") == ["b@x.org", "a@x.org"]
    assert leaving.before(store, "a@x.org") == []


def test_an_address_is_forgotten_with_those_it_had_before(office: Administration) -> None:
    store = office.store
    moved(store, "b@x.org", "a@x.org")
    store.put_subscribers([record("b", "b@x.org")])
    store.suppress([Suppression("a@x.org", "asked", NOW)])
    assert leaving.forget(store, "b@x.org", now=NOW) > 0
    assert list(store.subscribers()) == []
    assert not any("x.org" in each for each in store.suppressions())
    assert not any("x.org" in each.about + each.reference for each in store.audit())
    assert [each.act for each in store.audit()].count(Act.FORGOTTEN) == 2


def test_a_link_names_its_address_by_a_mark(office: Administration) -> None:
    store = office.store
    store.put_subscribers([record("one", "a@x.org", "b@x.org")])
    for address in ("a@x.org", "b@x.org", "f@x.org"):
        assert leaving.named_by(store, "one", fingerprint(address), ["f@x.org"]) == address
    assert leaving.named_by(store, "one", fingerprint("c@x.org"), ["f@x.org"]) is None


# exports


def test_an_export_holds_everybody_and_who_is_suppressed_without_being_one(office: Administration) -> None:
    store = office.store
    wants: dict[str, Any] = {"name": "=Ada", "topics": ["a;b", "c"], "max_entries": 3, "paused": True}
    store.put_subscribers(
        [
            SubscriberRecord("a", Membership.ACTIVE, {**wants, "to": MAIL}, NOW, NOW),
            SubscriberRecord("b", Membership.LEFT, {"keywords": ["x"], "to": []}, NOW, NOW),
        ]
    )
    store.suppress([Suppression("ada@example.org", "bounced", NOW), Suppression("eve@example.org", "asked", NOW)])
    found = list(everybody(store))
    assert [(each.id, each.state.value, why and why.reason) for each, why in found] == [
        ("a", "active", "bounced"),
        ("b", "left", None),
        ("", "left", "asked"),
    ]
    rows = list(csv.DictReader(io.StringIO("".join(as_csv(found)))))
    assert list(rows[0]) == list(HEADER)
    told = [{key: each for key, each in row.items() if each} for row in rows]
    added = NOW.isoformat()
    assert told == [
        {
            "address": "ada@example.org",
            "id": "a",
            "name": "'=Ada",
            "topics": '"a;b";c',
            "max_entries": "3",
            "paused": "true",
            "state": "active",
            "suppressed": "bounced",
            "added": added,
        },
        {"id": "b", "keywords": "x", "state": "left", "added": added},
        {"address": "eve@example.org", "state": "left", "suppressed": "asked", "added": added},
    ]
    assert "".join(as_toml(found)) == (
        '[[subscriber]]\nid = "a"\naddress = "ada@example.org"\nname = "=Ada"\ntopics = ["a;b", "c"]\n'
        f'max_entries = 3\npaused = true\nstate = "active"\nsuppressed = "bounced"\nadded = "{added}"\n'
        '[[subscriber.to]]\nchannel = "email"\naddress = "ada@example.org"\n\n'
        f'[[subscriber]]\nid = "b"\nkeywords = ["x"]\nstate = "left"\nadded = "{added}"\n\n'
        f'[[subscriber]]\naddress = "eve@example.org"\nstate = "left"\nsuppressed = "asked"\nadded = "{added}"\n'
        '[[subscriber.to]]\nchannel = "email"\naddress = "eve@example.org"\n\n'
    )


def test_what_somebody_likes_is_written_as_toml_takes_it(office: Administration) -> None:
    likes = {"papers": ["2401.00001", 'On "glass"'], "about": "kilns", "per_week": 7}
    liker = SubscriberRecord("a", Membership.ACTIVE, {"like": likes, "gist": False, "to": MAIL}, NOW, NOW)
    text = "".join(as_toml([(liker, None)]))
    written = 'like = { papers = ["2401.00001", "On \\"glass\\""], about = "kilns", per_week = 7 }\n'
    assert written in text
    assert tomllib.loads(text)["subscriber"][0]["like"] == likes
    row = next(csv.DictReader(io.StringIO("".join(as_csv([(liker, None)])))))
    assert row["gist"] == "false"


def test_all_that_is_kept_of_one_person_holds_what_they_like_and_forgetting_takes_it(office: Administration) -> None:
    add(office)
    store = office.store
    (ada,) = store.subscribers()
    store.merge([Paper(title="On moss")], now=NOW)
    store.put_library(ada.id, [Paper(title="On lichen", abstract="It grows.")])
    store.put_opinions([Feedback(ada.id, 1, Liking.MORE, NOW)])
    (told,) = of_person(store, "ada@example.org")["subscriptions"]
    assert [(each["title"], each["abstract"]) for each in told["library"]] == [("On lichen", "It grows.")]
    assert [(each["title"], each["said"]) for each in told["opinions"]] == [("On moss", "more")]
    leaving.forget(store, "ada@example.org", now=NOW)
    assert (store.library(ada.id), store.opinions(ada.id)) == ([], [])


def test_texts_are_written_as_toml_takes_them(office: Administration) -> None:
    odd = SubscriberRecord("a", Membership.ACTIVE, {"name": 'Ä"\x7f\n', "to": ()}, NOW, NOW)
    assert 'name = "Ä\\"\\u007f\\n"\n' in "".join(as_toml([(odd, None)]))


def test_more_than_a_page_is_listed_whole_with_the_first_reason_of_its_addresses(office: Administration) -> None:
    office.store.suppress([Suppression("b7@x.org", "asked", NOW)])
    found = list(listed(office.store, (record(str(n), f"a{n}@x.org", f"b{n}@x.org") for n in range(2_001))))
    assert [each.id for each, _ in found] == [str(n) for n in range(2_001)]
    assert [each.id for each, why in found if why] == ["7"]


def test_all_that_is_kept_of_one_person(office: Administration) -> None:
    add(office)
    moved(office.store, "ada@example.org", "old@example.org")
    office.store.suppress([Suppression("ada@example.org", "asked", NOW, "letter")])
    told = of_person(office.store, "Ada@Example.org")
    (ada,) = office.store.subscribers()
    at = NOW.isoformat()
    assert told == {
        "address": "ada@example.org",
        "subscriptions": [
            {
                "id": ada.id,
                "state": "active",
                "since": at,
                "changed": at,
                "opinions": [],
                "library": [],
                "wants": {"keywords": ["moss"], "to": MAIL},
            }
        ],
        "suppression": {"reason": "asked", "since": at, "evidence": "letter"},
        "audit": [
            {"at": at, "who": "operator ada", "act": "added", "detail": "by letter", "reference": ada.id},
            {
                "at": at,
                "who": "subscriber",
                "act": "changed its address",
                "detail": "",
                "reference": "old@example.org",
            },
        ],
        "digests": [],
    }
    assert of_person(office.store, "nobody@example.org")["suppression"] is None


def test_what_was_sent_to_one_person_is_told_with_its_titles(tmp_path: Path) -> None:
    configure(tmp_path, SECRET="a-secret-of-many-characters", SMTP_URL="smtp://127.0.0.1:2")
    clock = Clock()
    with open_app(tmp_path, clock, FakeChannel("email")) as app:
        add(app.administration, keywords=[], query="the OR paper")
        for _ in range(2):
            planned(app, 1)
            clock.move(minutes=1)
        deliver(app)
        planned(app, 1)
        keys = [each.digest for each in app.store.deliveries()]
        told = of_person(app.store, "Ada@example.org")["digests"]
    to, at = "ada@example.org", [(NOW + timedelta(minutes=n)).isoformat() for n in range(3)]
    sent = {"to": to, "state": "sent", "done_at": at[2], "answer": sentence(Cause.ANSWERED, answer="taken")}
    waits = {"to": to, "state": "planned", "planned_at": at[2], "done_at": None, "answer": None}
    assert told == [
        {"key": keys[0], "papers": ["The paper number 1"], "deliveries": [{**sent, "planned_at": at[0]}]},
        {"key": keys[1], "papers": ["The paper number 2"], "deliveries": [{**sent, "planned_at": at[1]}]},
        {"key": keys[2], "papers": ["The paper number 3"], "deliveries": [waits]},
    ]


def test_what_is_still_to_be_sent_to_one_who_is_forgotten_is_dropped_and_links_in_old_mails_still_mean_somebody(
    tmp_path: Path,
) -> None:
    configure(tmp_path, SECRET="a-secret-of-many-characters", SMTP_URL="smtp://127.0.0.1:2")
    with open_app(tmp_path, Clock(), FakeChannel("email")) as app:
        add(app.administration, keywords=[], query="the OR paper")
        planned(app, 1)
        (ada,) = app.store.subscribers()
        app.store.remove_subscribers([ada.id], noting=[])
        assert leaving.named_by(app.store, ada.id, fingerprint("ADA@example.org"), []) == "ada@example.org"
        assert leaving.named_by(app.store, ada.id, fingerprint("eve@example.org"), []) is None
        recorded: list[Outcome] = []
        record_all = app.store.record
        app.store.record = lambda outcomes: recorded.extend(outcomes) or record_all(outcomes)  # type: ignore[method-assign, func-returns-value]
        leaving.forget(app.store, "ada@example.org", now=NOW)
        (gone,) = recorded
        assert (gone.state, gone.cause, gone.reason) == (
            DeliveryState.DROPPED,
            Cause.FORGOTTEN,
            sentence(Cause.FORGOTTEN),
        )


def test_one_who_moved_twice_is_told_the_oldest_address_first(office: Administration) -> None:
    moved(office.store, "b@x.org", "a@x.org")
    moved(office.store, "c@x.org", "b@x.org")
    audit = of_person(office.store, "c@x.org")["audit"]
    assert [each["reference"] for each in audit] == ["a@x.org", "b@x.org"]
