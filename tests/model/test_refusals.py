"""The one model of refusals, over answers that servers really give. Section B 17 and 18, section H 73 of the faults."""

from __future__ import annotations

import pytest

from digestbot.model.refusals import Weight, judge

HARD = [
    ("550 5.1.1 <ada@example.org>: Recipient address rejected: User unknown in local recipient table", ""),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "5.1.10"),
    ("550-5.1.1 The email account that you tried to reach does not exist. Please try 550 5.1.1 again", "5.0.0"),
    ("Sorry, no mailbox here by that name. (#5.1.1)", ""),
    ("", "5.1.1"),
    ("550 No such user here", "5.0.0"),
    ("550 Unrouteable address", ""),
    ("550 Mailbox not found", ""),
    ("553 5.3.0 <ada@example.org>... User unknown", ""),
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "5.4.1"),
    ("host or domain name not found. Name service error for name=nosuch.example type=A: Host not found", "5.4.4"),
    ("", "5.1.2"),
    ("550 5.2.1 The email account that you tried to reach is disabled.", "5.2.1"),
    ("550 sorry, the mailbox is disabled", ""),
]
SOFT = [
    ("452 4.2.2 The email account that you tried to reach is over quota.", "4.2.2"),
    ("552 5.2.2 Mailbox full", "5.2.2"),
    ("552 Requested mail action aborted: exceeded storage allocation; quota exceeded", ""),
    ("connect to mx.example.org[192.0.2.7]:25: Connection timed out", "4.4.1"),
    ("delivery temporarily suspended: lost connection", "4.4.2"),
    ("message expired", "4.4.7"),
    ("450 4.1.1 <ada@example.org>: unverified address", "4.1.1"),
    ("451 try again later", ""),
    ("550 requested action not taken", "5.0.0"),
    ("550 rejected: the body names 5.1.1", "5.0.0"),
    ("", ""),
]
NONE = [
    ("550 5.7.1 Message rejected due to policy; user unknown to us", "5.7.1"),
    ("550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy", "5.7.26"),
    ("554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org", "5.7.1"),
    ("554 Message rejected as spam", ""),
    ("552 5.3.4 Message size exceeds fixed limit", "5.3.4"),
    ("550 5.6.0 content not accepted", "5.6.0"),
    ("554 transaction failed", ""),
    ("421 4.7.0 Too many connections from your host", "4.7.0"),
    ("501 5.5.4 Invalid arguments", "5.5.4"),
    ("550 5.1.8 Sender address rejected", "5.1.8"),
    ("550 JunkMail rejected - blocked by reputation", ""),
    ("554 rejected: what the subject calls version 5.1.1 is spam", "5.7.1"),
    ("550 5.7.1 Rejected: the text names 550 5.1.1", "5.0.0"),
]


@pytest.mark.parametrize(
    ("words", "status", "weight"),
    [(*each, weight) for weight, cases in zip(Weight, (HARD, SOFT, NONE), strict=True) for each in cases],
)
def test_an_answer_weighs_what_it_says_about_the_address(words: str, status: str, weight: Weight) -> None:
    judgement = judge(words, status)
    assert judgement.weight is weight, judgement
    assert judgement.reason


def test_the_nearer_status_counts_and_addresses_of_hosts_are_none() -> None:
    """A relay reports 5.0.0 of what the far server said; 5.10.1.1 is a piece of a network's address, no status."""
    assert judge("host mx[5.1.1.7] said: 452 4.2.2 mailbox full", "5.0.0").weight is Weight.SOFT
    assert judge("host mx[5.1.1.7] said: 554 rejected", "").weight is Weight.NONE
    assert judge("550 " + "x" * 100_000 + " 5.1.1 user unknown").weight is Weight.SOFT
