"""A folder of files, below the working directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digestbot.channels.file.formats import EXTENSIONS
from digestbot.channels.spec import ByName, ChannelSpec, Notice, Option, Reach
from digestbot.model.deliveries import Part

if TYPE_CHECKING:
    from digestbot.channels.base import Channel
    from digestbot.channels.settings import ChannelSettings
    from digestbot.rendering.base import Renderer
    from digestbot.rendering.templating import Templates


def _open(settings: ChannelSettings) -> Channel:
    from digestbot.channels.file.transport import FileChannel

    return FileChannel(settings)


def _renderer(templates: Templates, by_name: ByName) -> Renderer:
    from digestbot.channels.file.renderer import FileRenderer

    return FileRenderer(by_name)


def _notice(notice: Notice) -> Part:
    return Part(f"notice-{notice.key[:8]}.txt", "text/plain", f"{notice.subject}\n\n{notice.text}\n".encode())


SPEC = ChannelSpec(
    kind="file",
    title="folder of files",
    note="a folder of HTML, Markdown, text, `.eml`, JSON, an Atom feed, an archive page, BibTeX or RIS",
    reach=Reach.FOLDER,
    options=(
        Option("path"),
        Option("formats", "|".join(EXTENSIONS), f"a list of {', '.join(EXTENSIONS)}", required=False, several=True),
    ),
    open=_open,
    renderer=_renderer,
    notice=_notice,
)
