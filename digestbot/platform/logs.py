"""The log: lines for people or JSON for machines, each with the digest and the delivery it is about."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

FORMS = ("plain", "json")
LEVELS = ("debug", "info", "warning", "error")

_OURS = "digestbot"
_about: ContextVar[dict[str, str]] = ContextVar("about", default={})  # noqa: B039  # never changed, only replaced


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Within, every line that this thread logs carries these ids: ``digest`` (its key), ``delivery`` (its id)."""
    token = _about.set({**_about.get(), **ids})
    try:
        yield
    finally:
        _about.reset(token)


def set_up(form: str, level: str) -> None:
    """Log to standard error in one of FORMS, from one of LEVELS on; what libraries say, from warnings on.

    At ``debug`` libraries are heard too. A second call takes the place of the first.
    """
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    for handler in [each for each in root.handlers if isinstance(each, _StandardError)]:
        root.removeHandler(handler)
    handler = _StandardError()
    handler.setFormatter(_Json() if form == "json" else _Plain())
    root.addHandler(handler)
    ours.setLevel(level.upper())
    root.setLevel(logging.DEBUG if level == "debug" else logging.WARNING)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # as the standard library's own handler of last resort does
        """Standard error."""
        return sys.stderr


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.levelno == logging.INFO and record.name.startswith(_OURS):
            return text
        where = "" if record.name.startswith(_OURS) else f"{record.name}: "
        return f"{record.levelname.lower()}: {where}{text}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_about.get(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
