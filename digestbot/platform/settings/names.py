"""The names of the settings: which there are, which are secrets, and what a misspelt one was meant to be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cache

from digestbot.platform.settings.row import NAME, Setting
from digestbot.platform.settings.table import DESTINATION_EXTRAS, FIELDS, HOME

PREFIX = "DIGESTBOT_"
FILE = "_FILE"

_WITH_EXTRAS = {FIELDS["destinations"]: DESTINATION_EXTRAS}
ALL = (*(each for row in FIELDS.values() for each in (row, *_WITH_EXTRAS.get(row, ()))), HOME)
"""Every row, in the order in which people are shown them."""

_BY_NAME = {row.name: row for row in ALL}
_MANY = sorted((row for row in ALL if NAME in row.name), key=lambda row: -len(row.name))
# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables: of a service named digestbot
_KUBERNETES = re.compile(r"DIGESTBOT_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)")


def setting_of(key: str) -> Setting | None:
    """The setting of this name, None where there is none: ``DIGESTBOT_TO_LAB`` is one ``DIGESTBOT_TO_<NAME>``."""
    return _BY_NAME.get(key) or next((row for row in _MANY if _fits(row.name, key)), None)


def _fits(pattern: str, key: str) -> bool:
    before, behind = pattern.split(NAME)
    return len(key) > len(before) + len(behind) and key.startswith(before) and key.endswith(behind)


def in_file(key: str) -> str | None:
    """The secret whose file this setting names: ``DIGESTBOT_SECRET_FILE`` -> ``DIGESTBOT_SECRET``."""
    name = key.removesuffix(FILE)
    row = setting_of(name) if name != key else None
    return name if row is not None and row.kind.secret and key not in _BY_NAME else None


def is_known(key: str) -> bool:
    """Whether there is such a setting."""
    return setting_of(key) is not None or in_file(key) is not None


@cache
def _known() -> list[str]:
    """Every name that can be written, but for those of destinations and sources."""
    single = [row for row in ALL if NAME not in row.name]
    return [row.name for row in single] + [f"{row.name}{FILE}" for row in single if row.kind.secret]


def meant(key: str) -> str:
    """What an unknown one was meant to be, as a way out."""
    near = difflib.get_close_matches(key.upper(), _known())
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(row.name for row in ALL)}"


def looks_meant(key: str) -> bool:
    """Whether a name that is none of ours is hardly another than one of them, misspelt."""
    key = key.upper()
    return key.startswith(PREFIX) or bool(difflib.get_close_matches(key, _known(), cutoff=0.9))


def strangers(names: Iterable[str]) -> Iterator[str]:
    """Those of an environment's names that were meant to be ours and are not."""
    for name in sorted(names):
        if not is_known(name) and looks_meant(name) and not _KUBERNETES.fullmatch(name):
            yield name
