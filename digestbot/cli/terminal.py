"""What people see: results on standard output, everything else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from digestbot.model.errors import Problem

_NARROWEST = 30  # columns; a terminal that leaves less gets lines as long as this
_PAGING = f"{__name__}.paging"


def out(text: str = "") -> None:
    """A line of results."""
    click.echo(text)


def out_row(text: str, head: str = "") -> None:
    """A line of results behind its ``head``; on a terminal the text is wrapped below itself where it is long."""
    if sys.stdout.isatty() or paging():
        import shutil
        import textwrap

        indent = len(click.unstyle(head))
        room = max(shutil.get_terminal_size().columns - indent, _NARROWEST)
        lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
        text = f"\n{' ' * indent}".join(lines)
    click.echo(head + text)


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


class Paged(click.Command):
    """A command whose results may be long: a person reads them in the pager (PAGER, else less), as with git."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; to leave the pager before the end is no failure."""
        with _pager(ctx):
            return super().invoke(ctx)
        return 0


@contextmanager
def _pager(ctx: click.Context) -> Iterator[None]:
    import shlex
    import shutil
    import subprocess

    command = shlex.split(os.environ.get("PAGER", "less"))
    shown = sys.stdout
    if not shown.isatty() or os.environ.get("TERM") == "dumb" or not command or shutil.which(command[0]) is None:
        yield
        return
    told = {"LESS": "FRX", **os.environ}  # ends by itself on a single screen, shows colours, leaves the text there
    pager = subprocess.Popen(
        command, stdin=subprocess.PIPE, env=told, encoding=shown.encoding, errors="backslashreplace"
    )
    assert pager.stdin is not None  # it was asked for
    ctx.color = ctx.color is not False
    ctx.meta[_PAGING] = True
    sys.stdout = pager.stdin
    try:
        with suppress(BrokenPipeError):  # seen enough
            yield
    finally:
        sys.stdout = shown
        with suppress(BrokenPipeError):
            pager.stdin.close()
        pager.wait()


def paging() -> bool:
    """Whether results go through the pager, which has the terminal meanwhile."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and _PAGING in ctx.meta


def colours() -> bool | None:
    """Whether colours are wanted: NO_COLOR and FORCE_COLOR say it (https://no-color.org), else a terminal does."""
    return False if os.environ.get("NO_COLOR") else True if os.environ.get("FORCE_COLOR") else None


def bold(text: str) -> str:
    """For titles and matched words; plain in a pipe."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """For what stands behind; plain in a pipe."""
    return click.style(text, dim=True)
