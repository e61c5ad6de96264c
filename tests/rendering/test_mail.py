"""The e-mail: complete but for its Date, readable back to the very text and HTML, addressed safely."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given

from digestbot.channels.renderers import write
from digestbot.model.digests import Digest, Section
from digestbot.model.errors import UsageError
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import Destination
from digestbot.rendering.subject import subject
from digestbot.rendering.view import view
from tests.rendering.hostile import digests, many
from tests.rendering.making import CASES, ENVELOPE, MAIL, digest, eleven, entry, templates
from tests.rendering.test_bounds import long_digest

HOUSE = templates()
HEADERS = [
    "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "List-Id", "Auto-Submitted", "Precedence",
    "X-Auto-Response-Suppress", "Feedback-ID", "MIME-Version", "Content-Type",
]  # fmt: skip


def mail(of: Digest, to: Destination = MAIL, sender: str = ENVELOPE.mail_from) -> tuple[bytes, EmailMessage]:
    (part,) = write("email", of, to, replace(ENVELOPE, mail_from=sender), templates=HOUSE).parts
    assert part.content_type == "message/rfc822"
    return part.body, message_from_bytes(part.body, policy=policy.default)


def page(name: str, of: Digest) -> str:
    return write(name, of, MAIL, ENVELOPE, templates=HOUSE).parts[0].body.decode()


@many
@given(digests(most=2))
def test_any_mail_is_read_back_as_its_text_and_html(of: Digest) -> None:
    body, message = mail(of)
    assert body.isascii()
    assert b"\r" not in body.replace(b"\r\n", b"")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert message.keys() == HEADERS, "nothing is injected, and the Date is for the channel to add"
    assert message["Subject"] == subject(view(of, ENVELOPE))
    assert not message.defects
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    for part, name in ((text, "text"), (html, "html")):
        assert isinstance(part, EmailMessage)
        raw = part.get_payload(decode=True)
        assert isinstance(raw, bytes)
        assert raw.decode().replace("\r\n", "\n") == page(name, of)


def test_the_headers_say_that_a_robot_writes_and_which_list_it_is() -> None:
    _, message = mail(CASES["one"]())
    assert message["From"] == "Paper digest <digest@example.org>"
    assert message["To"] == "Ada Lovelace <ada@example.org>"
    assert message["Message-ID"] == f"<{ENVELOPE.delivery_id}@example.org>"
    assert message["List-Id"] == "<multilingual.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["X-Auto-Response-Suppress"] == "All"


def test_the_subject_tells_how_many_papers_and_the_first_titles() -> None:
    assert mail(eleven())[1]["Subject"] == (
        "Multilingual models: 10 new papers - One Tokenizer for 214 Languages: What Low-Resource Scripts Gain; "
        "Pruned Heads in…"
    )


@pytest.mark.parametrize(
    "title",
    [
        "a\r\nBcc: x@example.org",
        "a\u2028b\u2029c\u0085d",
        "nul\x00 tab\t",
        "=?utf-8?q?a?=",
        "多言語" * 200,
        "\U0001f600" * 300,
    ],
)
def test_f54_no_title_breaks_the_subject(title: str) -> None:
    body, message = mail(digest(Section("a", "A", (entry(1, Paper(title=title), ("a",)),))))
    assert message.keys() == HEADERS
    assert len(str(message["Subject"])) <= 120
    assert not re.search(r"[\r\n\x00\t\u2028\u2029\u0085]", str(message["Subject"]))
    assert max(map(len, body.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("ada@example.org", "", "ada@example.org"),
        ('"Lovelace, Ada" <ada@example.org>', "Lovelace, Ada", "ada@example.org"),
        ('"Ada \\"The\\" <L>" <ada@example.org>', 'Ada "The" <L>', "ada@example.org"),
        ("Zoë Ñandú <zoe@example.org>", "Zoë Ñandú", "zoe@example.org"),
        ("Bücher <ada@bücher.example>", "Bücher", "ada@xn--bcher-kva.example"),
        ("Ada\r\nBcc: x@example.org <ada@example.org>", "Ada Bcc: x@example.org", "ada@example.org"),
        ("Lovelace, Ada <ada@example.org>", "Lovelace, Ada", "ada@example.org"),
        ("=?utf-8?q?=0ABcc:x?= <ada@example.org>", "= ?utf-8?q?=0ABcc:x?=", "ada@example.org"),
        ("a@example.org, b@example.org", None, None),
        ("nobody", None, None),
        ("", None, None),
        ("a b@example.org", None, None),
        ("a@b@example.org", None, None),
    ],
)
def test_f55_names_and_addresses_are_quoted_or_refused(written: str, name: str | None, address: str | None) -> None:
    to = Destination("email", {"address": written})
    if address is None:
        with pytest.raises(UsageError, match=r"name@example\.org"):
            mail(eleven(), to)
        return
    for found in (mail(eleven(), to)[1]["To"], mail(eleven(), MAIL, written)[1]["From"]):
        (only,) = found.addresses
        assert (only.display_name, only.addr_spec) == (name, address)


def test_a_long_name_outside_ascii_is_read_back_by_the_rule_for_encoded_words() -> None:
    """Not by Python's newer parser, which puts spaces where two encoded words of a name meet."""
    name = "Zoë von " + "Ñandú a " * 12 + "z"
    body, _ = mail(eleven(), Destination("email", {"address": f"{name} <zoe@example.org>"}))
    header = message_from_bytes(body, policy=policy.compat32)["To"]
    assert str(make_header(decode_header(header))) == f"{name} <zoe@example.org>"


