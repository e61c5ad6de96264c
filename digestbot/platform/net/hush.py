"""Silence in the logs of HTTP libraries while a request of ours is on its way: the URLs they log are passwords."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")

_ours = threading.local()


@contextmanager
def unlogged() -> Iterator[None]:
    """Within, nothing that this thread asks of httpx is logged; other clients in this process log as they like."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_not_ours)
    before = getattr(_ours, "now", False)
    _ours.now = True
    try:
        yield
    finally:
        _ours.now = before


def _not_ours(record: logging.LogRecord) -> bool:
    return not getattr(_ours, "now", False)
