"""The sandbox templates run in: every value escaped for the format, every fault named by file and line."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digestbot.core.errors import Problem
from digestbot.rendering import escape
from digestbot.rendering.base import TemplateError
from digestbot.rendering.columns import wrap
from digestbot.rendering.text import Passage

_WRITERS: dict[str, Callable[[escape.Text], str]] = {
    "html": escape.html,
    "markdown": escape.markdown,
    "text": str,
}


class Sandbox:
    """Templates of one format: html, markdown or text."""

    def __init__(self, loader: BaseLoader, kind: str) -> None:
        self._environment = _environment(loader, kind)

    def has(self, name: str) -> bool:
        """Whether there is such a template. Raises TemplateError for one that cannot be read."""
        try:
            self._environment.get_template(name)
        except TemplateNotFound:
            return False
        except TemplateSyntaxError as error:
            raise _error(error, error.filename or name, error.lineno) from error
        return True

    def render(self, name: str, **values: object) -> str:
        """What the template writes of these values. Raises TemplateError."""
        try:
            return self._environment.get_template(name).render(values).strip() + "\n"
        except TemplateNotFound as error:
            problem = Problem(f"there is no template {error.name!r}", place=name, way_out="add it, or mend the name")
            raise TemplateError(problem) from error
        except TemplateSyntaxError as error:
            raise _error(error, error.filename or name, error.lineno) from error
        except Exception as error:  # a template may raise anything at all
            raise _error(error, *_place(error.__traceback__, name)) from error


def clean_html(html: str) -> Markup:
    """HTML that is clean already, for a template to write as it is."""
    return Markup(html)


def _environment(loader: BaseLoader, kind: str) -> ImmutableSandboxedEnvironment:
    """One environment per format: with autoescape on, what `finalize` has escaped is left as it is."""
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: _written(kind, value),
    )
    environment.filters["wrap"] = wrap
    environment.filters["marked"] = _marked
    return environment


def _written(kind: str, value: object) -> object:
    if isinstance(value, Undefined) or hasattr(value, "__html__"):
        return value
    text = value if isinstance(value, Passage) else str(value)
    return Markup(_WRITERS[kind](text))


def _marked(text: escape.Text, style: str) -> Markup:
    """HTML in which highlighted words carry this style, for readers that know no style sheets."""
    return Markup(escape.html(text, f'<mark style="{escape.html(style)}">'))


def _place(trace: TracebackType | None, name: str) -> tuple[str, int | None]:
    """The template and line an exception passed through last; Jinja2 puts them into the traceback."""
    found: tuple[str, int | None] = (name, None)
    while trace is not None:
        names = trace.tb_frame.f_globals
        if "__jinja_exception__" in names:
            file = str(names.get("__file__", name))
            found = (name if file == "<template>" else file, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _error(error: Exception, place: str, line: int | None) -> TemplateError:
    return TemplateError(Problem(f"the template cannot be written: {error}", place, line, way_out="mend that line"))
