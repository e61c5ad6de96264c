"""`read` and `ingest`: dumps in, papers out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial as partly
from typing import TYPE_CHECKING

import click

from digestbot.cli.bar import ByteBar
from digestbot.cli.terminal import bold, complain, faint, out, out_json, say
from digestbot.core.errors import DigestbotError, UsageError
from digestbot.core.papers import Paper
from digestbot.listing.base import Skipped

if TYPE_CHECKING:  # the commands import what they need when they run
    from digestbot.ingest import Ingested
    from digestbot.listing import StreamedListing
    from digestbot.sources.base import Dump

_FORMAT = click.option("--format", "form", metavar="NAME", help="The dumps' format, instead of finding it out.")
_TOLD = 20  # skipped pieces of one dump told one by one


@click.command()
@click.argument("dumps", nargs=-1, required=True, metavar="DUMP...")
@click.option("--json", "as_json", is_flag=True, help="One paper a line, as JSON.")
@_FORMAT
def read(dumps: tuple[str, ...], as_json: bool, form: str | None) -> int:
    """Parse dumps: papers found and what was skipped; keeps nothing.

    DUMP is a file, a folder (every file in it), or - for standard input; gzip, bzip2, zip and tar are unpacked.
    Ends with 1 when a dump is unreadable or breaks off.
    """
    code = 0
    for name in dumps:
        try:
            for dump in _dumps(name):
                code = max(code, _read_one(dump, form, as_json=as_json))
        except DigestbotError as error:
            code = max(code, _report(error))
    return code


def _dumps(name: str) -> Iterator[Dump]:
    from digestbot.sources.files import read_dumps

    return read_dumps(name)


def _read_one(dump: Dump, form: str | None, *, as_json: bool) -> int:
    from digestbot.listing import open_listing

    broken: list[Skipped] = []
    furniture: list[int] = []
    try:
        with dump.open() as stream:
            listing = open_listing(stream, dump.name, form)
            for piece in listing:
                if isinstance(piece, Skipped):
                    if piece.kind == "furniture" and len(furniture) < _TOLD:
                        furniture.append(piece.line)
                    elif piece.kind != "furniture" and len(broken) < _TOLD:
                        broken.append(piece)
                elif as_json:
                    out_json(piece.to_json())
                else:
                    out(f"{listing.papers:5}  {bold(piece.title)}{faint(_facts(piece))}")
    except DigestbotError as error:
        return _report(error)
    _tell_whole(listing, furniture)
    _tell(listing, broken)
    return int(listing.breaks_off)


@click.command()
@click.argument("dumps", nargs=-1, metavar="[DUMP...]")
@click.option("--json", "as_json", is_flag=True, help="One dump a line, as JSON.")
@click.option("--partial", is_flag=True, help="Take the whole papers of a dump that breaks off.")
@_FORMAT
@click.pass_obj
def ingest(home: str | None, dumps: tuple[str, ...], as_json: bool, partial: bool, form: str | None) -> int:
    """Read dumps and merge their papers into the store.

    DUMP is a file, a folder (every file in it), or - for standard input; gzip, bzip2, zip and tar are unpacked.
    Without DUMP the sources in sources.toml are fetched, each whether it is due or not.

    Says per dump what was found, and of that what was new, updated or known already (duplicate). A dump that
    cannot be read stops none of the others. One that breaks off is refused whole, unless --partial; of one
    with more than 20,000 papers those before the break are stored, and the break is an error all the same.
    """
    from digestbot.app import App
    from digestbot.ingest import ingest as merge
    from digestbot.sources.files import bytes_on_disk, read_dumps

    if not dumps:
        from digestbot.cli.polling import poll_sources

        if form or partial:
            raise UsageError("--format and --partial go with dumps: name them, or set format in sources.toml")
        return poll_sources(home, tell=partly(_told, as_json=as_json), as_json=as_json)
    totals = dict.fromkeys(("found", "new", "updated", "duplicate", "skipped"), 0)
    code = count = 0
    with App.open(home) as app, ByteBar("reading", sum(map(bytes_on_disk, dumps))) as bar:
        done = merge(
            dumps,
            partly(read_dumps, watch=bar),
            app.store,
            subscriptions=app.subscription_ids(),
            now=app.clock(),
            form=form,
            partial=partial,
        )
        for each in done:
            count += 1
            bar.give_way()
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
        return _report(each.error)
    if each.listing:
        _tell(each.listing, each.broken)
    return 0


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _report(error: DigestbotError) -> int:
    for problem in error.problems:
        complain(str(problem))
    return error.exit_code


def _facts(paper: Paper) -> str:
    facts = [
        f"{paper.author_count} author{'s' * (paper.author_count != 1)}" if paper.author_count else "",
        f"{', '.join(paper.authors[:2])} et al." if paper.more_authors else "",
        paper.organization or "",
        f"{paper.upvotes} upvote{'s' * (paper.upvotes != 1)}" if paper.upvotes is not None else "",
        paper.published.isoformat() if paper.published else "",
        "" if paper.abstract else "no abstract",
    ]
    shown = " · ".join(fact for fact in facts if fact)
    return f"  {shown}" if shown else ""


def _tell_whole(listing: StreamedListing, furniture: Sequence[int]) -> None:
    """What the dump is as a whole, on standard error."""
    kind = f"{listing.format}, {listing.layout}" if listing.layout else listing.format
    dated = f", dated {listing.listed_on}" if listing.listed_on else ""
    say(f"{listing.name}: {listing.papers} paper{'s' * (listing.papers != 1)} ({kind}{dated})")
    if furniture:
        count = listing.skipped["furniture"]
        lines = ", ".join(map(str, furniture[:12])) + ", ..." * (count > 12)
        pieces = f"{count} piece{'s' * (count != 1)}"
        say(f"{listing.name}: {pieces} of page furniture skipped (line{'s' * (count != 1)} {lines})")


def _tell(listing: StreamedListing, broken: Sequence[Skipped]) -> None:
    """What was mended, and what became no paper."""
    for note in listing.notes:
        say(f"{listing.name}: {note}")
    for piece in broken:
        complain(f"{listing.name}:{piece.line}: {piece.reason}, kept out: {piece.excerpt!r}")
    more = sum(count for kind, count in listing.skipped.items() if kind != "furniture") - len(broken)
    if more:
        complain(f"{listing.name}: {more} more pieces kept out")
