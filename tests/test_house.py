"""The rules of the house, checked on the source: floors, rings, small rooms, no IO where none belongs."""

from __future__ import annotations

import ast
import subprocess
from collections import Counter

import pytest

from tests.house import FLOORS, INNER, MODULES, PACKAGE, arrows, imports, room

MOST_ROOMS, MOST_ARROWS = 17, 100
PURE = {"model", "rules", "matching", "readers", "rendering"}
# What a room without IO, clock or chance has no use for.
IMPURE_IMPORTS = {
    "os",
    "pathlib",
    "socket",
    "subprocess",
    "time",
    "random",
    "secrets",
    "tempfile",
    "threading",
    "httpx",
    "urllib.request",
    "shutil",
    "glob",
}
IMPURE_CALLS = {"now", "today", "utcnow", "open", "print", "input"}
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60


def test_every_room_has_its_floor() -> None:
    assert {room(name) for name in MODULES} - {""} == set(FLOORS)


def test_the_house_has_few_rooms_and_few_arrows() -> None:
    assert len(FLOORS.keys() - {"__main__"}) <= MOST_ROOMS
    assert len([here for here, _ in arrows() if here != "__main__"]) <= MOST_ARROWS


@pytest.mark.parametrize("name", MODULES)
def test_imports_only_go_down(name: str) -> None:
    here = room(name)
    for other in INNER[name]:
        there = room(other)
        if there in ("", here):
            continue
        assert FLOORS[there] < FLOORS[here], f"{name} imports {other}, which is not below it"


def test_no_import_goes_in_a_ring() -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path, name))
        if name not in done:
            for other in sorted(INNER[name]):
                # A package's front names what its modules hold; that alone makes no ring.
                if MODULES[other][0].name != "__init__.py" or not name.startswith(f"{other}."):
                    visit(other, (*path, name))
            done.add(name)

    for name in MODULES:
        visit(name, ())


@pytest.mark.parametrize("name", MODULES)
def test_rooms_are_small_and_say_what_they_are_for(name: str) -> None:
    path, tree = MODULES[name]
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert ast.get_docstring(tree), "it opens with no sentence"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


def test_no_two_classes_share_a_name() -> None:
    found = Counter(node.name for _, tree in MODULES.values() for node in tree.body if isinstance(node, ast.ClassDef))
    assert [name for name, count in found.items() if count > 1 and not name.startswith("_")] == []


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) in PURE])
def test_pure_rooms_do_no_io_and_read_no_clock(name: str) -> None:
    _, tree = MODULES[name]
    assert not IMPURE_IMPORTS & set(imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            known = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            assert known not in IMPURE_CALLS, f"line {node.lineno} calls {known}"


@pytest.mark.parametrize("name", [name for name, (path, _) in MODULES.items() if path.name == "__init__.py"])
def test_fronts_hand_names_on_or_are_empty(name: str) -> None:
    _, tree = MODULES[name]
    if name in ("digestbot",):
        return
    for node in tree.body:
        assert isinstance(
            node, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign | ast.AnnAssign | ast.FunctionDef
        ), f"line {node.lineno}"


def test_the_top_level_is_the_users() -> None:
    allowed = {"pyproject.toml", "digestbot", "templates", "subscriptions", "tests", "deploy"}
    allowed |= {"README.md", "LICENSE"}
    listed = subprocess.run(["git", "ls-files"], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= allowed
