"""Mails that came back, in the layouts of the systems that write them. Section H 73 and 74 of the faults."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from digestbot.bounces import Recipient, ReportKind, read
from digestbot.model.refusals import Weight, judge
from tests.bounces import messages
from tests.bounces.messages import original

MARK = "0123456789abcdef0123456789abcdef-0123456789abcdef"
SENT = original(mark=MARK)
Writer = Callable[[str], bytes]
SYSTEMS: list[Writer] = [
    messages.postfix,
    messages.exim,
    messages.old_exim,
    messages.exchange,
    messages.gmail,
    messages.qmail,
]


@pytest.mark.parametrize("write", SYSTEMS)
def test_each_system_tells_who_failed_and_why_and_whose_mail_it_was(write: Writer) -> None:
    mail = read(write(SENT))
    assert mail.kind is ReportKind.BOUNCE
    (recipient,) = mail.recipients
    assert (recipient.address, recipient.action) == ("ada@example.org", "failed")
    assert judge(recipient.words, recipient.status).weight is Weight.HARD
    assert any(MARK in each for each in mail.marks)


@pytest.mark.parametrize("write", [*SYSTEMS, messages.complaint])
def test_nothing_is_read_out_of_the_message_that_is_quoted(write: Writer) -> None:
    """Its abstract has 5.1.1 and an address, its body lines like a report's: none of it counts."""
    mail = read(write(SENT + f"\nX-Digestbot-Delivery: {MARK[::-1]}\n"))
    assert "eve@example.org" not in repr(mail)
    assert not any(MARK[::-1] in each for each in mail.marks)
    full = read(messages.postfix(SENT, status="4.2.2", words="452 4.2.2 Mailbox full"))
    assert [(each.status, each.words) for each in full.recipients] == [("4.2.2", "452 4.2.2 Mailbox full")]


def test_several_recipients_are_told_apart() -> None:
    block = "Final-Recipient: rfc822; {}\nOriginal-Recipient: rfc822;{}\nAction: {}\nStatus: {}\n"
    blocks = [
        block.format("a@corp.example", "ada+2Bx@example.org", "failed", "5.1.1"),
        block.format("b@corp.example", "bob@example.org", "delayed", "4.4.1"),
        "Final-Recipient: rfc822; c@corp.example\nAction: relayed (to a system without reports)\nStatus: 2.1.9\n",
    ]
    mail = read(messages.postfix(SENT, recipients="\n".join(blocks)))
    assert mail.recipients == (
        Recipient("a@corp.example", "ada+x@example.org", "failed", "5.1.1"),
        Recipient("b@corp.example", "bob@example.org", "delayed", "4.4.1"),
        Recipient("c@corp.example", "", "relayed", "2.1.9"),
    )


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_report_whose_parts_are_encoded_is_read(encoding: str) -> None:
    import base64
    import quopri

    status = b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: 5.1.1\n"
    coded = base64.encodebytes(status) if encoding == "base64" else quopri.encodestring(status)
    raw = (
        b'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: message/delivery-status\n'
        b"Content-Transfer-Encoding: " + encoding.encode() + b"\n\n" + coded + b"\n--b--\n"
    )
    assert read(raw).recipients == (Recipient("ada@example.org", "", "failed", "5.1.1"),)


def test_an_international_report_is_read() -> None:
    raw = messages.postfix(SENT).replace(b"message/delivery-status", b"message/global-delivery-status")
    assert [each.status for each in read(raw).recipients] == ["5.1.1"]


def test_a_gateways_disclaimer_around_a_report_hides_nothing() -> None:
    inner = messages.postfix(SENT).decode().partition("MIME-Version: 1.0\r\n")[2]
    raw = (
        f'Content-Type: multipart/mixed; boundary="m"\n\n--m\n{inner}\n--m\nContent-Type: text/plain\n\nlegal\n--m--\n'
    )
    mail = read(raw.replace("\r\n", "\n").encode())
    assert [each.status for each in mail.recipients] == ["5.1.1"]
    assert any(MARK in each for each in mail.marks)


def test_complaints_are_told_from_their_opposite() -> None:
    mail = read(messages.complaint(SENT))
    assert (mail.kind, mail.note) == (ReportKind.COMPLAINT, "abuse")
    assert any(MARK in each for each in mail.marks)
    assert read(messages.complaint(SENT, "not-spam")).kind is ReportKind.OTHER


def test_answers_by_machines_and_people_are_no_bounces() -> None:
    assert read(messages.away(f"bounce+{MARK}@example.org", SENT)).kind is ReportKind.REPLY
    person = f"From: Ada <ada@example.org>\nSubject: Re: 3 papers\n\n550 5.1.1 is what I got yesterday\n\n{SENT}"
    assert read(person.encode()).kind is ReportKind.OTHER


def test_a_request_to_unsubscribe_is_known_by_its_subject() -> None:
    mail = read(b"From: ada@example.org\r\nSubject: unsubscribe abcdefghijklmnopqrstuvwxyz.12345\r\n\r\n")
    assert (mail.kind, mail.token) == (ReportKind.REQUEST, "abcdefghijklmnopqrstuvwxyz.12345")
    assert read(b"Subject: Please unsubscribe me at once, you villains\r\n\r\n").kind is ReportKind.OTHER


def test_a_mark_in_the_address_it_came_to_is_seen() -> None:
    assert any(MARK in each for each in read(messages.postfix(original(), to=f"bounce+{MARK}@example.org")).marks)


def test_nothing_that_is_no_mail_breaks_the_reading() -> None:
    """Cut at every place, bytes turned, headers of nonsense: each is some kind of mail."""
    chance = random.Random(73)
    for write in (*SYSTEMS, messages.complaint):
        raw = write(SENT)
        for at in range(0, len(raw), 97):
            assert read(raw[:at]).kind in ReportKind
        for _ in range(40):
            broken = bytearray(raw)
            for _ in range(20):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            assert read(bytes(broken)).kind in ReportKind
    for odd in (b"", b"\0" * 5000, b"\xff\xfe", b"Content-Type: multipart/report\n\n", b"From \n\n", b"x" * 3_000_000):
        assert read(odd).kind is ReportKind.OTHER


def test_headers_of_raw_bytes_are_read_without_a_word_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The parser of other vendors' reports stumbles over them, and says so with a traceback for each of its ways."""
    found = read(b"From: Mailer-Daemon \xe4 <mailer-daemon@x.org>\nSubject: \xff\nReturn-Path: <>\n\nIt failed.\n")
    assert found.kind is ReportKind.OTHER
    assert caplog.records == []
