"""`init` and `demo`: a working directory of one's own, and a first look without one."""

from __future__ import annotations

import os
import shutil
import textwrap
from pathlib import Path

import click

from digestbot.bootstrap import App, shipped
from digestbot.cli.terminal import out, say
from digestbot.digests import open_by_hand
from digestbot.ingest.pipeline import ingest
from digestbot.ingest.sources.files import read_dumps
from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import Problem, UsageError
from digestbot.platform.settings.names import ALL

SAMPLES = Path(__file__).parent / "samples"

_HEAD = """\
# digestbot's settings. Secrets live here alone: keep this file to yourself (chmod 600).
# Each line is also an environment variable of the same name, which wins. What is commented out is an example.
# A value is taken as it stands, without quotes: container tools would take them for a part of it. A secret may stand
# in a file of its own: put _FILE behind its name, and the file's path as the value (DIGESTBOT_SMTP_URL_FILE=...).
"""


def env() -> str:
    """The `.env` of a new working directory: every setting, explained, as a comment."""
    paragraphs = [_HEAD]
    for row in ALL:
        if row.heading:
            paragraphs.append(f"# == {row.heading} ==\n")
        words = textwrap.wrap(row.words[0].upper() + row.words[1:] + ".", 118)
        paragraphs.append("".join(f"# {line}\n" for line in (*words, row.line)))
    return "\n".join(paragraphs)


@click.command()
@click.argument("folder", required=False, metavar="[DIR]")
@click.pass_obj
def init(home: str | None, folder: str | None) -> int:
    """Make a working directory that runs as it is, every setting explained.

    Without DIR it is the one that --home or DIGESTBOT_HOME names, else the current one. What is there already is
    left alone.
    """
    new = Path(folder or home or os.environ.get("DIGESTBOT_HOME") or ".").expanduser()
    written, kept = [], []
    try:
        (new / "subscriptions").mkdir(parents=True, exist_ok=True)
        files = {new / ".env": env().encode(), new / "sources.toml": (SAMPLES / "sources.toml").read_bytes()}
        for path in sorted(shipped("subscriptions").glob("*.toml*")):
            files[new / "subscriptions" / path.name] = path.read_bytes()
        for path, content in files.items():
            if path.exists():
                kept.append(path)
                continue
            path.touch(mode=0o600 if path.name == ".env" else 0o644)
            path.write_bytes(content)
            written.append(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(Problem(f"cannot be made: {reason}", str(new), way_out="choose another folder")) from None
    for path in written:
        out(f"written  {path}")
    for path in kept:
        say(f"kept     {path}")
    cd = "" if new == Path() else f"cd {new} && "
    say(f"\nNext: {cd}digestbot check, then digestbot ingest DUMP and digestbot send.")
    say("For the ten papers that rise each day, take the .off from the name of subscriptions/trending.toml.off.")
    return 0


@click.command()
@click.argument("folder", default="digestbot-demo", metavar="[DIR]")
def demo(folder: str) -> int:
    """The main job on the sample dumps: no accounts, no network.

    Ingests the samples, makes the digests of three invented subscribers, and names the files written.
    """
    home = Path(folder)
    if home.exists() and not (home / ".demo").exists() and any(home.iterdir()):
        hint = "name another: digestbot demo FOLDER"
        raise UsageError(Problem("is there already and no earlier demo", folder, way_out=hint))
    try:
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(SAMPLES / "demo", home)
        (home / ".demo").touch()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(Problem(f"cannot be made: {reason}", folder, way_out="choose another folder")) from None
    failed = 0
    with App.open(folder) as app:
        dumps = [str(path) for path in sorted(SAMPLES.glob("*.txt"))]
        for each in ingest(dumps, read_dumps, app.store, subscriptions=app.folder.ids, now=app.clock()):
            if each.error:
                raise each.error
            name, merged = Path(each.name).name, each.merged
            counts = f"{merged.new} new, {merged.updated} updated, {merged.duplicate} known"
            say(f"read {name}: {each.found} papers, {counts}")
        for record in open_by_hand(app.wants(), app.store, app.clock()):
            if record is not None:
                say(f"matched for {record.name}: {record.counts.found} of {record.counts.read} papers")
        failed = sum(outcome.state is not DeliveryState.SENT for _, outcome in app.dispatcher.run())
    say("\nThe digests, to be opened in a browser, a mail program or an editor:")
    for path in sorted((home / "digests").rglob("*.*")):
        out(str(path))
    say(
        "\nNext: make a folder of your own with `digestbot init FOLDER`, name your topics in its"
        "\nsubscriptions/, then `digestbot ingest DUMP` and `digestbot send`."
    )
    return 1 if failed else 0
