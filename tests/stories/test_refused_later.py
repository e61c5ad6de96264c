"""FAULTS 89: what `run` or a send would refuse, `check` refuses, with the setting and the way out."""

from __future__ import annotations

import pytest

from tests.stories.commands import WITHOUT_STORE, Commands


@pytest.fixture(autouse=True)
def nothing_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks of this machine are as far away as others' are."""
    monkeypatch.delenv("DIGESTBOT_ALLOW_NETWORKS", raising=False)


PAGES = "DIGESTBOT_LISTEN=127.0.0.1:8077\nDIGESTBOT_PUBLIC_URL=https://shelf.example.org\n"
REFUSED = {
    PAGES: "DIGESTBOT_SECRET",
    PAGES + "DIGESTBOT_SECRET=short\n": "DIGESTBOT_SECRET",
    PAGES + f"DIGESTBOT_SECRET={'x' * 40},short\n": "DIGESTBOT_SECRET",
    PAGES + f"DIGESTBOT_SECRET={'x' * 40}\nDIGESTBOT_OPERATOR_PASSWORD=short\n": "DIGESTBOT_OPERATOR_PASSWORD",
    "DIGESTBOT_TO_DESK=http://172.20.4.9:8065/hooks/abc\n": "DIGESTBOT_TO_DESK",
    "DIGESTBOT_TO_DESK=http://localhost:8065/hooks/abc\n": "DIGESTBOT_TO_DESK",
    "DIGESTBOT_TO_DESK=http://0x7f.1:8065/hooks/abc\n": "DIGESTBOT_TO_DESK",
    "DIGESTBOT_TO_DESK=https://[::ffff:10.0.0.1]/hooks/abc\n": "DIGESTBOT_TO_DESK",
    "DIGESTBOT_TO_DESK=json://192.0.0.8/hooks/abc\n": "DIGESTBOT_TO_DESK",
    "DIGESTBOT_SOURCE_NEWS=http://192.88.99.1/feed\n": "DIGESTBOT_SOURCE_NEWS",
    "DIGESTBOT_HEARTBEAT_URL=http://[3fff::1]/ping\n": "DIGESTBOT_HEARTBEAT_URL",
    "DIGESTBOT_SMTP_URL=smtp://ruth:secret@mail.example.org\n": "clear text",
    "DIGESTBOT_SMTP_URL=smtps://ruth@mail.example.org\n": "belong together",
    "DIGESTBOT_SMTP_URL=smtp://ruth:le#en@127.0.0.1:2525\n": "%23",
    "DIGESTBOT_MAIL_FROM=a@example.org, b@example.org\n": "DIGESTBOT_MAIL_FROM",
    "DIGESTBOT_SMTP_URL=smtp://localhost\nDIGESTBOT_MAIL_FROM=a..b@example.org\n": "DIGESTBOT_MAIL_FROM",
    "DIGESTBOT_OPERATOR=me@@example.org\n": "DIGESTBOT_OPERATOR",
    "DIGESTBOT_DKIM_KEY=.env\nDIGESTBOT_DKIM_SELECTOR=s\n": "DIGESTBOT_DKIM_KEY",
    "DIGESTBOT_TO_LAB=https://9.9.9.9/a\nDIGESTBOT_TO_LAB_SECRET=not-base-64!\n": "DIGESTBOT_TO_LAB_SECRET",
    "DIGESTBOT_TO_LBA_SECRET=whsec_bGF0ZXI=\n": "DIGESTBOT_TO_LBA",
    "DIGESTBOT_TO_LAB=https://9.9.9.9/a b\n": "DIGESTBOT_TO_LAB",
    "DIGESTBOT_BOUNCES=imaps://a:b@mail.example.org\n": "DIGESTBOT_SECRET",
    f"DIGESTBOT_BOUNCES=nowhere\nDIGESTBOT_SECRET={'x' * 40}\n": "DIGESTBOT_BOUNCES",
    PAGES + f"DIGESTBOT_SECRET={'x' * 40}\nDIGESTBOT_PROBES=127.0.0.1:8077\n": "DIGESTBOT_PROBES",
    "DIGESTBOT_PUBLIC_URL=https://shelf.example.org/?a=b\n": "DIGESTBOT_PUBLIC_URL",
    "DIGESTBOT_HEARTBEAT_URL=https://9.9.9.9/ping x\n": "DIGESTBOT_HEARTBEAT_URL",
    "DIGESTBOT_SECRET=\u201caaaaaaaaaaaaaaaaaaaaaaaaaaa\u201d\n": "DIGESTBOT_SECRET",
    "DIGESTBOT_PROXY=socks5://127.0.0.1:1080\n": "DIGESTBOT_PROXY",
    "DIGESTBOT_CA_FILE=.env\n": "DIGESTBOT_CA_FILE",
    "DIGESTBOT_SMTP_OAUTH_CLIENT_ID=x\n": "DIGESTBOT_SMTP_OAUTH_REFRESH_TOKEN",
}


@WITHOUT_STORE
@pytest.mark.parametrize("written", REFUSED)
def test_check_refuses_what_is_refused_later(run: Commands, written: str) -> None:
    (run.home / ".env").write_text(written, encoding="utf-8")
    checked = run("check")
    assert checked.code == 2
    assert REFUSED[written] in checked.err
    assert "(" in checked.err.split(REFUSED[written], 1)[-1] or "write" in checked.err


@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
def test_check_refuses_a_store_that_is_a_file(run: Commands) -> None:
    (run.home / ".env").write_text("DIGESTBOT_STORE=tinydb:.env\n", encoding="utf-8")
    checked = run("check")
    assert checked.code == 2
    assert "DIGESTBOT_STORE names a file (write tinydb:FOLDER" in checked.err


@WITHOUT_STORE
@pytest.mark.parametrize(
    "written",
    [
        PAGES + f"DIGESTBOT_SECRET={'x' * 40}\nDIGESTBOT_OPERATOR_PASSWORD={'y' * 12}\n",
        "DIGESTBOT_TO_DESK=http://172.20.4.9:8065/hooks/abc\nDIGESTBOT_ALLOW_NETWORKS=172.20.0.0/16\n",
        "DIGESTBOT_TO_DESK=discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js\n",
        "DIGESTBOT_TO_DESK=https://9.9.9.9/hook\nDIGESTBOT_SMTP_URL=smtp://ruth:le%23en@127.0.0.1:2525\n",
    ],
)
def test_check_takes_what_is_right(run: Commands, written: str) -> None:
    (run.home / ".env").write_text(written, encoding="utf-8")
    checked = run("check")
    assert checked.code == 0, checked.err


def test_a_misspelt_name_in_the_environment_is_told_by_every_command(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGESTBOT_SMTP_URLS", "smtp://127.0.0.1:2525")
    monkeypatch.setenv("DIGESTBOT_MAILFROM", "shelf@example.org")
    for words in (["check"], ["status"]):
        told = run(*words).err
        assert "DIGESTBOT_SMTP_URLS in the environment is no setting (did you mean DIGESTBOT_SMTP_URL?)" in told
        assert "did you mean DIGESTBOT_MAIL_FROM?" in told
