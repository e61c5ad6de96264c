"""The daemon tick by tick, under a clock moved by hand: what leaves when, and what is told to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from digestbot.channels.base import Misconfigured, Permanent, SendError, Temporary, Unknown
from digestbot.delivery.control_channel import Command, ControlChannel
from digestbot.delivery.notices import Trouble
from digestbot.digests import due_turns
from digestbot.model.digests import DigestVerdict
from digestbot.model.errors import DumpError, StoreError
from digestbot.model.subscriptions import Destination
from digestbot.runtime.commands import CommandHandler
from digestbot.runtime.daemon import Daemon
from digestbot.runtime.health.pulse import last_hindered
from digestbot.runtime.reloader import Reloader
from tests.delivery.kit import (
    Clock,
    FakeChannel,
    FakedApp,
    configure,
    mail_to,
    open_app,
    papers,
    post_to,
    refusing,
    states,
    subscribe,
)  # fmt: skip
from tests.servers.http import HttpServer, Reply


class Day:
    """A daemon over a working directory, its channels fakes, its clock moved by hand."""

    def __init__(self, home: Path, now: str = "2026-03-02T06:00Z") -> None:
        self.home = home
        self.clock = Clock(datetime.fromisoformat(now).astimezone(UTC))
        self.mail = FakeChannel("email")
        self.hook = FakeChannel("webhook")
        self.told: list[str] = []
        self.app: FakedApp
        self.daemon: Daemon

    def start(self) -> Day:
        self.app = open_app(self.home, self.clock, self.mail, self.hook)
        self.app.register()
        self.daemon = Daemon(Reloader(self.app), self.told.append)
        return self

    def restart(self) -> Day:
        self.app.__exit__(None, None, None)
        return self.start()

    def news(self, count: int = 1) -> None:
        self.app.store.merge(papers(count, first=self.app.store.head() + 1), now=self.clock())

    def until(self, moment: str, step: timedelta = timedelta(minutes=10)) -> None:
        """Tick along up to a moment."""
        end = datetime.fromisoformat(moment).astimezone(UTC)
        while self.clock.now < end:
            self.clock.now = min(self.clock.now + step, end)
            self.daemon.tick()

    def opened(self) -> list[str]:
        return [each.key for each in self.app.store.digests()]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    configure(tmp_path, TO_OPS="https://ops.example/x", OPERATOR="ops", SMTP_URL="smtp://localhost:25")
    made = Day(tmp_path)
    yield made
    made.app.__exit__(None, None, None)


def test_e40_a_host_asleep_at_the_hour_catches_up_once_over_the_whole_window(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada"]))
    day.start()
    day.news(2)
    day.clock.move(hours=9)  # 15:00: nobody ticked at 08:00
    day.daemon.tick()
    day.until("2026-03-02T23:00Z")
    (record,) = day.app.store.digests()
    assert record.key == "all/2026-03-02T08:00"
    assert record.counts.shown == 2
    assert len(day.mail.taken) == 1


def test_e41_after_days_off_there_is_one_digest_of_all_that_was_missed(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada"]))
    day.start()
    day.until("2026-03-02T09:00Z")
    day.news(2)
    day.restart()
    day.clock.move(days=3)
    day.news(1)
    day.until("2026-03-05T12:00Z")
    assert day.opened() == ["all/2026-03-02T08:00", "all/2026-03-05T08:00"]
    assert day.app.store.digests()[-1].counts.shown == 3
    day.until("2026-03-06T12:00Z", timedelta(hours=1))
    assert day.opened()[2:] == ["all/2026-03-06T08:00"]


@pytest.mark.parametrize(
    ("policy", "sent", "passed_over"),
    [("merge", [[1, 2, 3, 4, 5]], []), ("each", [[1, 2], [3], [4, 5]], []), ("latest", [[4, 5]], [3])],
)
def test_e41_days_off_are_caught_up_as_the_subscription_wishes(
    day: Day, policy: str, sent: list[list[int]], passed_over: list[int]
) -> None:
    """Papers came in by hand while no daemon ran: two before the first missed hour, then one, and two at last."""
    subscribe(day.home, "all", mail_to(["ada"]), catch_up=f'"{policy}"')
    day.start()
    day.until("2026-03-02T09:00Z")
    for count in (2, 1, 1):
        day.news(count)
        day.clock.move(days=1)
    day.news(1)
    day.restart()
    day.daemon.tick()
    day.daemon.tick()
    records = day.app.store.digests("all")[1:]
    shown = [sorted(entry.sequence for entry in each.entries) for each in records if each.entries]
    assert shown == sent
    assert [each.counts.read for each in records if each.verdict is DigestVerdict.MISSED] == passed_over
    assert len(day.mail.taken) == len(sent)
    assert records[-1].key == "all/2026-03-05T08:00"
    assert ("all/2026-03-04T08:00: not sent: its time was missed" in "\n".join(day.told)) == bool(passed_over)


def test_e41_a_crash_in_the_middle_of_catching_up_does_not_end_it(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(day.home, "all", mail_to(["ada"]), catch_up='"each"')
    day.start()
    for _ in range(3):
        day.news(1)
        day.clock.move(days=1)
    opened = day.app.store.open_digest

    def second_fails(record, deliveries):  # type: ignore[no-untyped-def]  # as the one it stands for
        if "03-03" in record.key:
            raise StoreError("the disk is full")
        return opened(record, deliveries)

    with monkeypatch.context() as patch:
        patch.setattr(day.app.store, "open_digest", second_fails)
        day.daemon.tick()
    day.restart()
    day.daemon.tick()
    assert day.opened() == [f"all/2026-03-0{n}T08:00" for n in (2, 3, 4)]
    assert len(day.mail.taken) == 3


@pytest.mark.parametrize(
    ("zone", "cadence", "start", "end", "days"),
    [
        ("America/New_York", "daily 02:30", "2026-03-06T12:00Z", "2026-03-10T12:00Z", 4),
        ("America/New_York", "daily 01:30", "2026-10-30T12:00Z", "2026-11-03T12:00Z", 4),
        ("Africa/Cairo", "daily 00:00", "2026-04-22T12:00Z", "2026-04-26T12:00Z", 4),
        ("Australia/Lord_Howe", "daily 02:15", "2026-10-02T18:00Z", "2026-10-06T18:00Z", 4),
        ("Australia/Lord_Howe", "daily 01:45", "2026-04-02T18:00Z", "2026-04-06T18:00Z", 4),
        ("Asia/Kathmandu", "daily 08:00", "2026-01-01T12:00Z", "2026-01-05T12:00Z", 4),
        ("Pacific/Apia", "daily 08:00", "2011-12-28T20:00Z", "2012-01-01T20:00Z", 3),
    ],
)
def test_e42_e43_every_local_day_has_its_digest_once(
    day: Day, zone: str, cadence: str, start: str, end: str, days: int
) -> None:
    subscribe(day.home, "all", mail_to(["ada"]), timezone=f'"{zone}"', cadence=f'"{cadence}"')
    day.clock.now = datetime.fromisoformat(start).astimezone(UTC)
    day.start()
    while day.clock.now < datetime.fromisoformat(end):
        day.news()
        day.until((day.clock.now + timedelta(hours=3)).isoformat(), timedelta(minutes=20))
    local_days = [each.slot.day for each in day.app.store.digests()]
    assert len(local_days) == len(set(local_days))
    assert len(local_days) in (days, days + 1)
    assert len(day.mail.taken) == len(local_days)


@pytest.mark.parametrize(("before", "after"), [("Europe/Berlin", "Europe/London"), ("Europe/London", "Europe/Berlin")])
def test_e43_a_zone_whose_hours_are_changed_between_two_digests_has_one_each_day(
    day: Day, before: str, after: str
) -> None:
    """New tzdata, or another zone in the file: 08:00 comes an hour earlier, or once more, on that day."""
    subscribe(day.home, "all", mail_to(["ada"]), timezone=f'"{before}"', when_empty='"always"')
    day.start()
    day.until("2026-03-02T08:30Z")
    subscribe(day.home, "all", mail_to(["ada"]), timezone=f'"{after}"', when_empty='"always"')
    day.until("2026-03-04T12:00Z")
    assert day.opened() == [f"all/2026-03-0{n}T08:00" for n in (2, 3, 4)]
    assert len(day.mail.taken) == 3


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1), timedelta(minutes=-5), timedelta(days=40)])
def test_a15_a_clock_that_jumps_brings_no_second_digest_and_no_flood(day: Day, jump: timedelta) -> None:
    subscribe(day.home, "all", mail_to(["ada"]))
    day.start()
    day.news(2)
    day.until("2026-03-02T08:10Z")
    assert len(day.mail.taken) == 1
    day.clock.now += jump
    for _ in range(12):
        day.clock.move(minutes=10)
        day.daemon.tick()
    day.clock.now -= jump  # it is set right again
    day.news(1)
    day.until("2026-03-03T12:00Z")
    assert len(day.opened()) <= 3
    shown = [entry.sequence for record in day.app.store.digests() for entry in record.entries]
    assert sorted(shown) == [1, 2, 3] or shown == [1, 2], "no paper twice"
    # What the jump kept back comes with the next slot after it.
    day.until("2026-04-13T12:00Z", timedelta(hours=6))
    shown = [entry.sequence for record in day.app.store.digests() for entry in record.entries]
    assert sorted(shown) == [1, 2, 3]


def test_e45_a_tick_that_runs_long_overlaps_no_other_and_loses_no_window(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada"]))
    day.mail.answers = lambda to, key: day.clock.move(hours=30)  # one send takes longer than a day
    day.start()
    day.news(1)
    day.until("2026-03-02T08:10Z")
    day.mail.answers = lambda to, key: None
    day.news(1)
    day.until("2026-03-04T09:00Z")
    shown = [entry.sequence for record in day.app.store.digests() for entry in record.entries]
    assert sorted(shown) == [1, 2]
    assert len(day.mail.taken) == 2


def test_e46_schedules_survive_a_package_in_which_the_job_has_another_name(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of ours is pickled or named in `data/`: what is due is read from the ledger and the subscriptions."""
    subscribe(day.home, "all", mail_to(["ada"]))
    day.start()
    day.news(1)
    day.until("2026-03-02T08:10Z")
    for path in (day.home / "data").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [name for name in (b"digestbot.", b"apscheduler", b"serving", b"\x80\x04") if name in content]

    class Upgraded(Daemon):
        def stroke(self) -> None:
            Daemon.tick(self)

    monkeypatch.setattr("digestbot.__version__", "99.0")
    day.restart()
    upgraded = Upgraded(Reloader(day.app), day.told.append)
    day.news(1)
    for _ in range(4):
        day.clock.move(hours=6)
        upgraded.stroke()
    assert day.opened() == ["all/2026-03-02T08:00", "all/2026-03-03T08:00"]
    assert len(day.mail.taken) == 2


