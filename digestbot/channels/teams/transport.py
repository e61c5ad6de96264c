"""Microsoft Teams through a Workflows webhook: a yes has no words in it, whatever its status says."""

from __future__ import annotations

import re

from digestbot.channels.answers import HttpAnswer, refusal, retry_after
from digestbot.channels.base import Permanent, Receipt, SendError, Temporary, Unknown
from digestbot.channels.http import PostingChannel, hide
from digestbot.model.secret import Secret

# The connector that Workflows replaced told of its troubles inside an answer of 200.
# https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
_INNER_STATUS = re.compile(r"HTTP error (\d{3})|returned HTTP (\d{3})", re.IGNORECASE)
# https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config
_GONE = frozenset({"WorkflowNotFound", "WorkflowTriggerNotFound", "DirectApiAuthorizationRequired", "WorkflowDisabled"})


class TeamsChannel(PostingChannel):
    """Posts to the URL that a Teams workflow listens at."""

    kind = "teams"

    def _receipt(self, answer: HttpAnswer, name: str, url: Secret) -> Receipt:
        text = hide(answer.body.decode("utf-8", "replace"), url)
        said = answer.json.get("error")
        code, message = (said.get("code"), said.get("message")) if isinstance(said, dict) else (None, None)
        detail = hide(f"{code}: {message}", url) if isinstance(code, str) and isinstance(message, str) else ""
        if 200 <= answer.status < 300:
            if not answer.whole:
                raise Unknown(f"{name} answered {answer.status}, and its answer was cut off")
            # 202 and nothing from Workflows; 200 and a lone 1 from a connector.
            if text in ("", "1"):
                return Receipt(str(answer.status))
            raise self._inside(answer, name, detail or text)
        if code in _GONE:
            raise Permanent(f"{name} answered {answer.status}: {detail}", disables=True)
        raise refusal(answer, name, self._settings.now(), detail)

    def _inside(self, answer: HttpAnswer, name: str, text: str) -> SendError:
        """The error that stands in the text of a success."""
        found = _INNER_STATUS.search(text)
        status = int(found[1] or found[2]) if found else 0
        reason = f"{name} answered {answer.status} with an error in it: {text}"
        if status == 429 or status >= 500:
            return Temporary(reason, retry_after(answer, self._settings.now()), too_many=status == 429)
        return Permanent(reason, disables=status in (404, 410))
