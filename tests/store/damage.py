"""Data folders damaged: ``python -m tests.store.damage [--rounds 5000]``.

Any byte of any file of a data folder changed, at random: what is read then is as before, or refused by the file's name,
and no command ends in a traceback. Ends with 1 where something is silent, or raises.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from unittest import mock

from digestbot.cli.main import main as digestbot
from digestbot.delivery.mail_queue import MailQueue
from digestbot.ingest.sources.polling import SourceRecord
from digestbot.ingest.sources.records import load_records, save_records
from digestbot.model.errors import DigestbotError
from digestbot.model.papers import Paper
from digestbot.platform.files.sealed import sealed, unsealed
from digestbot.store import open_store
from digestbot.store.tinydb import sealing
from digestbot.store.tinydb import storage as storage_module
from tests.delivery.kit import NOW, configure, fill, subscribe

Mutation = Callable[[bytes, int, int, random.Random], bytes]
MUTATIONS: dict[str, Mutation] = {
    "a bit flipped": lambda data, at, to, chance: (
        data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    ),
    "zeroed": lambda data, at, to, chance: data[:at] + bytes(to - at) + data[to:],
    "zeroed to the end": lambda data, at, to, chance: data[:at] + bytes(len(data) - at),
    "cut out": lambda data, at, to, chance: data[:at] + data[to:],
    "cut off": lambda data, at, to, chance: data[:at],
    "doubled": lambda data, at, to, chance: data[:to] + data[at:],
    "noise": lambda data, at, to, chance: data[:at] + chance.randbytes(to - at) + data[to:],
}
COMMANDS = (["status"], ["check"], ["doctor"], ["outbox", "list"], ["restore"])
_EACH = 8  # of so many changes, one is tried with the commands too


def command(home: Path, *arguments: str) -> int:
    """How a command ends; whatever else it raises is a fault."""
    try:
        digestbot(["--home", str(home), *arguments])
    except SystemExit as ended:
        return int(ended.code or 0)
    raise AssertionError("a command ends with its code")


def prepared(home: Path) -> None:
    """A working directory from which digests were sent: papers in segments and open, two generations of the files that
    change, and what is remembered.
    """
    configure(home)
    subscribe(home, "all", '[[to]]\nchannel = "file"\npath = "out"\n')
    with mock.patch.object(sealing, "SEGMENT", 2):
        fill(home)
    with mock.patch.object(storage_module, "_FOLD_AT_LEAST", 0), open_store("tinydb:data", home=home) as store:
        store.merge([Paper(title="In between " + "x" * 20_000)], now=NOW)
        store.register(["y" * 20_000], now=NOW)
    assert command(home, "send") == 0
    data = home / "data"
    save_records(data / "sources.json", {"lab": SourceRecord("https://lab.example.org", {"etag": "a"}, read_at=NOW)})
    (data / "notices.json").write_bytes(sealed({"told": [["gone lab", "email ada@example.org", NOW.isoformat()]]}))
    (data / "bounces.json").write_bytes(sealed({"place": "a", "values": {"uid": "7"}}))
    MailQueue(data / "letters").put("confirm", "ada@example.org", NOW, link="https://x.example.org")


def damageable(home: Path) -> list[Path]:
    """All files of the data folder that are read again."""
    data = home / "data"
    found = [*data.glob("*.j*"), *data.glob("*.segment"), *data.glob("*.index"), *data.glob("letters/*.letter")]
    return sorted(found)


def mutated(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """The file with one change among its written bytes."""
    written = len(data.rstrip(b"\0"))
    at = chance.choice([chance.randrange(written), chance.randrange(min(written, 300))])
    kind = chance.choice(list(MUTATIONS))
    return kind, MUTATIONS[kind](data, at, min(written, at + chance.randint(1, 200)), chance)


def drawn(home: Path, rounds: int) -> Iterator[tuple[int, Path, str, bytes]]:
    """Every file with changes drawn at random."""
    chance, files = random.Random(20261130), damageable(home)
    for number in range(rounds):
        path = files[number % len(files)]
        kind, data = mutated(path.read_bytes(), chance)
        yield number, path, kind, data


def stored(home: Path) -> tuple[object, ...]:
    """What the store says. Raises StoreError."""
    with open_store("tinydb:data", home=home, read_only=True) as store:
        papers = [each.paper for each in store.window(0, store.head())]
        return (
            papers,
            [store.find(each.title) for each in papers],
            store.digests(),
            store.deliveries(),
            store.cursor("all"),
        )


def said(home: Path, path: Path) -> object:
    """What is read where this file counts. Raises DigestbotError or ValueError with its name."""
    if path.name == "sources.json":
        return load_records(path)
    if path.suffix == ".letter":
        queue = MailQueue(path.parent)
        if damaged := queue.damaged():
            raise DigestbotError(*damaged)
        return queue.all()
    if path.name in ("notices.json", "bounces.json"):
        try:
            return unsealed(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error  # the log and the doctor name it
    return stored(home)


def judged(home: Path, path: Path, data: bytes, whole: object) -> str:
    """How a file is taken that holds this: refused, harmless or silent; it is then as before."""
    kept = path.read_bytes()
    path.write_bytes(data)
    try:
        return "harmless" if said(home, path) == whole else "silent"
    except (DigestbotError, ValueError) as error:
        return "refused" if path.name.removesuffix(".1") in str(error) else "silent"
    finally:
        path.write_bytes(kept)


def carried_out(home: Path, case: Path, path: Path, data: bytes) -> str:
    """What goes wrong where commands meet this file, empty where nothing does."""
    shutil.copytree(home, case)
    (case / path.relative_to(home)).write_bytes(data)
    for words in COMMANDS:
        if command(case, *words) not in (0, 1, 2):
            return f"{words} ended otherwise"
    if command(case, "send") not in (0, 1):
        return "send ended otherwise"
    # of lost papers it is told that they are sent again
    return "it was sent again" if not path.name.startswith("papers") and (case / "out").exists() else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Try it, and say what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5_000)
    rounds = parser.parse_args(arguments).rounds
    counts, wrong = Counter[str](), list[str]()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as hidden:
        home = Path(folder) / "home"
        home.mkdir()
        with contextlib.redirect_stderr(hidden):
            prepared(home)
            shutil.rmtree(home / "out")
            whole = {path: said(home, path) for path in damageable(home)}
            for number, path, kind, data in drawn(home, rounds):
                how = judged(home, path, data, whole[path])
                counts[how] += 1
                story = f"{number}: {path.name} {kind}"
                wrong += [f"{story}: silent"] if how == "silent" else []
                if number % _EACH == 0:
                    what = carried_out(home, Path(folder) / "case", path, data)
                    wrong += [f"{story}: {what}"] if what else []
                    shutil.rmtree(Path(folder) / "case")
                    counts["with commands"] += 1
                hidden.truncate(0)
    print(f"{rounds} changes of {len(whole)} files: {dict(counts)}; wrong: {len(wrong)}", *wrong, sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
