"""What an HTTP answer means for a delivery, as far as all webhooks agree."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from digestbot.channels.base import Permanent, Receipt, SendError, Temporary, Unknown

_LONGEST_WAIT = timedelta(days=1)
_GONE = frozenset({401, 403, 404, 410})
_TOO_EARLY_OR_TOO_MANY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the far side answered. ``whole`` is False when the body was cut off, by it or by our limits.

    Names in ``headers`` are found in any case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True

    @property
    def json(self) -> Mapping[str, Any]:
        """The body as a JSON object, empty when it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def word_ok(answer: HttpAnswer, name: str) -> Receipt | None:
    """The yes of Slack and of what speaks like it: a 200 and the lone word ``ok``; None for another answer.

    Raises Unknown for a 200 that was cut off.
    """
    if answer.status != 200:
        return None
    if answer.body.strip() == b"ok":
        return Receipt("ok")
    if not answer.whole:
        raise Unknown(f"{name} answered 200, and its answer was cut off")
    return None


def refusal(answer: HttpAnswer, name: str, now: datetime, detail: str = "") -> SendError:
    """The error that a status other than 2xx stands for. ``detail`` is the far side's reason in its words."""
    status = answer.status
    known = {each.value: each.phrase for each in HTTPStatus}
    reason = " ".join(f"{name} answered {status} {known.get(status, '')}".split())
    reason = f"{reason}: {detail}" if detail else reason
    if status >= 500 or status in _TOO_EARLY_OR_TOO_MANY:
        return Temporary(reason, retry_after(answer, now), too_many=status == HTTPStatus.TOO_MANY_REQUESTS)
    if 300 <= status < 400:
        where = _host(answer.headers.get("location", ""))
        return Permanent(f"{reason}: it redirects to {where}, which is not followed; set the final URL")
    return Permanent(reason, disables=status in _GONE)


def retry_after(answer: HttpAnswer, now: datetime) -> timedelta | None:
    """How long the far side asks to wait, a day at most; None when it does not say so in any known form.

    Looks at the header (seconds or an HTTP date) and at ``retry_after`` in a JSON body (seconds, maybe
    fractions); the longer one counts.
    """
    asked = [_wait(answer.headers.get("retry-after", ""), now)]
    seconds = answer.json.get("retry_after")
    if isinstance(seconds, int | float | str) and not isinstance(seconds, bool):
        asked.append(_wait(str(seconds), now))
    return max((each for each in asked if each is not None), default=None)


def _wait(text: str, now: datetime) -> timedelta | None:
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,400}(\.[0-9]{1,400})?", text):
        return timedelta(seconds=min(float(text), _LONGEST_WAIT.total_seconds()))
    if not text.isascii() or ":" not in text:
        return None
    try:
        at = parsedate_to_datetime(text)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(at - now, timedelta(0)), _LONGEST_WAIT)
    except (ValueError, OverflowError):
        return None


def _host(location: str) -> str:
    """The host of a redirect: its path may hold a secret."""
    try:
        return urlsplit(location).hostname or "another path of the same host"
    except ValueError:
        return "an unclear place"
