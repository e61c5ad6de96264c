"""A pytest plugin: which functions each test reaches and how long it takes, and only the tests that reach one.

`REACH_INTO` names the file to write: {test: [[module and line of each function it called], seconds]}.
`REACH_FROM` names a file with the tests to run, in their order.
"""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from cProfile import Profile
from pathlib import Path
from types import CodeType, FrameType

import pytest

_PACKAGE = str(Path(__file__).parents[2] / "digestbot")
_in_threads: set[CodeType] = set()
_looking = [Profile()]  # a profiler is quick, and sees its own thread alone
_reached: dict[str, set[CodeType]] = defaultdict(set)
_by_setup: dict[str, set[CodeType]] = defaultdict(set)
_passed: set[str] = set()
_seconds: dict[str, float] = defaultdict(float)


def _note(frame: FrameType, event: str, arg: object) -> None:
    _in_threads.add(frame.f_code)


def _seen() -> set[CodeType]:
    return _in_threads | {each.code for each in _looking[0].getstats() if isinstance(each.code, CodeType)}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Look at the calls of a test, of whatever thread."""
    if "REACH_INTO" not in os.environ:
        yield
        return
    _in_threads.clear()
    threading.settrace(_note)
    with Profile(builtins=False) as _looking[0]:
        yield
    threading.settrace(None)
    _reached[item.nodeid] |= _seen()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """What a setup reaches counts for all tests of its file: they may share it."""
    yield
    _by_setup[item.nodeid.partition("::")[0]] |= _seen()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Only tests that pass can tell of a fault."""
    _seconds[report.nodeid] += report.duration
    if report.when == "call" and report.passed:
        _passed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write down what was seen."""
    if into := os.environ.get("REACH_INTO"):
        found = {
            each: (_named(_reached[each] | _by_setup[each.partition("::")[0]]), _seconds[each])
            for each in _reached
            if each in _passed
        }
        Path(into).write_text(json.dumps(found), encoding="utf-8")


def _named(codes: set[CodeType]) -> list[str]:
    ours = ((each.co_filename, each.co_firstlineno) for each in codes if each.co_filename.startswith(_PACKAGE))
    return sorted({f"{os.path.relpath(name, Path(_PACKAGE).parent)}:{line}" for name, line in ours})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that were asked for, in their order."""
    if chosen := os.environ.get("REACH_FROM"):
        place = {name: number for number, name in enumerate(json.loads(Path(chosen).read_text(encoding="utf-8")))}
        config.hook.pytest_deselected(items=[each for each in items if each.nodeid not in place])
        items[:] = sorted((each for each in items if each.nodeid in place), key=lambda each: place[each.nodeid])
