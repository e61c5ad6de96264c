"""What people see: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import Any

import click

from digestbot.model.errors import Problem


def escape_what_cannot_be_shown() -> None:
    """From now on letters that a terminal or pipe has no place for are written as escapes (``\\u2260``)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def out(text: str = "") -> None:
    """A line of results."""
    click.echo(text)


def out_json(data: Any) -> None:
    """One JSON object on a line of its own."""
    import orjson

    out_bytes(orjson.dumps(data) + b"\n")


def out_bytes(data: bytes) -> None:
    """Results exactly as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """A line about the work, not its result."""
    click.echo(text, err=True)


def complain(text: str) -> None:
    """A line about what went wrong."""
    click.echo(f"{click.style('error', fg='red', bold=True)}: {text}", err=True)


def complain_of(problems: Iterable[Problem]) -> int:
    """A line for each problem; the exit code that they make: 2, or 0 where there is none."""
    code = 0
    for each in problems:
        complain(str(each))
        code = 2
    return code


def warn(text: str) -> None:
    """A line about what may be wrong."""
    click.echo(f"{click.style('warning', fg='yellow')}: {text}", err=True)


def bold(text: str) -> str:
    """For titles and matched words; plain in a pipe."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """For what stands behind; plain in a pipe."""
    return click.style(text, dim=True)
