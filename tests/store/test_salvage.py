"""FAULTS A10: a damaged store made whole again by `digestbot restore`: nothing lost that can be read, nothing twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from digestbot.cli.main import main
from digestbot.model.causes import Cause
from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import StoreError
from digestbot.model.papers import Paper
from digestbot.store import open_store
from digestbot.store.tinydb import journal as journal_module
from digestbot.store.tinydb import storage as storage_module
from digestbot.store.tinydb.journal import blank
from tests.delivery.kit import NOW, configure, fill, papers, subscribe

FILES = ("ledger.json", "ledger.journal", "papers.json", "papers.journal")
DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "cut off": lambda whole: whole[: len(whole.rstrip(b"\0")) * 2 // 3],
    "empty": lambda whole: b"",
    "NUL": lambda whole: bytes(len(whole)),
    "BOM": lambda whole: b"\xef\xbb\xbf" + whole,
    "missing": lambda whole: None,
}


def command(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *arguments])
    return int(ended.value.code or 0)


def damage(path: Path, kind: str) -> None:
    left = DAMAGES[kind](path.read_bytes())
    path.unlink()
    if left is not None:
        path.write_bytes(left)


def prepared(home: Path) -> list[Path]:
    """A store from which one digest was sent; the files it was sent as, which are taken away."""
    configure(home)
    subscribe(home, "all", '[[to]]\nchannel = "file"\npath = "out"\n')
    fill(home)
    assert command(home, "send") == 0
    sent = sorted((home / "out").rglob("*.md"))
    for path in sent:
        path.unlink()
    assert len(sent) == 1
    return sent


def said(home: Path) -> dict[str, object]:
    with open_store("tinydb:data", home=home, read_only=True) as store:
        return {
            "papers": [each.paper.title for each in store.window(0, store.head())],
            "digests": store.digests(),
            "deliveries": store.deliveries(),
            "standing": store.cursor("all"),
        }


@pytest.mark.parametrize("generations", [1, 3])
@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_after_a_restore_the_store_opens_and_nothing_is_sent_again_by_itself(
    tmp_path: Path, name: str, kind: str, generations: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(storage_module, "_FOLD_AT_LEAST", 0)
        for number in range(generations - 1):
            with open_store("tinydb:data", home=tmp_path) as store:
                store.merge([Paper(title=f"In between {number} " + "x" * 20_000)], now=NOW)
                store.register([f"{number}" * 20_000], now=NOW)
    before = said(tmp_path)
    path = tmp_path / "data" / name
    damage(path, kind)
    with pytest.raises(StoreError, match=r"digestbot restore"):
        open_store("tinydb:data", home=tmp_path)
    assert command(tmp_path, "restore") == 0
    after = said(tmp_path)
    if name.endswith(".json"):
        assert after == before, "the journals have it all"
    command(tmp_path, "send")
    if name.startswith("ledger"):
        assert not list((tmp_path / "out").rglob("*.md")) or generations > 1
    (aside,) = (tmp_path / "data").glob("damaged-*")
    assert (aside / name).exists() == (kind != "missing")
    # And it goes on as ever.
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge(papers(1, first=900), now=NOW)
    assert "paper number 900" in "".join(map(str, said(tmp_path)["papers"]))  # type: ignore[call-overload]


def test_what_may_have_been_sent_is_held_and_leaves_when_a_human_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The journal's end is gone, and with it that the digest was sent."""
    (sent,) = prepared(tmp_path)
    journal = tmp_path / "data" / "ledger.journal"
    lines = journal.read_bytes().rstrip(b"\0").split(b"\n")
    journal.write_bytes(b"\n".join(lines[:3]) + b"\n")  # its end and head, and that the subscription is known
    assert command(tmp_path, "restore") == 0
    captured = capsys.readouterr()
    assert "may have been sent since is held for you to decide" in captured.err
    assert "1 deliveries are held" in captured.out
    assert command(tmp_path, "send") == 0
    assert not sent.exists()
    with open_store("tinydb:data", home=tmp_path, read_only=True) as store:
        (held,) = store.deliveries()
    assert (held.state, held.cause) == (DeliveryState.HELD, Cause.RESTORED)
    assert command(tmp_path, "outbox", "retry", held.id[:8]) == 0
    assert command(tmp_path, "send") == 0
    assert sent.exists()


