"""A day in a house with a proxy, an authority of its own, secrets as files, a mail server by XOAUTH2 and a root that
cannot be written, all of it local and real: set up from the guide alone, step by step."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.servers.certificates import Authority, make_authority
from tests.servers.http import HttpServer, Reply, Request
from tests.servers.proxy import ProxyServer
from tests.servers.smtp import SmtpServer

ROOT = Path(__file__).parents[2]
SHIPPED = ("digestbot", "templates", "subscriptions")
NAMES = ("login.house.example", "papers.house.example", "hook.house.example", "localhost")
LISTING = (ROOT / "digestbot" / "cli" / "samples" / "daily-spaced.txt").read_bytes()
READ_ONLY = """
mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro / || exit 125
for each in /tmp /var/tmp /run /dev/shm; do mountpoint -q $each && { mount -o remount,bind,ro $each || exit 125; }; done
exec "$@"
"""
"""For a shell in a mount namespace of its own: all is read-only but the folder named first."""
_CAPBSET_DROP, _DAC_OVERRIDE = 24, 1  # linux/prctl.h, linux/capability.h


def bound_by_permissions() -> None:
    """In a child: root is no more than who owns a file, as a user in a container is."""
    libc = ctypes.CDLL(None)
    libc.prctl(_CAPBSET_DROP, _DAC_OVERRIDE, 0, 0, 0)


class House:
    """The servers of the house, and what the guide says about it."""

    def __init__(self, folder: Path, authority: Authority, stack: ExitStack) -> None:
        self.folder, self.authority = folder, authority
        self.web = stack.enter_context(HttpServer(authority.signed))
        self.web.script("/token", *map(_given, range(1, 9)))
        self.web.script("/list.txt", Reply(headers={"Content-Type": "text/plain"}, body=LISTING))
        self.mail = stack.enter_context(
            SmtpServer(
                tls="starttls", certificate=authority.signed, tokens={"digest@house.example": "the-access-token"}
            )
        )
        leads = {f"{name}:443": ("127.0.0.1", int(self.web.server_address[1])) for name in NAMES}
        self.proxy = stack.enter_context(ProxyServer(login="user:password", leads=leads))
        guide = (ROOT / "deploy" / "GUIDES.md").read_text(encoding="utf-8")
        section = guide.partition("## A house with rules of its own")[2].partition("\n## ")[0]
        found = re.findall(r"^   ```(\w+)\n(.*?)^   ```$", section, re.M | re.S)
        self.told = [(kind, self._local(textwrap.dedent(code))) for kind, code in found]
        self.secrets = re.findall(r"^   \| `([\w-]+)` \|", section, re.M)
        self.source = folder / "package"
        self.container: list[str] = []
        for name in SHIPPED:
            shutil.copytree(ROOT / name, self.source / name, ignore=shutil.ignore_patterns("__pycache__"))

    def _local(self, text: str) -> str:
        """The guide's own mail server stands on this machine; all other names are the proxy's to know."""
        return text.replace("mail.house.example:587", f"localhost:{self.mail.port}")

    def codes(self, kind: str) -> list[str]:
        """The blocks of one kind, in order."""
        return [code for each, code in self.told if each == kind]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command of the guide, in the folder, by the package that cannot be written."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("DIGESTBOT_", "SSL_"))}
        return subprocess.Popen(
            [*self.container, sys.executable, "-m", *arguments],
            cwd=self.folder,
            env={**environ, "PYTHONPATH": str(self.source)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=bound_by_permissions,
        )

    def close(self) -> None:
        """Nothing can be written from now on but data/: by permissions, and in a read-only container where one can be
        made.
        """
        data = self.folder / "house" / "data"
        data.mkdir(exist_ok=True)
        _may_write(self.folder, False)
        _may_write(data, True)
        container = ["unshare", "--mount", "sh", "-c", READ_ONLY, str(data)]
        if shutil.which("unshare") and not subprocess.run([*container, "true"], check=False).returncode:
            self.container = container

    def run(self, line: str) -> tuple[int, str]:
        """What comes of a line of the guide."""
        if not line.startswith("digestbot "):
            done = subprocess.run(line, shell=True, cwd=self.folder, check=True, capture_output=True, text=True)
            return 0, done.stdout
        process = self.start(*line.split())
        out, _ = process.communicate(timeout=120)
        return process.returncode, out


@pytest.fixture
def house() -> Iterator[House]:
    """The house, and its folder away in the end, whatever may be written there."""
    folder = Path(tempfile.mkdtemp(prefix="house-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        stack.callback(lambda: _may_write(folder, True))
        yield House(folder, make_authority(folder, *NAMES), stack)


def _given(number: int) -> Reply:
    """An access token, and a refresh token in place of the one that was taken."""
    said = {"access_token": "the-access-token", "expires_in": 3600, "refresh_token": f"refresh-token-{number}"}
    return Reply(body=json.dumps(said).encode())


def _may_write(folder: Path, yes: bool) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200 if yes else path.stat().st_mode & ~0o222)


def until(what: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for something that the daemon does."""
    end = time.monotonic() + 120
    while not what() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    if not what():
        process.kill()
        pytest.fail(process.communicate()[0])


