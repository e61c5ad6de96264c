"""Writes what the judges look at: python -m tests.rendering.judged FOLDER. Use deploy/judge.sh."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digestbot.channels.email import wire_form
from digestbot.rendering import write
from tests.rendering.making import CASES, ENVELOPE, MAIL, templates
from tests.rendering.test_bounds import long_digest


def main() -> None:
    """Each case as a page and as the whole message that leaves."""
    folder = Path(sys.argv[1])
    envelope = replace(ENVELOPE, unsubscribe_url="https://digest.example.org/u/0123456789abcdef")
    for name, of in {**{case: make() for case, make in CASES.items()}, "long": long_digest(400, 3000, 3)}.items():
        (page,) = write("html", of, MAIL, envelope, templates=templates()).parts
        (folder / f"{name}.html").write_bytes(page.body)
        (mail,) = write("email", of, MAIL, envelope, templates=templates()).parts
        (folder / f"{name}.eml").write_bytes(wire_form(mail.body, datetime.now(UTC)).replace(b"\r\n", b"\n"))


if __name__ == "__main__":
    main()
