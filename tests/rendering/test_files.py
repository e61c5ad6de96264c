"""The file renderer: formats as asked for, names that are never shared and safe on every file system."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.channels.file.renderer import file_stem
from digestbot.channels.registry import CHANNELS
from digestbot.channels.renderers import renderer, renderer_for, write
from digestbot.model.digests import Slot
from digestbot.model.errors import UsageError
from digestbot.model.subscriptions import Destination
from tests.rendering.making import DUE, ENVELOPE, FILE, MAIL, eleven, templates
from tests.rendering.test_bounds import long_digest

labels = st.text(max_size=12) | st.sampled_from(
    ("2025-03-05T08:00", "2025-03-05T0800", "2025-03-05", "0800", "hand 1", "to 33", "2025-03-05to 33", "..")
)


def slot(label: str) -> Slot:
    return Slot(label, date(2025, 3, 5), DUE)


def test_each_format_is_the_bytes_of_its_own_face() -> None:
    parts = write("file", eleven(), FILE, ENVELOPE, templates=templates()).parts
    names = [f"multilingual/2025-03-05-0800.{end}" for end in ("html", "md", "txt", "eml", "json")]
    assert [part.name for part in parts] == names
    for part, name in zip(parts, ("html", "markdown", "text"), strict=False):
        assert part.body == write(name, eleven(), MAIL, ENVELOPE, templates=templates()).parts[0].body


def test_html_and_markdown_are_written_when_no_format_is_named() -> None:
    parts = write("file", eleven(), Destination("file", {"path": "out"}), ENVELOPE, templates=templates()).parts
    assert [part.name.rpartition(".")[2] for part in parts] == ["html", "md"]


@pytest.mark.parametrize("formats", ["html,pdf", "", " , "])
def test_an_unknown_format_names_those_there_are(formats: str) -> None:
    to = Destination("file", {"path": "out", "formats": formats})
    with pytest.raises(UsageError, match="html, markdown, text, email, json"):
        write("file", eleven(), to, ENVELOPE, templates=templates())


@given(st.text(max_size=80), labels, st.text(max_size=80), labels)
def test_no_two_slots_share_a_name_and_every_name_is_safe(one: str, first: str, other: str, second: str) -> None:
    stems = [file_stem(one, slot(first)), file_stem(other, slot(second))]
    assert (stems[0] == stems[1]) == ((one, first) == (other, second))
    for stem in stems:
        folder, _, name = stem.partition("/")
        for part in (folder, name):
            assert re.fullmatch(r"[\w.-]+", part)
            assert not part.startswith(".")
            assert len(part.encode()) < 240


@pytest.mark.parametrize("name", ["con", "COM1", "nul.x", "..", ".hidden", "a/b", "a\\b", "", "x" * 300])
def test_a_subscription_with_an_awkward_name_gets_a_folder_of_its_own(name: str) -> None:
    folder = file_stem(name, slot("2025-03-05T08:00")).partition("/")[0]
    assert folder != name
    assert re.fullmatch(r"[a-zA-Z][\w.-]*", folder)


def test_every_channel_has_its_face() -> None:
    for channel, spec in CHANNELS.items():
        assert renderer_for(channel) == spec.form
        assert renderer(spec.form, templates()).name == spec.form
        assert spec.form == channel or isinstance(spec.renderer, str)


def test_an_unknown_face_names_those_there_are() -> None:
    with pytest.raises(
        UsageError, match=r"html, text, markdown, archive, json, feed, bibtex, ris, email, slack, discord, .*, file"
    ):
        renderer("fax", templates())


def test_the_slot_of_another_hour_gets_another_file() -> None:
    assert file_stem("a", slot("2025-03-05T08:00")) == "a/2025-03-05-0800"
    assert file_stem("a", slot("2025-03-05T20:00")) == "a/2025-03-05-2000"
    assert file_stem("a", slot("2025-03-05-to-33")) == "a/2025-03-05"


def test_a_file_has_no_bounds_of_a_mail() -> None:
    to = Destination("file", {"path": "out", "formats": "html"})
    (part,) = write("file", long_digest(400, 3000, 3), to, ENVELOPE, templates=templates()).parts
    assert len(part.body) > 100_000
    assert all(f'href="https://ok.example/{n}"'.encode() in part.body for n in range(400))
