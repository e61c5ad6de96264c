"""`ingest` without dumps: the sources of the working directory, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from digestbot.cli.terminal import complain, out, out_json, say
from digestbot.model.errors import Problem, StoreLocked, UsageError

if TYPE_CHECKING:
    from digestbot.ingest.pipeline import Ingested
    from digestbot.ingest.poller import Polled

_DAEMON_FETCHES = Problem(
    "the daemon has the store, and fetches each source when it is due",
    way_out="`every` in sources.toml says how often, digestbot status how they stand; a file that is named it takes in",
)


def poll_sources(home: str | None, *, tell: Callable[[Ingested], int], as_json: bool) -> int:
    """Fetch all sources and say what came of each; 1 when one failed, or a dump of it.

    Raises UsageError where there is none.
    """
    from digestbot.bootstrap import App
    from digestbot.delivery.control_channel import ControlChannel
    from digestbot.ingest.poller import SOURCES, sources

    code = 0

    def told(each: Ingested) -> None:
        nonlocal code
        code = max(code, tell(each))

    with App.open(home) as app:
        if not sources(app.settings):
            raise UsageError(f"name the dumps to ingest: digestbot ingest FILE..., or write sources into {SOURCES}")
        try:
            for polled in app.source_poller.poll(app.clock(), told):
                code = max(code, _tell(polled, as_json=as_json))
        except StoreLocked:
            if ControlChannel(app.settings.home).is_attended():
                raise StoreLocked(_DAEMON_FETCHES) from None
            raise
    return code


def _tell(polled: Polled, *, as_json: bool) -> int:
    merged = polled.merged
    counts = {"new": merged.new, "updated": merged.updated, "duplicate": merged.duplicate}
    if as_json:
        health, error = str(polled.verdict.health), str(polled.error) if polled.error else None
        row = {"source": polled.name, "dumps": polled.dumps, "found": polled.found, **counts}
        out_json({**row, "health": health, "error": error, "skipped": polled.skipped or None})
    elif polled.skipped:
        say(f"source {polled.name}: left alone, {polled.skipped}")
    elif polled.error is None or polled.dumps:
        said = ", ".join(f"{count} {name}" for name, count in {"found": polled.found, **counts}.items())
        out(f"source {polled.name}: {said} ({polled.verdict.health})")
    if polled.error is None:
        return 0
    for problem in polled.error.problems:
        complain(f"source {polled.name}: {problem}")
    return polled.error.exit_code
