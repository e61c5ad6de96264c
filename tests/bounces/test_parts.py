"""The parts that read returned mail, by values: fields, headers, loose reports, maildirs and mailboxes in one file."""

from __future__ import annotations

import io
import os
from email.parser import Parser
from pathlib import Path

import pytest

from digestbot.bounces import Recipient, ReportKind, mailbox, parser, read
from digestbot.bounces.fields import address, addresses_in, one_line, typed
from digestbot.bounces.mailbox import Mail, Maildir, mails_in
from digestbot.bounces.nonstandard import loose
from digestbot.bounces.reports import complaint, delivery_status, headers_of_original
from digestbot.model.errors import DigestbotError

WORD = "a" * 20


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("a\n\tb   c", "a b c"),
        ("=?utf-8?q?gr=C3=BCn?= x", "grün x"),
        ("=?odd?q?x?=", "=?odd?q?x?="),
        ("a\x07b\u200b", "ab"),
        (3, "3"),
    ],
)
def test_a_header_in_one_line(value: object, expected: str) -> None:
    assert one_line(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("rfc822; ada@example.org", "ada@example.org"),
        ("smtp ; 550 5.1.1 no", "550 5.1.1 no"),
        ("550 said; no", "550 said; no"),
        ("plain ", "plain"),
        (f"smtp;{'x' * 2_001}", "x" * 2_000),
    ],
)
def test_what_stands_behind_the_type_of_a_field(value: str, expected: str) -> None:
    assert typed(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("rfc822;<ada+2Bx@example.org>", "ada+x@example.org"), ("ada+2bx@example.org ", "ada+2bx@example.org"), ("", "")],
)
def test_the_address_in_a_field(value: str, expected: str) -> None:
    assert address(value) == expected


def test_the_addresses_in_a_text() -> None:
    assert addresses_in("to <a@x.org>, 'b@y.org'. and a@x.org; c@z.org.") == ["a@x.org", "b@y.org", "c@z.org"]


def mail(text: str, **headers: str) -> str:
    return "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items()) + f"\n{text}"


def kind(text: str = "", **headers: str) -> ReportKind:
    return read(mail(text, **headers).encode()).kind


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Subject": f"unsubscribe {WORD}"}, ReportKind.REQUEST),
        ({"Subject": f"Re: Unsubscribe: {WORD}"}, ReportKind.REQUEST),
        ({"Subject": f"unsubscribe {WORD[1:]}"}, ReportKind.OTHER),
        ({"Subject": f"please unsubscribe {WORD}"}, ReportKind.OTHER),
        ({"Auto-Submitted": "auto-replied"}, ReportKind.REPLY),
        ({"Auto-Submitted": " No ; x"}, ReportKind.OTHER),
        ({"Auto-Submitted": "no"}, ReportKind.OTHER),
        *(({name: "yes"}, ReportKind.REPLY) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder")),
        ({"X-Auto-Reply-From": "x"}, ReportKind.REPLY),
        ({"Precedence": "AUTO_REPLY"}, ReportKind.REPLY),
        ({"Precedence": "bulk"}, ReportKind.OTHER),
        ({"Subject": "Automatic reply: 3 papers"}, ReportKind.REPLY),
        ({"Subject": "Out of the Office"}, ReportKind.REPLY),
        ({"Subject": "Hello"}, ReportKind.OTHER),
        ({}, ReportKind.OTHER),
    ],
)
def test_what_a_mail_is_by_its_headers(headers: dict[str, str], expected: ReportKind) -> None:
    assert kind(**headers) == expected


def test_the_word_of_a_request_the_name_of_its_mail_and_where_it_came_to() -> None:
    headers = {
        name: f"{number}@x.org"
        for number, name in enumerate(
            ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To", "Cc")
        )
    }
    found = read(mail("", Subject=f"unsubscribe {WORD}", **headers, Message_ID="m" * 301).encode())
    assert (found.token, found.message_id) == (WORD, "m" * 300)
    assert found.marks == tuple(f"{number}@x.org" for number in range(7))
    assert read(mail("", To="x" * 2_001).encode()).marks == ("x" * 2_000,)


def report(block: str, original: str = "", form: str = "message/rfc822", encoding: str = "") -> str:
    last = f"--B\nContent-Type: {form}\n\n{original}\n" if original else ""
    told = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    return (
        'Content-Type: multipart/report; boundary="B"\n\n'
        f"--B\nContent-Type: message/delivery-status\n{told}\nReporting-MTA: dns; x\n\n{block}\n{last}--B--\n"
    )


