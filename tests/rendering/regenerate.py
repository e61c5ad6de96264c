"""Writes the golden folders anew: python -m tests.rendering.regenerate, then read the difference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digestbot.core.digests import Digest
from digestbot.rendering import write
from tests.rendering.making import CASES, CHAT, ENVELOPE, FILE, MAIL, templates

GOLDEN = Path(__file__).parent / "golden"
FACES = ("html", "text", "markdown", "email", "slack", "discord", "json")


def written(digest: Digest) -> Iterator[tuple[str, bytes]]:
    """Every part of every face, by the name of its golden file."""
    for name in FACES:
        to = MAIL if name == "email" else CHAT
        parts = write(name, digest, to, ENVELOPE, templates=templates()).parts
        for part in parts:
            if name in ("slack", "discord"):
                yield f"{name}-{part.name.replace('/', '-of-')}.json", part.body
            else:
                yield part.name, part.body
    files = write("file", digest, FILE, ENVELOPE, templates=templates()).parts
    yield "files.txt", "".join(f"{part.name}\n" for part in files).encode()


def main() -> None:
    for case, make in CASES.items():
        folder = GOLDEN / case
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, body in written(make()):
            (folder / name).write_bytes(body)
            print(folder / name)


if __name__ == "__main__":
    main()
