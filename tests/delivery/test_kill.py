"""FAULTS A1 to A5: a real `digestbot send` killed with SIGKILL at its steps, and started again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from digestbot.delivery import IN_FLIGHT
from digestbot.model.causes import Cause
from digestbot.model.deliveries import DeliveryState
from tests.delivery.kit import configure, copies, ended, fill, left, mail_to, restarted, run, store_of, subscribe
from tests.servers.actions import CLOSE, Action
from tests.servers.smtp import SmtpServer


class DeadlyServer(SmtpServer):
    """Kills its client where the numbered `step` comes; a MESSAGE is kept, and never answered."""

    victim: subprocess.Popen[str] | None = None
    step, number = "", 0

    def arm(self, victim: subprocess.Popen[str] | None, step: str = "", number: int = 1) -> None:
        """From now on."""
        self.victim, self.step, self.number = victim, step, number

    def action(self, step: str, argument: str = "") -> Action:
        """As the script says, but for the deadly one."""
        with self.lock:
            self.number -= step == self.step
            deadly = step == self.step and self.number == 0
        if deadly and self.victim is not None:
            os.kill(self.victim.pid, signal.SIGKILL)
            return CLOSE
        return super().action(step, argument)


def prepared(home: Path, server: SmtpServer, people: int) -> list[str]:
    names = [f"reader{n}" for n in range(people)]
    configure(home, SMTP_URL=server.url(host="127.0.0.1"))
    subscribe(home, "all", mail_to(names))
    fill(home)
    return [f"{name}@example.org" for name in names]


@pytest.mark.parametrize("when", ["before", "amid", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a01_a04_killed_around_each_write_of_the_ledger(tmp_path: Path, when: str, number: int) -> None:
    """1: the digest is planned; 2: the delivery is claimed; 3: the server's yes is written down."""
    with SmtpServer() as server:
        (reader,) = prepared(tmp_path, server, 1)
        process = run(tmp_path, "send", options=("--kill", when, str(number)))
        assert ended(process)[0] == -signal.SIGKILL
        arrived = len(server.mails)
        assert arrived == (number == 3)
        code, _, err = ended(run(tmp_path, "send", options=restarted()))
        assert code == 0, err
        assert left(tmp_path) == []
        recorded = (number, when) == (3, "after")
        assert copies(server.mails) == {reader: 2 if arrived and not recorded else 1}
        # Where a copy may have come twice, that is kept.
        with store_of(tmp_path, read_only=True) as store:
            (sent,) = store.deliveries()
        assert sent.possible_duplicate == ((number, when) in {(2, "after"), (3, "before"), (3, "amid")})


@pytest.mark.parametrize(("step", "arrived"), [("CONNECT", 0), ("RCPT", 0), ("MESSAGE", 1)])
def test_a02_a03_killed_by_the_far_side_at_each_step_of_smtp(tmp_path: Path, step: str, arrived: int) -> None:
    """One copy and no more, unless the message was whole when the process died: then two of the same bytes."""
    with DeadlyServer() as server:
        (reader,) = prepared(tmp_path, server, 1)
        server.arm(process := run(tmp_path, "send"), step)
        assert ended(process)[0] == -signal.SIGKILL
        assert len(server.mails) == arrived
        server.arm(None)
        code, _, err = ended(run(tmp_path, "send", options=restarted()))
        assert code == 0, err
        assert copies(server.mails) == {reader: 1 + arrived}


def test_a03_an_unknown_one_is_held_where_the_operator_wants_that(tmp_path: Path) -> None:
    with DeadlyServer() as server:
        (reader,) = prepared(tmp_path, server, 1)
        with (tmp_path / ".env").open("a") as file:
            file.write("DIGESTBOT_ON_UNKNOWN=hold\n")
        server.arm(process := run(tmp_path, "send"), "MESSAGE")
        ended(process)
        server.arm(None)
        assert ended(run(tmp_path, "send", options=restarted()))[0] == 1
        (held,) = left(tmp_path)
        assert (held.state, held.cause) == (DeliveryState.HELD, Cause.MAY_HAVE_ARRIVED)
        assert ended(run(tmp_path, "outbox", "retry", held.id[:8]))[0] == 0
        assert ended(run(tmp_path, "send", options=restarted()))[0] == 0
        assert copies(server.mails) == {reader: 2}


STEPS = ("CONNECT", "MAIL", "RCPT", "DATA", "MESSAGE", "before", "amid", "after")


def killed_all_the_way(home: Path, people: int, every: Callable[[int], int]) -> tuple[int, int, int]:
    """Send to `people`, killed again and again at changing steps: deliveries, crashes, copies too many."""
    with DeadlyServer() as server:
        readers = prepared(home, server, people)
        crashes = 0
        while crashes < 1000:
            step = STEPS[crashes % len(STEPS)]
            options = ("--later", str(20 * crashes))
            if step in ("before", "amid", "after"):
                process = run(home, "send", options=(*options, "--kill", step, str(max(every(crashes) // 4, 3))))
            else:
                process = run(home, "send", options=options)
                server.arm(process, step, 1 if step == "CONNECT" else every(crashes))
            code, _, err = ended(process)
            server.arm(None)
            if code != -signal.SIGKILL:
                break
            crashes += 1
        # Those in doubt at the last crash come back when their lease is over.
        code, _, err = ended(run(home, "send", options=("--later", str(20 * (crashes + 2)))))
        assert code == 0, err
        assert left(home) == []
        counts = copies(server.mails)
        assert set(counts) == set(readers), "lost"
        twice = sum(counts.values()) - len(counts)
        assert crashes
        assert twice <= crashes * IN_FLIGHT
        return len(counts), crashes, twice


def test_a05_killed_again_and_again_in_the_middle_of_many(tmp_path: Path) -> None:
    killed_all_the_way(tmp_path, 150, lambda crashes: 25)


@pytest.mark.slow
def test_a05_a_run_of_a_thousand_killed_at_every_kind_of_step(tmp_path: Path) -> None:
    sent, crashes, twice = killed_all_the_way(tmp_path, 1000, lambda crashes: 20 + 7 * crashes % 31)
    print(f"{sent} delivered over {crashes} kills, none lost, {twice} copies too many")
    assert crashes >= 20
