"""Mattermost's incoming webhooks: the answer is the word ``ok``, or a JSON object with an error's id."""

from __future__ import annotations

from digestbot.channels.answers import HttpAnswer, refusal, word_ok
from digestbot.channels.base import Permanent, Receipt
from digestbot.channels.http import PostingChannel, hide
from digestbot.model.secret import Secret

# The ids of errors that no later post will get past: the webhook, its channel or its team is no more.
# https://github.com/mattermost/mattermost/blob/master/server/i18n/en.json
_GONE = (
    "web.incoming_webhook.invalid.app_error",
    "web.incoming_webhook.disabled.app_error",
    "web.incoming_webhook.channel.app_error",
    "web.incoming_webhook.user.app_error",
    "web.incoming_webhook.channel_locked.app_error",
    "api.post.create_post.can_not_post_to_deleted.error",
)


class MattermostChannel(PostingChannel):
    """Posts to an incoming webhook of Mattermost."""

    kind = "mattermost"

    def _receipt(self, answer: HttpAnswer, name: str, url: Secret) -> Receipt:
        if receipt := word_ok(answer, name):
            return receipt
        code, message = answer.json.get("id"), answer.json.get("message")
        detail = hide(message, url) if isinstance(message, str) else ""
        if 200 <= answer.status < 300:
            # A proxy's sign-in page, most likely; posting it again and again would bring the same.
            raise Permanent(f"{name} answered {answer.status} but not Mattermost's 'ok': {detail or 'another page'}")
        if code in _GONE and answer.status < 500:
            raise Permanent(f"{name} answered {answer.status}: {detail or code}", disables=True)
        raise refusal(answer, name, self._settings.now(), detail)
