"""Asks a model for the gists of papers: so many a day, so long a run, and never one that is there."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from digestbot.digests.gist_words import MOST_TOKENS, instruction, one_line, question
from digestbot.model.papers import Paper
from digestbot.platform.net.chat_model import ChatModel, ModelError
from digestbot.platform.net.network import Network
from digestbot.platform.settings import Settings
from digestbot.store.base import Store

_AT_ONCE = 2
_LONGEST_ANSWER = 30.0  # seconds
_LOOK = 0.2  # seconds between two looks whether the process is told to stop
_FAILURES = 3  # in a row, and it is left alone
_REST = 600.0  # seconds

log = logging.getLogger(__name__)


class GistAsker:
    """Asks `model` for gists: at most `calls` a day, whoever asks, and `seconds` in all for each run of the pipeline.

    After some failures in a row, or where the model says so, it is left alone for a while. One is asked once a day at
    most, and never again once it is there. ``stopping`` ends the waiting.
    """

    def __init__(
        self,
        model: ChatModel,
        store: Callable[[], Store],
        clock: Callable[[], datetime],
        stopping: threading.Event,
        *,
        calls: int,
        seconds: float,
    ) -> None:
        self._model = model
        self._store = store
        self._clock = clock
        self._stopping = stopping
        self._calls = calls
        self._seconds = self._left = seconds
        self._failed = 0
        self._rests_until: datetime | None = None

    def begin(self) -> None:
        """Another run begins."""
        self._left = self._seconds

    def ask(self, language: str, papers: Mapping[str, Paper]) -> dict[str, str]:
        """What the model writes of these papers, by the ids of their gists, as far as it comes in time."""
        texts: dict[str, str] = {}
        names, slowest = list(papers), 0.0
        while names and self._may_ask(slowest):
            some, names = names[:_AT_ONCE], names[_AT_ONCE:]
            taken = self._store().take_gists(some, day=self._clock().date(), most=self._calls)
            began = time.monotonic()
            written = self._answers(instruction(language), {name: question(papers[name]) for name in taken})
            took = time.monotonic() - began
            self._left, slowest = self._left - took, max(slowest, took)
            self._store().put_gists(written)
            texts |= written
        return texts

    def _may_ask(self, slowest: float) -> bool:
        """Whether there is time for an answer that takes as long as those before, and the model is not left alone."""
        rests = self._rests_until is not None and self._clock() < self._rests_until
        return self._left > slowest and not rests and not self._stopping.is_set()

    def _answers(self, told: str, questions: Mapping[str, str]) -> dict[str, str]:
        """What comes of questions that are asked at once."""
        seconds = min(self._left, _LONGEST_ANSWER)
        answers: SimpleQueue[tuple[str, str | ModelError]] = SimpleQueue()

        def work(name: str, asked: str) -> None:
            answers.put((name, self._answer(told, asked, seconds)))

        for each in questions.items():
            # Nobody waits for its end: a name server may keep it longer than any bound of ours.
            threading.Thread(target=work, args=each, daemon=True).start()
        until, found = time.monotonic() + seconds, dict[str, str | ModelError]()
        while len(found) < len(questions) and (left := until - time.monotonic()) > 0 and not self._stopping.is_set():
            try:
                name, answer = answers.get(timeout=min(left, _LOOK))
            except Empty:
                continue
            found[name] = answer
        late = ModelError(f"{self._model.host} took longer than {seconds:g} seconds")
        if not self._stopping.is_set():
            self._learn([found.get(name, late) for name in questions])
        return {name: text for name, text in found.items() if isinstance(text, str)}

    def _answer(self, told: str, asked: str, seconds: float) -> str | ModelError:
        try:
            answer = self._model.ask(told, asked, most_tokens=MOST_TOKENS, seconds=seconds)
        except ModelError as error:
            return error
        except Exception as error:  # a fault of ours with one answer keeps no digest from leaving
            log.exception("an answer of the model could not be read")
            return ModelError(f"{self._model.host}: {type(error).__name__}")
        return one_line(answer) or ModelError(f"{self._model.host} answers without a word")

    def _learn(self, answers: Iterable[str | ModelError]) -> None:
        """Count failures in a row; after too many the model is left alone for a while."""
        for each in answers:
            if not isinstance(each, ModelError):
                self._failed = 0
                continue
            self._failed += 1
            if self._failed < _FAILURES and not each.settled and not each.wait:
                log.warning("no gist by the model: %s; the sentence stands instead", each)
                continue
            self._rests_until = self._clock() + timedelta(seconds=max(each.wait, _REST))
            log.warning("no gists by the model until %s: %s", f"{self._rests_until:%H:%M} UTC", each)


def model_of(settings: Settings) -> ChatModel | None:
    """The model of a working directory."""
    if settings.model_url is None:
        return None
    return ChatModel(settings.model_url, settings.model_name or "", settings.model_key, Network.of(settings))


def asker_of(
    settings: Settings, store: Callable[[], Store], clock: Callable[[], datetime], stopping: threading.Event
) -> GistAsker | None:
    """Asks the model of a working directory."""
    model = model_of(settings)
    if model is None:
        return None
    return GistAsker(model, store, clock, stopping, calls=settings.model_calls, seconds=settings.model_seconds)
