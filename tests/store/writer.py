"""A process that merges, opens and records until it is killed, and says on its output what was acknowledged."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from digestbot.model.papers import Paper
from digestbot.store import open_store
from digestbot.store.tinydb import sealing, storage
from tests.store.making import LEASE, NOW, delivery, digest, outcome


def main(home: str, run: str) -> None:
    storage._FOLD_AT_LEAST, sealing.SEGMENT = 20_000, 50  # new generations and segments come often
    with open_store("tinydb:data", home=Path(home)) as store:
        for number in itertools.count():
            name = f"{run}-{number}"
            store.merge([Paper(title=f"Paper {name} {n}", abstract="x" * 500) for n in range(3)], now=NOW)
            print("merged", name, flush=True)
            cursor = store.cursor("ml")
            record = digest(name, window=((cursor and cursor.position) or 0, store.head()))
            store.open_digest(record, [delivery(record, "ada"), delivery(record, "bob")])
            print("opened", name, flush=True)
            (claimed,) = store.claim(now=NOW, lease=LEASE, limit=1, digests={record.key})
            store.record([outcome(claimed, reason=name)])
            print("sent", name, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
