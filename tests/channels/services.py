"""The far side of every kind that is reached by a URL, as a scripted server plays it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tests.servers.http import HttpServer, Reply

TOPIC = "CANARYPATH"

_OK = Reply()


@dataclass(frozen=True)
class Service:
    """``yes`` is how it says that it took a message; ``written`` is what stands in DIGESTBOT_TO_<NAME>, of which
    ``{at}`` is the host with its port; ``path`` is what is then posted to.
    """

    yes: Reply = _OK
    written: str = f"http://{{at}}/{TOPIC}?token=CANARYQUERY"
    path: str = f"/{TOPIC}"

    def url(self, server: HttpServer) -> str:
        """What is written of it when it is played by this server."""
        return self.written.format(at=f"localhost:{server.server_address[1]}")


def _json(body: object) -> Reply:
    return Reply(headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        "slack": Service(),
        "discord": Service(_json({"id": "77"})),
        "teams": Service(Reply(202, body=b"")),
        "mattermost": Service(),
        "ntfy": Service(_json({"id": "hwQ2YpKdmg"}), f"http://:tk_CANARYPASSWORD@{{at}}/{TOPIC}", "/"),
        "apprise": Service(written=f"json://{{at}}/{TOPIC}"),
        "webhook": Service(Reply(204, body=b"")),
    }
)