@pytest.mark.parametrize("form", ["message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"])
def test_marks_are_read_out_of_the_headers_of_the_message_a_report_is_about(form: str) -> None:
    names = ("X-Digestbot-Delivery", "Return-Path", "Sender", "Errors-To", "X-Mailer-Return-Path")
    headers = "".join(f"{name}: {number}\n" for number, name in enumerate(names))
    found = read(report("Final-Recipient: rfc822; a@x.org\n", f"{headers}To: other\n\nbody: 9\n", form).encode())
    assert (found.kind, found.marks) == (ReportKind.BOUNCE, ("0", "1", "2", "3", "4"))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("Final-Recipient: rfc822; a@x.org", Recipient("a@x.org", "", "failed", "", "")),
        ("Original-Recipient: rfc822; a@x.org", Recipient("", "a@x.org", "failed", "", "")),
        (
            "Final-Recipient: rfc822; a@x.org\nAction: Delayed (soon)\nStatus: 4.4.1\nX-Display-Name: x; busy",
            Recipient("a@x.org", "", "delayed", "4.4.1", "busy"),
        ),
        (
            "Final-Recipient: rfc822; a@x.org\nDiagnostic-Code: smtp; 550 no\nX-Display-Name: x; busy",
            Recipient("a@x.org", "", "failed", "", "550 no"),
        ),
    ],
)
def test_a_recipient_of_a_report(block: str, expected: Recipient) -> None:
    assert delivery_status(Parser().parsestr(report(f"{block}\n"))) == (expected,)


def test_a_hundred_recipients_of_a_report_are_read_and_no_other_block() -> None:
    blocks = "\n".join(f"Final-Recipient: rfc822; a{number}@x.org\n" for number in range(101))
    found = delivery_status(Parser().parsestr(report(blocks)))
    assert found is not None
    assert [each.address for each in found] == [f"a{number}@x.org" for number in range(100)]
    assert delivery_status(Parser().parsestr("Subject: x\n\nFinal-Recipient: rfc822; a@x.org\n")) is None


def feedback(fields: str) -> str:
    head = 'Content-Type: multipart/report; boundary="B"\n\n--B\nContent-Type: message/feedback-report\n'
    return f"{head}\n{fields}\n--B--\n"


@pytest.mark.parametrize("told", ["abuse", "Fraud", "virus", "other", "opt-out", "opt-out-list", "miscategorized"])
def test_a_complaint_of_every_kind(told: str) -> None:
    fields = f"Feedback-Type: {told}\nOriginal-Rcpt-To: <a@x.org>\nRemoval-Recipient: b@x.org\nOriginal-Mail-From: m\n"
    found = complaint(Parser().parsestr(feedback(fields)))
    assert found is not None
    assert (found.kind, found.marks) == (told.lower(), ("m",))
    assert found.recipients == (Recipient("a@x.org", action="complained"), Recipient("b@x.org", action="complained"))
    many = "".join(f"Original-Rcpt-To: a{number}@x.org\n" for number in range(101))
    found = complaint(Parser().parsestr(feedback(f"Feedback-Type: {told}\n{many}")))
    assert found is not None
    assert len(found.recipients) == 100


@pytest.mark.parametrize("fields", ["Feedback-Type: not-spam\n", "User-Agent: x\n", ""])
def test_what_is_no_complaint(fields: str) -> None:
    assert complaint(Parser().parsestr(feedback(fields))) is None


def test_a_report_is_looked_for_one_wrapping_down_and_not_in_what_it_quotes() -> None:
    inner = report("Final-Recipient: rfc822; a@x.org\n").replace('"B"', '"C"').replace("--B", "--C")
    wrapped = (
        f'Content-Type: multipart/mixed; boundary="B"\n\n--B\nContent-Type: text/plain\n\nnote\n--B\n{inner}\n--B--\n'
    )
    assert delivery_status(Parser().parsestr(wrapped)) == (Recipient("a@x.org"),)
    quoted = f"Content-Type: message/rfc822\n\n{inner}"
    assert delivery_status(Parser().parsestr(quoted)) is None
    assert headers_of_original(Parser().parsestr("Subject: x\n\nbody\n")) is None


def test_only_so_much_of_a_mail_is_looked_at() -> None:
    assert parser.MOST == 1_048_576
    assert mailbox.MOST == 33_554_432
    late = b"X: " + b"x" * 1_048_576 + b"\nAuto-Submitted: auto-replied\n\n"
    assert read(late).kind is ReportKind.OTHER


