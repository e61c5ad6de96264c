"""`backup`: the store and the working directory as they are at this moment, in one file that was read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digestbot import __version__
from digestbot.bootstrap import App
from digestbot.cli.terminal import out, say, warn
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:
    from digestbot.platform.settings import Settings

_WRITTEN = ("sources.toml", "subscriptions", "templates")
# What sources and notices remember is taken before the papers: what is fetched twice is known, what is not is lost.
_REMEMBERED = ("data/sources.json", "data/notices.json")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--with-secrets", is_flag=True, help="Take .env and the DKIM keys beside it along.")
@click.pass_obj
def backup(home: str | None, file: Path, with_secrets: bool) -> int:
    """Pack the store, subscriptions, templates and sources into a new file (.tar.gz), also while the daemon runs.

    All of the store is of one moment, of whatever kind it is. The file is read back before this ends with 0. It
    holds addresses: only its owner can read it. Secrets are left out unless you say so: keep .env elsewhere, for
    without its DIGESTBOT_SECRET the links in mails that were sent lead nowhere.
    """
    from digestbot.store import open_movable
    from digestbot.store.backup import open_backup, write_backup

    with App.open(home, read_only=True) as app:
        settings, now = app.settings, app.clock()
    names = [*_files(settings.home, _REMEMBERED), *_files(settings.home, _WRITTEN)]
    if with_secrets:
        names += _secret_files(settings)
    try:
        files = {name.as_posix(): (settings.home / name).read_bytes() for name in names}
    except OSError as error:
        raise UsageError(Problem(f"cannot be read: {error.strerror}", str(error.filename))) from None
    with open_movable(settings.store.reveal(), home=settings.home, read_only=True) as movable:
        contents = write_backup(file, movable, files, by=__version__, now=now)
    rows = {name: count for name, (count, _) in contents.tables.items()}
    with open_backup(file, file.parent):
        out(f"{file}: {sum(rows.values())} rows, {len(files)} files, {file.stat().st_size / 1e6:.1f} MB, read back")
    say(", ".join(f"{name} {count}" for name, count in rows.items()))
    if not any(rows.values()):
        warn(f"{movable.place} is empty: is {settings.home} the right working directory?")
    if not with_secrets:
        say("without .env: keep that elsewhere, or take it along with --with-secrets")
    return 0


def _files(home: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """The files of these names, and in folders of these names, as seen from `home`."""
    for name in names:
        path = home / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (each.relative_to(home) for each in found if each.is_file())


def _secret_files(settings: Settings) -> list[Path]:
    home = settings.home
    wanted = [home / ".env", *settings.dkim_keys]
    return [each.relative_to(home) for each in wanted if each.is_file() and each.is_relative_to(home)]
