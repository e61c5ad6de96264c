"""Discord's webhooks: the saved message is waited for, and its id kept."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from digestbot.channels.answers import HttpAnswer, refusal
from digestbot.channels.base import Permanent, Receipt, Unknown
from digestbot.channels.http import PostingChannel, hide
from digestbot.model.secret import Secret

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
_GONE = frozenset({10003, 10015, 50027})  # unknown channel, unknown webhook, invalid webhook token


class DiscordChannel(PostingChannel):
    """Posts to a webhook of Discord."""

    kind = "discord"

    def _address(self, url: Secret) -> Secret:
        """Without ``wait`` Discord says yes before the message is saved, and nothing when it never is."""
        try:
            parts = urlsplit(url.reveal())
        except ValueError:
            return url  # posting it says what is wrong with it
        query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != "wait"]
        return Secret(urlunsplit(parts._replace(query=urlencode([*query, ("wait", "true")]))))

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
