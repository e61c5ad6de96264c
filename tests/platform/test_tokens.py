"""Tokens: for one purpose, until a time, under keys that change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.model.secret import Secret
from digestbot.platform.links import Links, Purpose, Tokens, fingerprint

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TOKENS = Tokens([Secret("the first secret")])


@given(st.sampled_from(Purpose), st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]))))
def test_the_words_come_back_for_their_purpose_alone(purpose: Purpose, words: list[str]) -> None:
    token = TOKENS.sign(purpose, *words, until=NOW)
    assert token == TOKENS.sign(purpose, *words, until=NOW)
    if len(token) <= 1000:
        assert TOKENS.read(purpose, token, NOW) == tuple(words)
    assert all(TOKENS.read(each, token, NOW) is None for each in Purpose if each is not purpose)
    assert TOKENS.read(purpose, token, NOW + timedelta(seconds=1)) is None


@given(st.text())
def test_no_text_is_a_token(text: str) -> None:
    assert TOKENS.read(Purpose.LEAVE, text, NOW) is None


@given(st.data())
def test_no_altered_token_passes(data: st.DataObject) -> None:
    token = TOKENS.sign(Purpose.LEAVE, "lab", "mark")
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda char: char != token[at]))
    assert TOKENS.read(Purpose.LEAVE, token[:at] + other + token[at + 1 :], NOW) is None


def test_the_first_key_signs_and_all_are_taken() -> None:
    new, old = Secret("a new secret"), Secret("an old secret")
    both = Tokens([new, old])
    assert both.sign(Purpose.LEAVE, "a") == Tokens([new]).sign(Purpose.LEAVE, "a")
    assert both.read(Purpose.LEAVE, Tokens([old]).sign(Purpose.LEAVE, "a"), NOW) == ("a",)
    assert Tokens([new]).read(Purpose.LEAVE, Tokens([old]).sign(Purpose.LEAVE, "a"), NOW) is None


def test_nothing_is_signed_without_a_secret() -> None:
    with pytest.raises(ValueError, match="secret"):
        Tokens([])


def test_addresses_in_mails_stay_short_and_hide_the_reader() -> None:
    links = Links("https://digest.example.org/papers/", TOKENS)
    leave = links.leave("a-subscription-with-a-long-name", "ada@example.org")
    assert leave.startswith("https://digest.example.org/papers/leave/")
    assert len(leave) < 200
    assert "ada" not in leave
    assert fingerprint("ada@example.org") == fingerprint(" ADA@example.org")
