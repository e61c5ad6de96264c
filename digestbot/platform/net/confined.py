"""The fence around libraries that open connections of their own: Python tells of each before it is made."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from digestbot.platform.net.fence import Fence, Forbidden

# https://docs.python.org/3/library/audit_events.html: the second argument is the address
_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class Outside(Forbidden, PermissionError):
    """Forbidden as libraries know it: they put away their sockets for an OSError only."""


_within: ContextVar[tuple[Fence, list[str]] | None] = ContextVar("within", default=None)


@contextmanager
def confined(fence: Fence) -> Iterator[list[str]]:
    """Within, what this context asks of Python's sockets stays inside the fence, in threads that take it along too.

    What is refused raises Outside in whoever connects, and so does all that comes after: another address of a host
    that has a private one is no way around. The list given says why, should that be swallowed.
    """
    _listen()
    refused: list[str] = []
    token = _within.set((fence, refused))
    try:
        yield refused
    finally:
        _within.reset(token)


@lru_cache(maxsize=1)  # what listens to the interpreter can never be taken away again
def _listen() -> None:
    sys.addaudithook(_heard)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    within = _within.get() if event in _EVENTS else None
    if within is None or arguments[1] is None:
        return
    fence, refused = within
    try:
        _judge(fence, arguments[1])
    except Forbidden as error:
        refused.append(str(error))
    if refused:
        raise Outside(refused[0])


def _judge(fence: Fence, address: Any) -> None:
    """Raises Forbidden for an address that is not permitted, and for what is none: a name, a socket of this machine."""
    host = address[0].partition("%")[0] if isinstance(address, tuple) and isinstance(address[0], str) else ""
    try:
        ip_address(host)
    except ValueError:
        raise Forbidden("a connection to what is no address of the internet") from None
    fence.check(host, [host])
