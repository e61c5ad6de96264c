"""Help, the version and completion come at once: what a command needs for its work is imported when it works."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from digestbot.channels import CHANNELS
from digestbot.cli.main import COMMANDS

OF_ALL = {"digestbot", "digestbot.model", "digestbot.model.errors", "digestbot.platform", "digestbot.platform.system"}
"""What the command line itself stands on, besides the modules of its own room."""

PARTS = {"digestbot.bootstrap", "digestbot.platform", "digestbot.platform.clock"}
"""What can build the parts of a working directory, and has built none."""

FIELDS = {"digestbot.rules", "digestbot.rules.reference", "digestbot.rules.fields"}
FIELDS |= {"digestbot.model.papers", "digestbot.model.partial_date"}
FORMATS = {f"digestbot.channels.{each}" for each in ("base", "registry", "renderers", "spec", "file.formats")}
FORMATS |= {f"digestbot.channels.{kind}{end}" for kind in CHANNELS for end in ("", ".spec")}
FORMATS |= {"digestbot.channels", "digestbot.model.causes", "digestbot.model.deliveries"}

NAMED_IN_HELP = {"match": FIELDS, "preview": FORMATS, "send": FORMATS}
"""What is told in the help of a command, and so has to be there for it."""

SLOW = {"asyncio", "concurrent", "csv", "decimal", "email", "http", "logging", "multiprocessing", "random", "secrets"}
SLOW |= {"socket", "sqlite3", "ssl", "statistics", "subprocess", "tempfile", "tomllib", "unittest", "xml", "zoneinfo"}
"""Of Python's own modules those that take a while, or bring many others."""

# Each command in a child of its own, so that none finds what another has imported.
ASKED = """
import json, os, sys
at_start = {*sys.modules}
from digestbot.cli.main import _run, cli

def helps(name):
    yield [name, "--help"]
    for each in getattr(cli.get_command(None, name), "commands", ()):
        yield [name, each, "--help"]

for line in sys.argv[1:]:
    sys.stdout.flush()
    if os.fork():
        os.wait()
        continue
    told, sys.stdout = sys.stdout, open(os.devnull, "w")
    code = max(map(_run, [[line]] if line.startswith("-") else helps(line)))
    told.write(json.dumps([line, code, sorted({*sys.modules} - at_start)]) + "\\n")
    told.flush()
    os._exit(0)
"""


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """The modules that are there when the help of a command, and of those below it, was shown."""
    asked = [sys.executable, "-c", ASKED, *COMMANDS, "--help", "--version"]
    # A name that looks like one of ours is looked up, which takes the table of settings.
    quiet = {name: text for name, text in os.environ.items() if not re.search("BOT|DIGEST", name.upper())}
    ran = subprocess.run(asked, capture_output=True, text=True, check=True, env=quiet, cwd=Path(__file__).parents[2])
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {code for _, code, _ in told} == {0}
    return {name: set(modules) for name, _, modules in told}


@pytest.mark.parametrize("command", [*COMMANDS, "--help", "--version"])
def test_help_imports_nothing_that_a_command_needs_for_its_work(imported: dict[str, set[str]], command: str) -> None:
    modules = imported[command]
    ours = {each for each in modules if each.partition(".")[0] == "digestbot"}
    others = {each.partition(".")[0] for each in modules} - sys.stdlib_module_names
    assert {each for each in ours if not each.startswith("digestbot.cli")} <= OF_ALL | PARTS | NAMED_IN_HELP.get(
        command, set()
    )
    assert others == {"digestbot", "click"}
    assert not modules & SLOW


def test_the_version_and_the_list_of_commands_import_no_command(imported: dict[str, set[str]]) -> None:
    for asked in ("--help", "--version"):
        ours = {each for each in imported[asked] if each.startswith("digestbot")}
        assert ours == OF_ALL | {"digestbot.cli", "digestbot.cli.main", "digestbot.cli.terminal"}
