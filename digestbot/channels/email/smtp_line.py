"""The line to a mail server: smtplib's connection, with a bound on the time a whole answer may take."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from typing import Any, NoReturn

from digestbot.channels.email.smtp_url import SmtpServer
from digestbot.platform.net.network import Network
from digestbot.platform.system import says_something

_LONGEST_ANSWER = 16_384
_SILENCE = 2.0  # seconds without a greeting, after which it is asked whether the server waits for TLS
_RELAYS = 25  # this port greets in clear, late where it wants to see who speaks first: nobody asks there


class TlsExpected(smtplib.SMTPServerDisconnected):
    """The server says nothing in clear: it waits for TLS from the first byte."""


class SmtpLine(smtplib.SMTP):
    """smtplib's connection with a bound on the whole of each answer, not only on each piece of it."""

    def __init__(self, server: SmtpServer, timeout: float, hostname: str | None, **tls: Any) -> None:
        self.patience = timeout
        self._suspicious = not tls and server.port != _RELAYS
        super().__init__(server.host, server.port, local_hostname=hostname, timeout=timeout, **tls)

    def getreply(self) -> tuple[int, bytes]:
        """The server's whole answer. Raises SMTPServerDisconnected when it does not come in time."""
        until = time.monotonic() + self.patience
        if self._suspicious:
            self._suspicious = False
            self._expect_no_tls()
        try:
            return self._answer(until)
        finally:
            if self.sock is not None:
                self.sock.settimeout(self.timeout)

    def _expect_no_tls(self) -> None:
        """Raises TlsExpected when no greeting comes, and the server takes TLS on a second connection."""
        if self.sock is None or says_something(self.sock.fileno(), min(_SILENCE, self.patience / 2)):
            return
        if _takes_tls(self.sock.getpeername()[:2], min(_SILENCE, self.patience / 2)):
            self.close()
            raise TlsExpected("it waits for TLS from the first byte")

    def _answer(self, until: float) -> tuple[int, bytes]:
        words: list[bytes] = []
        size = 0
        while True:
            line = self._line(until)
            size += len(line)
            words.append(line[4:].strip())
            if size > _LONGEST_ANSWER:
                self._end("its answer has no end")
            if not line[:3].isdigit():
                return -1, line.strip()
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(words)  # smtplib takes the extensions apart there

    def _line(self, until: float) -> bytes:
        line = b""
        while not line.endswith(b"\n") and len(line) <= _LONGEST_ANSWER:
            left = until - time.monotonic()
            if self.sock is None or left <= 0:
                self._end("it did not answer in time")
            try:
                self.sock.settimeout(left)
                if self.file is None:
                    self.file = self.sock.makefile("rb")
                ready = self.file.peek(1)
            except TimeoutError:
                self._end("it did not answer in time")
            except OSError as error:
                self._end(f"the connection broke: {error.strerror or error}")
            if not ready:
                self._end("it closed the connection")
            line += self.file.read(ready.find(b"\n") + 1 or len(ready))
        return line

    def _end(self, why: str) -> NoReturn:
        self.close()
        raise smtplib.SMTPServerDisconnected(why)


def _takes_tls(address: tuple[str, int], timeout: float) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent there
    try:
        with (
            socket.create_connection(address, timeout) as plain,
            context.wrap_socket(plain, server_hostname=None),
        ):
            return True
    except OSError:
        return False


class TlsLine(SmtpLine, smtplib.SMTP_SSL):
    """The same inside TLS from the first byte."""


def connect(server: SmtpServer, timeout: float, hostname: str | None, network: Network) -> SmtpLine:
    """A line to the server, its greeting read. Raises OSError, of which smtplib's errors are a kind.

    ``hostname`` is what this machine calls itself; None asks the system, which may ask the name servers.
    """
    if server.security == "tls":
        line: SmtpLine = TlsLine(server, timeout, hostname, context=network.trusted())
    else:
        line = SmtpLine(server, timeout, hostname)
    if line.sock is not None:
        # Every write is followed by a read; waiting to fill packets would only cost time.
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line
