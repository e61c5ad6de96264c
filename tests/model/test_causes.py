"""Every cause has its sentence, and the sentences say to people what they said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digestbot.model.causes import SENTENCES, Cause, again, sentence

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FACTS: dict[str, object] = {
    "answer": "550 no",
    "why": "550 no",
    "until": AT,
    "planned": AT,
    "attempts": 10,
    "destination": "slack lab",
    "delivery": "01234567",
    "subscription": "ml",
    "address": "ada@example.org",
    "since": "02 Mar 2026",
    "refusals": 100,
    "minutes": 10,
}


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_told_in_words(cause: Cause) -> None:
    assert sentence(cause, **FACTS)
    assert set(SENTENCES) == set(Cause)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (Cause.NO_ANSWER, "no answer came: 550 no"),
        (Cause.ASKED_FOR_PATIENCE, "550 no; it asks for patience until 02 Mar 08:00:00 UTC"),
        (Cause.BEHIND_PATIENCE, "waits for an earlier one to slack lab: 550 no"),
        (Cause.HOST_REFUSES, "waits: 100 posts to its host were refused within 10 min"),
        (Cause.GIVEN_UP, "given up after 10 attempts: 550 no"),
        (Cause.TOO_LATE, "planned 02 Mar 08:00 UTC, too late to leave without a human"),
        (Cause.DESTINATION_GONE, "slack lab is gone since 01234567 failed: 550 no"),
        (Cause.UNSUBSCRIBED, "ada@example.org is suppressed since 02 Mar 2026: 550 no"),
        (Cause.DESTINATION_REMOVED, "slack lab is no longer a destination of ml"),
    ],
)
def test_what_people_read(cause: Cause, said: str) -> None:
    assert sentence(cause, **FACTS) == said


def test_a_possible_duplicate_says_so() -> None:
    assert again("250 ok") == "250 ok; possible duplicate, an earlier attempt got no answer"


def test_what_an_answer_holds_is_never_read_as_a_fact() -> None:
    assert sentence(Cause.NO_ANSWER, answer="{why} {0}") == "no answer came: {why} {0}"