def test_an_address_outside_ascii_leaves_as_it_is_for_a_server_that_takes_it() -> None:
    body, _ = mail(eleven(), Destination("email", {"address": "zoë@example.org"}))
    assert "To: zoë@example.org\r\n".encode() in body


def test_text_in_another_script_leaves_in_base64_and_english_in_quoted_printable() -> None:
    paper = Paper(title="多言語", abstract="我々は新しいベンチマークを提案する。" * 20)
    text, _ = mail(digest(Section("a", "多", (entry(1, paper, ("a",)),) * 9)))[1].iter_parts()
    assert text["Content-Transfer-Encoding"] == "base64"
    assert "多言語" in base64.b64decode(str(text.get_payload())).decode()
    text, _ = mail(CASES["one"]())[1].iter_parts()
    assert text["Content-Transfer-Encoding"] == "quoted-printable"


def test_ids_of_any_length_stay_readable_on_one_line() -> None:
    record = replace(eleven().record, subscription="größe/" * 30)
    sender = f"digest@{'very-long-name.' * 10}example.org"
    body, _ = mail(replace(eleven(), record=record), MAIL, sender)
    (line,) = [line for line in body.split(b"\r\n") if line.startswith(b"List-Id")]
    assert re.fullmatch(rb"List-Id: <[A-Za-z0-9-]{1,63}\.[a-z.-]+>", line)
    assert f"Message-ID: <{ENVELOPE.delivery_id}@{sender[7:]}>".encode() in body


def headed(**envelope: Any) -> tuple[list[bytes], EmailMessage]:
    (part,) = write("email", eleven(), MAIL, replace(ENVELOPE, **envelope), templates=HOUSE).parts
    return part.body.partition(b"\r\n\r\n")[0].split(b"\r\n"), message_from_bytes(part.body, policy=policy.default)


@pytest.mark.parametrize("length", [60, 78, 150, 400])
def test_f53_a_one_click_address_of_any_length_stands_raw_on_one_line(length: int) -> None:
    url = "https://digest.example.org/u/".ljust(length, "k")
    lines, message = headed(unsubscribe_url=url)
    assert f"List-Unsubscribe: <{url}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert message["List-Unsubscribe"] == f"<{url}>"
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        assert url in part.get_content(), "and a reader finds it too"


def test_without_pages_the_operator_is_written_to_and_without_either_nobody() -> None:
    lines, _ = headed(operator="Op <op@example.org>")
    assert b"List-Unsubscribe: <mailto:op@example.org?subject=unsubscribe%20multilingual>" in lines
    assert b"List-Unsubscribe-Post" not in b"".join(lines)
    assert b"List-Unsubscribe" not in b"".join(headed()[0])


@pytest.mark.parametrize(
    "url", ["http://x.example/u", "https://x.example/\r\nBcc: a@b", "javascript:x", "https://x.example/" + "k" * 1000]
)
def test_an_address_that_no_one_click_can_use_never_gets_out(url: str) -> None:
    with pytest.raises(UsageError, match="one-click"):
        headed(unsubscribe_url=url)


def test_all_of_one_readers_digests_of_one_subscription_make_a_thread() -> None:
    roots = {headed(delivery_id=name)[1]["References"] for name in ("1", "2")}
    other = Destination("email", {"address": "grace@example.org"})
    assert len(roots) == 1
    assert mail(eleven(), other)[1]["References"] not in roots
    _, message = headed()
    assert message["In-Reply-To"] == message["References"]


@pytest.mark.parametrize("count", [240, 400])
def test_f56_f57_a_long_mail_shows_the_same_in_both_parts_and_brings_the_whole_as_text(count: int) -> None:
    of = long_digest(count, 3000, 3)
    body, message = mail(of)
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert not message.defects
    alternative, whole = message.iter_parts()
    assert isinstance(alternative, EmailMessage)
    assert (message.get_content_type(), alternative.get_content_type()) == ("multipart/mixed", "multipart/alternative")
    text, html = (part.get_content().replace("\r\n", "\n") for part in alternative.iter_parts())
    shown = re.findall(r'href="https://ok\.example/(\d+)"', html)
    assert re.findall(r"(?m)^ +https://ok\.example/(\d+)$", text) == shown == [str(n) for n in range(len(shown))]
    assert (f"{count - len(shown)} more papers" in " ".join(text.split())) == (len(shown) < count)
    assert len(text.split()) > len(re.sub("<style.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL).split()) / 2
    assert (whole.get_filename(), whole.get_content_disposition()) == ("digest.txt", "attachment")
    assert whole.get_content().replace("\r\n", "\n") == page("text", of)
