"""A server that speaks as much of Zotero's interface (version 3) as digestbot asks for, on a real socket.

with ZoteroServer() as server:
    server.put("ABCD2345", title="A paper", DOI="10.1/x")
    read_from(server.url)
    server.requests[0].headers["zotero-api-key"]
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request: its path, its query, and its headers by names in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class ZoteroServer(ThreadingHTTPServer):
    """One library, at ``/users/1`` for whoever has the key. ``replies`` are given first, each once: status, headers."""

    def __init__(self, key: str = "P9NiFoyLeZu2bZNvvuQPDWsd") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key, self.version = key, 0
        self.items: dict[str, dict[str, Any]] = {}
        self.requests: list[Asked] = []
        self.replies: list[tuple[int, dict[str, str]]] = []
        self.headers: dict[str, str] = {}
        self.changing = False
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://localhost:{self.server_address[1]}"

    def put(self, key: str, **data: str) -> None:
        """Add an item, or change one."""
        self.version += 1
        self.items[key] = {"key": key, "version": self.version, "itemType": "journalArticle", **data}

    def delete(self, key: str) -> None:
        """Take an item out."""
        self.version += 1
        del self.items[key]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ZoteroServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """As https://www.zotero.org/support/dev/web_api/v3/basics says."""
        server, target = self.server, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(target.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.requests.append(Asked(target.path, query, headers))
        if server.replies:
            status, said = server.replies.pop(0)
            return self._answer(status, said)
        if target.path != "/users/1/items/top" or headers.get("zotero-api-version") != "3":
            return self._answer(404, {})
        if headers.get("zotero-api-key") != server.key:
            return self._answer(403, {})
        if server.changing:
            server.version += 1
        version = {"Last-Modified-Version": str(server.version), **server.headers}
        if headers.get("if-modified-since-version", "-1") == str(server.version):
            return self._answer(304, version)
        start, limit = int(query.get("start", 0)), min(int(query.get("limit", 25)), 100)
        newest = [{"key": key, "data": data} for key, data in reversed(server.items.items())]
        if start + limit < len(newest):
            onwards = f"{server.url}{target.path}?{urlencode({**query, 'start': start + limit})}"
            version["Link"] = f'<{onwards}>; rel="next", <{server.url}{target.path}>; rel="first"'
        version["Total-Results"] = str(len(newest))
        return self._answer(200, version, json.dumps(newest[start : start + limit]).encode())

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """It says nothing."""
