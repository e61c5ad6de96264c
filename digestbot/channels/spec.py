"""The SPEC of a kind of channel: all that the other rooms know of it. To name kinds, no library is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from digestbot.model.deliveries import Part

if TYPE_CHECKING:
    from digestbot.channels.base import Channel
    from digestbot.channels.settings import ChannelSettings
    from digestbot.model.subscriptions import Destination
    from digestbot.rendering.base import Renderer
    from digestbot.rendering.templating import Templates

_LONGEST_CHAT = 1500  # characters; Discord takes 2000, others more


class Reach(StrEnum):
    """By what a message gets there: the mail server, the URL in DIGESTBOT_TO_<NAME>, or this machine's own files."""

    MAIL = "mail"
    URL = "url"
    FOLDER = "folder"


class Probe(StrEnum):
    """How the doctor asks for a URL's far side, posting nothing: HEAD on the front page of its host, GET on the URL
    itself (which says whether the webhook is still there), or not at all."""

    FRONT_PAGE = "HEAD"
    ITSELF = "GET"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Option:
    """What a ``[[to]]`` says besides its channel: a text that ``pattern`` matches whole; ``hint`` is how to write it.

    With ``several`` a list of such texts is taken too, and kept as one text with commas.
    """

    name: str
    pattern: str = r"(?s).+"
    hint: str | None = None
    required: bool = True
    several: bool = False


DESTINATION = Option("destination", r"[A-Za-z0-9_]+", "write letters, digits and _ only")
"""The name of a URL in ``.env``: of every kind that is reached by one."""


@dataclass(frozen=True, slots=True)
class UrlForm:
    """How the URLs of a kind look: each begins as ``valid`` says, ``hint`` is what to write where one does not, which
    is then none of ``whose``.

    By ``told_by`` the kind is known from a URL alone; no pattern of another kind may match the same.
    """

    valid: str = r"https?://"
    hint: str = "write the webhook's https:// URL"
    whose: str = "the web"
    told_by: str = r"(?!)"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one destination is fed: `interval` between two posts, `depth` deliveries taken up at a time."""

    interval: timedelta = timedelta(0)
    depth: int = 8


@dataclass(frozen=True, slots=True)
class Notice:
    """What went wrong, for people: ``key`` names it for ever, ``sender`` is the From line where it is a mail."""

    subject: str
    text: str
    to: Destination
    sender: str
    key: str

    @property
    def brief(self) -> str:
        """The text, cut where it is longer than chats take."""
        return self.text if len(self.text) <= _LONGEST_CHAT else f"{self.text[:_LONGEST_CHAT]}…"

    @property
    def short(self) -> str:
        """The subject and, on lines below it, the text as it is in chats."""
        return f"{self.subject}\n{self.brief}"


def notice_of(body: object) -> Part:
    """A notice that is posted as JSON."""
    return Part("notice.json", "application/json", json.dumps(body).encode())


def _whole(part: Part) -> tuple[Part, ...]:
    return (part,)


ByName: TypeAlias = "Callable[[str], Renderer]"
"""The renderers by name, for one that writes through others."""


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """One kind of channel: ``title`` is its name for people, ``note`` what tables of channels say of it.

    ``open`` gives its transport, nothing connected yet. ``renderer`` makes what writes its messages, or is the name
    of the format they are written in, where that is another's. ``notice`` writes a notice for it. ``halved`` gives a
    part that the far side found too long as two that hold it all, or alone where it cannot be cut. What these need is
    imported within them.
    """

    kind: str
    title: str
    note: str
    reach: Reach
    options: tuple[Option, ...]
    open: Callable[[ChannelSettings], Channel]
    renderer: Callable[[Templates, ByName], Renderer] | str
    notice: Callable[[Notice], Part]
    halved: Callable[[Part], tuple[Part, ...]] = _whole
    pace: Pace = Pace()
    url: UrlForm = UrlForm()
    probe: Probe = Probe.FRONT_PAGE

    @property
    def form(self) -> str:
        """The name of the format that its messages are written in."""
        return self.renderer if isinstance(self.renderer, str) else self.kind
