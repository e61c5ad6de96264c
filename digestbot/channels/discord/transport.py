"""Discord's webhooks: the saved message is waited for, and its id kept."""

from __future__ import annotations

import json
from collections import OrderedDict
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from digestbot.channels.answers import HttpAnswer, refusal
from digestbot.channels.base import Permanent, Receipt, Unknown
from digestbot.channels.http import PostingChannel, hide
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
_GONE = frozenset({10003, 10015, 50027})  # unknown channel, unknown webhook, invalid webhook token

_MOST_THREADS = 1000  # deliveries in their midst


class DiscordChannel(PostingChannel):
    """Posts to a webhook of Discord.

    In a forum the first part of a delivery opens a thread, in which its further parts are posted; a process that ends
    between two parts leaves the rest to a thread of its own.
    """

    kind = "discord"

    def __init__(self, settings: ChannelSettings) -> None:
        super().__init__(settings)
        self._threads: OrderedDict[str, str] = OrderedDict()  # by delivery

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """Post one part. Raises Temporary, Permanent, Unknown or Misconfigured."""
        receipt = super().send(part, to, key=key)
        if "thread_name" in to.options and receipt.reference is not None:
            # The thread has the id of the message that opened it.
            self._threads.setdefault(_delivery(key), receipt.reference)
            if len(self._threads) > _MOST_THREADS:
                self._threads.popitem(last=False)
        return receipt

    def _address(self, url: Secret, key: str) -> Secret:
        """Without ``wait`` Discord says yes before the message is saved, and nothing when it never is."""
        try:
            parts = urlsplit(url.reveal())
        except ValueError:
            return url  # posting it says what is wrong with it
        thread = self._threads.get(_delivery(key))
        own = {"wait": "true", **({"thread_id": thread} if thread else {})}
        query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in own]
        return Secret(urlunsplit(parts._replace(query=urlencode([*query, *own.items()]))))

    def _body(self, part: Part, key: str) -> bytes:
        if _delivery(key) not in self._threads:
            return part.body
        return json.dumps(
            {name: each for name, each in json.loads(part.body).items() if name != "thread_name"}
        ).encode()

    def _receipt(self, answer: HttpAnswer, name: str, url: Secret) -> Receipt:
        said = answer.json
        if 200 <= answer.status < 300:
            if isinstance(said.get("id"), str) and said["id"]:
                return Receipt(f"saved as {hide(said['id'], url)}", said["id"])
            raise Unknown(f"{name} answered {answer.status} and did not say that the message is saved")
        code, message = said.get("code"), said.get("message")
        detail = hide(message, url) if isinstance(message, str) else ""
        if isinstance(code, int) and code:
            detail = f"{detail} (code {code})".lstrip()
            if code in _GONE:
                raise Permanent(f"{name} answered {answer.status}: {detail}", disables=True)
        raise refusal(answer, name, self._settings.now(), detail)


def _delivery(key: str) -> str:
    return key.partition("-")[0]
