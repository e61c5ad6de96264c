"""Signed return addresses: known as ours, short enough, and of nobody else's making."""

from __future__ import annotations

from digestbot.model.secret import Secret
from digestbot.platform.links.returns import Returns

ID = "0123456789abcdef" * 2
OURS = Returns([Secret("one")], "bounce@example.org")


def test_what_was_signed_is_read_back_out_of_whatever_stands_around_it() -> None:
    address = OURS.address(ID)
    assert address is not None
    assert len(address.partition("@")[0]) <= 64
    assert OURS.read([f"Ada <{address.upper()}>"]) == ID
    assert OURS.read(["nothing", f"x; {OURS.sign(ID)}, y"]) == ID


def test_what_is_not_ours_is_not_read() -> None:
    signed = OURS.sign(ID) or ""
    forged = [
        signed[:-1] + "0",
        signed[:-1] + "1",
        "f" + signed[1:],
        ID,
        f"{ID}-",
        signed[:-1],
        signed + "0",
        f"9{signed}",
    ]
    assert [each for each in forged if each != signed and OURS.read([each])] == []
    assert Returns([Secret("two")]).read([signed]) is None
    assert Returns([]).read([signed]) is None


def test_an_older_key_goes_on_being_known() -> None:
    newer = Returns([Secret("two"), Secret("one")])
    assert newer.read([OURS.sign(ID) or ""]) == ID
    assert newer.sign(ID) != OURS.sign(ID)


def test_nothing_is_signed_without_a_secret_or_for_what_is_no_delivery() -> None:
    assert Returns([], "bounce@example.org").address(ID) is None
    assert Returns([Secret("one")]).address(ID) is None
    assert OURS.sign("test") is None
