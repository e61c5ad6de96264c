"""The library that comes with a form: received, and put in where the form is read."""

from __future__ import annotations

from digestbot.model.subscribers import SubscriberRecord
from digestbot.rendering.text import clean, shorten
from digestbot.rendering.wording import number_of
from digestbot.web import libraries
from digestbot.web.forms import KEPT, LONGEST_NAME, Filled
from digestbot.web.request_context import RequestContext


def receive(context: RequestContext) -> None:
    """Read the library that came with a form, and put it where the form's ``library`` finds it; what is wrong with the
    file is in the form's ``library_wrong``.
    """
    assert context.file is not None, "whoever asks has looked"
    site, (name, file) = context.site, context.file
    name = shorten(clean(name.replace("\\", "/").rpartition("/")[2]), LONGEST_NAME) or "library"
    fields = [(key, value) for key, value in context.fields if key not in ("library", "library_wrong")]
    if site.uploads.too_often(context.network, site.app.clock()):
        context.fields = [
            *fields,
            ("library_wrong", f"{name}: too many files came from your network: in an hour again"),
        ]
        return
    reading = libraries.read(file.read(), name, context.gone.is_set)
    if reading.problems:
        context.fields = [*fields, *(("library_wrong", f"{name}: {each}") for each in reading.problems)]
        return
    token = site.libraries.put(name, reading, context.browser, site.app.clock())
    context.fields = [*fields, ("library", token)]


def add_library(context: RequestContext, filled: Filled, record: SubscriberRecord | None = None) -> None:
    """Put the library of a form in: one uploaded, or the one that `record` has. Objects to one that is not there."""
    for each in context.many("library_wrong"):
        filled.object_to("upload", shorten(each, 500))
    if filled.library == KEPT:
        filled.papers = context.site.app.store.library(record.id) if record is not None else ()
        filled.library_name = str(record.wants.get("like", {}).get("library", "")) if record is not None else ""
        filled.told = [number_of(len(filled.papers), "paper")]
        filled.library = KEPT if filled.library_name else ""
    elif filled.library:
        found = context.site.libraries.get(filled.library, context.browser, context.site.app.clock())
        if found is None:
            filled.object_to("upload", "The library is not here any more: choose the file once more.")
            filled.library = ""
        else:
            filled.library_name, filled.papers = found.name, found.papers
            filled.told = [number_of(found.count, "paper"), *found.notes]
