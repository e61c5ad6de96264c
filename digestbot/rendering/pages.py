"""The renderers that are pages: HTML, Markdown, plain text and the archive's page, from a theme's templates."""

from __future__ import annotations

from digestbot.model.deliveries import Message, Part
from digestbot.model.digests import Digest
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.subject import subject
from digestbot.rendering.templating import Templates
from digestbot.rendering.view import view

EXTENSIONS = {"html": "html", "markdown": "md", "text": "txt", "archive": "archive.html"}
_TYPES = {"html": "text/html", "markdown": "text/markdown", "text": "text/plain", "archive": "text/html"}


class PageRenderer:
    """A digest as one page. ``name`` is html, markdown, text or archive (HTML that needs nothing else, the
    chart as a drawing). The page is UTF-8 with LF line ends."""

    def __init__(self, name: str, templates: Templates) -> None:
        self.name = name
        self._templates = templates

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part: ``digest.html``, ``.md``, ``.txt`` or ``.archive.html``. Raises TemplateError."""
        shown = view(digest, envelope)
        if self.name == "html" and to.channel == "email":  # as the mail has it, within its bounds
            _, page, _ = self._templates.write_mail(shown, to.theme)
        else:
            page = self._templates.write(self.name, shown, to.theme)
        part = Part(f"digest.{EXTENSIONS[self.name]}", f"{_TYPES[self.name]}; charset=utf-8", page.encode())
        return Message((part,), subject(shown))
