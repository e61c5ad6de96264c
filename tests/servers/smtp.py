"""A real SMTP server on a real socket that does, at each step, what a script says.

    with SmtpServer(answers={"RCPT": {"bob@example.org": "550 5.1.1 no such user"}}) as server:
        send_to(server.url())
        server.mails[0].data

A script maps steps (CONNECT, EHLO, STARTTLS, AUTH, RSET, MAIL, RCPT, DATA, MESSAGE: the whole message is in,
QUIT) to an action; or to a list of actions, one for each time the step comes, the usual answer after the last;
or, for RCPT, to a mapping from recipient to one of these. An action is an answer ("451 later"; after a 421 the
server closes), CLOSE, STALL, or Drip (all in `tests.servers.actions`). None is the usual answer.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

from tests.servers.actions import CLOSE, STALL, Action, Drip, Script
from tests.servers.certificates import Certificate


@dataclass
class Mail:
    """One message the server took: envelope, bytes as sent (dots undoubled), and its connection's number."""

    sender: str
    recipient: str
    data: bytes
    connection: int
    tls: bool
    options: str
    user: str | None


@dataclass
class Talk:
    """One connection: the commands it brought, whether each was inside TLS."""

    commands: list[tuple[str, bool]] = field(default_factory=list)


class SmtpServer(socketserver.ThreadingTCPServer):
    """The server; use it as a context manager. ``mails`` and ``talks`` are what came.

    ``users`` maps names to passwords: with it AUTH is offered and wanted; ``tokens`` maps them to access tokens, for
    XOAUTH2. ``drop_after`` closes a connection
    without a word after that many messages.
    """

    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 128

    def __init__(
        self,
        answers: Script | None = None,
        *,
        extensions: Sequence[str] = ("PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8"),
        tls: Literal["starttls", "implicit"] | None = None,
        certificate: Certificate | None = None,
        users: Mapping[str, str] | None = None,
        tokens: Mapping[str, str] | None = None,
        drop_after: int | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = dict(answers or {})
        self.extensions = extensions
        self.tls = tls
        self.context: ssl.SSLContext | None = None
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate.cert, certificate.key)
        self.users, self.tokens = users, tokens
        self.drop_after = drop_after
        self.mails: list[Mail] = []
        self.talks: list[Talk] = []
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self._times: dict[str, int] = {}
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def url(self, user: str | None = None, password: str = "", *, host: str = "localhost") -> str:
        """What DIGESTBOT_SMTP_URL would say."""
        scheme = {None: "smtp", "starttls": "smtp+starttls", "implicit": "smtps"}[self.tls]
        login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
        return f"{scheme}://{login}{host}:{self.port}"

    def action(self, step: str, argument: str = "") -> Action:
        """What the script says now for this step."""
        chosen = self.answers.get(step)
        if isinstance(chosen, Mapping):
            chosen = chosen.get(argument)
            step = f"{step} {argument}"
        if not isinstance(chosen, list | tuple):
            return chosen  # type: ignore[return-value]  # a Sequence that is no str is a list or a tuple here
        with self.lock:
            turn = self._times.get(step, 0)
            self._times[step] = turn + 1
        return chosen[turn] if turn < len(chosen) else None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what these tests are about."""


REFUSED_TOKEN = base64.b64encode(b'{"status":"401","schemes":"Bearer","scope":"https://mail.google.com/"}')


def taken_token(said: bytes, tokens: Mapping[str, str]) -> tuple[str, bool]:
    """Who logs in by XOAUTH2, and whether the token is theirs."""
    user, token, *end = said.decode().split("\x01")
    assert (user[:5], token[:12], end) == ("user=", "auth=Bearer ", ["", ""]), "not as XOAUTH2 has it"
    user = user.removeprefix("user=")
    return user, tokens.get(user) == token.removeprefix("auth=Bearer ")


class _Gone(Exception):
    """The connection is over."""


class _Handler(socketserver.BaseRequestHandler):
    server: SmtpServer
    request: socket.socket

    def handle(self) -> None:
        with self.server.lock:
            self.talk = Talk()
            self.number = len(self.server.talks)
            self.server.talks.append(self.talk)
        # Replies to pipelined commands are small writes; held back, each would cost the client a delayed ACK.
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.secure = False
        self.user: str | None = None
        self.sender, self.recipient, self.options, self.taken = "", "", "", 0
        with contextlib.suppress(_Gone, OSError):
            if self.server.tls == "implicit":
                self._wrap()
            self._say("CONNECT", "220 test ready")
            while True:
                self._command(self._line().decode("utf-8", "replace"))

    def finish(self) -> None:
        self.request.close()

    def _command(self, line: str) -> None:
        self.talk.commands.append((line, self.secure))
        verb = line.split(" ")[0].upper()
        known = getattr(self, f"_do_{verb.lower()}", None)
        if known is None:
            self._send(b"502 5.5.1 not known here\r\n")
        else:
            known(line)

    def _do_ehlo(self, line: str) -> None:
        lines = ["test", *self.server.extensions]
        if self.server.tls == "starttls" and not self.secure:
            lines.append("STARTTLS")
        if self.server.users is not None and (self.secure or self.server.tls is None):
            lines.append("AUTH PLAIN LOGIN")
        if self.server.tokens is not None and (self.secure or self.server.tls is None):
            lines.append("AUTH LOGIN XOAUTH2")
        usual = "\r\n".join([*(f"250-{each}" for each in lines[:-1]), f"250 {lines[-1]}"])
        self._say("EHLO", usual)

    def _do_helo(self, line: str) -> None:
        self._say("HELO", "250 test")

    def _do_starttls(self, line: str) -> None:
        if self._say("STARTTLS", "220 go ahead"):
            self.buffer = b""
            self._wrap()

    def _do_auth(self, line: str) -> None:
        _, method, *initial = line.split(" ")
        if method == "XOAUTH2":
            user, right = taken_token(base64.b64decode(initial[0]), self.server.tokens or {})
            if not right:
                self._ask(REFUSED_TOKEN.decode())
            if self._say("AUTH", "235 2.7.0 welcome" if right else "535 5.7.3 Authentication unsuccessful"):
                self.user = user
            return
        if method == "PLAIN":
            _, user, password = base64.b64decode(initial[0]).decode().split("\0")
        else:
            user = base64.b64decode(initial[0] if initial else self._ask("VXNlcm5hbWU6")).decode()
            password = base64.b64decode(self._ask("UGFzc3dvcmQ6")).decode()
        right = self.server.users is not None and self.server.users.get(user) == password
        if self._say("AUTH", "235 2.7.0 welcome" if right else "535 5.7.8 wrong user or password"):
            self.user = user

    def _ask(self, question: str) -> bytes:
        self._send(f"334 {question}\r\n".encode())
        return self._line()

    def _do_rset(self, line: str) -> None:
        self.sender = self.recipient = ""
        self._say("RSET", "250 2.0.0 ok")

    def _do_noop(self, line: str) -> None:
        self._say("NOOP", "250 2.0.0 ok")

    def _do_mail(self, line: str) -> None:
        address, _, self.options = line.partition(":")[2].strip().partition(" ")
        usual = "250 2.1.0 ok"
        if (self.server.users or self.server.tokens) is not None and self.user is None:
            usual = "530 5.7.0 log in first"
        elif self.sender:
            usual = "503 5.5.1 one sender at a time"
        if self._say("MAIL", usual):
            self.sender = address.strip("<>")

    def _do_rcpt(self, line: str) -> None:
        recipient = line.partition(":")[2].split(" ")[0].strip("<>")
        usual = "250 2.1.5 ok" if self.sender else "503 5.5.1 MAIL first"
        if self._say("RCPT", usual, recipient):
            self.recipient = recipient

    def _do_data(self, line: str) -> None:
        if not self._say("DATA", "354 go on" if self.recipient else "503 5.5.1 RCPT first"):
            return
        data = self._message()
        mail = Mail(self.sender, self.recipient, data, self.number, self.secure, self.options, self.user)
        action = self.server.action("MESSAGE", self.recipient)
        if not isinstance(action, str) or action.startswith("2"):
            # It is kept before the answer leaves: what a client never heard of may still have arrived.
            with self.server.lock:
                self.server.mails.append(mail)
            self.taken += 1
        self._act(action, "250 2.0.0 queued")
        self.sender = self.recipient = ""
        if self.server.drop_after is not None and self.taken >= self.server.drop_after:
            raise _Gone

    def _do_quit(self, line: str) -> None:
        self._say("QUIT", "221 2.0.0 bye")
        raise _Gone

    def _say(self, step: str, usual: str, argument: str = "") -> bool:
        """Act as the script says; whether the answer was a yes."""
        return self._act(self.server.action(step, argument), usual)

    def _act(self, action: Action, usual: str) -> bool:
        if action is CLOSE:
            raise _Gone
        if action is STALL:
            self._stall()
        if isinstance(action, Drip):
            self._drip(action)
            return action.text[0] in "23"
        text = action if isinstance(action, str) else usual
        self._send(text.encode() + b"\r\n")
        if text.startswith("421"):
            raise _Gone
        return text[0] in "23"

    def _drip(self, drip: Drip) -> None:
        while True:
            for byte in f"{drip.text}\r\n".encode():
                self._send(bytes([byte]))
                if self.server.stopping.wait(drip.pause):
                    raise _Gone
            if not drip.endless:
                return

    def _stall(self) -> None:
        """Wait until the client or the test is done."""
        while not self.server.stopping.is_set():
            readable, _, _ = select.select([self.request], [], [], 0.02)
            if readable and not self.request.recv(65_536):
                break
        raise _Gone

    def _wrap(self) -> None:
        assert self.server.context is not None, "TLS needs a certificate"
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.secure = True

    def _send(self, data: bytes) -> None:
        self.request.sendall(data)

    def _line(self) -> bytes:
        """The next line without its CRLF; a bare LF is no line's end, as in a strict server."""
        while b"\r\n" not in self.buffer:
            self._more()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def _message(self) -> bytes:
        """Everything up to the line with nothing but a dot, the doubled dots undone."""
        self.buffer = b"\r\n" + self.buffer
        while b"\r\n.\r\n" not in self.buffer:
            self._more()
        data, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
        return (data + b"\r\n").replace(b"\r\n.", b"\r\n")[2:]

    def _more(self) -> None:
        if not (isinstance(self.request, ssl.SSLSocket) and self.request.pending()):
            while not select.select([self.request], [], [], 0.05)[0]:
                if self.server.stopping.is_set():
                    raise _Gone
        more = self.request.recv(65_536)
        if not more:
            raise _Gone
        self.buffer += more
