"""Seen from outside: /live and /ready mean it, and the metrics add up, over HTTP beside a daemon that ticks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

import digestbot.runtime.health.pulse as pulse_module
from digestbot.channels.answers import HttpAnswer, refusal
from digestbot.channels.base import Permanent, Temporary, Unknown
from digestbot.model.errors import StoreError
from digestbot.runtime.daemon import Daemon
from digestbot.runtime.health.metrics import Metrics
from digestbot.runtime.health.pulse import Pulse
from digestbot.runtime.reloader import Reloader
from digestbot.web import WebServer
from tests.delivery.kit import (
    NOW,
    Clock,
    FakeChannel,
    FakedApp,
    configure,
    mail_to,
    open_app,
    papers,
    refusing,
    subscribe,
)

EVERY = 20.0


class Watched:
    """A daemon under a clock moved by hand, and what is served beside it."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.clock, self.now = Clock(), 1000.0
        self.mail = FakeChannel("email")
        self.app: FakedApp = open_app(home, self.clock, self.mail)
        stack.enter_context(self.app)
        self.pulse = Pulse(EVERY, lambda: self.now)
        current = Reloader(self.app)
        metrics = Metrics(current, self.pulse)
        polls = [lambda now: current.app.source_poller(now)]
        self.daemon = Daemon(current, tell=lambda _: None, polls=polls, watch=metrics)
        self.server = stack.enter_context(WebServer(current, "127.0.0.1", 0, watch=metrics))
        self.http = stack.enter_context(httpx.Client(base_url=self.server.url, trust_env=False))

    def tick(self, after: float = EVERY) -> None:
        self.now += after
        self.clock.move(seconds=after)
        self.daemon.tick()

    def asked(self, path: str) -> tuple[int, str]:
        answer = self.http.get(path)
        return answer.status_code, " ".join(answer.json()["reasons"])

    def metrics(self) -> dict[str, float]:
        families = text_string_to_metric_families(self.http.get("/metrics").text)
        return {
            f"{each.name}{sorted(each.labels.values())}" if each.labels else each.name: each.value
            for family in families
            for each in family.samples
            if not each.name.endswith(("_bucket", "_created"))
        }


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    configure(tmp_path, SMTP_URL="smtp://localhost:25")
    subscribe(tmp_path, "all", mail_to(["ada", "bob", "eve", "zoe"]), cadence='"instant"')
    (tmp_path / "dumps").mkdir()
    (tmp_path / "sources.toml").write_text('[drop]\nkind = "folder"\npath = "dumps"\n')
    with ExitStack() as stack:
        made = Watched(tmp_path, stack)
        made.app.register()
        yield made


def test_live_and_ready_while_all_goes_well(watched: Watched) -> None:
    watched.tick()
    assert watched.asked("/live") == (200, "")
    assert watched.asked("/ready") == (200, "")


def test_ticks_that_stand_still_are_neither_live_nor_ready(watched: Watched) -> None:
    watched.tick()
    watched.now += 300
    assert watched.asked("/live") == (503, "no sign of the ticks for 300.0 seconds")
    assert watched.asked("/ready")[0] == 503
    watched.tick()
    assert watched.asked("/live")[0] == 200
    assert watched.metrics()["digestbot_tick_lateness_seconds"] == 300


