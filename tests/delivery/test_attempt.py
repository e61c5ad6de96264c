"""One attempt, step by step: what is handed over under which key, noted, rested and timed; how each error ends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from digestbot.channels.base import Permanent, SendError, Stopped, Temporary, TooLong, Unknown
from digestbot.delivery.attempt import Attempt, AttemptResult, Fault
from digestbot.delivery.operator_actions import are_states
from digestbot.model.deliveries import Delivery, DeliveryState, Message, Part
from digestbot.model.errors import DigestbotError
from digestbot.model.subscriptions import Destination
from tests.delivery.kit import FakeChannel

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
LAB = Destination("slack", {"destination": "lab"})
ENTRY = [{"type": "divider"}, {"type": "section", "text": {"text": "x"}}]
BODY = json.dumps({"blocks": [{"type": "header"}, {"type": "context"}, *ENTRY, *ENTRY]}).encode()


@pytest.fixture(autouse=True)
def over_each_store() -> None:
    """Once is enough: no store has a part in it."""


class Steps:
    """An attempt whose every step is written down; `answers` are what its channel raises, one send after the other."""

    def __init__(self, parts: int | None, *answers: Exception | None, turn: SendError | None = None) -> None:
        self.said: list[str] = []
        self._parts, self._turned, left = parts, turn, iter(answers)

        def answer(to: Destination, key: str) -> None:
            self.said.append(f"send {key}")
            error = next(left, None)
            if error is not None:
                raise error

        channel = FakeChannel("slack", answer)
        self.attempt = Attempt(
            self._written,
            lambda kind: channel,
            lambda delivery, sent: self.said.append(f"noted {sent}"),
            lambda delivery: self.said.append("rest"),
            self._turn,
            self._timed,
        )

    def _timed(self, kind: str, seconds: float, error: Exception | None) -> None:
        took = "" if 0 <= seconds < 60 else f" {seconds} seconds"
        self.said.append(f"timed {kind} {type(error).__name__}{took}")

    def _written(self, delivery: Delivery) -> Message:
        if self._parts is None:
            raise KeyError("a fault of ours")
        return Message((Part("1", "application/json", BODY),) * self._parts)

    @contextmanager
    def _turn(self, delivery: Delivery) -> Iterator[None]:
        if self._turned:
            raise self._turned
        yield

    def __call__(self, parts_sent: int = 0) -> AttemptResult:
        return self.attempt(Delivery("d1", "all/1", "all", LAB, DeliveryState.SENDING, NOW, parts_sent=parts_sent))


def test_parts_leave_in_order_each_noted_and_rested_before_the_next() -> None:
    steps = Steps(3)
    tried = steps()
    assert (tried.parts_sent, tried.answer, tried.error) == (3, "taken", None)
    sent = [f"send d1-{n}" for n in (1, 2, 3)]
    yes = "timed slack NoneType"
    assert steps.said == [sent[0], yes, "noted 1", "rest", sent[1], yes, "noted 2", "rest", sent[2], yes]


def test_the_only_part_goes_under_the_deliverys_own_key_and_what_was_taken_is_not_sent_again() -> None:
    alone, rest = Steps(1), Steps(3)
    assert alone().parts_sent == 1
    assert alone.said[0] == "send d1"
    assert rest(parts_sent=2).parts_sent == 3
    assert rest.said == ["send d1-3", "timed slack NoneType"]


@pytest.mark.parametrize(
    "error", [Temporary("later"), Permanent("no"), Unknown("silent"), DigestbotError("a template")]
)
def test_an_error_comes_back_with_what_was_taken_before_it(error: SendError | DigestbotError) -> None:
    steps = Steps(3, None, error)
    tried = steps()
    assert (tried.parts_sent, tried.answer, tried.error) == (1, "taken", error)
    assert steps.said[-1] == f"timed slack {type(error).__name__}"


def test_a_channel_that_fails_as_none_should_leaves_doubt_and_a_message_that_does_a_fault() -> None:
    unsure = Steps(1, KeyError("x"))().error
    assert isinstance(unsure, Unknown)
    assert unsure.reason == "a fault in digestbot itself, KeyError: please report it with the log"
    steps = Steps(None)
    tried = steps(parts_sent=1)
    assert isinstance(tried.error, Fault)
    assert str(tried.error) == "a fault in digestbot itself, KeyError: please report it with the log"
    assert (tried.parts_sent, steps.said) == (1, [])


def test_what_does_not_get_its_turn_is_not_sent() -> None:
    stopped = Stopped()
    steps = Steps(1, turn=stopped)
    assert steps().error is stopped
    assert steps.said == []


def test_what_is_too_long_leaves_in_two_with_a_rest_between_them() -> None:
    steps = Steps(2, None, TooLong("too long"))
    tried = steps()
    assert (tried.parts_sent, tried.error) == (2, None)
    assert [each for each in steps.said if not each.startswith("timed")] == [
        "send d1-1", "noted 1", "rest", "send d1-2", "send d1-2a", "rest", "send d1-2b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (Temporary("later"), None, Temporary),
        (Permanent("no"), None, Permanent),
        (None, Temporary("later"), Unknown),  # what has arrived cannot be taken back
        (None, Unknown("silent"), Unknown),
        (None, Permanent("no"), Permanent),
    ],
)
def test_a_half_that_fails_is_no_plain_refusal_once_the_other_has_arrived(
    first: SendError | None, second: SendError | None, kind: type[SendError]
) -> None:
    steps = Steps(1, TooLong("too long"), first, second)
    tried = steps()
    assert type(tried.error) is kind
    sent = ["send d1", "send d1a", *([] if first else ["rest", "send d1b"])]
    assert [each for each in steps.said if not each.startswith("timed")] == sent
    assert tried.parts_sent == 0


def test_a_half_that_is_too_long_again_is_refused() -> None:
    steps = Steps(1, TooLong("too long"), TooLong("too long"))
    assert isinstance(steps().error, TooLong)
    assert [each for each in steps.said if each.startswith("send")] == ["send d1", "send d1a"]


@pytest.mark.parametrize(
    ("names", "states"),
    [(["held"], True), (["held", "failed"], True), (["sending"], False), (["sent"], False), (["held", "0a"], False)],
)
def test_names_that_mean_whatever_stands_so(names: list[str], states: bool) -> None:
    assert are_states(names) is states
