"""Writes the golden folders anew: python -m tests.rendering.regenerate, then read the difference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from digestbot.core.digests import Digest
from digestbot.rendering import write
from tests.rendering.making import CASES, CHAT, CROWDS, ENVELOPE, FILE, MAIL, templates

GOLDEN = Path(__file__).parent / "golden"
FACES = (
    "html", "text", "markdown", "email", "slack", "discord", "teams", "mattermost", "apprise", "json", "feed",
    "archive",
)  # fmt: skip
THEMES = ("compact", "magazine")
_CHATS = {"slack": "json", "discord": "json", "teams": "json", "mattermost": "json", "apprise": "txt"}


def written(digest: Digest) -> Iterator[tuple[str, bytes]]:
    """Every part of every face, by the name of its golden file."""
    for name in FACES:
        to = MAIL if name == "email" else CHAT
        parts = write(name, digest, to, ENVELOPE, templates=templates()).parts
        for part in parts:
            if name in _CHATS:
                yield f"{name}-{part.name.replace('/', '-of-')}.{_CHATS[name]}", part.body
            else:
                yield part.name, part.body
    for theme in THEMES:
        for name in ("html", "text"):
            (part,) = write(name, digest, replace(CHAT, theme=theme), ENVELOPE, templates=templates()).parts
            yield f"{theme}-{part.name}", part.body
    files = write("file", digest, FILE, ENVELOPE, templates=templates()).parts
    yield "files.txt", "".join(f"{part.name}\n" for part in files).encode()


def summed(digest: Digest) -> bytes:
    """For each face the bytes of its parts and a hash over them all."""
    sums = {}
    for name in FACES:
        to = MAIL if name == "email" else CHAT
        parts = write(name, digest, to, ENVELOPE, templates=templates()).parts
        whole = sha256(b"".join(part.body for part in parts)).hexdigest()
        sums[name] = {"parts": len(parts), "bytes": [len(part.body) for part in parts], "sha256": whole}
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
