"""The process that searches: started by the pages, handed the papers, asked one question after the other.

It works for itself alone: where others want the processor they have nine tenths of it, its memory is
bounded, and it ends with whoever has started it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from digestbot.model.papers import LoggedPaper
from digestbot.platform import system
from digestbot.web.answers import CountQuestion, LibraryQuestion, LikesQuestion, PaperAnswers, SearchQuestion

Question = SearchQuestion | CountQuestion | LikesQuestion | LibraryQuestion

log = logging.getLogger(__name__)

MEMORY = 2 << 30
"""Bytes it may have: `MOST` papers take some 200 MB, the libraries set aside more than they use."""
_NICENESS = 10  # a tenth of the processor beside somebody busy; with less, searches on a busy machine never end
_STARTS_WITHIN = 60.0  # seconds
_GLANCE = 0.05  # seconds between two looks at whether whoever asked is gone
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from digestbot.web.search_process import serve; serve(sys.argv[2])"
)


class SearchStopped(Exception):
    """It did not answer: it ended, or it took longer than it may."""


class SearchProcess:
    """One such process, for one thread at a time. Raises OSError, SearchStopped where it cannot be started."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", _START, json.dumps(sys.path)]
        environ = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        self._process, self._connection = system.start_connected(command, environ, _STARTS_WITHIN)
        try:
            self._answer(_STARTS_WITHIN, lambda: False)
        except SearchStopped:
            self.end()
            raise

    def hand_over(self, papers: Sequence[LoggedPaper], upto: int) -> None:
        """Papers that were logged since, up to a place of the log. Raises SearchStopped."""
        self._send((papers, upto))

    def ask(self, question: Question, within: float, gone: Callable[[], bool]) -> Any:
        """The answer. Raises SearchStopped where there is none `within` so many seconds."""
        self._send(question)
        return self._answer(within, gone)

    def _answer(self, within: float, gone: Callable[[], bool]) -> Any:
        until, told = time.monotonic() + within, False
        try:
            while not self._connection.poll(_GLANCE):
                if time.monotonic() > until:
                    raise SearchStopped(f"no answer came within {within} s")
                if gone() and not told:
                    self._send(None)
                    told = True
            answer = self._connection.recv()
        except (EOFError, OSError) as error:
            raise SearchStopped(f"it is not there any more: {error}") from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _send(self, what: object) -> None:
        try:
            self._connection.send(what)
        except OSError as error:
            raise SearchStopped(f"it is not there any more: {error}") from error

    def end(self) -> None:
        """End it, whatever it does."""
        self._connection.close()
        self._process.kill()
        self._process.wait()


def serve(how: str) -> None:
    """Be that process: answer what is asked at the other end, until that is closed."""
    system.ignore_stops()
    system.give_way(_NICENESS)
    system.bound_memory(MEMORY)
    with system.connected(how) as connection, suppress(EOFError, OSError):
        answers = PaperAnswers()
        connection.send("ready")
        while True:
            match connection.recv():
                case papers, upto:
                    answers.take(papers, upto)
                case SearchQuestion() | CountQuestion() | LikesQuestion() | LibraryQuestion() as question:
                    connection.send(_answered(answers, question, _Gone(connection)))


def _answered(answers: PaperAnswers, question: Question, gone: Callable[[], bool]) -> Any:
    try:
        return answers.answer(question, gone)
    except Exception as error:  # it is raised where it was asked for
        log.exception("a search failed")
        return RuntimeError(f"a search failed: {type(error).__name__}: {error}")


class _Gone:
    """Whether whoever asked is gone: it says so, or the other end is closed; looked at now and then."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next = 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + _GLANCE
        return self._connection.poll()
