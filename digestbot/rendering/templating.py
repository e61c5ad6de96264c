"""Templates in themes: what a theme brings, and where the rest comes from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias

from digestbot.model.errors import Problem, UsageError
from digestbot.rendering.base import TemplateError
from digestbot.rendering.recent_cache import Latest
from digestbot.rendering.size_budget import telling, within

if TYPE_CHECKING:
    from jinja2 import BaseLoader

    from digestbot.rendering.encoded import EncodedParts
    from digestbot.rendering.sandbox import Sandbox
    from digestbot.rendering.view import DigestView

HOUSE_THEME = "default"
_FILES = {"html": "digest.html", "markdown": "digest.md", "text": "digest.txt", "archive": "archive.html"}
_ESCAPED_AS = {"archive": "html"}
_FRAME = f"{HOUSE_THEME}/from_markdown.html"

Read: TypeAlias = "tuple[str, EncodedParts, EncodedParts, EncodedParts | None]"
"""What readers get to see of a mail: its subject, and text, HTML and, where it is attached, the whole text."""


class Templates:
    """The themes a loader can reach: `<theme>/digest.html`, `digest.md`, `digest.txt`, `archive.html`.

    Every value a template writes is escaped for the format of its file, so `{{ entry.title }}` is right in
    all of them. A theme may bring any of them: HTML is made from its Markdown where that is all it has; what
    it lacks otherwise comes from the house's own theme. Templates run in a sandbox, but for those that `shipped`
    gives as well. All stay as they were first read; ``latest`` are the mails last written. Jinja2 is imported
    when the first page is.
    """

    def __init__(self, loader: BaseLoader, shipped: BaseLoader | None = None) -> None:
        self._loader = loader
        self._shipped = shipped
        self._themes: dict[str, set[str]] = {}
        self.latest: Latest[Read] = Latest()

    @cached_property
    def _sandboxes(self) -> dict[str, Sandbox]:
        from digestbot.rendering.sandbox import Sandbox

        return {kind: Sandbox(self._loader, _ESCAPED_AS.get(kind, kind), self._shipped) for kind in _FILES}

    def write(self, kind: str, digest: DigestView, theme: str | None = None) -> str:
        """The digest as html, markdown, text or archive in a theme. Raises TemplateError with template and line."""
        return self._writer(kind, theme)(digest)

    def write_mail(self, digest: DigestView, theme: str | None = None) -> tuple[str, str, str]:
        """Text and HTML of a mail, which show the same papers; and the whole text where they do not show all.

        Raises TemplateError.
        """
        html, shown = within(self._writer("html", theme), digest)
        write_text = self._writer("text", theme)
        return telling(write_text, shown), html, "" if shown is digest else write_text(digest)

    def ours(self, theme: str | None = None) -> bool:
        """Whether the mails of a theme were so far written by shipped templates, and by nothing else.

        Raises TemplateError.
        """
        name = theme or HOUSE_THEME
        has = self._has(name)
        if "html" not in has and "markdown" in has:
            return False
        files = ((kind, f"{name if kind in has else HOUSE_THEME}/{_FILES[kind]}") for kind in ("html", "text"))
        return all(self._sandboxes[kind].ours(file) for kind, file in files)

    def themes(self) -> list[str]:
        """The themes that bring something."""
        found = (each.rpartition("/") for each in self._loader.list_templates())
        return sorted({theme for theme, _, file in found if theme and "/" not in theme and file in _FILES.values()})

    def _has(self, name: str) -> set[str]:
        """What a theme brings. Raises TemplateError where that is nothing."""
        if name in self._themes:
            return self._themes[name]
        has = {each for each in _FILES if self._sandboxes[each].has(f"{name}/{_FILES[each]}")}
        if not has:
            files = " or ".join(_FILES.values())
            hint = f"add {files} to templates/{name}/; there are {', '.join(self.themes())}"
            raise TemplateError(Problem(f"theme {name!r} has no template", way_out=hint))
        self._themes[name] = has
        return has

    def _writer(self, kind: str, theme: str | None) -> Callable[[DigestView], str]:
        """What writes a format in a theme: HTML from its Markdown, where that is all it has."""
        name = theme or HOUSE_THEME
        has = self._has(name)
        if kind == "html" and kind not in has and "markdown" in has:
            return partial(self._page_of_markdown, name)
        return partial(self._sandboxes[kind].render, f"{name if kind in has else HOUSE_THEME}/{_FILES[kind]}")

    def _page_of_markdown(self, theme: str, shown: DigestView) -> str:
        from digestbot.rendering.from_markdown import to_html
        from digestbot.rendering.sandbox import clean_html

        file = f"{theme}/{_FILES['markdown']}"
        written = self._sandboxes["markdown"].render(file, shown)
        try:
            body = clean_html(to_html(written))
        except (ValueError, RecursionError) as error:
            raise TemplateError(Problem(f"no HTML can be made of it: {error}", file)) from error
        return self._sandboxes["html"].render(_FRAME, shown, body=body)

    def check(self, theme: str | None = None) -> None:
        """Write a full and an empty sample digest in each format. Raises TemplateError for the first fault."""
        from digestbot.rendering.sample import samples

        for kind in _FILES:
            for digest in samples():
                self.write(kind, digest, theme)

    def problems(self, themes: Collection[str | None]) -> list[Problem]:
        """What is wrong with the house's theme and these, the first fault of each."""
        found: list[Problem] = []
        for theme in sorted({*themes, None}, key=str):
            try:
                self.check(theme)
            except UsageError as error:
                found += error.problems
        return found
