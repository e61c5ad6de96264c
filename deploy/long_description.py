"""README as the package's own page shows it: hatchling's metadata hook, named in pyproject.toml.

There nothing lies beside it: what a link within the repository says stays as words, its picture is left out, and the
last line says where the pages are.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_PICTURE = re.compile(r"^!\[[^\]]*\]\((?!https?:)[^)]+\)\n\n", re.M)
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:)[^)]+\)")


def alone(readme: str) -> str:
    """A README that leads nowhere but to the web."""
    where = "\nThe guides and pages named here are in the folder `deploy` of the source distribution.\n"
    return _LINK.sub(r"\1", _PICTURE.sub("", readme)) + where


class LongDescription(MetadataHookInterface):
    """Sets the project's readme."""

    def update(self, metadata: dict[str, Any]) -> None:
        """As it is called when the metadata is made."""
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": alone(readme)}
