"""Slack's incoming webhooks: the answer is the word ``ok``, or a code for what is wrong."""

from __future__ import annotations

import re

from digestbot.channels.answers import HttpAnswer, refusal, retry_after, word_ok
from digestbot.channels.base import Permanent, Receipt, Temporary, TooLong
from digestbot.channels.http import PostingChannel, hide
from digestbot.model.secret import Secret

# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
_GONE = frozenset(
    {
        "no_service", "no_service_id", "no_active_hooks", "no_team", "team_disabled", "team_not_found",
        "channel_is_archived", "channel_not_found", "user_not_found", "invalid_token", "token_revoked",
        "account_inactive", "action_prohibited", "posting_to_general_channel_denied",
    }
)  # fmt: skip
_PASSING = frozenset(
    {
        "rate_limited", "ratelimited", "rollup_error", "internal_error", "fatal_error", "service_unavailable",
        "request_timeout", "timeout", "server_error",
    }
)  # fmt: skip


class SlackChannel(PostingChannel):
    """Posts to an incoming webhook of Slack, or of what speaks like it."""

    kind = "slack"

    def _receipt(self, answer: HttpAnswer, name: str, url: Secret) -> Receipt:
        if receipt := word_ok(answer, name):
            return receipt
        text = answer.body.decode("utf-8", "replace").strip()
        error = answer.json.get("error")
        detail = hide(error if isinstance(error, str) else _plain(text), url)
        code = re.split(r"[^a-z_]", detail, maxsplit=1)[0]
        reason = f"{name} answered {answer.status} {detail or 'without a reason'}"
        if code in _GONE:
            raise Permanent(reason, disables=True)
        if "msg_blocks_too_long" in detail:
            raise TooLong(reason)
        now = self._settings.now()
        if code in _PASSING:
            raise Temporary(reason, retry_after(answer, now), too_many=answer.status == 429)
        if 200 <= answer.status < 300:
            # It may have been posted: trying again and again would post it again and again.
            raise Permanent(f"{name} answered {answer.status} but not Slack's 'ok': {detail or 'nothing'}")
        raise refusal(answer, name, now, detail)


def _plain(text: str) -> str:
    """Slack's codes are a few plain words; a web page is no reason."""
    return text if len(text) <= 300 and "<" not in text and "{" not in text else "a page of text"
