"""A digest without papers, where one is wished for: a note that there is nothing, or the whole frame around it."""

from __future__ import annotations

import json
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from digestbot.channels.renderers import RENDERERS, write
from digestbot.model.digests import Counts
from digestbot.model.subscriptions import Destination
from tests.rendering.making import ENVELOPE, TREND, digest, templates

HOUSE = templates()
NOTHING = "None of the 249 new papers matched this time."
FRAME = "249 new papers read"


def shown(renderer: str, *, brief: bool, theme: str | None = None) -> str:
    """What people see of it, with its lines joined."""
    empty = digest(counts=Counts(read=249), trend=TREND)
    record = replace(empty.record, brief=brief)
    to = Destination("email", {"address": "ada@example.org"}, theme)
    envelope = replace(ENVELOPE, unsubscribe_url="https://digest.example.org/leave/1")
    part = write(renderer, replace(empty, record=record), to, envelope, templates=HOUSE).parts[0]
    if part.content_type == "message/rfc822":
        mail = message_from_bytes(part.body, policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        return " ".join(str(body.get_content()).split())
    text = part.body.decode()
    if part.content_type.startswith("application/json"):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return " ".join(text.replace("\\", "").split())


THEMED = [(name, theme) for name in ("html", "text", "email", "archive") for theme in ("compact", "magazine")]
PUSHES = ("ntfy",)
FOR_PEOPLE = [name for name in RENDERERS if name not in ("json", "feed", "bibtex", "ris", *PUSHES)]


@pytest.mark.parametrize(("renderer", "theme"), [*((name, None) for name in FOR_PEOPLE), *THEMED])
def test_a_note_says_that_there_is_nothing_and_always_shows_the_whole_frame(renderer: str, theme: str | None) -> None:
    note, whole = (shown(renderer, brief=brief, theme=theme) for brief in (True, False))
    for text in (note, whole):
        assert NOTHING in text
        assert "You receive this as" in text, "how to change or stop it is always said"
    assert FRAME in whole
    assert FRAME not in note
    assert len(note) < len(whole)


@pytest.mark.parametrize("renderer", PUSHES)
def test_a_push_has_no_frame_but_the_counts(renderer: str) -> None:
    note, whole = (shown(renderer, brief=brief) for brief in (True, False))
    assert NOTHING in note
    assert NOTHING in whole
    assert (FRAME in note, FRAME in whole) == (False, True)
