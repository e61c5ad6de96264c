"""FAULTS 85: any byte of any file of a data folder changed: refused by name, or harmless; never a traceback."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digestbot.cli.main import main
from digestbot.model.errors import StoreError
from digestbot.model.papers import Paper
from digestbot.store import open_store
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
ROUNDS = 400


def command(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory from which digests were sent, with two generations of both files."""
    configure(tmp_path)
    subscribe(tmp_path, "all", '[[to]]\nchannel = "file"\npath = "out"\n')
    (tmp_path / "subscriptions" / "topics.toml").write_text(
        '[speech]\nkeywords = ["speech"]\n'
    )  # few, as `check` reads all
    fill(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(storage_module, "_FOLD_AT_LEAST", 0)
        with open_store("tinydb:data", home=tmp_path) as store:
            store.merge([Paper(title="In between " + "x" * 20_000)], now=NOW)
            store.register(["y" * 20_000], now=NOW)
    assert command(tmp_path, "send") == 0
    return tmp_path


def mutated(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """The file with one change among its written bytes."""
    written = len(data.rstrip(b"\0"))
    at = chance.choice([chance.randrange(written), chance.randrange(min(written, 300))])
    kind = chance.choice(list(MUTATIONS))
    return kind, MUTATIONS[kind](data, at, min(written, at + chance.randint(1, 200)), chance)


def stored(home: Path) -> tuple[object, ...]:
    with open_store("tinydb:data", home=home, read_only=True) as store:
        titles = [each.paper for each in store.window(0, store.head())]
        return titles, store.digests(), store.deliveries(), store.cursor("all")


def drawn(folder: Path) -> Iterator[tuple[int, Path, str, bytes]]:
    """Every file of the store with changes drawn at random."""
    chance = random.Random(20261130)
    files = sorted(folder.glob("*.json*")) + sorted(folder.glob("*.journal*"))
    assert len(files) == 8
    for number in range(ROUNDS):
        path = files[number % len(files)]
        kind, data = mutated(path.read_bytes(), chance)
        yield number, path, kind, data


def test_any_change_of_any_file_is_refused_by_name_or_harmless(home: Path) -> None:
    whole = stored(home)
    refused = 0
    for number, path, kind, data in drawn(home / "data"):
        kept = path.read_bytes()
        path.write_bytes(data)
        try:
            found, why = stored(home), None
        except StoreError as error:
            found, why = None, str(error)
        refused += why is not None
        assert found == whole or path.name.removesuffix(".1") in (why or ""), f"{number}: {path.name} {kind}: {why}"
        path.write_bytes(kept)
    assert refused > ROUNDS // 4


def test_commands_end_in_words_and_a_restore_sends_nothing_again(
    home: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that ended in anything but its exit would raise here."""
    shutil.rmtree(home / "out")
    for number, path, kind, data in drawn(home / "data"):
        if number % 8 or data == path.read_bytes():
            continue
        case = tmp_path_factory.mktemp("case") / "home"
        shutil.copytree(home, case)
        (case / "data" / path.name).write_bytes(data)
        story = f"{number}: {path.name} {kind}"
        for words in (["status"], ["check"], ["outbox", "list"], ["restore"]):
            assert command(case, *words) in (0, 1, 2), story
        sends = command(case, "send")
        assert sends in (0, 1), story
        if not path.name.startswith("papers"):  # of lost papers it is told that they are sent again
            assert not (case / "out").exists(), story
        shutil.rmtree(case.parent)
    capsys.readouterr()
