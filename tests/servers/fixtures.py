"""Fixtures that start the scripted servers and stop them after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers.certificates import Certificate, make_certificate
from tests.servers.http import HttpServer
from tests.servers.postgres import PostgresServer, open_server
from tests.servers.smtp import SmtpServer


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for localhost that nobody trusts yet."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """The certificate for localhost, trusted by what is opened in this test."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.cert))
    return certificate


@pytest.fixture
def wrong_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """A trusted certificate, but for another host."""
    made = make_certificate(tmp_path, "elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.cert))
    return made


@pytest.fixture
def smtp_server() -> Iterator[Callable[..., SmtpServer]]:
    """Starts a scripted SMTP server: call it with what SmtpServer takes."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(SmtpServer(*args, **options))


@pytest.fixture
def http_server() -> Iterator[HttpServer]:
    """A scripted HTTP server."""
    with HttpServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL for all tests of this process, each of which takes stores of its own from it."""
    server = open_server()
    yield server
    server.remove()


@pytest.fixture(params=["tinydb", "postgres"])
def each_store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test runs over each kind of store, this process and those it starts; which kind it is.

    A test that is about one kind says so: ``@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)``.
    """
    kind: str = request.param
    monkeypatch.delenv("DIGESTBOT_STORE", raising=False)
    if kind == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        monkeypatch.setenv("DIGESTBOT_STORE", server.url())
    return kind
