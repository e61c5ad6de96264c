"""Mails from a scripted IMAP server: each once, the mailbox left as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digestbot.ingest.sources.base import Memory, Refused, Unavailable
from digestbot.ingest.sources.imap import LARGEST, ImapSource
from digestbot.model.secret import Secret
from tests.ingest.kit import fetched
from tests.servers.certificates import Certificate
from tests.servers.imap import ImapServer

MAILS = {uid: f"Subject: alert {uid}\r\n\r\nbody {uid}\r\n".encode() for uid in (3, 5, 9)}


@pytest.fixture
def server(trusted: Certificate) -> Iterator[ImapServer]:
    with ImapServer(trusted, MAILS) as server:
        yield server


def source(server: ImapServer, folder: str = "INBOX") -> ImapSource:
    return ImapSource("alerts", Secret(server.url()), folder=folder)


def test_each_mail_is_given_once(server: ImapServer) -> None:
    memory = Memory()
    assert fetched(source(server), memory) == {f"alerts mail {uid}": mail for uid, mail in MAILS.items()}
    assert fetched(source(server), memory) == {}
    server.mails[12] = b"Subject: new\r\n\r\n"
    assert fetched(source(server), memory) == {"alerts mail 12": b"Subject: new\r\n\r\n"}
    assert memory.values == {"validity": 1, "uid": 12}


def test_mails_older_than_the_first_run_are_never_given(server: ImapServer) -> None:
    server.old = {3, 5, 9}
    memory = Memory()
    assert fetched(source(server), memory) == {}
    assert fetched(source(server), memory) == {}
    server.mails[10] = MAILS[3]
    assert list(fetched(source(server), memory)) == ["alerts mail 10"]


def test_the_mailbox_is_left_as_it_was(server: ImapServer) -> None:
    fetched(source(server), Memory())
    verbs = {" ".join(each.split(" ")[:2]).split(" ")[0] for each in server.commands}
    assert verbs <= {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}
    assert all("PEEK" in each for each in server.commands if "BODY" in each)


def test_mails_numbered_anew_are_looked_at_as_at_first(server: ImapServer) -> None:
    memory = Memory({"validity": 1, "uid": 9})
    server.validity = 2
    assert len(fetched(source(server), memory)) == 3
    assert memory.values == {"validity": 2, "uid": 9}


def test_a_connection_that_breaks_keeps_what_was_given(server: ImapServer) -> None:
    memory = Memory()
    server.break_at = 5
    with pytest.raises(Unavailable, match="broke off"):
        fetched(source(server), memory)
    assert memory.values["uid"] == 3
    server.break_at = None
    assert list(fetched(source(server), memory)) == ["alerts mail 5", "alerts mail 9"]


def test_a_mail_that_is_too_large_is_told_and_not_fetched(server: ImapServer) -> None:
    server.sizes[5] = LARGEST + 1
    found = fetched(source(server), Memory())
    assert "larger than" in str(found["alerts mail 5"])
    assert found["alerts mail 9"] == MAILS[9]
    assert "UID FETCH 5 (BODY.PEEK[])" not in server.commands


def test_a_wrong_password_is_refused_and_not_shown(server: ImapServer) -> None:
    wrong = ImapSource("alerts", Secret(server.url(password="hunter22")))
    with pytest.raises(Refused, match="DIGESTBOT_SOURCE_ALERTS") as caught:
        fetched(wrong, Memory())
    assert "hunter22" not in str(caught.value)


def test_a_folder_that_is_not_there_is_refused(server: ImapServer) -> None:
    with pytest.raises(Refused, match="no folder 'Nowhere'"):
        fetched(source(server, "Nowhere"), Memory())


def test_folders_have_their_names_in_imaps_own_letters(server: ImapServer) -> None:
    server.folders.add("Entw&APw-rfe &- mehr")
    assert len(fetched(source(server, "Entwürfe & mehr"), Memory())) == 3


def test_a_certificate_nobody_trusts_is_refused(certificate: Certificate) -> None:
    with ImapServer(certificate, MAILS) as server, pytest.raises(Refused, match="certificate"):
        fetched(source(server), Memory())
    assert server.commands == []


def test_nobody_there_is_worth_a_retry() -> None:
    with pytest.raises(Unavailable):
        fetched(ImapSource("alerts", Secret("imaps://a:b@127.0.0.1:9")), Memory())
