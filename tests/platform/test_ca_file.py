"""Certificates that an authority of one's own house signed: trusted everywhere by one setting."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digestbot.channels import Misconfigured
from digestbot.channels.email.smtp import Session
from digestbot.channels.email.smtp_url import parse_smtp_url
from digestbot.channels.settings import ChannelSettings
from digestbot.ingest.sources.base import Memory, Refused
from digestbot.ingest.sources.imap import ImapSource
from digestbot.ingest.sources.web import Web
from digestbot.model.errors import UsageError
from digestbot.model.secret import Secret
from digestbot.platform.net.fence import Fence
from digestbot.platform.net.network import Network
from digestbot.platform.settings import load_settings
from tests.servers.certificates import Authority, make_authority
from tests.servers.http import HttpServer
from tests.servers.imap import ImapServer
from tests.servers.smtp import SmtpServer

HERE = Fence.allowing(["127.0.0.1", "::1"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody else knows, and what it signed for localhost."""
    return make_authority(tmp_path_factory.mktemp("house"))


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mail_servers(house: Authority, smtp_server: Callable[..., SmtpServer], tls: str) -> None:
    server = parse_smtp_url(Secret(smtp_server(tls=tls, certificate=house.signed).url()))
    with pytest.raises(Misconfigured, match="DIGESTBOT_CA_FILE"):
        Session(server, ChannelSettings(Path()))
    Session(server, ChannelSettings(Path(), network=Network(authority=house.cert))).close()


def test_mailboxes(house: Authority) -> None:
    with ImapServer(house.signed, {1: b"Subject: a\r\n\r\nb"}) as server:
        for network, mails in ((Network(authority=house.cert), 1), (Network(), 0)):
            source = ImapSource("alerts", Secret(server.url()), network=network)
            try:
                found = len(list(source.fetch(Memory(), datetime.now(UTC))))
            except Refused as error:
                assert "DIGESTBOT_CA_FILE" in str(error)  # noqa: PT017  # both ways in one loop
                found = 0
            assert found == mails


def test_sources_and_webhooks(house: Authority) -> None:
    with HttpServer(house.signed) as server, closing(Web(lambda _: None, network=Network(HERE))) as web:
        with pytest.raises(Refused, match="DIGESTBOT_CA_FILE"):
            web.get(server.url("/list"), "a list", robots=False)
        with closing(Web(lambda _: None, network=Network(HERE, authority=house.cert))) as trusting:
            trusting.get(server.url("/list"), "a list", robots=False).body.close()


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_of_no_use_is_refused_with_its_name(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "house.pem").write_bytes(content)
    (tmp_path / ".env").write_text("DIGESTBOT_CA_FILE=house.pem\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"\.env:1: DIGESTBOT_CA_FILE names .*house\.pem, which"):
        load_settings(tmp_path, {})


def test_what_the_mail_server_is_greeted_with(smtp_server: Callable[..., SmtpServer]) -> None:
    server = smtp_server()
    Session(parse_smtp_url(Secret(server.url())), ChannelSettings(Path(), helo="digest.example.org")).close()
    assert server.talks[0].commands[0] == ("ehlo digest.example.org", False)