def test_a_day_in_a_house_of_its_own_by_the_guide_alone(house: House) -> None:
    set_up(house)
    for line in house.codes("sh")[1].splitlines():  # check, doctor
        code, out = house.run(line)
        assert code == 0, out
    assert "let digest@house.example in by XOAUTH2 (STARTTLS)" in out
    assert "hook.house.example is reached; nothing was posted" in out
    assert house.mail.mails == []
    process = house.start(*house.codes("sh")[2].split())
    until(lambda: bool(house.mail.mails) and bool(posts(house)), process)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    (mail,) = house.mail.mails
    assert (mail.user, mail.tls, mail.recipient) == ("digest@house.example", True, "ruth@house.example")
    assert b"From: Paper digest <digest@house.example>" in mail.data
    assert {talk.commands[0][0] for talk in house.mail.talks} == {"ehlo digest.house.example"}
    (post,) = posts(house)
    assert post.headers["authorization"] == "Bearer the-hook-token"
    assert {f"CONNECT {name}:443" for name in NAMES[:3]} == set(house.proxy.asked)
    refreshed = [
        parse_qs(each.body.decode())["refresh_token"][0] for each in house.web.requests if each.path == "/token"
    ]
    assert refreshed == ["the-refresh-token", *(f"refresh-token-{n}" for n in range(1, len(refreshed)))]
    kept = house.folder / "house" / "data" / "oauth.json"
    assert f"refresh-token-{len(refreshed)}" in kept.read_text(encoding="utf-8")
    told = out + "".join(path.read_text(encoding="utf-8", errors="replace") for path in data(house) if path != kept)
    secrets = (
        "the-hook-token",
        "the-client-secret",
        "the-refresh-token",
        "the-access-token",
        "user:password",
        "CANARY",
    )
    assert [secret for secret in secrets if secret in told] == []


def set_up(house: House) -> None:
    """Steps 1 to 4, then everything but data/ is shut."""
    for line in house.codes("sh")[0].splitlines():
        code, out = house.run(line)
        assert code == 0, out
    held = {
        "refresh-token": "the-refresh-token",
        "client-secret": "the-client-secret",
        "hook": "https://hook.house.example/CANARY",
        "hook-token": "the-hook-token",
        "proxy": house.proxy.url("user:password"),
    }
    assert sorted(held) == sorted(house.secrets)
    (house.folder / "secrets").mkdir()
    for name, value in held.items():
        (house.folder / "secrets" / name).write_text(f"{value}\n", encoding="utf-8")
        (house.folder / "secrets" / name).chmod(0o400)
    home = house.folder / "house"
    (home / ".env").write_text(house.codes("ini")[0], encoding="utf-8")
    subscription, source = house.codes("toml")
    (home / "subscriptions" / "house.toml").write_text(subscription, encoding="utf-8")
    (home / "sources.toml").write_text(source, encoding="utf-8")
    house.close()
    cannot = [home / "x", home / "subscriptions" / "x", house.source / "digestbot" / "x", house.folder / "x"]
    if house.container:
        cannot += [Path(tempfile.gettempdir()) / "house-x", Path("/var/tmp/house-x"), Path.home() / "house-x"]
    assert writable(house, [*cannot, home / "data" / "x"]) == [str(home / "data" / "x")]


def writable(house: House, paths: Sequence[Path]) -> list[str]:
    """Which of these files a process that is bound as the daemon is can make, and takes away again."""
    code = (
        "import os, sys\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        os.close(os.open(path, os.O_CREAT | os.O_WRONLY)); os.unlink(path); print(path)\n"
        "    except OSError:\n"
        "        pass\n"
    )
    command = [*house.container, sys.executable, "-c", code, *map(str, paths)]
    done = subprocess.run(command, preexec_fn=bound_by_permissions, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def posts(house: House) -> list[Request]:
    return [each for each in list(house.web.requests) if each.path == "/CANARY" and each.method == "POST"]


def data(house: House) -> list[Path]:
    return [path for path in (house.folder / "house" / "data").rglob("*") if path.is_file()]
