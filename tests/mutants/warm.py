"""A pytest plugin that collects tests once and then answers, fault by fault, whether one of them fails with it in.

Each fault is met by a fork of the process that collected: the functions that it changes get their new code there.
Faults that no function holds (a table, a default) are not for it: it says so, and they need a process of their own.
`WARM_ASKED` and `WARM_TOLD` are the ends of two pipes, a line of JSON for each question and each answer.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import inspect
import json
import os
import resource
import select
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

import pytest

CAUGHT, PASSED, UNKNOWN = "caught", "passed", "unknown"
_Key = tuple[str, str, int]
_MOST_MEMORY = 4 * 2**30  # bytes that a fork may come to hold: a fault may gather without end


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Instead of a run of all tests: one for each question."""
    items = {each.nodeid: each for each in session.items}
    live = _live()
    with os.fdopen(int(os.environ["WARM_ASKED"])) as asked, os.fdopen(int(os.environ["WARM_TOLD"]), "w") as told:
        print("ready", file=told, flush=True)  # before this, no fault may stand in a file
        for line in asked:
            question = json.loads(line)
            tests = [items[each] for each in question["tests"] if each in items]
            print(_answer(session, tests, live, question), file=told, flush=True)
    return True


def _live() -> dict[_Key, list[FunctionType]]:
    """The functions of the package that are there, by file, name and line."""
    found: dict[_Key, list[FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and "digestbot" in each.__code__.co_filename:
            found[_key(each.__code__)].append(each)
    return found


def _key(code: CodeType) -> _Key:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _answer(
    session: pytest.Session, tests: list[pytest.Item], live: dict[_Key, list[FunctionType]], question: dict[str, Any]
) -> str:
    """What a fork that has the fault finds; one that dies or takes too long has found it."""
    changes = _changes(question["file"], question["plain"], question["source"], live)
    if not tests or changes is None:
        return UNKNOWN
    reads, writes = os.pipe()
    if not (child := os.fork()):
        os.close(reads)
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
        os.write(writes, _met(session, tests, changes).encode())
        os._exit(0)
    os.close(writes)
    ready = select.select([reads], [], [], question["timeout"])[0]
    answer = os.read(reads, 10).decode() if ready else ""
    os.close(reads)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return answer or CAUGHT


def _met(session: pytest.Session, tests: list[pytest.Item], changes: list[tuple[FunctionType, CodeType]]) -> str:
    """In the fork: put the fault in and run the tests, up to the first that fails."""
    try:
        for function, code in changes:
            function.__code__ = code
    except ValueError:
        return UNKNOWN
    session.testsfailed = 0
    for test, following in zip(tests, [*tests[1:], None], strict=True):
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        if session.testsfailed:
            return CAUGHT
    return PASSED


def _changes(
    file: str, plain: str, source: str, live: dict[_Key, list[FunctionType]]
) -> list[tuple[FunctionType, CodeType]] | None:
    """The functions there are that a fault changes, each with its new code; None when it changes no function, or one
    of a module that is there without it. A module that is not there yet will be read as it stands in the file."""
    if not any(getattr(each, "__file__", None) == file for each in list(sys.modules.values())):
        return []
    before = compile(ast.unparse(ast.parse(plain)), file, "exec", dont_inherit=True)
    old, new = list(_functions(before)), list(_functions(compile(source, file, "exec", dont_inherit=True)))
    there = list(_functions(compile(plain, file, "exec", dont_inherit=True)))
    if not len(old) == len(new) == len(there):
        return None
    changed = [(code, _key(at)) for was, code, at in zip(old, new, there, strict=True) if was != code]
    if not changed or not all(live.get(key) for _, key in changed):
        return None
    return [(function, code) for code, key in changed for function in live[key]]


def _functions(code: CodeType) -> Iterator[CodeType]:
    """The functions of a module and its classes, not those within functions."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_flags & inspect.CO_NEWLOCALS and each.co_flags & inspect.CO_OPTIMIZED:
                yield each
            else:
                yield from _functions(each)
