"""The process that searches: it is ended when it takes too long, and the next question starts another."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from digestbot.bootstrap import App
from digestbot.model.papers import Paper
from digestbot.platform.settings import Settings
from digestbot.rules.combine import combine
from digestbot.web import paper_search
from digestbot.web.paper_search import PaperSearch
from digestbot.web.pools import Busy
from tests.delivery.kit import NOW

TODAY = NOW.date()
SPEECH = combine(query="speech")


@pytest.fixture
def papers(tmp_path: Path) -> Iterator[PaperSearch]:
    with App(Settings(home=tmp_path)) as app:
        app.store.merge([Paper(title=f"Speech number {n}") for n in range(300)], now=NOW)
        search = PaperSearch(lambda: app.store)
        yield search
        search.close()


def process(papers: PaperSearch) -> int:
    """The process that is there now."""
    held = papers._process
    assert held is not None
    return held._process.pid


def test_j84_it_is_another_process_that_gives_way_to_all(papers: PaperSearch) -> None:
    papers.look(SPEECH, TODAY)
    assert process(papers) != os.getpid()
    assert os.getpriority(os.PRIO_PROCESS, process(papers)) == 10


def test_j84_a_search_for_nobody_is_given_up_and_the_next_one_is_answered(papers: PaperSearch) -> None:
    papers.look(SPEECH, TODAY)
    os.kill(process(papers), signal.SIGSTOP)
    threading.Timer(0.5, os.kill, (process(papers), signal.SIGCONT)).start()  # it has heard of it by then
    assert not papers.look(SPEECH, TODAY, lambda: True).whole
    assert papers.look(SPEECH, TODAY).count == 300


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_j84_a_process_that_is_gone_or_answers_no_more_is_another_one_the_next_time(
    how: str, papers: PaperSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers.look(SPEECH, TODAY)
    first = process(papers)
    monkeypatch.setattr(paper_search, "GRACE", -1.0)
    os.kill(first, signal.SIGKILL if how == "killed" else signal.SIGSTOP)
    with pytest.raises(Busy):
        papers.look(SPEECH, TODAY)
    monkeypatch.setattr(paper_search, "GRACE", 60.0)
    assert papers.look(SPEECH, TODAY).count == 300
    assert process(papers) != first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_j90_where_no_process_can_be_started_visitors_are_asked_to_come_again(
    papers: PaperSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    with monkeypatch.context() as patched:
        patched.setattr("subprocess.Popen", full)
        with pytest.raises(Busy):
            papers.look(SPEECH, TODAY)
        papers.warm()
    assert papers.look(SPEECH, TODAY).count == 300


def test_it_ends_with_whoever_has_started_it(papers: PaperSearch) -> None:
    papers.look(SPEECH, TODAY)
    held = papers._process
    assert held is not None
    held._connection.close()
    assert held._process.wait(30) == 0
