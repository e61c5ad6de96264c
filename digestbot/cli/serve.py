"""`serve`: the web pages by themselves, where no daemon serves them."""

from __future__ import annotations

import threading

import click

from digestbot.bootstrap import App
from digestbot.cli.terminal import say
from digestbot.model.errors import Problem, StoreLocked, UsageError
from digestbot.platform.system import when_stopped

_LISTEN = "127.0.0.1:8080"


@click.command()
@click.option("--host", help="The address to listen at (else that of DIGESTBOT_LISTEN, else 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port (else that of DIGESTBOT_LISTEN, else 8080).")
@click.pass_obj
def serve(home: str | None, host: str | None, port: int | None) -> int:
    """The web pages: sign-up, preferences, leaving.

    Until SIGTERM or Ctrl-C; requests in flight are finished first. A proxy before it brings https. Where `run`
    goes on over the embedded store, it serves them itself: set DIGESTBOT_LISTEN.
    """
    from digestbot.runtime.reloader import Reloader

    try:
        from digestbot.web import WebServer, listening_at
    except ModuleNotFoundError as missing:
        hint = 'install it: pip install "digestbot[web]"'
        raise UsageError(Problem(f"the web pages need {missing.name}", way_out=hint)) from None
    stop = threading.Event()
    when_stopped(stop.set)
    with App.open(home) as app:
        usual_host, usual_port = listening_at(app.settings.listen or _LISTEN)
        try:
            place = app.store.place
        except StoreLocked as error:
            hint = "set DIGESTBOT_LISTEN: then `digestbot run`, which has it, serves the pages too"
            raise StoreLocked(Problem(str(error), way_out=hint)) from None
        with WebServer(Reloader(app), host or usual_host, usual_port if port is None else port) as server:
            say(f"serving {server.site.links.public_url} at {server.url}, over {place}; stop with Ctrl-C")
            stop.wait()
    return 0