def test_new_papers_never_take_places_that_subscriptions_have_passed(tmp_path: Path) -> None:
    """The end of the paper log is gone, cut off by hand: refused, for what comes next would be sent to nobody."""
    prepared(tmp_path)
    journal = tmp_path / "data" / "papers.journal"
    journal.write_bytes(blank(journal_module.read(journal, "papers").header))
    with pytest.raises(StoreError, match=r"papers\.json: lacks the last papers: 0 .* knows of 3 .*digestbot restore"):
        open_store("tinydb:data", home=tmp_path)
    assert command(tmp_path, "restore") == 0
    with open_store("tinydb:data", home=tmp_path) as store:
        store.merge(papers(2, first=7), now=NOW)
    assert command(tmp_path, "send") == 0
    assert "number 7" in "".join(path.read_text() for path in (tmp_path / "out").rglob("*.md"))


def test_a_whole_store_and_a_newer_one_are_left_alone(tmp_path: Path) -> None:
    prepared(tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "data").glob("*.j*")}
    assert command(tmp_path, "restore") == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "data").glob("*.j*")} == before
    ledger = tmp_path / "data" / "ledger.json"
    ledger.write_bytes(ledger.read_bytes().replace(b'"schema":4', b'"schema":9'))
    newer = ledger.read_bytes()
    assert command(tmp_path, "restore") == 1
    assert ledger.read_bytes() == newer


@pytest.mark.parametrize("left", range(2, 8))
def test_records_zeroed_at_the_end_are_told_and_nothing_is_sent_again(tmp_path: Path, left: int) -> None:
    """FAULTS 85, on the borders of records, where what is left reads as whole: `left` lines of the journal."""
    (sent,) = prepared(tmp_path)
    journal = tmp_path / "data" / "ledger.journal"
    data = journal.read_bytes()
    lines = data.rstrip(b"\0").splitlines(keepends=True)
    if left >= len(lines):
        pytest.skip("the journal has no so many lines")
    journal.write_bytes(b"".join(lines[:left]).ljust(len(data), b"\0"))
    assert command(tmp_path, "send") == 1
    assert not sent.exists()
    assert command(tmp_path, "restore") == 0
    assert command(tmp_path, "send") == 0
    assert not sent.exists(), "what may have been sent is held, also where the ledger no longer knows the subscription"


def test_a_store_of_which_nothing_can_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepared(tmp_path)
    for name in ("ledger.json", "ledger.journal"):
        damage(tmp_path / "data" / name, "empty")
    assert command(tmp_path, "restore") == 1
    assert "put the whole folder back from a backup" in capsys.readouterr().err
    assert (tmp_path / "data" / "ledger.json").read_bytes() == b""


def test_gone_at_any_step_of_a_restore_it_is_refused_or_whole_and_may_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(tmp_path)
    before = said(tmp_path)
    damage(tmp_path / "data" / "ledger.json", "NUL")
    shutil.copytree(tmp_path / "data", tmp_path / "damaged")
    real = os.replace
    for step in range(99):
        shutil.rmtree(tmp_path / "data")
        shutil.copytree(tmp_path / "damaged", tmp_path / "data")
        left = step

        def replace(old: Path, new: Path) -> None:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            real(old, new)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", replace)
            code = command(tmp_path, "restore")
        if code == 0:
            break
        try:
            assert said(tmp_path) == before
        except StoreError:
            assert command(tmp_path, "restore") == 0
        assert said(tmp_path) == before
    assert step > 5
