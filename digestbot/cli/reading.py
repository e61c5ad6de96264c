"""`read` and `ingest`: dumps in, papers out."""

from __future__ import annotations

import click

from digestbot.cli.terminal import bold, complain, faint, out, out_json, progress, say
from digestbot.core.errors import DigestbotError, DumpError, UsageError
from digestbot.core.papers import Paper
from digestbot.listing.base import Listing, Skipped

_FORMAT = click.option("--format", "form", metavar="NAME", help="The dump's format, instead of finding it out.")


@click.command()
@click.argument("dumps", nargs=-1, required=True, metavar="DUMP...")
@click.option("--json", "as_json", is_flag=True, help="One paper a line, as JSON.")
@_FORMAT
def read(dumps: tuple[str, ...], as_json: bool, form: str | None) -> int:
    """Parse dumps: papers found and what was skipped; keeps nothing.

    DUMP is a file, or - for standard input. Ends with 1 when a dump is unreadable or breaks off.
    """
    from digestbot.listing import understand
    from digestbot.sources.files import read_dump

    code = 0
    for name in dumps:
        try:
            dump = read_dump(name)
            listing = understand(dump.data, dump.name, form)
        except DigestbotError as error:
            code = max(code, _report(error))
            continue
        for number, paper in enumerate(listing.papers, 1):
            if as_json:
                out_json(paper.to_json())
            else:
                out(f"{number:5}  {bold(paper.title)}{faint(_facts(paper))}")
        _tell(listing)
        code = max(code, int(listing.incomplete))
    return code


@click.command()
@click.argument("dumps", nargs=-1, metavar="[DUMP...]")
@click.option("--json", "as_json", is_flag=True, help="One dump a line, as JSON.")
@click.option("--partial", is_flag=True, help="Take the whole papers of a dump that breaks off.")
@_FORMAT
@click.pass_obj
def ingest(home: str | None, dumps: tuple[str, ...], as_json: bool, partial: bool, form: str | None) -> int:
    """Read dumps and merge their papers into the store.

    Says per dump what was found, and of that what was new, updated or known already (duplicate). A dump that
    cannot be read stops none of the others; nothing of it is stored.
    """
    from digestbot.app import App
    from digestbot.ingest import ingest as merge
    from digestbot.sources.files import read_dump

    if not dumps:
        raise UsageError("name the dumps to ingest: digestbot ingest FILE... (or - for standard input)")
    totals = {"found": 0, "new": 0, "updated": 0, "duplicate": 0, "skipped": 0}
    code = 0
    with App.open(home) as app, progress(dumps, "reading", len(dumps)) as names:
        done = merge(
            names,
            read_dump,
            app.store,
            subscriptions=app.subscription_ids(),
            now=app.clock(),
            form=form,
            partial=partial,
        )
        for each in done:
            counts = {
                "found": each.found,
                "new": each.merged.new,
                "updated": each.merged.updated,
                "duplicate": each.merged.duplicate,
                "skipped": sum(piece.kind != "furniture" for piece in each.listing.skipped) if each.listing else 0,
            }
            if each.error:
                code = max(code, _report(each.error))
            if each.error is None:
                totals = {key: totals[key] + counts[key] for key in totals}
            if as_json:
                out_json({"dump": each.name, **counts, "error": str(each.error) if each.error else None})
            elif each.error is None:
                out(f"{each.name}: {_counted(counts)}")
            if each.listing and each.error is None:
                _tell(each.listing, brief=True)
    if len(dumps) > 1 and not as_json:
        out(f"together: {_counted(totals)}")
    return code


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _report(error: DigestbotError) -> int:
    for problem in error.problems:
        complain(str(problem))
    return error.exit_code


def _facts(paper: Paper) -> str:
    facts = [
        f"{paper.author_count} author{'s' * (paper.author_count != 1)}" if paper.author_count else "",
        paper.organization or "",
        f"{paper.upvotes} upvote{'s' * (paper.upvotes != 1)}" if paper.upvotes is not None else "",
        paper.published.isoformat() if paper.published else "",
        "" if paper.abstract else "no abstract",
    ]
    shown = " · ".join(fact for fact in facts if fact)
    return f"  {shown}" if shown else ""


def _tell(listing: Listing, *, brief: bool = False) -> None:
    """What was understood and what was skipped, on standard error."""
    if not brief:
        kind = f"{listing.format}, {listing.layout}" if listing.layout else listing.format
        dated = f", dated {listing.listed_on}" if listing.listed_on else ""
        papers = f"{len(listing.papers)} paper{'s' * (len(listing.papers) != 1)}"
        say(f"{listing.name}: {papers} ({kind}{dated})")
    for note in listing.notes:
        say(f"{listing.name}: {note}")
    furniture = [piece for piece in listing.skipped if piece.kind == "furniture"]
    if furniture and not brief:
        lines = ", ".join(str(piece.line) for piece in furniture[:12])
        more = ", ..." if len(furniture) > 12 else ""
        say(f"{listing.name}: {len(furniture)} pieces of page furniture skipped (lines {lines}{more})")
    for piece in listing.skipped:
        if piece.kind != "furniture":
            complain(str(DumpError(_problem(listing, piece))))


def _problem(listing: Listing, piece: Skipped) -> str:
    return f"{listing.name}:{piece.line}: {piece.reason}, kept out: {piece.excerpt!r}"