def test_e48_many_due_at_one_hour_go_to_a_slow_destination_one_a_second_and_none_is_dropped(day: Day) -> None:
    """Three hundred digests for one Slack channel: the last one leaves five minutes late, and says when."""
    with (day.home / ".env").open("a") as file:
        file.write("DIGESTBOT_TO_LAB=https://hooks.slack.com/services/x\n")
    for n in range(300):
        subscribe(day.home, f"s{n:03}", post_to("slack", "lab"))
    slack = FakeChannel("slack")
    at: list[datetime] = []
    slack.answers = lambda to, key: at.append(day.clock.now)
    day.start()
    day.app.fakes = {**day.app.fakes, "slack": slack}
    day.news(1)
    day.clock.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    day.daemon.tick()
    assert len(slack.taken) == len({key for _, key, _ in slack.taken}) == 300
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(at)]
    assert min(waits) >= 0.99
    assert at[-1] - at[0] < timedelta(seconds=1.3 * 300)
    assert states(day.app) == {"sent": 300}


def test_what_waits_for_the_first_round_goes_on_after_it_also_where_it_failed(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = Reloader(day.start().app)
    current.settled.clear()
    monkeypatch.setattr(Daemon, "_reload", lambda _: 1 / 0)
    told: list[str] = []
    Daemon(current, told.append).tick()
    assert told == ["this round failed by a fault of digestbot (ZeroDivisionError), the next tries again"]
    assert current.settled.is_set()


def test_e47_an_error_of_the_store_in_a_tick_is_told_and_the_next_tick_works(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(day.home, "all", mail_to(["ada"]))
    day.start()
    day.news(1)
    with monkeypatch.context() as patch:

        def fail(*_: object, **__: object) -> bool:
            raise StoreError("the disk is full")

        patch.setattr(day.app.store, "open_digest", fail)
        day.until("2026-03-02T10:00Z")
        assert day.opened() == []
        assert "this round failed, the next tries again: the disk is full" in day.told
    day.until("2026-03-02T10:10Z")
    assert day.opened() == ["all/2026-03-02T08:00"]
    told = [body for to, _, body in day.hook.taken if b"disk is full" in body]
    assert len(told) == 1, "the operator hears of it once a day"


def test_e47_a_fault_of_our_own_in_one_digest_stops_no_other(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(day.home, "bad", mail_to(["bob"]))
    subscribe(day.home, "good", mail_to(["ada"]))
    day.start()
    day.news(1)

    def due(compiled, store, now):  # type: ignore[no-untyped-def]  # as the one it stands for
        if compiled.subscription.id == "bad":
            raise KeyError("a fault")
        return due_turns(compiled, store, now)

    monkeypatch.setattr("digestbot.runtime.daemon.due_turns", due)
    day.until("2026-03-02T08:10Z")
    assert day.opened() == ["good/2026-03-02T08:00"]
    assert any("the digest of bad could not be made" in line for line in day.told)


def test_e49_a_paper_at_the_boundary_or_late_is_in_exactly_one_digest(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada"]), max_entries=50)
    day.start()
    day.until("2026-03-02T07:59Z", timedelta(minutes=1))
    day.news(2)  # just before
    day.clock.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    day.news(1)  # at the boundary itself
    day.daemon.tick()
    day.news(1)  # in the same moment, after the digest
    day.until("2026-03-02T20:00Z")
    day.app.store.merge(papers(2), now=day.clock())  # an old dump again, late
    again = [replace(each, upvotes=7) for each in papers(1)]
    assert day.app.store.merge(again, now=day.clock()).updated == 1  # what was sent has changed since
    day.until("2026-03-03T09:00Z")
    shown = [[entry.sequence for entry in record.entries] for record in day.app.store.digests()]
    assert shown == [[1, 2, 3], [4]]
    assert day.app.store.digests()[-1].counts.already_sent == 1


def test_e50_a_paper_that_three_rules_find_comes_once_with_all_of_them(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada"]), keywords='["number", "paper", "about"]')
    day.start()
    day.news(1)
    day.until("2026-03-02T08:10Z")
    ((entry,),) = [record.entries for record in day.app.store.digests()]
    assert set(entry.rules) >= {"number", "paper", "about"}
    body = day.mail.taken[0][2]
    assert len(re.findall(rb"(?m)^\s*1\. ", body)) <= 1


def test_the_three_quiets_are_told_apart(day: Day) -> None:
    """Nothing matched, nothing new to read, something is broken: in the log, and by another way to the operator."""
    subscribe(day.home, "none", mail_to(["ada"]), query='"nowhere to be found"')
    day.start()
    day.news(2)
    day.until("2026-03-02T09:00Z")
    day.until("2026-03-03T09:00Z")
    assert "none/2026-03-02T08:00: not sent: none of 2 new papers matches the rules" in day.told
    assert "none/2026-03-03T08:00: not sent: nothing new to read since the last digest" in day.told
    assert day.hook.taken == []
    subscribe(day.home, "all", mail_to(["bob"]))
    day.mail.answers = refusing({"email bob@example.org": [Permanent("550 no")]})
    day.until("2026-03-03T09:10Z")
    day.news(1)
    day.until("2026-03-04T09:00Z")
    assert "all/2026-03-04T08:00 -> email bob@example.org: failed: 550 no" in day.told
    assert [to for to, _, body in day.hook.taken if b"was NOT sent" in body] == ["webhook ops"]


def test_c28_owner_and_operator_hear_of_a_destination_that_is_gone_by_another_way(day: Day) -> None:
    with (day.home / ".env").open("a") as file:
        file.write("DIGESTBOT_TO_LAB=https://lab.example/x\n")
    subscribe(day.home, "all", post_to("webhook", "lab") + mail_to(["ada"]))
    day.hook.answers = refusing({"webhook lab": [Permanent("answered 404", disables=True)]})
    day.start()
    day.news(1)
    day.until("2026-03-02T08:10Z")
    (to_operator,) = [body for to, _, body in day.hook.taken if to == "webhook ops"]
    assert b"Nothing more is sent to webhook lab" in to_operator
    notices = [body for to, _, body in day.mail.taken if b"Subject: digestbot: gone webhook lab" in body]
    assert len(notices) == 1
    assert len(day.mail.taken) == 2
    day.news(1)
    day.until("2026-03-04T08:10Z")
    assert len([body for _, _, body in day.mail.taken if b"gone webhook lab" in body]) == 1


def test_trouble_is_told_once_a_day_across_restarts(day: Day) -> None:
    """A daemon that a supervisor starts anew every minute is no flood of notices."""
    subscribe(day.home, "all", mail_to(["ada"]))

    def stale(now: datetime) -> list[Trouble]:
        return [Trouble("stale arxiv", "arxiv has brought nothing for 3 days")]

    def live(hours: int) -> int:
        for _ in range(hours):
            day.daemon = Daemon(Reloader(day.app), day.told.append, polls=[stale])
            day.clock.move(hours=1)
            day.daemon.tick()
            day.restart()
        return len(day.hook.taken)

    day.start()
    assert live(hours=24) == 1
    assert live(hours=24) == 2
    (day.home / "data" / "notices.json").write_bytes(b"\0\0")
    assert live(hours=1) == 3, "better told twice than never"


def test_an_order_that_cannot_be_read_is_refused_and_the_next_one_done(day: Day) -> None:
    day.start()
    channel, desk = ControlChannel(day.home), CommandHandler(Reloader(day.app))
    damaged, whole = channel.give(Command("drop", ("0a",))), channel.give(Command("drop", ("0a",)))
    order = day.home / "data" / "orders" / f"{damaged}.order"
    order.write_bytes(order.read_bytes()[:-1])
    desk.decide()
    refused, unknown = channel.answered(damaged), channel.answered(whole)
    assert refused is not None
    assert unknown is not None
    assert "could not be read, and was not done" in refused.problem
    assert "no delivery" in unknown.problem
    assert channel.waiting("drop") == []


def test_b21_the_operator_hears_once_of_a_refused_login(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada", "bob"]))
    wrong = Misconfigured("535 wrong password")
    day.mail.answers = refusing({"email ada@example.org": [wrong] * 50, "email bob@example.org": [wrong] * 50})
    day.start()
    day.news(1)
    day.until("2026-03-02T12:00Z")
    assert len([1 for to, _, body in day.hook.taken if b"535 wrong password" in body]) == 1
    day.mail.answers = lambda to, key: None
    day.until("2026-03-02T18:00Z")
    assert states(day.app) == {"sent": 2}


def test_b23_a_server_that_wants_to_be_left_alone_is_heard_again_later(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada"]))
    day.mail.answers = refusing({"email ada@example.org": [Temporary("421 4.7.0 too many connections")] * 3})
    day.start()
    day.news(1)
    day.until("2026-03-02T12:00Z", timedelta(minutes=1))
    assert states(day.app) == {"sent": 1}
    assert day.hook.taken == [], "what mends itself is no trouble"


def test_a_source_that_cannot_be_read_is_told_and_keeps_no_digest_back(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada"]))
    day.start()

    def broken(now: datetime) -> list[Trouble]:
        raise DumpError("daily.txt: holds no papers")

    def stale(now: datetime) -> list[Trouble]:
        return [Trouble("source arxiv", "arxiv has brought nothing for 3 days")]

    day.daemon = Daemon(Reloader(day.app), day.told.append, polls=[broken, stale])
    day.news(1)
    day.until("2026-03-02T12:00Z")
    assert len(day.mail.taken) == 1
    assert len(day.hook.taken) == 2
    assert b"holds no papers" in day.hook.taken[0][2]


def test_i79_changed_files_are_taken_up_and_wrong_ones_leave_all_as_it_was(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada"]))
    day.start()
    day.daemon.tick()
    subscribe(day.home, "more", mail_to(["bob"]))
    day.daemon.tick()
    assert "subscriptions/more.toml changed and is in use now" in day.told
    assert 'subscriptions/more.toml: +address = "bob@example.org"' in day.told
    day.news(1)
    (day.home / "subscriptions" / "all.toml").write_text('query = "("\n' + mail_to(["eve"]))
    (day.home / "templates" / "default").mkdir(parents=True)
    (day.home / "templates" / "default" / "digest.txt").write_text("{{ nonsense")
    day.until("2026-03-02T09:00Z")
    told = "\n".join(day.told)
    assert "cannot be used; what was read before stays in use" in told
    assert "subscriptions/all.toml:1:" in told
    assert 'subscriptions/all.toml: -address = "ada@example.org"' in told
    assert 'subscriptions/all.toml: +query = "("' in told
    assert "templates/default/digest.txt: +{{ nonsense" in told
    assert sorted(to for to, _, _ in day.mail.taken) == ["email ada@example.org", "email bob@example.org"]
    assert any(b"stays in use" in body for _, _, body in day.hook.taken)
    (day.home / "templates" / "default" / "digest.txt").unlink()
    subscribe(day.home, "all", mail_to(["eve"]))
    day.news(1)
    day.until("2026-03-03T09:00Z")
    assert "email eve@example.org" in [to for to, _, _ in day.mail.taken]


def test_the_heartbeat_comes_after_good_ticks_only_and_its_url_is_never_told(
    day: Day, http_server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    with (day.home / ".env").open("a") as file:
        file.write(f"DIGESTBOT_HEARTBEAT_URL={http_server.url('/beat-canary')}\n")
    subscribe(day.home, "all", mail_to(["ada"]))
    caplog.set_level("DEBUG")
    day.start()
    day.daemon.tick()
    assert [request.method for request in http_server.requests] == ["GET"]
    day.mail.answers = refusing({"email ada@example.org": [Misconfigured("no login")]})
    day.news(1)
    day.clock.move(hours=3)
    day.daemon.tick()
    assert [request.path for request in http_server.requests] == ["/beat-canary", "/beat-canary/fail"]
    http_server.script("/beat-canary/fail", Reply(500))
    day.daemon.tick()
    assert "DIGESTBOT_HEARTBEAT_URL: answered 500" in day.told
    assert "canary" not in caplog.text + "\n".join(day.told)


def test_a_paused_subscription_misses_nothing_when_it_goes_on(day: Day) -> None:
    subscribe(day.home, "all", mail_to(["ada"]), paused="true")
    day.start()
    day.news(1)
    day.until("2026-03-03T12:00Z", timedelta(hours=1))
    assert day.opened() == []
    subscribe(day.home, "all", mail_to(["ada"]))
    day.news(1)
    day.until("2026-03-04T12:00Z", timedelta(hours=1))
    shown = [entry.sequence for record in day.app.store.digests() for entry in record.entries]
    assert sorted(shown) == [1, 2]


def test_a_changed_file_that_is_wrong_goes_on_as_it_was_and_stops_no_other_change(day: Day) -> None:
    subscribe(day.home, "one", mail_to(["ada"]))
    day.start()
    (day.home / "subscriptions" / "one.toml").write_text('keywords = ["broken"')
    subscribe(day.home, "two", mail_to(["bob"]))
    day.daemon.tick()
    assert any("subscriptions/one.toml: is no TOML" in line for line in day.told)
    day.news(1)
    day.until("2026-03-02T08:10Z")
    assert sorted(day.opened()) == ["one/2026-03-02T08:00", "two/2026-03-02T08:00"]
    assert states(day.app) == {"sent": 2}


def beats(http_server: HttpServer) -> list[str]:
    return [request.path for request in http_server.requests]


@pytest.fixture
def watched_day(day: Day, http_server: HttpServer) -> Day:
    with (day.home / ".env").open("a") as file:
        file.write(f"DIGESTBOT_HEARTBEAT_URL={http_server.url('/beat?token=1')}\n")
    subscribe(day.home, "all", mail_to(["ada", "bob"]))
    return day.start()


@pytest.mark.parametrize(
    "failure",
    [Temporary("connection refused"), Temporary("421 not now", timedelta(minutes=30)), Unknown("no answer")],
    ids=["server down", "asks for patience", "no answer"],
)
def test_j88_while_no_mail_leaves_the_heartbeat_says_so(
    watched_day: Day, http_server: HttpServer, failure: SendError
) -> None:
    day = watched_day
    day.daemon.tick()
    assert beats(http_server) == ["/beat?token=1"]
    day.mail.answers = refusing({f"email {name}@example.org": [failure] * 99 for name in ("ada", "bob")})
    day.news(1)
    day.until("2026-03-02T08:00Z")
    http_server.requests.clear()
    day.until("2026-03-02T09:00Z")
    assert set(beats(http_server)) == {"/beat/fail?token=1"}
    (reason,) = day.daemon.watch.pulse.hindered.values()
    assert (failure.reason in reason, last_hindered(day.home)) == (True, [reason])
    day.restart()  # what it knew is in the ledger
    http_server.requests.clear()
    day.daemon.tick()
    assert beats(http_server) == ["/beat/fail?token=1"]
    day.mail.answers = lambda to, key: None
    day.until("2026-03-02T18:00Z")
    http_server.requests.clear()
    day.daemon.tick()
    assert (beats(http_server), last_hindered(day.home)) == (["/beat?token=1"], [])


@pytest.mark.parametrize("failure", [Temporary("answered 503"), Temporary("no such host"), Unknown("cut off")])
def test_j88_while_no_post_leaves_the_heartbeat_says_so_though_mails_do(
    watched_day: Day, http_server: HttpServer, failure: SendError
) -> None:
    day = watched_day
    subscribe(day.home, "hooked", post_to("webhook", "ops"))
    day.daemon.tick()
    day.hook.answers = refusing({"webhook ops": [failure] * 99})
    day.news(1)
    day.until("2026-03-02T09:00Z")
    http_server.requests.clear()
    day.daemon.tick()
    assert len(day.mail.taken) == 2
    assert beats(http_server) == ["/beat/fail?token=1"]
    day.hook.answers = lambda to, key: None
    day.until("2026-03-02T18:00Z")
    http_server.requests.clear()
    day.daemon.tick()
    assert beats(http_server) == ["/beat?token=1"]


def test_j88_a_queue_that_stands_still_and_a_full_disk_are_no_good_round(
    watched_day: Day, http_server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing fails: the sender takes up nothing, and the disk has room for no second copy of a file."""
    day = watched_day
    day.news(1)
    with monkeypatch.context() as patched:
        patched.setattr(type(day.app.store), "claim", lambda *_, **__: [])
        day.until("2026-03-02T10:00Z")
        assert beats(http_server)[-1] == "/beat/fail?token=1"
        assert last_hindered(day.home) == ["2 deliveries wait to leave, the oldest for 2.0 hours"]
    day.daemon.tick()
    assert (beats(http_server)[-1], len(day.mail.taken)) == ("/beat?token=1", 2)
    with monkeypatch.context() as patched:
        patched.setattr("digestbot.runtime.health.pulse.free_space", lambda path: 10 << 20)
        day.daemon.tick()
        assert beats(http_server)[-1] == "/beat/fail?token=1"
        assert "10 MB left on the disk" in last_hindered(day.home)[0]
    day.daemon.tick()
    assert (beats(http_server)[-1], last_hindered(day.home)) == ("/beat?token=1", [])


def test_j88_a_server_that_goes_down_amid_a_digest_counts_and_one_full_mailbox_does_not(
    watched_day: Day, http_server: HttpServer
) -> None:
    day = watched_day
    subscribe(day.home, "all", mail_to(["ada", "bob", "eve"]))
    day.daemon.tick()
    day.mail.answers = refusing({"email bob@example.org": [Temporary("452 mailbox full")] * 99})
    day.news(1)
    day.until("2026-03-02T09:00Z")
    http_server.requests.clear()
    day.daemon.tick()
    assert beats(http_server) == ["/beat?token=1"]
    day.restart()
    day.daemon.tick()
    assert beats(http_server) == ["/beat?token=1"] * 2
    reached: list[str] = []

    def goes_down(to: Destination, key: str) -> None:
        reached.append(to.name)
        if len(reached) > 1:
            raise Temporary("connection refused")

    day.mail.answers = goes_down
    day.news(1)
    day.until("2026-03-03T09:00Z", timedelta(hours=1))
    http_server.requests.clear()
    day.daemon.tick()
    assert beats(http_server) == ["/beat/fail?token=1"]


@pytest.mark.parametrize(
    ("broken", "part"),
    [
        ("digestbot.platform.files.file_queue.os.scandir", "commands cannot be read"),
        ("digestbot.platform.files.watching.os.listdir", "changed files cannot be looked for"),
    ],
)
def test_j90_no_files_left_to_open_ends_nothing_and_is_told(
    watched_day: Day, http_server: HttpServer, monkeypatch: pytest.MonkeyPatch, broken: str, part: str
) -> None:
    day = watched_day
    day.news(1)

    def none_left(*_: object) -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(broken, none_left)
        day.daemon._called()
        day.daemon._called()
        day.daemon.tick()
        assert sum("Too many open files" in each for each in day.told) >= 1
        told = len(day.told)
        day.daemon._called()
        day.daemon.tick()
        assert len(day.told) - told <= 1, "it is told, not repeated"
        assert any(part in each or "round failed" in each for each in day.daemon.watch.pulse.hindered.values())
        assert beats(http_server)[-1] == "/beat/fail?token=1"
        assert day.app.folder.ids, "files that cannot be listed are not gone"
    day.daemon._called()
    day.until("2026-03-02T09:00Z")
    assert len(day.mail.taken) == 2
    assert day.daemon.watch.pulse.hindered == {}
    assert beats(http_server)[-1] == "/beat?token=1"
