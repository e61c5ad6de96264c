"""`completion`: commands, options and names completed by the shell."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from digestbot.cli.terminal import out, say
from digestbot.model.errors import Problem, UsageError

_VARIABLE = "_DIGESTBOT_COMPLETE"
_PLACES = {
    "bash": (("XDG_DATA_HOME", ".local/share"), "bash-completion/completions/digestbot"),
    "zsh": (("ZDOTDIR", ""), ".zfunc/_digestbot"),
    "fish": (("XDG_CONFIG_HOME", ".config"), "fish/completions/digestbot.fish"),
}
"""Where each shell looks by itself (zsh: where it is told to), under a folder that a variable may move."""
_THEN = {
    "bash": "It is there in the next shell, where bash-completion is installed.",
    "zsh": "In ~/.zshrc, unless they stand there: fpath+=(~/.zfunc) and, below it, autoload -Uz compinit && compinit",
    "fish": "It is there in the next shell.",
}


@click.command()
@click.argument("shell", type=click.Choice(list(_PLACES)), required=False)
@click.option("--install", is_flag=True, help="Write it where the shell finds it, instead of showing it.")
def completion(shell: str | None, install: bool) -> int:
    """Let the shell complete commands, options, subscriptions, topics, formats and ids.

    Without SHELL it is the one that is used (SHELL in the environment).
    """
    shell = shell or _used()
    source = _source(shell)
    if not install:
        out(source)
        return 0
    (variable, usual), name = _PLACES[shell]
    place = Path(os.environ.get(variable) or Path.home() / usual) / name
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(source, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        hint = f"digestbot completion {shell} > FILE, and have your shell read it"
        raise UsageError(Problem(f"cannot be written: {reason}", str(place), way_out=hint)) from None
    out(f"written  {place}")
    say(_THEN[shell])
    return 0


def _used() -> str:
    name = Path(os.environ.get("SHELL", "")).name
    if name not in _PLACES:
        raise UsageError(Problem("which shell?", way_out=f"name it: digestbot completion {'|'.join(_PLACES)}"))
    return name


def _source(shell: str) -> str:
    from digestbot.cli.main import cli

    made = get_completion_class(shell)
    assert made is not None  # click brings all three
    return made(cli, {}, "digestbot", _VARIABLE).source().strip()
