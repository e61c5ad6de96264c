"""Puts small faults into the rooms that decide, one at a time, and tells which of them the tests let through.

Each room's nearest tests (`NEAREST`) are run once as it stands, to see which functions each test reaches and how long
it takes. Then each fault is put into a copy of the checkout, and the tests that reach it are run, the quickest first,
up to the first that fails: in a fork of a process that has collected them, and where that finds nothing once more in
a process of its own. One that all of them pass with is named below its room. The exit code is 1 when more than a tenth
survived.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.copies import ROOT, Copies, Reach
from tests.mutants.faults import Mutant, faults_in, mutant

BOUND = 0.9
_DELIVERY = (
    *("attempt", "claims", "decisions", "destinations", "outages", "notices", "message_writer", "operator_actions"),
    *("control_channel", "mail_queue", "mail_limits", "steps", "halves", "dispatcher", "commands"),
)
NEAREST: dict[str, tuple[str, ...]] = {
    "digests": ("tests/digests", "tests/stories/test_like.py"),
    "delivery": tuple(f"tests/delivery/test_{each}.py" for each in _DELIVERY),
    "model": ("tests/model", "tests/digests", "tests/delivery/test_decisions.py", "tests/store/test_codec.py"),
    "matching/evaluate.py": ("tests/matching/test_evaluate.py", "tests/matching/test_fields.py"),
    "matching/ranking.py": ("tests/matching/test_ranking.py", "tests/digests"),
    "matching/own_terms.py": ("tests/matching/test_ranking.py", "tests/digests"),
    "matching/taste.py": ("tests/matching/test_taste.py", "tests/matching/test_ranking.py", "tests/digests"),
    "store/merging.py": ("tests/store/test_merging.py", "tests/store/test_identity.py"),
    "store/identity.py": ("tests/store/test_identity.py", "tests/store/test_merging.py"),
    "bounces": ("tests/bounces", "tests/stories/test_bounces.py"),
    "subscribers": ("tests/subscribers", "tests/stories/test_subscribers.py", "tests/stories/test_lists.py"),
    "rendering/excerpt.py": ("tests/rendering/test_excerpt.py", "tests/rendering/test_text.py"),
    "platform/settings": (
        "tests/platform/test_values.py",
        "tests/platform/test_kinds.py",
        "tests/platform/test_disagreements.py",
        "tests/platform/test_settings.py",
        "tests/platform/test_env_file.py",
        "tests/stories/test_settings.py",
    ),
    "store/codec.py": ("tests/store/test_codec.py",),
    "matching/like": ("tests/matching/test_like.py", "tests/digests/test_likes.py"),
    "matching/advice.py": ("tests/matching/test_advice.py",),
    "rendering/view.py": ("tests/rendering/test_view.py", "tests/rendering/test_themes.py"),
    "rendering/entry_view.py": ("tests/rendering/test_view.py", "tests/rendering/test_facts.py"),
    "rendering/wording.py": ("tests/rendering/test_wording.py", "tests/rendering/test_view.py"),
    "rendering/gist.py": ("tests/rendering/test_gist.py",),
    "matching": ("tests/matching", "tests/digests"),
    "store": ("tests/store",),
    "store/postgres": ("tests/store",),
    "rules": ("tests/rules", "tests/matching/test_evaluate.py", "tests/matching/test_cases.py"),
    "platform": ("tests/platform", "tests/stories/test_settings.py", "tests/web/test_signup.py"),
    "rendering": ("tests/rendering",),
    "channels": (
        "tests/channels",
        *(f"tests/rendering/test_{each}.py" for each in ("chats", "push", "services", "mail", "vendors", "bounds")),
    ),
    "ingest": ("tests/ingest",),
    "readers": ("tests/readers",),
    "runtime": ("tests/runtime",),
    "runtime/cluster": ("tests/runtime/cluster", "tests/runtime/test_every_channel.py"),
    "web": ("tests/web",),
}
"""By room, or module of one: the tests that are nearest to it, the nearest first."""
DECIDING = tuple(NEAREST)[:12]
_ON_A_SERVER = ("store/postgres", "runtime/cluster")
"""Only their faults are looked for by tests on PostgreSQL, which cost a server each time."""
_TABLES = frozenset({"__init__.py", "spelling_table.py", "plural_table.py", "gist_weights.py", "symbols.py"})


def chosen(asked: Sequence[str], count: int, seed: int) -> dict[str, list[Mutant]]:
    """So many faults by these rooms, the same for the same seed; each room has an equal share, as far as it has any."""
    drawn = random.Random(seed)
    found = {room: [(each, n) for each in _modules(room) for n in faults_in(ROOT, each)] for room in asked}
    shares = dict.fromkeys(found, 0)
    while sum(shares.values()) < count and (room := _least(shares, found)):
        shares[room] += 1
    return {
        room: [mutant(ROOT, *each) for each in drawn.sample(every, shares[room])]
        for room, every in found.items()
        if shares[room]
    }


def _least(shares: Mapping[str, int], found: Mapping[str, Sequence[object]]) -> str | None:
    """The room with the smallest share that has faults left."""
    return min((room for room in found if shares[room] < len(found[room])), key=shares.__getitem__, default=None)


def _modules(room: str) -> list[Path]:
    """Those of a room that no other key of NEAREST names more exactly."""
    place = ROOT / "digestbot" / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    others = [ROOT / "digestbot" / each for each in NEAREST if each.startswith(f"{room}/")]
    mine = (each for each in files if each.name not in _TABLES and not any(map(each.is_relative_to, others)))
    return [each.relative_to(ROOT) for each in mine]


def tried(todo: Mapping[str, Sequence[Mutant]], processes: int) -> Iterator[tuple[str, list[Mutant]]]:
    """Room by room, the faults that survived."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(processes) as pool:
        copies = Copies(Path(folder), processes)
        rooms = iter(todo)
        ahead = _reached(pool, copies, next(rooms))
        for room, faults in todo.items():
            reach = ahead.result()
            if following := next(rooms, None):
                ahead = _reached(pool, copies, following)
            caught = pool.map(partial(copies.caught, reach), faults)
            yield room, [each for each, found in zip(faults, caught, strict=True) if not found]
        copies.close()


def _reached(pool: ThreadPoolExecutor, copies: Copies, room: str) -> Future[Reach]:
    return pool.submit(copies.reach, NEAREST[room], room in _ON_A_SERVER)


def main() -> int:
    """Put faults in and tell what survived; 1 when more than a tenth did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", help=f"of {', '.join(NEAREST)}; without any: {', '.join(DECIDING)}")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if unknown := set(options.rooms) - set(NEAREST):
        parser.error(f"no such room: {', '.join(sorted(unknown))}; known are {', '.join(NEAREST)}")
    todo = chosen(options.rooms or DECIDING, options.count, options.seed)
    count, caught = sum(map(len, todo.values())), 0
    print("| room | faults | caught |\n|---|---|---|", flush=True)
    for room, survivors in tried(todo, options.processes):
        caught += len(todo[room]) - len(survivors)
        print(f"| {room} | {len(todo[room])} | {len(todo[room]) - len(survivors)} |", flush=True)
        for each in survivors:
            print(f"  survived: {each.module}:{each.line}: {each.before}  ->  {each.after}", flush=True)
    print(f"| all | {count} | {caught} ({100 * caught / count:.0f} %) |")
    return int(caught < BOUND * count)


if __name__ == "__main__":
    sys.exit(main())
