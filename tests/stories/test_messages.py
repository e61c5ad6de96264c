"""What is told when something is wrong: the place, the way out, and what was done by then."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import available_timezones

import pytest

from digestbot.cli import ingest as ingest_module
from digestbot.model.zones import zone_hint
from digestbot.platform.net.certificates import distrusted
from tests.stories.commands import WITHOUT_STORE, Commands

SUBSCRIPTION = """\
name = "Mosses"
timezone = "{zone}"
cadence = "daily 07:30"
keywords = ["moss"]
{theme}
[[to]]
channel = "file"
path = "out"
{own}
"""


def subscribe(home: Path, *, zone: str = "UTC", theme: str = "", own: str = "") -> None:
    (home / "subscriptions").mkdir(exist_ok=True)
    text = SUBSCRIPTION.format(zone=zone, theme=theme, own=own)
    (home / "subscriptions" / "mosses.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("CET/CEST", "Europe/Berlin"),
        ("CEST", "Europe/Berlin"),
        ("cest", "Europe/Berlin"),
        ("MEZ", "Europe/Berlin"),
        ("MESZ", "Europe/Berlin"),
        ("BST", "Europe/London"),
        ("EEST", "Europe/Athens"),
        ("PDT", "America/Los_Angeles"),
        ("PST/PDT", "America/Los_Angeles"),
        ("EDT", "America/New_York"),
        ("AEST", "Australia/Sydney"),
        ("IST", "Asia/Kolkata"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("Europe/Berln", "Europe/Berlin"),
        ("Nowhere at all", "Europe/Berlin"),
        ("GMT+2", "no summer time"),
        ("UTC +01:00", "no summer time"),
        ("+0530", "no summer time"),
    ],
)
def test_a_time_zone_is_suggested_by_what_was_meant(written: str, meant: str) -> None:
    hint = zone_hint(written, available_timezones())
    assert meant in hint
    assert "'EST'" not in hint


@WITHOUT_STORE
def test_a_wrong_zone_and_a_wrong_theme_have_file_line_and_what_there_is(run: Commands) -> None:
    subscribe(run.home, zone="CET/CEST")
    told = run("check").err
    assert "subscriptions/mosses.toml:2: unknown time zone 'CET/CEST'" in told
    assert "Europe/" in told
    subscribe(run.home, theme='theme = "compakt"')
    checked = run("check")
    assert checked.code == 2
    assert "subscriptions/mosses.toml:5: unknown theme 'compakt' (did you mean 'compact'?" in checked.err
    assert "there are compact, default, magazine" in checked.err
    subscribe(run.home, own='theme = "zzz"')
    assert "subscriptions/mosses.toml:9: unknown theme 'zzz' (there are compact, default" in run("check").err


@WITHOUT_STORE
def test_a_theme_of_ones_own_is_known(run: Commands) -> None:
    (run.home / "templates" / "mine").mkdir(parents=True)
    (run.home / "templates" / "mine" / "digest.md").write_text("# {{ digest.name }}\n", encoding="utf-8")
    subscribe(run.home, theme='theme = "mine"')
    assert run("check").code == 0


def test_status_says_in_which_zone_its_times_are(run: Commands, tmp_path: Path) -> None:
    subscribe(run.home, zone="Asia/Tokyo")
    dump = tmp_path / "papers.jsonl"
    dump.write_text('{"id": "2609.00101", "title": "Moss on walls", "abstract": "moss"}\n', encoding="utf-8")
    assert run("ingest", str(dump)).code == 0
    assert run("send").code == 0
    (line,) = [each for each in run("status").out.splitlines() if each.startswith("mosses: last digest")]
    assert " JST, " in line


def test_an_interrupted_ingest_says_what_was_stored(
    run: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(run.home)
    dumps = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for number, dump in enumerate(dumps):
        dump.write_text(
            f'{{"id": "2609.0010{number}", "title": "Moss {number}", "abstract": "moss"}}\n', encoding="utf-8"
        )
    real = ingest_module._tell_ingested

    def stopped(*told: object, **options: object) -> int:
        real(*told, **options)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ingest_module, "_tell_ingested", stopped)
        ended = run("ingest", *map(str, dumps))
    assert ended.code == 130
    assert "1 entries were added to the paper log by then" in ended.err
    assert run("ingest", *map(str, dumps)).code == 0


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)",
            "DIGESTBOT_CA_FILE",
        ),
        ("self signed certificate in certificate chain", "DIGESTBOT_CA_FILE"),
        ("unable to get local issuer certificate", "authority"),
        ("certificate has expired", "renew"),
        ("Hostname mismatch, certificate is not valid for 'mail'.", "another name"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: CA cert does not include key usage", "key usage"),
    ],
)
def test_why_a_certificate_is_not_trusted(said: str, word: str) -> None:
    assert word in distrusted(said)
