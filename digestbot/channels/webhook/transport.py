"""Anybody's webhook, as the Standard Webhooks specification has it: an id that stays, a time, signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping

from digestbot.channels.answers import HttpAnswer, refusal
from digestbot.channels.base import Misconfigured, Receipt
from digestbot.channels.http import PostingChannel
from digestbot.channels.settings import variable
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination


class WebhookChannel(PostingChannel):
    """Posts to a URL; any 2xx is a yes.

    What is posted is signed when ``DIGESTBOT_TO_<NAME>_SECRET`` is set, and has the token of ``..._TOKEN`` and the
    headers of ``..._HEADERS``.
    """

    kind = "webhook"

    def _headers(self, part: Part, to: Destination, key: str) -> Mapping[str, str]:
        """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""
        identifier = message_id(key)
        timestamp = str(int(self._settings.now().timestamp()))
        headers = {
            "Idempotency-Key": identifier,
            "webhook-id": identifier,
            "webhook-timestamp": timestamp,
        }
        destination = to.options.get("destination", "")
        if (token := self._settings.secret(f"{destination}_token")) is not None:
            headers["Authorization"] = f"Bearer {token.reveal()}"
        if (own := self._settings.secret(f"{destination}_headers")) is not None:
            headers |= json.loads(own.reveal())
        name = f"{destination}_secret"
        secrets = self._settings.secret(name)
        if secrets is not None:
            signed = f"{identifier}.{timestamp}.".encode("ascii") + part.body
            headers["webhook-signature"] = " ".join(
                "v1," + base64.b64encode(hmac.digest(each, signed, hashlib.sha256)).decode("ascii")
                for each in signing_keys(secrets, variable(name))
            )
        return headers

    def _receipt(self, answer: HttpAnswer, name: str, url: Secret) -> Receipt:
        if 200 <= answer.status < 300:
            return Receipt(f"{answer.status}")
        raise refusal(answer, name, self._settings.now())


def message_id(key: str) -> str:
    """The key, or a digest of it where it has what an id may not have: a dot would blur what is signed."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,255}", key):
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def signing_keys(secrets: Secret, setting: str) -> list[bytes]:
    """The signing keys: one, or two while they are changed. Raises Misconfigured naming the setting."""
    keys = []
    for word in re.split(r"[\s,]+", secrets.reveal().strip(" ,")):
        text = word.removeprefix("whsec_")
        try:
            key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not key:
            raise Misconfigured(
                f"{setting} is no signing secret: write whsec_ and 24 to 64 bytes in base64",
                destination_only=True,
            )
        keys.append(key)
    return keys
