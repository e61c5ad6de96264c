"""FAULTS 89: what is set and changes nothing is told by `check` and by the doctor, by name and with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from digestbot.runtime.doctor import machine
from tests.stories.commands import Commands

TO_LAB = 'cadence = "daily 08:00"\nquery = "speech"\n[[to]]\nchannel = "{}"\ndestination = "lab"\n'
pytestmark = pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)  # no store has a say in it
SLACK = "DIGESTBOT_TO_LAB=https://hooks.slack.com/services/T0/B0/xyz\n"
TOLD = {
    "DIGESTBOT_HOME=/elsewhere\n": "DIGESTBOT_HOME has no effect here: it says where this file is",
    "DIGESTBOT_LOG=json\nDIGESTBOT_LOG=plain\n": "DIGESTBOT_LOG has no effect: line 2 sets it again",
    "DIGESTBOT_SMTP_RATE=3\n": "DIGESTBOT_SMTP_RATE has no effect without DIGESTBOT_SMTP_URL",
    "DIGESTBOT_HELO=digest.example.org\n": "DIGESTBOT_HELO has no effect without DIGESTBOT_SMTP_URL",
    "DIGESTBOT_NO_PROXY=chat.example.org\n": "DIGESTBOT_NO_PROXY has no effect without DIGESTBOT_PROXY",
    "DIGESTBOT_MODEL_KEY=abc\n": "DIGESTBOT_MODEL_KEY has no effect without DIGESTBOT_MODEL_URL",
    "DIGESTBOT_DKIM_DOMAIN=example.org\n": "DIGESTBOT_DKIM_DOMAIN has no effect without DIGESTBOT_DKIM_KEY",
    "DIGESTBOT_SOURCE_NEWS=https://9.9.9.9/feed\n": "DIGESTBOT_SOURCE_NEWS has no effect: no source has this name",
    f"{SLACK}DIGESTBOT_TO_LAB_TOKEN=abc\n": "DIGESTBOT_TO_LAB_TOKEN has no effect: lab is posted to by Slack",
    f"{SLACK}DIGESTBOT_TO_LAB_SECRET=whsec_bGF0ZXI=\n": "DIGESTBOT_TO_LAB_SECRET has no effect: lab is posted to by",
    f'{SLACK}DIGESTBOT_TO_LAB_HEADERS={{"A": "b"}}\n': "DIGESTBOT_TO_LAB_HEADERS has no effect: lab is posted to by",
}


@pytest.mark.parametrize("written", TOLD)
def test_what_changes_nothing_is_a_warning(run: Commands, written: str) -> None:
    (run.home / ".env").write_text(written)
    if "TO_LAB" in written:
        run.subscribe("a", TO_LAB.format("slack"))
    checked = run("check")
    assert checked.code == 0, checked.err
    (line,) = [each for each in checked.err.splitlines() if "no effect" in each]
    assert line.startswith("warning: ")
    assert TOLD[written] in line
    assert line.endswith(")")


def test_the_doctor_tells_it_too(run: Commands) -> None:
    (run.home / ".env").write_text("DIGESTBOT_MODEL_KEY=abc\n")
    run.subscribe("a", 'cadence = "daily 08:00"\nquery = "speech"\n[[to]]\nchannel = "file"\npath = "out"\n')
    assert "DIGESTBOT_MODEL_KEY has no effect without DIGESTBOT_MODEL_URL" in run("doctor", "--offline").out


def test_what_a_webhook_is_sent_with_is_not_told(run: Commands) -> None:
    (run.home / ".env").write_text(
        'DIGESTBOT_TO_LAB=https://9.9.9.9/a\nDIGESTBOT_TO_LAB_TOKEN=abc\nDIGESTBOT_TO_LAB_HEADERS={"A": "b"}\n'
        "DIGESTBOT_SMTP_URL=smtp://localhost\nDIGESTBOT_SMTP_RATE=3\nDIGESTBOT_MAIL_FROM=d@example.org\n"
    )
    run.subscribe("a", TO_LAB.format("webhook"))
    checked = run("check")
    assert (checked.code, "no effect" in checked.err) == (0, False), checked.err


@pytest.mark.parametrize("where", [".env", "environment"])
def test_row_71_a_secret_s_own_file_that_others_can_read_is_warned_of(
    run: Commands, tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "smtp-url"
    kept.write_text("smtp://localhost\n")
    kept.chmod(0o644)
    (run.home / ".env").write_text(f"DIGESTBOT_SMTP_URL_FILE={kept}\n" if where == ".env" else "")
    (run.home / ".env").chmod(0o600)
    if where == "environment":
        monkeypatch.setenv("DIGESTBOT_SMTP_URL_FILE", str(kept))
    assert f"{kept}: others on this machine can read it (chmod 600 {kept})" in run("check").err
    assert f"others on this machine can read {kept}" in run("doctor", "--offline").out
    kept.chmod(0o600)
    assert "can read" not in run("check").err


def test_row_71_a_kept_token_that_others_can_read_is_warned_of(run: Commands) -> None:
    data = run.home / "data"
    data.mkdir(exist_ok=True)
    (data / "oauth.json").write_text("{}")
    (data / "oauth.json").chmod(0o644)
    data.chmod(0o755)
    assert f"{data / 'oauth.json'}: others on this machine can read it" in run("check").err
    data.chmod(0o700)
    assert "oauth.json" not in run("check").err


def test_row_71_what_a_container_has_mounted_for_reading_is_not_its_to_shut(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run.home / ".env").write_text("")
    (run.home / ".env").chmod(0o644)
    assert "can read" in run("check").err
    monkeypatch.setattr(machine, "mounted_read_only", lambda path: True)
    assert "can read" not in run("check").err
