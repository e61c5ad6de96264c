"""Writes what the judges look at: python -m tests.rendering.judged FOLDER. Use deploy/judge.sh."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from digestbot.channels.email.transport import wire_form
from digestbot.channels.renderers import write
from tests.rendering.making import CASES, ENVELOPE, MAIL, templates
from tests.rendering.test_bounds import long_digest

THEMES = ("default", "compact", "magazine")


def main() -> None:
    """Each case in each theme as a page and as the whole message that leaves, and the page of the archive."""
    folder = Path(sys.argv[1])
    envelope = replace(ENVELOPE, unsubscribe_url="https://digest.example.org/u/0123456789abcdef")
    cases = {**{case: make() for case, make in CASES.items()}, "long": long_digest(400, 3000, 3)}
    for (case, of), theme in product(cases.items(), THEMES):
        name, to = f"{case}-{theme}", replace(MAIL, theme=theme)
        (page,) = write("html", of, to, envelope, templates=templates()).parts
        (folder / f"{name}.html").write_bytes(page.body)
        (mail,) = write("email", of, to, envelope, templates=templates()).parts
        (folder / f"{name}.eml").write_bytes(wire_form(mail.body, datetime.now(UTC)).replace(b"\r\n", b"\n"))
    (archived,) = write("archive", cases["eleven"], MAIL, envelope, templates=templates()).parts
    (folder / "archive.html").write_bytes(archived.body)


if __name__ == "__main__":
    main()
