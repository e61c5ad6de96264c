"""Templates in themes: what a theme brings, and where the rest comes from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from digestbot.core.errors import Problem
from digestbot.rendering.base import TemplateError
from digestbot.rendering.budget import within

if TYPE_CHECKING:
    from jinja2 import BaseLoader

    from digestbot.rendering.sandbox import Sandbox
    from digestbot.rendering.view import DigestView

HOUSE_THEME = "default"
_FILES = {"html": "digest.html", "markdown": "digest.md", "text": "digest.txt", "archive": "archive.html"}
_ESCAPED_AS = {"archive": "html"}
_FRAME = f"{HOUSE_THEME}/from_markdown.html"


class Templates:
    """The themes a loader can reach: `<theme>/digest.html`, `digest.md`, `digest.txt`, `archive.html`.

    Every value a template writes is escaped for the format of its file, so `{{ entry.title }}` is right in
    all of them. A theme may bring any of them: HTML is made from its Markdown where that is all it has; what
    it lacks otherwise comes from the house's own theme. Jinja2 is imported when the first page is written.
    """

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    @cached_property
    def _sandboxes(self) -> dict[str, Sandbox]:
        from digestbot.rendering.sandbox import Sandbox

        return {kind: Sandbox(self._loader, _ESCAPED_AS.get(kind, kind)) for kind in _FILES}

    def write(self, kind: str, digest: DigestView, theme: str | None = None) -> str:
        """The digest as html, markdown, text or archive in a theme. Raises TemplateError with template and line."""
        name = theme or HOUSE_THEME
        has = {each for each in _FILES if self._sandboxes[each].has(f"{name}/{_FILES[each]}")}
        if not has:
            files = " or ".join(_FILES.values())
            raise TemplateError(Problem(f"theme {name!r} has no template", way_out=f"add {files} to templates/{name}/"))
        if kind == "html" and kind not in has and "markdown" in has:
            from digestbot.rendering.from_markdown import to_html
            from digestbot.rendering.sandbox import clean_html

            def page(cut: DigestView) -> str:
                written = self._render("markdown", name, cut)
                try:
                    body = clean_html(to_html(written))
                except (ValueError, RecursionError) as error:
                    problem = Problem(f"no HTML can be made of it: {error}", f"{name}/{_FILES['markdown']}")
                    raise TemplateError(problem) from error
                return self._sandboxes["html"].render(_FRAME, digest=cut, body=body)

            return within(page, digest)
        of = name if kind in has else HOUSE_THEME
        if kind == "html":
            return within(lambda cut: self._render(kind, of, cut), digest)
        return self._render(kind, of, digest)

    def check(self, theme: str | None = None) -> None:
        """Write a full and an empty sample digest in each format. Raises TemplateError for the first fault."""
        from digestbot.rendering.sample import samples

        for kind in _FILES:
            for digest in samples():
                self.write(kind, digest, theme)

    def _render(self, kind: str, theme: str, digest: DigestView) -> str:
        return self._sandboxes[kind].render(f"{theme}/{_FILES[kind]}", digest=digest)
