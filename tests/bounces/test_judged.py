"""What a report says of an address, by values: whom it names, and what counts where it names several."""

from __future__ import annotations

import pytest

from digestbot.bounces.base import Recipient
from digestbot.bounces.handler import judged_of
from digestbot.model.refusals import Weight

ADA = "ada@example.org"
HARD, SOFT, POLICY = "550 5.1.1 no such user", "452 4.2.2 mailbox full", "550 5.7.1 policy"


def weight(*recipients: Recipient) -> Weight | None:
    judged = judged_of(recipients, ADA)
    return judged[0].weight if judged else None


def failed(address: str, words: str, original: str = "") -> Recipient:
    return Recipient(address, original, "failed", words=words)


@pytest.mark.parametrize(("words", "expected"), [(HARD, Weight.HARD), (SOFT, Weight.SOFT), (POLICY, Weight.NONE)])
def test_one_failure_of_the_address_itself(words: str, expected: Weight) -> None:
    assert weight(failed("Ada@Example.org", words)) is expected
    assert weight(failed("forwarded@elsewhere.org", words, original=ADA)) is expected


def test_a_report_that_names_no_failure_says_nothing() -> None:
    assert weight(Recipient(ADA, action="delivered", words=HARD)) is None
    assert weight(Recipient(ADA, action="delayed", words=SOFT)) is None
    assert weight() is None


def test_of_several_places_it_was_passed_on_to_the_mildest_counts() -> None:
    assert weight(failed("a@elsewhere.org", HARD), failed("b@elsewhere.org", SOFT)) is Weight.SOFT
    assert weight(failed("a@elsewhere.org", HARD), failed("b@elsewhere.org", HARD)) is Weight.HARD


def test_one_place_it_was_passed_on_to_fails_and_another_takes_it_nobody_is_suppressed() -> None:
    taken = Recipient("b@elsewhere.org", action="delivered")
    assert weight(failed("a@elsewhere.org", HARD), taken) is None
    assert weight(taken, failed("a@elsewhere.org", HARD)) is None
    assert weight(failed(ADA, HARD), taken) is Weight.HARD, "the address itself failed, whoever else took it"


def test_what_is_said_of_the_address_itself_counts_before_what_is_said_of_others() -> None:
    assert weight(failed("a@elsewhere.org", SOFT), failed(ADA, HARD)) is Weight.HARD
    assert weight(failed("a@elsewhere.org", HARD), failed(ADA, SOFT)) is Weight.SOFT
    moved = failed("moved@elsewhere.org", HARD, original="Ada@Example.org")
    assert weight(failed("a@elsewhere.org", SOFT), moved) is Weight.HARD, "it stands there by its original name"
    assert weight(moved, Recipient("b@elsewhere.org", action="delivered")) is Weight.HARD
