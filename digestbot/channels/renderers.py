"""All renderers by name; each is imported, with the packages it needs, only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from digestbot.channels.registry import CHANNELS, describe
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:  # the command line names them all and writes nothing
    from digestbot.model.deliveries import Message
    from digestbot.model.digests import Digest
    from digestbot.model.subscriptions import Destination
    from digestbot.rendering.base import Envelope, Renderer
    from digestbot.rendering.templating import Templates


def _page(name: str, templates: Templates) -> Renderer:
    from digestbot.rendering.pages import PageRenderer

    return PageRenderer(name, templates)


def _feed(_: Templates) -> Renderer:
    from digestbot.rendering.feed import FeedRenderer

    return FeedRenderer()


def _bibtex(_: Templates) -> Renderer:
    from digestbot.rendering.citations import BibTeXRenderer

    return BibTeXRenderer()


def _ris(_: Templates) -> Renderer:
    from digestbot.rendering.citations import RISRenderer

    return RISRenderer()


def _json(_: Templates) -> Renderer:
    from digestbot.rendering.payload import JsonRenderer

    return JsonRenderer()


_FORMATS: Mapping[str, Callable[[Templates], Renderer]] = MappingProxyType(
    {
        "html": partial(_page, "html"),
        "text": partial(_page, "text"),
        "markdown": partial(_page, "markdown"),
        "archive": partial(_page, "archive"),
        "json": _json,
        "feed": _feed,
        "bibtex": _bibtex,
        "ris": _ris,
    }
)
"""What is written for no kind of channel alone."""

RENDERERS = (*_FORMATS, *(kind for kind, spec in CHANNELS.items() if spec.form == kind))
"""The names of all."""


def renderer(name: str, templates: Templates) -> Renderer:
    """The renderer of that name. Raises UsageError naming all when there is none."""
    if name in _FORMATS:
        return _FORMATS[name](templates)
    make = CHANNELS[name].renderer if name in CHANNELS else name
    if isinstance(make, str):
        raise UsageError(Problem(f"no format {name!r}", way_out=f"write one of {', '.join(RENDERERS)}"))
    return make(templates, lambda other: renderer(other, templates))


def renderer_for(channel: str) -> str:
    """The name of the renderer that a channel's messages are written with. Raises UsageError for an unknown kind."""
    return describe(channel).form


def write(name: str, digest: Digest, to: Destination, envelope: Envelope, *, templates: Templates) -> Message:
    """The digest in the renderer of that name, the same bytes each time. Raises what the renderer raises."""
    return renderer(name, templates).write(digest, to, envelope)
