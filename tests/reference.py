"""deploy/REFERENCE.md and README's table of channels, made from the program: python -m tests.reference --write."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import click

from digestbot.channels.registry import CHANNELS
from digestbot.channels.spec import Reach
from digestbot.cli.main import COMMANDS, cli
from digestbot.platform.settings.names import ALL
from digestbot.rules import reference as fields

README = Path(__file__).parent.parent / "README.md"
FILE = Path(__file__).parent.parent / "deploy" / "REFERENCE.md"
_HEAD = """\
# Every command and every setting

Made from the program itself by `python -m tests.reference --write`; a test fails when it is out of date.

Exit codes: 0 done, 1 something failed, 2 bad usage or bad configuration. Results go to standard output, everything
else to standard error. `digestbot --home DIR COMMAND` works in another folder than the current one.
"""
_SETTINGS = """\
In `.env` of the working directory, or in the environment, which wins. A value is taken letter by letter. A secret may
stand in a file of its own, alone on one line: `DIGESTBOT_SECRET_FILE=/run/secrets/digestbot` in place of
`DIGESTBOT_SECRET=...`, and so for each that is marked (secret). How they are used: [GUIDES.md](GUIDES.md)."""


def reference() -> str:
    """The whole page."""
    lines = [_HEAD, "## Commands", "", "| command | does |", "|---|---|"]
    lines += [f"| [`{name}`](#digestbot-{name}) | {text} |" for name, (_, text) in COMMANDS.items()]
    context = click.Context(cli, info_name="digestbot")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        lines += _command(command, click.Context(command, parent=context, info_name=name))
    lines += ["", "## Fields", "", "What a rule can name: before a colon, or in a comparison.", "", fields.table()]
    lines += ["", "## Settings", "", _SETTINGS, ""]
    return "\n".join([*lines, settings(), ""])


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context)).removeprefix("[OPTIONS]").strip()
    yield from ("", f"### {context.command_path}", "", "```")
    yield from (f"{context.command_path} {usage}".strip(), "```", "", cleandoc(command.help or ""))
    options = [
        each for each in command.get_params(context) if isinstance(each, click.Option) and "--help" not in each.opts
    ]
    if options:
        yield from ("", "| option | is |", "|---|---|")
    for option in options:
        record = option.get_help_record(context)
        assert record is not None
        name, text = (_cell(" ".join(each.split())) for each in record)
        yield f"| `{name}` | {text} |"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _command(inner, click.Context(inner, parent=context, info_name=name))


def settings() -> str:
    """A table of settings for each heading, made of the program's own."""
    lines: list[str] = []
    for row in ALL:
        if row.heading:
            lines += ["", f"### {row.heading}", "", "| setting | is | example |", "|---|---|---|"]
        name = f"`{row.name}`" + (" (secret)" if row.kind.secret else "")
        lines.append(f"| {name} | {_cell(row.words)} | `{_cell(row.example)}` |")
    return "\n".join(lines[1:])


def channels() -> str:
    """The table of channels in README."""
    settings = {Reach.MAIL: "; `DIGESTBOT_SMTP_URL`", Reach.URL: "; `DIGESTBOT_TO_<NAME>`", Reach.FOLDER: ""}
    rows = []
    for kind, spec in CHANNELS.items():
        options = ", ".join(f"`{each.name}`" if each.required else f"`{each.name}` (optional)" for each in spec.options)
        rows.append(f"| `{kind}` | {options}{settings[spec.reach]} | {_cell(spec.note)} |")
    return "\n".join(["| channel | needs | note |", "|---|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def write() -> None:
    """Write the whole page, and the table of channels in README."""
    FILE.write_text(reference(), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    before = text[text.index("| channel | needs |") :].partition("\n\n")[0]
    README.write_text(text.replace(before, channels()), encoding="utf-8")


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    else:
        print(channels(), reference(), sep="\n\n", end="")
