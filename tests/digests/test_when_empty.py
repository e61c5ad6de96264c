"""What becomes of an empty digest, by what its subscription wishes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.delivery.kit import Clock, configure, open_app, planned, subscribe

TO_FILE = '[[to]]\nchannel = "file"\npath = "out"\n'


@pytest.mark.parametrize(
    ("when_empty", "leaves", "brief"), [("skip", 0, False), ("note", 1, True), ("always", 1, False)]
)
def test_an_empty_digest_is_skipped_noted_or_sent_as_a_whole(
    tmp_path: Path, when_empty: str, leaves: int, brief: bool
) -> None:
    configure(tmp_path)
    subscribe(tmp_path, "all", TO_FILE, query="'nothing of the kind'", when_empty=f"'{when_empty}'")
    with open_app(tmp_path, Clock()) as app:
        planned(app)
        (record,) = app.store.digests()
        assert (record.counts.read, record.entries, record.brief) == (3, (), brief)
        assert len(app.store.deliveries()) == leaves


@pytest.mark.parametrize("when_empty", ["skip", "note", "always"])
def test_one_with_papers_is_a_whole_digest_whatever_is_wished_for_empty_ones(tmp_path: Path, when_empty: str) -> None:
    configure(tmp_path)
    subscribe(tmp_path, "all", TO_FILE, when_empty=f"'{when_empty}'")
    with open_app(tmp_path, Clock()) as app:
        planned(app)
        (record,) = app.store.digests()
        assert (len(record.entries), record.brief) == (3, False)
        assert len(app.store.deliveries()) == 1
