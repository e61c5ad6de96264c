"""Letters in their files: whole ones are sent, damaged ones are told, and never sent to somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from digestbot.delivery.mail_queue import MailQueue, QueuedMail
from tests.delivery.kit import NOW


@pytest.fixture
def queue(tmp_path: Path) -> MailQueue:
    queue = MailQueue(tmp_path / "data" / "letters")
    queue.put("link", "ruth@example.org", NOW, link="https://shelf.example.org/p/token")
    return queue


def test_every_changed_byte_of_a_letter_is_told(queue: MailQueue, tmp_path: Path) -> None:
    (path,) = (tmp_path / "data" / "letters").glob("*.letter")
    (letter,) = queue.all()
    whole = path.read_bytes()
    assert queue.damaged() == []
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert queue.all() == []
        (problem,) = queue.damaged()
        assert problem.place == str(path)
        assert problem.way_out
    path.write_bytes(whole)
    assert queue.all() == [letter]


@pytest.mark.parametrize("content", [b"", bytes(300), b"{}", b"[]", b"null", b'{"kind":', b"\xff\xfe", b"17"])
def test_what_is_no_letter_is_told(queue: MailQueue, tmp_path: Path, content: bytes) -> None:
    (path,) = (tmp_path / "data" / "letters").glob("*.letter")
    path.write_bytes(content)
    assert queue.all() == []
    assert [each.place for each in queue.damaged()] == [str(path)]


def test_a_letter_of_an_earlier_version_is_sent(queue: MailQueue, tmp_path: Path) -> None:
    (path,) = (tmp_path / "data" / "letters").glob("*.letter")
    path.write_bytes(path.read_bytes().partition(b" ")[2])
    assert isinstance(queue.all()[0], QueuedMail)
    assert queue.damaged() == []
