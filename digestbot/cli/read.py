"""`read`: a dump in, papers out; and how its pieces are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from digestbot.cli import completing
from digestbot.cli.terminal import Paged, bold, complain, faint, out, out_json, say
from digestbot.model.errors import DigestbotError

if TYPE_CHECKING:  # the commands import what they need when they run
    from digestbot.ingest.sources.base import Dump
    from digestbot.model.papers import Paper
    from digestbot.readers import StreamedListing
    from digestbot.readers.base import Skipped

FORMAT = click.option(
    "--format",
    "form",
    metavar="NAME",
    shell_complete=completing.formats,
    help="The dumps' format, instead of finding it out.",
)
_TOLD = 20  # skipped pieces of one dump told one by one


@click.command(cls=Paged)
@click.argument("dumps", nargs=-1, required=True, metavar="DUMP...", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One paper a line, as JSON.")
@FORMAT
def read(dumps: tuple[str, ...], as_json: bool, form: str | None) -> int:
    """Parse dumps: papers found and what was skipped; keeps nothing.

    DUMP is a file, a folder (every file in it), or - for standard input; gzip, bzip2, xz, zip and tar are unpacked
    (zstd and 7z with the extra archives).
    Ends with 1 when a dump is unreadable, breaks off, or is mostly kept out.
    """
    code = 0
    for name in dumps:
        try:
            for dump in _dumps(name):
                code = max(code, _read_one(dump, form, as_json=as_json))
        except DigestbotError as error:
            code = max(code, report(error))
    return code


def _dumps(name: str) -> Iterator[Dump]:
    from digestbot.ingest.sources.files import read_dumps

    return read_dumps(name)


def _read_one(dump: Dump, form: str | None, *, as_json: bool) -> int:
    from digestbot.readers import open_listing
    from digestbot.readers.base import Skipped

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
        return report(error)
    _tell_whole(listing, furniture)
    skipped = sum(count for kind, count in listing.skipped.items() if kind != "furniture")
    tell(listing.name, listing.notes, broken, skipped)
    if listing.mostly_kept_out:
        complain(f"error: {listing.name}: most of it was kept out (check the dump, or name its --format)")
    return int(listing.breaks_off or listing.mostly_kept_out)


def report(error: DigestbotError) -> int:
    """Say what is wrong; the exit code that follows."""
    for problem in error.problems:
        complain(str(problem))
    return error.exit_code


def _facts(paper: Paper) -> str:
    facts = [
        f"{paper.author_count} author{'s' * (paper.author_count != 1)}" if paper.author_count else "",
        f"{', '.join(paper.authors[:2])} et al." if paper.more_authors else "",
        paper.organization or "",
        paper.journal or "",
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
    for doubt in listing.doubts:
        say(f"{listing.name}: {doubt}")
    if furniture:
        count = listing.skipped["furniture"]
        lines = ", ".join(map(str, furniture[:12])) + ", ..." * (count > 12)
        pieces = f"{count} piece{'s' * (count != 1)}"
        say(f"{listing.name}: {pieces} of page furniture skipped (line{'s' * (count != 1)} {lines})")


def tell(name: str, notes: Sequence[str], broken: Sequence[Skipped], skipped: int) -> None:
    """What was mended, and what became no paper."""
    for note in notes:
        say(f"{name}: {note}")
    for piece in broken:
        complain(f"{name}:{piece.line}: {piece.reason}, kept out: {piece.excerpt!r}")
    if skipped > len(broken):
        complain(f"{name}: {skipped - len(broken)} more pieces kept out")