QMAIL = "Hi. This is the qmail-send program at x.\nI gave up.\n\n<a@x.org>:\n550 no\nsuch user\n\n<b@x.org>:\nbusy\n"


@pytest.mark.parametrize(
    ("text", "headers", "expected"),
    [
        (QMAIL, {}, ("qmail", (Recipient("a@x.org", words="550 no such user"), Recipient("b@x.org", words="busy")))),
        (f"x {QMAIL}", {}, None),
        ("Hi. This is the qmail-send program at x.\n\nnobody\n", {"X_Failed_Recipients": "c@x.org"}, None),
        (
            "It failed:\n\n  A@x.org\n    550 no\n\nother\n",
            {"X_Failed_Recipients": "a@X.org, b@x.org"},
            ("X-Failed-Recipients", (Recipient("a@X.org", words="550 no"), Recipient("b@x.org"))),
        ),
        ("nothing", {}, None),
        ("nothing", {"Return_Path": "< >"}, None),
    ],
)
def test_a_report_in_no_standard_form(
    text: str, headers: dict[str, str], expected: tuple[str, tuple[Recipient, ...]] | None
) -> None:
    found = loose(Parser().parsestr(mail(text, **headers)), automatic=False)
    assert (found and (found.note, found.recipients)) == expected
    assert not found or found.marks == ()


@pytest.mark.parametrize(
    ("headers", "automatic", "found"),
    [
        ({"Return_Path": "< >", "From": "ada@x.org"}, False, True),
        ({"Return_Path": "<>"}, True, True),
        ({"From": "MAILER-DAEMON@x.org"}, False, True),
        ({"From": "Postmaster <p@x.org>", "Return_Path": "<p@x.org>"}, False, True),
        ({"From": "MAILER-DAEMON@x.org"}, True, False),
        ({"From": "ada@x.org", "Return_Path": "<ada@x.org>"}, False, False),
        ({}, False, False),
    ],
)
def test_only_a_mailers_own_mail_is_guessed_about(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], automatic: bool, found: bool
) -> None:
    monkeypatch.setattr("digestbot.bounces.nonstandard._guessed", lambda mail: [Recipient("a@x.org")])
    guess = loose(Parser().parsestr(mail("nothing", **headers)), automatic=automatic)
    assert (guess is not None) is found
    assert guess is None or (guess.note, guess.recipients) == ("flufl.bounce", (Recipient("a@x.org"),))
    monkeypatch.setattr("digestbot.bounces.nonstandard._guessed", lambda mail: [])
    assert loose(Parser().parsestr(mail("nothing", **headers)), automatic=automatic) is None


def test_the_first_plain_text_of_a_mail_counts() -> None:
    head = 'Content-Type: multipart/alternative; boundary="B"\n\n--B\nContent-Type: text/html\n\n<p>\n'
    text = f"{head}--B\n\n{QMAIL}\n--B--\n"
    found = loose(Parser().parsestr(text), automatic=False)
    assert found is not None
    assert found.note == "qmail"
    only = "Content-Type: text/html\nX-Failed-Recipients: a@x.org\n\n<p>a@x.org 550 no</p>\n"
    found = loose(Parser().parsestr(only), automatic=False)
    assert found is not None
    assert found.recipients == (Recipient("a@x.org"),)


def test_below_a_copy_only_its_headers_count() -> None:
    copy = (
        "--- Below this line is a copy of the message.\n\nReturn-Path: <m>\nX-Digestbot-Delivery: d\n\n<c@x.org>:\nno\n"
    )
    found = loose(Parser().parsestr(mail(f"{QMAIL}\n{copy}")), automatic=False)
    assert found is not None
    assert ([each.address for each in found.recipients], found.marks) == (["a@x.org", "b@x.org"], ("<m>", "d"))


def test_words_are_bounded_and_what_comes_late_in_a_text_is_not_looked_at() -> None:
    long = (
        "Hi. This is the qmail-send program at x.\n\n<a@x.org>:\n"
        + "x" * 1_001
        + "\n\n"
        + "\n" * 20_000
        + "<b@x.org>:\nno\n"
    )
    found = loose(Parser().parsestr(mail(long)), automatic=False)
    assert found is not None
    assert found.recipients == (Recipient("a@x.org", words="x" * 1_000),)


# maildirs, and mailboxes in one file


def box(folder: Path, **mails: tuple[str, int]) -> Maildir:
    """A maildir with mails: their part, and when they came."""
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir()
    for name, (part, at) in mails.items():
        path = folder / part / name.replace("_", ":2,")
        path.write_bytes(name.encode())
        os.utime(path, ns=(at, at))
    return Maildir(folder)


