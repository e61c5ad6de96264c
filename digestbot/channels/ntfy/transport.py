"""ntfy's own API: a message in JSON for a topic, and the answer is the message as it was published."""

from __future__ import annotations

import json

from digestbot.channels.answers import HttpAnswer, refusal
from digestbot.channels.base import Permanent, Receipt, Unknown
from digestbot.channels.http import PostingChannel, hide
from digestbot.channels.ntfy.address import place
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination


class NtfyChannel(PostingChannel):
    """Publishes on the topic that a destination's URL names.

    The key is the message's sequence id: from ntfy 2.16 on one that comes twice takes the place of the first on the
    phone. Older servers do not know it, and show both.
    """

    kind = "ntfy"

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """Publish one part. Raises Temporary, Permanent, Unknown or Misconfigured."""
        url = self._settings.url(to.options.get("destination", ""))
        at = place(url, to.name)
        # https://docs.ntfy.sh/publish/#publish-as-json
        message = {"topic": at.topic.reveal(), **json.loads(part.body), "sequence_id": key}
        headers = {"Content-Type": part.content_type}
        if at.authorization is not None:
            headers["Authorization"] = at.authorization.reveal()
        body = json.dumps(message, ensure_ascii=False).encode()
        return self._receipt(self._poster.post(at.server, body, headers, name=to.name), to.name, url)

    def _receipt(self, answer: HttpAnswer, name: str, url: Secret) -> Receipt:
        said = answer.json
        if 200 <= answer.status < 300:
            if isinstance(said.get("id"), str) and said["id"]:
                return Receipt(f"published as {hide(said['id'], url)}", said["id"])
            if not answer.whole:
                raise Unknown(f"{name} answered {answer.status}, and its answer was cut off")
            # A proxy's sign-in page, most likely; publishing again and again would bring the same.
            raise Permanent(f"{name} answered {answer.status} but not with the message that ntfy published")
        # https://github.com/binwiederhier/ntfy/blob/main/server/errors.go
        error = said.get("error")
        raise refusal(answer, name, self._settings.now(), hide(error, url) if isinstance(error, str) else "")
