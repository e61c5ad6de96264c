"""Themes that subscriptions name and that are not there, each with its file and line."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from digestbot.model.errors import Problem

if TYPE_CHECKING:
    from digestbot.subscribers.compiled import CompiledSubscription


class Themes(Protocol):
    """What is asked of the templates: which themes there are, and what is wrong with some of them."""

    def themes(self) -> list[str]:
        """Their names."""
        ...

    def problems(self, themes: Collection[str | None]) -> list[Problem]:
        """What is wrong with these and the one that came with digestbot."""
        ...


def theme_problems(folder: Path, wants: Sequence[CompiledSubscription], templates: Themes) -> list[Problem]:
    """What is wrong with the themes that the subscriptions in `folder` use, and with their names."""
    known = templates.themes()
    used = {to.theme for each in wants for to in each.subscription.to if to.theme in known}
    return [*_unknown(folder, wants, known), *templates.problems(used)]


def _unknown(folder: Path, wants: Sequence[CompiledSubscription], themes: Sequence[str]) -> Iterator[Problem]:
    """A problem for each place in the files of `folder` where a theme is named that is none of `themes`."""
    from digestbot.platform.files.toml import TomlFile

    for compiled in wants:
        name = compiled.subscription.id
        if all(to.theme is None or to.theme in themes for to in compiled.subscription.to):
            continue
        file = TomlFile(folder / f"{name}.toml", f"subscriptions/{name}.toml")
        places: list[tuple[str | int, ...]] = [("theme",)]
        places += [("to", index, "theme") for index in range(len(file.data["to"]))]
        for place in places:
            table = file.data if len(place) == 1 else file.data["to"][place[1]]
            theme = table.get("theme")
            if isinstance(theme, str) and theme not in themes:
                near = difflib.get_close_matches(theme, themes)
                hint = f"did you mean {near[0]!r}? " if near else ""
                way_out = f"{hint}there are {', '.join(themes)}; one of your own is a folder in templates/"
                yield file.problem(f"unknown theme {theme!r}", *place, way_out=way_out)