def test_a_maildir_has_new_and_cur(tmp_path: Path) -> None:
    assert not Maildir.is_one(tmp_path)
    (tmp_path / "cur").mkdir()
    assert not Maildir.is_one(tmp_path)
    (tmp_path / "cur").rmdir()
    (tmp_path / "new").mkdir()
    assert not Maildir.is_one(tmp_path)
    (tmp_path / "cur").mkdir()
    assert Maildir.is_one(tmp_path)


def test_unread_mails_come_oldest_first_and_are_marked_when_they_are_done(tmp_path: Path) -> None:
    maildir = box(tmp_path, b=("new", 5), a=("new", 7), c_F=("cur", 3), d_FS=("cur", 1), a2_=("cur", 5))
    (tmp_path / "new" / ".hidden").write_bytes(b"x")
    found = list(maildir.unread())
    assert [each.name for each in found] == ["c:2,F", "a2:2,", "b", "a"]
    assert [each.data for each in found] == [b"c_F", b"a2_", b"b", b"a"]
    for each in found:
        maildir.done(each)
    assert sorted(each.name for each in (tmp_path / "cur").iterdir()) == [
        "a2:2,S",
        "a:2,S",
        "b:2,S",
        "c:2,FS",
        "d:2,FS",
    ]
    assert list(maildir.unread()) == []
    maildir.done(found[0])  # somebody else took it away
    maildir.done(Mail("x", b""))


def test_a_mail_that_goes_meanwhile_keeps_no_other_and_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    maildir = box(tmp_path, a=("new", 1), b=("new", 2))
    found = maildir.unread()
    assert next(found).name == "a"
    (tmp_path / "new" / "b").unlink()
    assert list(found) == []
    with pytest.raises(DigestbotError, match=r"cannot be used: No such file or directory \(it must be readable"):
        list(Maildir(tmp_path / "none").unread())


def test_a_mail_that_is_put_there_is_whole_and_for_nobody_else(tmp_path: Path) -> None:
    maildir = Maildir(tmp_path / "deep" / "box")
    maildir.put(b"first")
    maildir.put(b"second")
    assert [each.data for each in maildir.unread()] == [b"first", b"second"]
    (path, _) = (each.path for each in maildir.unread())
    assert path is not None
    assert (path.parent.name, path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == ("new", 0o600, 0o700)
    assert list((maildir.folder / "tmp").iterdir()) == []


def test_a_mail_that_is_put_there_is_on_the_disk_before_it_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bytes, int]] = []

    def fsync(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        where, written = (path.name, b"") if path.is_dir() else (path.parent.name, path.read_bytes())
        synced.append((where, written, len(os.listdir(tmp_path / "new"))))

    monkeypatch.setattr(os, "fsync", fsync)
    before = len(os.listdir("/proc/self/fd"))
    Maildir(tmp_path).put(b"mail")
    assert synced == [("tmp", b"mail", 0), ("new", b"", 1)]
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"Subject: x\n\nFrom here\n", [("box", b"Subject: x\n\nFrom here\n")]),
        (b"Subject: x\n\n>From here\n", [("box", b"Subject: x\n\n>From here\n")]),
        (
            b"From a\nSubject: 1\n\n>From here\n>>From\nFrom x\n",
            [("box, mail 1", b"Subject: 1\n\nFrom here\n>>From\nFrom x\n")],
        ),
        (
            b"From a\nSubject: 1\n \nFrom b\nSubject: 2\n\nFrom c\nSubject: 3\n",
            [("box, mail 1", b"Subject: 1\n \n"), ("box, mail 2", b"Subject: 2\n\n"), ("box, mail 3", b"Subject: 3\n")],
        ),
        (b"From a\n", []),
        (b"\n\nFrom a\nSubject: 1\n", [("box", b"\n\nFrom a\nSubject: 1\n")]),
    ],
)
def test_the_mails_of_a_file(data: bytes, expected: list[tuple[str, bytes]]) -> None:
    assert [(each.name, each.data) for each in mails_in(io.BytesIO(data), "box")] == expected


def test_of_a_large_mail_the_rest_is_left_out_and_the_next_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST", 8)
    found = mails_in(io.BytesIO(b"From a\n1234567\n9\nlost\n\nFrom b\n1234567\n9\nlost\n"), "box")
    assert [each.data for each in found] == [b"1234567\n", b"1234567\n"]
