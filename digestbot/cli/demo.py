"""`demo`: a first look without a working directory of one's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from digestbot.bootstrap import App
from digestbot.cli.terminal import out, say
from digestbot.model.errors import Problem, UsageError

SAMPLES = Path(__file__).parent / "samples"


@click.command()
@click.argument("folder", default="digestbot-demo", metavar="[DIR]")
def demo(folder: str) -> int:
    """The main job on the sample dumps: no accounts, no network.

    Ingests the samples, makes the digests of three invented subscribers, and names the files written.
    """
    from digestbot.digests import open_by_hand
    from digestbot.ingest.pipeline import ingest
    from digestbot.ingest.sources.files import read_dumps
    from digestbot.model.deliveries import DeliveryState

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
    say("\nNext: digestbot init FOLDER, which asks what you are interested in and makes a folder of your own.")
    return 1 if failed else 0
