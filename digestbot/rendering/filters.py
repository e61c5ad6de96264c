"""What all templates share: how values are escaped for a format, and the filters of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from digestbot.rendering import escape
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.text import Passage
from digestbot.rendering.text_columns import wrap

_WRITERS: dict[str, Callable[[escape.Text], str]] = {
    "html": escape.html,
    "markdown": escape.markdown,
    "text": str,
}


# With autoescape on, and values escaped as they are written, what a filter or macro has escaped is left as it is.
# Templates stay as they were first read, so that no fragment kept can be out of date.
SETTINGS: Mapping[str, Any] = MappingProxyType({
    "autoescape": True,
    "auto_reload": False,
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
})  # fmt: skip


def own(environment: Environment) -> dict[str, Callable[..., Any]]:
    """The filters that Jinja2 does not bring, by name."""
    return {"wrap": wrap, "marked": marked, "fragment": _fragments(environment)}


def writer(kind: str) -> Callable[[object], str]:
    """What writes a value in a format: escaped, unless it is already."""
    escaped = _WRITERS[kind]
    plain: Callable[[str], str] = escape.html_text if kind == "html" else escaped

    def written(value: object) -> str:
        known = type(value)  # asked for first: nearly all values are of these
        if known is str:
            return plain(value)  # type: ignore[arg-type]  # it is one
        if known is Passage:
            return escaped(value)  # type: ignore[arg-type]  # as above
        if known is int:
            return str(value)
        if isinstance(value, Markup):
            return value
        return escaped(value if isinstance(value, Passage) else str(value))

    return written


def marked(text: escape.Text, style: str) -> Markup:
    """HTML in which highlighted words carry this style, for readers that know no style sheets."""
    return Markup(escape.html(text, f'<mark style="{escape.html(style)}">'))


def _fragments(environment: Environment) -> Callable[[EntryView, str], Markup]:
    """The filter that writes an entry with a template of its own, once for all digests it stands in.

    So an entry has no number in there: its number is 0.
    """
    writers: dict[str, Callable[[EntryView], Markup]] = {}

    def writer_of(name: str) -> Callable[[EntryView], Markup]:
        template = environment.get_template(name)
        return lambda unnumbered: Markup(template.render(entry=unnumbered))

    def fragment(entry: EntryView, name: str) -> Markup:
        write = writers.get(name)
        if write is None:
            write = writers[name] = writer_of(name)
        return entry.fragment(name, environment, write)

    return fragment
