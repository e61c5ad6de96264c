"""`ingest`: dumps into the store, by this process or by the daemon that has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial as partly
from typing import TYPE_CHECKING

import click

from digestbot.cli.progress import ByteBar
from digestbot.cli.read import FORMAT, report, tell
from digestbot.cli.terminal import out, out_json, say
from digestbot.model.errors import UsageError

if TYPE_CHECKING:  # the command imports what it needs when it runs
    from digestbot.ingest.pipeline import Ingested
    from digestbot.ingest.upload import Upload
    from digestbot.store.base import Store


@click.command()
@click.argument("dumps", nargs=-1, metavar="[DUMP...]", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One dump a line, as JSON.")
@click.option("--partial", is_flag=True, help="Take the whole papers of a dump that breaks off, or is mostly kept out.")
@FORMAT
@click.pass_obj
def ingest(home: str | None, dumps: tuple[str, ...], as_json: bool, partial: bool, form: str | None) -> int:
    """Read dumps and merge their papers into the store.

    DUMP is a file, a folder (every file in it), or - for standard input; gzip, bzip2, xz, zip and tar are unpacked
    (zstd and 7z with the extra archives).
    Without DUMP the sources in sources.toml are fetched, each whether it is due or not.

    Says per dump what was found, and of that what was new, updated or known already (duplicate). A dump that
    cannot be read stops none of the others. One that breaks off, or is mostly kept out, is refused whole, unless
    --partial; of one with more than 20,000 papers those before the break are stored, and it is an error all the same.
    While the daemon runs, it is the one that reads them in, within a second or two.
    """
    from digestbot.ingest.upload import Upload

    if not dumps:
        from digestbot.cli.poll import poll_sources

        if form or partial:
            raise UsageError("--format and --partial go with dumps: name them, or set format in sources.toml")
        return poll_sources(home, tell=partly(_told, as_json=as_json), as_json=as_json)
    return _taken_in(home, Upload(dumps, form=form, partial=partial), as_json=as_json)


def _taken_in(home: str | None, asked: Upload, *, as_json: bool) -> int:
    """Read dumps in, or have the daemon do it: the bytes put aside for it stay until that is done."""
    from digestbot.cli.via_daemon import ask, store_or_daemon
    from digestbot.ingest.pipeline import Ingested
    from digestbot.ingest.sources.files import bytes_on_disk
    from digestbot.ingest.upload import ingest_upload, stage

    handed, aside = asked, None
    try:
        while True:
            with store_or_daemon(home) as (app, daemon):
                if daemon is None:
                    sizes, ids = map(bytes_on_disk, handed.places or handed.names), app.folder.ids
                    with _told_when_stopped(app.store), ByteBar("reading", sum(sizes)) as bar:
                        done = ingest_upload(handed, app.store, subscriptions=ids, now=app.clock(), watch=bar)
                        return _tell_all(done, bar.give_way, as_json=as_json)
                if aside is None:
                    aside = daemon
                    handed = stage(asked, app.settings.home, daemon)
                answer = ask(daemon, handed.order)
            if answer is not None:
                answers = (Ingested.from_json(json.loads(each)) for each in answer.done)
                return _tell_all(answers, lambda: None, as_json=as_json)
    except KeyboardInterrupt:
        aside = None  # they are the daemon's now, as its order is
        raise
    finally:
        if aside is not None:
            aside.discard(handed.places)


@contextmanager
def _told_when_stopped(store: Store) -> Iterator[None]:
    """Within, Ctrl-C says how far it has come."""
    head = store.head()
    try:
        yield
    except KeyboardInterrupt:
        new = store.head() - head
        say(f"{new} entries were added to the paper log by then; ingest the same dumps again for the rest")
        raise


def _tell_all(done: Iterable[Ingested], before: Callable[[], object], *, as_json: bool) -> int:
    """What became of each dump, and of all together; the exit code. `before` is called before each line."""
    totals = dict.fromkeys(("found", "new", "updated", "duplicate", "skipped"), 0)
    code = count = 0
    for each in done:
        count += 1
        before()
        counts = _counts(each)
        code = max(code, _tell_ingested(each, counts, as_json=as_json))
        if _is_stored(each):
            totals = {key: totals[key] + counts[key] for key in totals}
    if count > 1 and not as_json:
        out(f"together: {_counted(totals)}")
    return code


def _told(each: Ingested, *, as_json: bool) -> int:
    return _tell_ingested(each, _counts(each), as_json=as_json)


def _counts(each: Ingested) -> dict[str, int]:
    merged = each.merged
    return {
        "found": each.found,
        "new": merged.new,
        "updated": merged.updated,
        "duplicate": merged.duplicate,
        "skipped": each.skipped,
    }


def _is_stored(each: Ingested) -> bool:
    merged = each.merged
    return each.error is None or merged.new + merged.updated + merged.duplicate > 0


def _tell_ingested(each: Ingested, counts: dict[str, int], *, as_json: bool) -> int:
    """What became of a dump, and the exit code that follows."""
    if as_json:
        out_json({"dump": each.name, **counts, "error": str(each.error) if each.error else None})
    elif _is_stored(each):
        out(f"{each.name}: {_counted(counts)}")
    if each.error:
        return report(each.error)
    tell(each.name, each.notes, each.broken, each.skipped)
    return 0


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
