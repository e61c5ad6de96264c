"""What is looked at before it leaves: `send --to` and `preview --open` show the real thing and change nothing."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from digestbot.cli.main import main
from tests.delivery.kit import configure, fill, mail_to, subscribe
from tests.servers.smtp import Mail, SmtpServer

Home = tuple[Path, SmtpServer]


@pytest.fixture
def home(tmp_path: Path, smtp_server: Callable[..., SmtpServer]) -> Home:
    server = smtp_server({})
    configure(tmp_path, SMTP_URL=server.url(host="127.0.0.1"))
    subscribe(tmp_path, "all", mail_to(["me"]))
    fill(tmp_path)
    return tmp_path, server


def line(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *arguments])
    return int(ended.value.code or 0)


def kept(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (home / "data").rglob("*") if path.is_file()}


def headers(mail: Mail) -> dict[str, str]:
    return dict(message_from_bytes(mail.data, policy=policy.default).items())


def test_i78_a_test_is_marked_and_touches_no_ledger(home: Home) -> None:
    folder, server = home
    before = kept(folder)
    assert line(folder, "send", "all", "--to", "me@example.org") == 0
    assert kept(folder) == before
    (rehearsed,) = server.mails
    assert headers(rehearsed)["Subject"].startswith("[test] ")
    assert line(folder, "send", "all") == 0
    _, real = server.mails
    assert not headers(real)["Subject"].startswith("[")
    assert headers(real)["Message-ID"] != headers(rehearsed)["Message-ID"], "else it is dropped as a copy"


def test_a_preview_in_the_browser_is_the_page_byte_for_byte_and_changes_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder, server = home
    before, opened = kept(folder), list[str]()

    def browse(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", browse)
    assert line(folder, "preview", "all", "--format", "html") == 0
    page = capfdbinary.readouterr().out
    assert line(folder, "preview", "all", "--open") == 0
    (url,) = opened
    file = Path(url.removeprefix("file://"))
    assert capfdbinary.readouterr().out == f"{file}\n".encode()
    assert file.read_bytes() == page
    assert kept(folder) == before
    assert not server.mails
    file.unlink()
