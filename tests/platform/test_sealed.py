"""JSON files with a checksum, by values: what is read is what was written, or it is refused."""

from __future__ import annotations

import json

import pytest

from digestbot.platform.files.sealed import sealed, unsealed

SAID = {"place": "Ä 模", "values": {"uid": 7, "none": None, "list": [1.5, "x"]}}


def test_what_was_written_is_read_and_is_json_for_others_too() -> None:
    assert unsealed(sealed(SAID)) == SAID
    assert json.loads(sealed(SAID)).keys() == {*SAID, "checksum"}


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", json.dumps(SAID).encode(), b"\xff"])
def test_what_has_no_checksum_is_refused_unless_it_is_older(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of any kind
        unsealed(data)
    assert unsealed(json.dumps(SAID).encode(), lambda said: said.keys() == SAID.keys()) == SAID


def test_any_bit_that_changes_what_it_says_is_refused() -> None:
    data = sealed(SAID)
    for at in range(len(data)):
        for bit in range(8):
            changed = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            try:
                assert unsealed(changed) == SAID
            except ValueError:
                continue
