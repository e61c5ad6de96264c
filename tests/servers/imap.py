"""A scripted IMAP server inside TLS: one mailbox, enough to log in, look at a folder and fetch its mails.

with ImapServer(certificate, {5: b"Subject: hello..."}) as server:
    read_from(server.url())
"""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import quote

from tests.servers.certificates import Certificate
from tests.servers.smtp import REFUSED_TOKEN, taken_token

USER, PASSWORD = "ada", "correct horse"


class ImapServer(socketserver.ThreadingTCPServer):
    """The server; use it as a context manager.

    ``mails`` maps UIDs to messages, ``old`` are the UIDs that SEARCH SINCE does not find; ``commands`` is what
    came. ``break_at`` ends the connection in the middle of the answer to the FETCH of that mail's text.
    """

    allow_reuse_address = True
    daemon_threads = False

    def __init__(self, certificate: Certificate, mails: Mapping[int, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.cert, certificate.key)
        self.mails = dict(mails)
        self.old: set[int] = set()
        self.validity = 1
        self.folders = {"INBOX"}
        self.sizes: dict[int, int] = {}
        self.tokens: dict[str, str] = {}  # for XOAUTH2, by user
        self.break_at: int | None = None
        self.commands: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def url(self, user: str = USER, password: str = PASSWORD) -> str:
        """What DIGESTBOT_SOURCE_... would say."""
        return f"imaps://{quote(user, safe='')}:{quote(password, safe='')}@localhost:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what these tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    server: ImapServer
    request: socket.socket

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
            self.request.settimeout(5)
            self.file = self.request.makefile("rb")
            self._send(b"* OK ready")
            while line := self.file.readline():
                tag, _, rest = line.decode().strip().partition(" ")
                self.server.commands.append(rest)
                if not self._answer(tag, rest):
                    break

    def finish(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self.file.close()
        self.request.close()

    def _answer(self, tag: str, line: str) -> bool:
        """Answer a command; False when the connection is over."""
        verb = line.split(" ")[0].upper()
        done = f"{tag} OK done"
        if verb == "CAPABILITY":
            self._send(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2")
        elif verb == "AUTHENTICATE":
            self._send(b"+ ")
            _, right = taken_token(base64.b64decode(self.file.readline().strip()), self.server.tokens)
            if not right:
                self._send(b"+ " + REFUSED_TOKEN)
                assert self.file.readline().strip() == b""
                done = f"{tag} NO AUTHENTICATE failed."
        elif verb == "LOGIN" and not (USER in line and f'"{PASSWORD}"' in line):
            done = f"{tag} NO [AUTHENTICATIONFAILED] not you: {line}"
        elif verb in ("EXAMINE", "SELECT"):
            if line.split(" ", 1)[1].strip('"') in self.server.folders:
                self._send(f"* {len(self.server.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.server.validity}] v".encode())
            else:
                done = f"{tag} NO no such folder"
        elif line.upper().startswith("UID SEARCH"):
            self._send(f"* SEARCH {' '.join(map(str, self._search(line[11:])))}".rstrip().encode())
        elif line.upper().startswith("UID FETCH"):
            return self._fetch(int(line.split(" ")[2]), line, done)
        elif verb == "LOGOUT":
            self._send(f"* BYE\r\n{done}".encode())
            return False
        self._send(done.encode())
        return True

    def _search(self, criteria: str) -> list[int]:
        uids = sorted(self.server.mails)
        if criteria.startswith("SINCE"):
            return [uid for uid in uids if uid not in self.server.old]
        if criteria == "UID *":
            return uids[-1:]
        found = re.fullmatch(r"UID (\d+):\*", criteria)
        assert found, criteria
        # as the protocol has it: * is the last mail, and n:* is *:n where n is larger
        return sorted({uid for uid in uids if uid >= int(found[1])} | set(uids[-1:]))

    def _fetch(self, uid: int, line: str, done: str) -> bool:
        mail = self.server.mails.get(uid)
        if mail is not None and "RFC822.SIZE" in line:
            self._send(f"* 1 FETCH (UID {uid} RFC822.SIZE {self.server.sizes.get(uid, len(mail))})".encode())
        elif mail is not None:
            head = f"* 1 FETCH (UID {uid} BODY[] {{{len(mail)}}}\r\n".encode()
            if self.server.break_at == uid:
                self.request.sendall(head + mail[: len(mail) // 2])
                return False
            self._send(head + mail + b")")
        self._send(done.encode())
        return True

    def _send(self, data: bytes) -> None:
        self.request.sendall(data + b"\r\n")
