"""Ten thousand subscribers, all due at one hour: a real daemon, a real mail server."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digestbot.model.deliveries import DeliveryState
from digestbot.store import open_store
from tests.delivery.kit import ROOT, configure, ended, mail_to, papers, run, subscribe

BOUND = timedelta(minutes=15)
"""How late the last of ten thousand may be on one machine, its own digest made for each."""


def one_due_hour(home: Path, people: int) -> datetime:
    """An hour at which a digest of its own is due for each; it is now."""
    due = datetime.now(UTC).replace(second=0, microsecond=0)
    for n in range(people):
        subscribe(home, f"s{n:05}", mail_to([f"reader{n}"]), cadence=f'"daily {due:%H:%M}"')
    names = [f"s{n:05}" for n in range(people)]
    with open_store("tinydb:data", home=home) as store:
        store.register(names, now=due - timedelta(hours=1))
        store.merge(papers(5), now=due - timedelta(minutes=30))
    return due


@pytest.mark.slow
@pytest.mark.parametrize("people", [10_000])
def test_e48_ten_thousand_due_at_one_hour_all_leave_within_the_bound(tmp_path: Path, people: int) -> None:
    command = [sys.executable, "-m", "tests.servers.sink"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        configure(tmp_path, SMTP_URL=f"smtp://127.0.0.1:{int(sink.stdout.readline())}")
        one_due_hour(tmp_path, people)
        began = datetime.now(UTC)
        process = run(tmp_path, "run")
        try:
            assert process.stderr is not None
            sent = 0
            for line in process.stderr:
                sent += bool(re.search(r": sent\b", line))
                if sent == people or datetime.now(UTC) - began > 2 * BOUND:
                    break
            process.send_signal(signal.SIGTERM)
            assert ended(process)[0] == 0
        finally:
            process.kill()
            sink.kill()
    with open_store("tinydb:data", home=tmp_path, read_only=True) as store:
        deliveries = store.deliveries()
        assert len(store.digests()) == len(deliveries) == people
    assert {each.state for each in deliveries} == {DeliveryState.SENT}
    assert {each.attempts for each in deliveries} == {1}
    times = sorted(each.done_at - began for each in deliveries if each.done_at)
    print(f"{people} digests: the first {times[0]}, half by {times[people // 2]}, the last {times[-1]} after the start")
    assert times[-1] < BOUND


def test_e48_some_hundred_due_at_one_hour(tmp_path: Path) -> None:
    """The same for a few, in the fast set."""
    test_e48_ten_thousand_due_at_one_hour_all_leave_within_the_bound(tmp_path, 200)
