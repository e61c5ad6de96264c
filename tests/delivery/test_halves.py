"""A post that Slack finds too long after all leaves in two: no paper twice, none lost, and once is enough."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from digestbot.model.causes import Cause
from digestbot.model.deliveries import DeliveryState
from tests.delivery.kit import (
    Clock,
    FakedApp,
    by_name,
    configure,
    deliver,
    open_app,
    planned,
    post_to,
    states,
    subscribe,
)
from tests.servers.http import HttpServer, Reply

TOO_LONG = Reply(400, body=b"invalid_blocks: msg_blocks_too_long")
PAPERS = 6


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, http_server: HttpServer, clock: Clock) -> Iterator[FakedApp]:
    configure(tmp_path, TO_LAB=http_server.url("/lab"))
    subscribe(tmp_path, "all", post_to("slack", "lab"))
    app = open_app(tmp_path, clock)
    with app:
        planned(app, PAPERS)
        yield app


def papers_in(body: bytes) -> list[str]:
    texts = (block["text"]["text"] for block in json.loads(body)["blocks"] if block["type"] == "section")
    return [found for text in texts for found in re.findall(r"The paper number (\d+)", text)]


def test_d39_a_post_too_long_leaves_in_two_halves_that_hold_every_paper_once(
    app: FakedApp, http_server: HttpServer
) -> None:
    http_server.script("/lab", TOO_LONG, Reply(), Reply())
    ((_, outcome),) = deliver(app)
    whole, first, second = (papers_in(request.body) for request in http_server.requests)
    assert whole == first + second == [str(n) for n in range(1, PAPERS + 1)]
    assert first
    assert second
    assert (outcome.state, outcome.parts_sent) == (DeliveryState.SENT, 1)
    assert "two halves" in (outcome.answer or "")


@pytest.mark.parametrize("answers", [[TOO_LONG, TOO_LONG], [TOO_LONG, Reply(), TOO_LONG]])
def test_d39_a_half_that_is_too_long_still_is_refused_for_good(
    app: FakedApp, http_server: HttpServer, clock: Clock, answers: list[Reply]
) -> None:
    http_server.script("/lab", *answers, Reply())
    deliver(app)
    clock.move(days=1)
    deliver(app)
    assert states(app) == {"failed": 1}
    assert len(http_server.requests) == len(answers), "not tried again"
    assert by_name(app)["slack lab"].cause is Cause.TOO_LONG


def test_d39_a_first_half_refused_for_now_leaves_again_later(
    app: FakedApp, http_server: HttpServer, clock: Clock
) -> None:
    http_server.script("/lab", TOO_LONG, Reply(503), TOO_LONG, Reply(), Reply())
    ((_, outcome),) = deliver(app)
    assert outcome.state is DeliveryState.DEFERRED
    clock.move(minutes=10)
    deliver(app)
    assert states(app) == {"sent": 1}
    taken = [paper for request in http_server.requests[3:] for paper in papers_in(request.body)]
    assert taken == [str(n) for n in range(1, PAPERS + 1)]


def test_d39_a_second_half_refused_for_now_is_told_as_what_may_arrive_twice(
    app: FakedApp, http_server: HttpServer, clock: Clock
) -> None:
    """The ledger counts whole parts, so that the first half comes again with the second: nothing is lost."""
    http_server.script("/lab", TOO_LONG, Reply(), Reply(503), TOO_LONG, Reply(), Reply())
    ((_, outcome),) = deliver(app)
    assert (outcome.state, outcome.cause) == (DeliveryState.UNKNOWN, Cause.NO_ANSWER)
    assert "after the first half" in (outcome.answer or "")
    clock.move(minutes=10)
    ((_, outcome),) = deliver(app)
    assert (outcome.state, outcome.possible_duplicate) == (DeliveryState.SENT, True)


def test_d39_other_channels_have_nothing_to_halve(tmp_path: Path, http_server: HttpServer, clock: Clock) -> None:
    http_server.script("/lab", Reply(413), Reply())
    configure(tmp_path / "b", TO_LAB=http_server.url("/lab"))
    subscribe(tmp_path / "b", "all", post_to("mattermost", "lab"))
    with open_app(tmp_path / "b", clock) as other:
        planned(other, PAPERS)
        deliver(other)
        assert states(other) == {"failed": 1}
    assert len(http_server.requests) == 1
