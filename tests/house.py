"""The house as its imports draw it: `python -m tests.house` prints rooms, arrows and the longest chains."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "digestbot"

FLOORS = {
    "model": 0,
    "rules": 1,
    "platform": 1,
    "matching": 2,
    "readers": 2,
    "rendering": 2,
    "store": 2,
    "channels": 3,
    "subscribers": 4,
    "delivery": 4,
    "digests": 5,
    "ingest": 5,
    "bounces": 6,
    "bootstrap": 7,
    "runtime": 8,
    "web": 9,
    "cli": 10,
    "__main__": 11,
}
"""Every room and its floor: imports only go down."""


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    """Each module of the package: its dotted name, its file, its tree."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        yield name, path, ast.parse(path.read_text(encoding="utf-8"))


def room(module: str) -> str:
    """The room a module is in: the part of its name behind the package's; "" for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


MODULES = {name: (path, tree) for name, path, tree in modules()}
INNER = {
    name: {each for each in imports(tree) if each in MODULES and each != name} for name, (_, tree) in MODULES.items()
}
"""By module those of the package that it imports."""


def arrows() -> Mapping[tuple[str, str], int]:
    """From which room to which, and how many modules' imports make up each arrow."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for name, others in INNER.items():
        for there in {room(other) for other in others} - {"", room(name)}:
            if room(name):
                found[room(name), there] += 1
    return found


def longest_chain(name: str) -> tuple[str, ...]:
    """The longest way down from a module along imports; fronts, which only hand on, are no step."""

    @cache
    def down(module: str) -> tuple[str, ...]:
        below = [other for other in INNER[module] if MODULES[other][0].name != "__init__.py"]
        return (module, *max((down(other) for other in below), key=len, default=()))

    return down(name)


def main() -> None:
    """Print rooms with their size, arrows, and the longest chains."""
    lines: dict[str, list[int]] = defaultdict(list)
    for name, (path, _) in MODULES.items():
        if room(name) not in ("", "__main__"):
            lines[room(name)].append(len(path.read_text(encoding="utf-8").splitlines()))
    between = arrows()
    print(f"{len(lines)} rooms, {sum(1 for here, _ in between if here != '__main__')} arrows\n")
    print("| floor | room | modules | lines | stands on |\n|---|---|---|---|---|")
    for here, sizes in sorted(lines.items(), key=lambda each: -FLOORS[each[0]]):
        below = ", ".join(f"{there} {count}" for (start, there), count in sorted(between.items()) if start == here)
        print(f"| {FLOORS[here]} | {here} | {len(sizes)} | {sum(sizes)} | {below} |")
    print("\nlongest chains:")
    for chain in sorted(map(longest_chain, MODULES), key=len)[-3:]:
        print(f"  {len(chain)}: " + " > ".join(each.removeprefix("digestbot.") for each in chain))


if __name__ == "__main__":
    main()
