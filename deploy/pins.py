"""The lines of constraints.txt, hashes and all, that some extras of digestbot need: for `pip install --require-hashes`.

    python deploy/pins.py [EXTRA...] > pins.txt     what digestbot itself needs, and what the extras do
    python deploy/pins.py build > pins.txt          what makes a wheel of it

pip verifies the hashes of requirements only, not those of constraints: so it is handed these. By whom each is
wanted stands in constraints.txt ("# via"). Needs nothing but Python.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PIN = re.compile(r"^([\w.-]+)==.*(?:\n    --hash=.*)+\n    # via (.*)\n", re.M)


def normal(name: str) -> str:
    """A package's name as packages are compared by it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(extras: Sequence[str]) -> Iterator[str]:
    """The packages that the project names for these extras, one for its own, and `build`."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        told = tomllib.load(file)
    lists = {**told["project"]["optional-dependencies"], "": told["project"]["dependencies"]}
    lists["build"] = told["build-system"]["requires"]
    for extra in extras:
        if extra not in lists:
            raise SystemExit(f"pins.py: there is no extra {extra!r}; there are {', '.join(filter(None, lists))}")
        for line in lists[extra]:
            name, _, more = re.match(r"([\w.-]+)(\[([\w, -]+)\])?", line).groups()  # type: ignore[union-attr]
            if normal(name) == told["project"]["name"]:
                yield from wanted([each.strip() for each in more.split(",")])
            else:
                yield normal(name)


def pinned(extras: Sequence[str]) -> str:
    """The lines for these extras."""
    found = list(_PIN.finditer((ROOT / "deploy" / "constraints.txt").read_text(encoding="utf-8")))
    chosen, before = set(wanted(extras)), -1
    while before < len(chosen):
        before = len(chosen)
        chosen |= {normal(each[1]) for each in found if chosen & set(map(normal, each[2].split(", ")))}
    missing = chosen - {normal(each[1]) for each in found}
    if missing:
        raise SystemExit(f"pins.py: not in constraints.txt: {', '.join(sorted(missing))} (sh deploy/pin.sh)")
    return "".join(each[0] for each in found if normal(each[1]) in chosen)


if __name__ == "__main__":
    sys.stdout.write(pinned(sys.argv[1:] if sys.argv[1:] == ["build"] else ["", *sys.argv[1:]]))
