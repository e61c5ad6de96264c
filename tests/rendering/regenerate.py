"""Writes the golden folders anew: python -m tests.rendering.regenerate, then read the difference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from digestbot.channels.registry import CHANNELS
from digestbot.channels.renderers import RENDERERS, write
from digestbot.channels.spec import Reach
from digestbot.model.deliveries import Part
from digestbot.model.digests import Digest
from tests.rendering.making import CASES, CHAT, CROWDS, ENVELOPE, FILE, MAIL, templates

GOLDEN = Path(__file__).parent / "golden"
THEMES = ("compact", "magazine")
THEMED = ("html", "text")
_CHATS = {kind: "json" for kind, spec in CHANNELS.items() if spec.reach is Reach.URL} | {"apprise": "txt"}


def renderers(digest: Digest) -> Iterator[tuple[str, str, tuple[Part, ...]]]:
    """Every renderer in the house's theme, and what a theme changes in the others: theme, renderer, parts."""
    for name in (each for each in RENDERERS if each != "file"):
        to = MAIL if name == "email" else CHAT
        yield "", name, write(name, digest, to, ENVELOPE, templates=templates()).parts
    for theme in THEMES:
        for name in THEMED:
            yield theme, name, write(name, digest, replace(CHAT, theme=theme), ENVELOPE, templates=templates()).parts


def written(digest: Digest) -> Iterator[tuple[str, bytes]]:
    """Every part of every renderer, by the name of its golden file."""
    for theme, name, parts in renderers(digest):
        for part in parts:
            if name in _CHATS:
                yield f"{name}-{part.name.replace('/', '-of-')}.{_CHATS[name]}", part.body
            else:
                yield f"{theme}-{part.name}".lstrip("-"), part.body
    files = write("file", digest, FILE, ENVELOPE, templates=templates()).parts
    yield "files.txt", "".join(f"{part.name}\n" for part in files).encode()


def summed(digest: Digest) -> bytes:
    """For each renderer the bytes of its parts and a hash over them all."""
    sums = {}
    for theme, name, parts in renderers(digest):
        whole = sha256(b"".join(part.body for part in parts)).hexdigest()
        sizes = [len(part.body) for part in parts]
        sums[f"{theme}-{name}".lstrip("-")] = {"parts": len(parts), "bytes": sizes, "sha256": whole}
    return json.dumps(sums, indent=1).encode() + b"\n"


def main() -> None:
    for case, make in CASES.items():
        folder = GOLDEN / case
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, body in written(make()):
            (folder / name).write_bytes(body)
            print(folder / name)
    for case, make in CROWDS.items():
        (GOLDEN / f"{case}.json").write_bytes(summed(make()))
        print(GOLDEN / f"{case}.json")


if __name__ == "__main__":
    main()
