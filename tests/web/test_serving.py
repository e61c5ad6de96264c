"""`serve` and `run` as processes: over one store, stopped in good order, killed in the middle."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from digestbot.model.errors import UsageError
from digestbot.model.subscribers import Membership
from digestbot.store import open_store
from digestbot.web import listening_at
from tests.delivery.kit import ROOT, configure, mail_to, subscribe
from tests.servers.smtp import SmtpServer
from tests.web.kit import PUBLIC, SECRET, Served, Visitor, link_in, read, wait_for


@contextmanager
def started(home: Path, *command: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command over `home`, when it says where it serves; and that."""
    whole = [sys.executable, "-m", "digestbot", "--home", str(home), *command]
    process = subprocess.Popen(whole, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    said = ""
    try:
        assert process.stderr is not None
        for line in process.stderr:
            said += line
            found = re.search(r"serving .*(http://[\d.]+:\d+)", line)
            if found:
                yield process, found[1]
                break
        else:
            raise AssertionError(said)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def home(tmp_path: Path, smtp_server: Callable[..., SmtpServer]) -> tuple[Path, SmtpServer]:
    smtp = smtp_server()
    settings(tmp_path, smtp.url())
    return tmp_path, smtp


def settings(home: Path, smtp: str, **more: object) -> None:
    """Settings with pages, and one subscription."""
    configure(home, PUBLIC_URL=PUBLIC, SECRET=f'"{SECRET}"', SMTP_URL=smtp, MAIL_FROM="d@example.org", **more)
    subscribe(home, "lab", mail_to(["lab"]))


@pytest.mark.parametrize("command", ["serve", "run"])
def test_who_signs_up_is_known_to_the_same_process(home: tuple[Path, SmtpServer], command: str, free_port: int) -> None:
    """Inside `run` the pages use the store that the daemon has open; TinyDB has one writer."""
    folder, smtp = home
    settings(folder, smtp.url(), LISTEN=f"127.0.0.1:{free_port}")
    with started(folder, command) as (process, url):
        visitor = Visitor(url)
        assert "Check your mail" in visitor.join().text
        wait_for(lambda: len(smtp.mails) == 1)
        assert "You are subscribed" in visitor.press(link_in(read(smtp.mails[0].data))).text
        visitor.http.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    with open_store("tinydb:data", home=folder, read_only=True) as store:
        assert [each.state for each in store.subscribers()] == [Membership.ACTIVE]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_j83_probes_have_an_address_of_their_own_and_no_other(home: tuple[Path, SmtpServer], free_port: int) -> None:
    folder, smtp = home
    settings(folder, smtp.url(), LISTEN="127.0.0.1:0", PROBES=f"127.0.0.1:{free_port}")
    probes = f"http://127.0.0.1:{free_port}"
    with started(folder, "run") as (process, url):
        assert process.stderr is not None
        assert any(f"probes at {probes}" in line for line in process.stderr)
        codes = [httpx.get(f"{probes}{path}", timeout=30).status_code for path in ("/live", "/metrics", "/")]
        assert codes == [200, 200, 404]
        assert [httpx.get(f"{url}{path}", timeout=30).status_code for path in ("/", "/live", "/metrics")] == [
            200,
            404,
            404,
        ]


def test_a_crash_loses_no_letter(home: tuple[Path, SmtpServer], free_port: int) -> None:
    """The mail server is away, the process is killed; the next one sends it."""
    folder, smtp = home
    settings(folder, f"smtp://localhost:{free_port}")
    with started(folder, "serve", "--port", "0") as (process, url):
        visitor = Visitor(url)
        assert "Check your mail" in visitor.join().text
        visitor.http.close()
        process.kill()
        process.wait()
    assert smtp.mails == []
    settings(folder, smtp.url())
    with started(folder, "serve", "--port", "0") as (_, url):
        wait_for(lambda: len(smtp.mails) == 1, 20)
        visitor = Visitor(url)
        assert "You are subscribed" in visitor.press(link_in(read(smtp.mails[0].data))).text
        visitor.http.close()
    assert list((folder / "data" / "letters").glob("*.letter")) == []


def test_serve_beside_a_daemon_says_the_way_out(home: tuple[Path, SmtpServer]) -> None:
    folder, _ = home
    with open_store("tinydb:data", home=folder):
        ended = run(folder, "serve", "--port", "0")
    assert ended.returncode == 1
    assert "DIGESTBOT_LISTEN" in ended.stderr


@pytest.mark.parametrize(
    ("missing", "said"),
    [("PUBLIC_URL", "DIGESTBOT_PUBLIC_URL"), ("SECRET", "such as")],
)
def test_what_the_pages_need_is_named(home: tuple[Path, SmtpServer], missing: str, said: str) -> None:
    folder, _ = home
    lines = (folder / ".env").read_text().splitlines()
    (folder / ".env").write_text("\n".join(line for line in lines if missing not in line))
    ended = run(folder, "serve", "--port", "0")
    assert ended.returncode == 2
    assert said in ended.stderr


def test_a_secret_that_can_be_guessed_is_refused(home: tuple[Path, SmtpServer]) -> None:
    folder, smtp = home
    configure(folder, PUBLIC_URL=PUBLIC, SECRET="short", SMTP_URL=smtp.url())
    ended = run(folder, "serve", "--port", "0")
    assert ended.returncode == 2
    assert "20 characters" in ended.stderr
    assert "short" not in ended.stderr.replace("shortly", "")


def test_a_port_that_is_taken_is_named(home: tuple[Path, SmtpServer]) -> None:
    folder, _ = home
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ended = run(folder, "serve", "--port", str(other.getsockname()[1]))
    assert ended.returncode == 2
    assert "cannot listen at" in ended.stderr


def run(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command to its end."""
    whole = [sys.executable, "-m", "digestbot", "--home", str(home), *command]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("DIGESTBOT")}
    return subprocess.run(whole, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env=environ)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("8080", ("127.0.0.1", 8080)),
        ("[::1]:80", ("::1", 80)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
    ],
)
def test_where_to_listen(written: str, means: tuple[str, int]) -> None:
    assert listening_at(written) == means


@pytest.mark.parametrize("written", ["host", "host:port", ":", "1:99999"])
def test_what_is_no_place_to_listen(written: str) -> None:
    with pytest.raises(UsageError, match="host:port"):
        listening_at(written)


def test_a_typo_in_the_topics_takes_no_page_away(served: Served, tmp_path: Path) -> None:
    """What was read before stays; at a start, where there is nothing before, what needs no topics goes on."""
    configure(tmp_path, SMTP_URL=served.smtp.url(), PUBLIC_URL=PUBLIC, SECRET=f"'{SECRET}'")
    path = served.subscribe(topics=["multilingual"])
    assert len(served.app.wants()) == 1
    (tmp_path / "subscriptions" / "topics.toml").write_text("[[[ broken", encoding="utf-8")
    (problem,) = served.current.reload()
    assert (problem.place, problem.line) == ("subscriptions/topics.toml", 1)
    assert [each.status_code for each in map(served.visitor().get, ("/", path, "/search?q=x"))] == [200] * 3
    assert [compiled.subscription.spec.topics for compiled in served.app.wants()] == [("multilingual",)]
    leave = re.search(r"/leave/[^\"]+", served.visitor().get(path).text)
    served.current.app = served.app.anew()
    assert served.visitor().get("/").status_code == 503
    assert leave is not None
    one_click = served.visitor().http.post(leave[0], data={"List-Unsubscribe": "One-Click"})
    assert (one_click.status_code, len(served.app.store.suppressions())) == (200, 1)


def test_under_a_path_all_links_begin_with_it(serve: Callable[..., Served]) -> None:
    """https://example.org/papers, whose proxy takes the prefix away."""
    served = serve(PUBLIC_URL="https://example.org/papers/")
    visitor = served.visitor()
    page = visitor.get("/").text
    assert 'action="/papers/join"' in page
    hrefs = set(re.findall(r'(?:href|src|action)="(/[^"]*)"', page))
    assert all(each.startswith("/papers/") for each in hrefs), hrefs
    style = next(each for each in hrefs if "web.css" in each)
    assert visitor.get(style.removeprefix("/papers")).status_code == 200
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    cookie = visitor.http.cookies.get("digestbot_form", path="/papers")
    spec = {"form_token": token[1], "address": "a@example.org", "rules": "x", "every": "daily", "at": "08:00"}
    taken = visitor.http.post("/join", data=spec, headers={"Cookie": f"digestbot_form={cookie}"})
    assert "Check your mail" in taken.text
    assert link_in(served.mails(1)[0]).startswith("/papers/confirm/")


def test_pages_for_many_at_once(served: Served) -> None:
    """Forty at a time are answered, each from its own thread over the one store."""
    from concurrent.futures import ThreadPoolExecutor

    path = served.subscribe()
    with ThreadPoolExecutor(20) as pool:
        urls = [served.url + (path if number % 2 else "/") for number in range(40)]
        codes = list(pool.map(lambda url: httpx.get(url, timeout=30).status_code, urls))
    assert codes == [200] * 40