def test_a_store_that_is_down_makes_unready_and_not_dead(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.tick()

    def down(**_: object) -> None:
        raise StoreError("the database does not answer")

    monkeypatch.setattr(watched.app.store, "deliveries", down)
    assert watched.asked("/live")[0] == 200
    assert watched.asked("/ready") == (503, "the store cannot be used: the database does not answer")
    assert watched.metrics()["digestbot_store_up"] == 0


def test_a_queue_that_does_not_move_makes_unready(watched: Watched) -> None:
    watched.app.store.merge(papers(2), now=watched.clock())
    watched.mail.answers = refusing({"email ada@example.org": [Temporary("busy", timedelta(hours=1))]})
    watched.tick()
    assert watched.asked("/ready")[0] == 200  # a retry that is not due yet is no delay
    watched.clock.move(hours=2, minutes=30)
    status, reasons = watched.asked("/ready")
    assert status == 503
    assert re.fullmatch(r"1 deliveries wait to leave, the oldest for 1\.5 hours", reasons)
    assert watched.metrics()["digestbot_oldest_pending_seconds"] == pytest.approx(5400, abs=60)


def test_a_disk_that_is_nearly_full_makes_unready(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_module, "free_space", lambda path: 100 << 20)
    status, reasons = watched.asked("/ready")
    assert (status, reasons.startswith("100 MB left on the disk of ")) == (503, True)


def test_what_sources_bring_and_how_old_it_is_is_counted(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "dumps" / "new.ris").write_text("TY  - JOUR\nTI  - The paper that came\nAU  - Doe, J\nER  - \n")
    for _ in range(4):
        watched.tick()
    found = watched.metrics()
    assert found["digestbot_ingested_papers_total['drop', 'new']"] == 1
    assert found["digestbot_source_polls_total['done', 'drop']"] >= 1
    assert 0 <= found["digestbot_source_age_seconds['drop']"] <= 80
    assert found["digestbot_source_state['drop', 'fresh']"] == 1


def test_every_delivery_is_counted_by_what_became_of_it(watched: Watched) -> None:
    watched.app.store.merge(papers(2), now=watched.clock())
    refused = {"bob": Temporary("429", timedelta(seconds=90)), "eve": Permanent("no such"), "zoe": Unknown("cut off")}
    watched.mail.answers = refusing({f"email {name}@example.org": [error] for name, error in refused.items()})
    watched.tick()
    watched.tick(400)
    found = watched.metrics()
    expected = {
        "digestbot_deliveries_planned_total['email']": 4,
        "digestbot_deliveries_total['email', 'sent']": 3,
        "digestbot_deliveries_total['deferred', 'email']": 1,
        "digestbot_deliveries_total['email', 'failed']": 1,
        "digestbot_deliveries_total['email', 'unknown']": 1,
        "digestbot_sends_failed_total['email', 'permanent']": 1,
        "digestbot_sends_failed_total['email', 'temporary']": 1,
        "digestbot_sends_failed_total['email', 'unknown']": 1,
        "digestbot_sends_throttled_total['email']": 1,
        "digestbot_possible_duplicates_total['email']": 1,
        "digestbot_send_seconds_count['email']": 6,
        "digestbot_ledger_deliveries['failed']": 1,
        "digestbot_pending_deliveries": 0,
        "digestbot_paper_log_entries": 2,
        "digestbot_ticks_total": 2,
        "digestbot_store_up": 1,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert found["digestbot_disk_free_bytes"] > 0


def test_i77_too_many_requests_are_counted_also_where_nobody_says_how_long(watched: Watched) -> None:
    watched.app.store.merge(papers(1), now=watched.clock())
    answers = {"ada": HttpAnswer(429, {}, b""), "bob": HttpAnswer(503, {}, b"error 429")}
    errors = {name: refusal(answer, "lab", NOW, "error 429") for name, answer in answers.items()}
    watched.mail.answers = refusing({f"email {name}@example.org": [error] for name, error in errors.items()})
    watched.tick()
    assert watched.metrics()["digestbot_sends_throttled_total['email']"] == 1


def test_i77_papers_left_out_as_sent_before_are_counted(watched: Watched) -> None:
    watched.app.store.merge(papers(2), now=watched.clock())
    watched.tick()
    assert watched.metrics()["digestbot_duplicates_avoided_total"] == 0
    again = [replace(each, upvotes=99) for each in papers(2)]
    watched.app.store.merge([*again, *papers(1, first=7)], now=watched.clock())
    watched.tick()
    found = watched.metrics()
    assert found["digestbot_duplicates_avoided_total"] == 2
    assert len(watched.mail.taken) == 8


def test_labels_are_bounded_and_name_no_person_paper_or_digest(watched: Watched) -> None:
    for round_ in range(3):
        watched.app.store.merge(papers(1, first=round_ + 1), now=watched.clock())
        watched.tick()
    text = watched.http.get("/metrics").text
    assert not re.search("ada|bob|eve|zoe|example|paper number|all/", text)
    labels = set(re.findall(r'(\w+)="', text))
    assert labels <= {"channel", "state", "reason", "verdict", "source", "merged", "result", "le"}


def test_without_pages_set_up_only_the_watched_paths_are_there(watched: Watched) -> None:
    assert watched.http.get("/").status_code == 404
    assert watched.http.post("/ready").status_code == 405
