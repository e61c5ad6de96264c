"""What holds where the operator set nothing: written down here, for people rely on it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.model.errors import UsageError
from digestbot.model.secret import Secret
from digestbot.platform.settings import Settings, home_folder, load_settings


def test_defaults_that_decide_what_leaves(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert settings.max_lateness == timedelta(days=3)
    assert (settings.on_unknown, settings.concurrency) == ("resend", 4)
    assert (settings.smtp_rate, settings.smtp_connections, settings.listen, settings.operator) == (None,) * 4
    assert settings.store.reveal() == "tinydb:data"
    assert (settings.log, settings.log_level, settings.trusted_proxies) == ("plain", "info", ("127.0.0.1", "::1"))


def test_settings_that_nobody_wrote_are_the_same_as_those_of_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("", encoding="utf-8")
    assert load_settings(tmp_path, {}) == Settings(tmp_path)


def test_every_setting_is_taken_as_it_is_written(tmp_path: Path) -> None:
    written = {
        "STORE": "tinydb:elsewhere",
        "SMTP_URL": "smtps://ada:x@mail.example.org:465",
        "MAIL_FROM": "Paper digest <digest@lists.example.org>",
        "DKIM_KEY": "one.pem,two.pem",
        "DKIM_SELECTOR": "s1,s2",
        "PUBLIC_URL": "https://digest.example.org",
        "TITLE_SEARCH": "off",
        "SECRET": "the-first-secret-of-ours-0123456789ab,the-second-secret-of-ours-0123456789ab",
        "LISTEN": "127.0.0.1:8080",
        "PROBES": "127.0.0.1:8081",
        "ALLOW_NETWORKS": "10.0.0.0/8,192.168.0.0/16",
        "TRUSTED_PROXIES": "10.0.0.1",
        "TO_LAB": "https://hooks.slack.com/services/T0/B0/x",
        "SOURCE_FEED": "https://example.org/feed",
        "BOUNCE_ADDRESS": "returns@example.org",
        "BOUNCES": "imaps://ada:x@mail.example.org/INBOX",
        "OPERATOR": "ops@example.org",
        "OPERATOR_PASSWORD": "a-long-enough-password",
        "HEARTBEAT_URL": "https://hc.example.org/0",
        "MAX_LATENESS": "12 hours",
        "ON_UNKNOWN": "hold",
        "SMTP_RATE": "2.5",
        "SMTP_CONNECTIONS": "3",
        "CONCURRENCY": "7",
        "LOG": "json",
        "LOG_LEVEL": "debug",
    }
    for name in ("one.pem", "two.pem"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    secret = {key: Secret(text) for key, text in written.items()}
    first, second = written["SECRET"].split(",")
    assert load_settings(tmp_path, {f"DIGESTBOT_{key}": text for key, text in written.items()}) == Settings(
        home=tmp_path,
        store=secret["STORE"],
        smtp_url=secret["SMTP_URL"],
        mail_from="Paper digest <digest@lists.example.org>",
        dkim_keys=(tmp_path / "one.pem", tmp_path / "two.pem"),
        dkim_selectors=("s1", "s2"),
        dkim_domain="lists.example.org",
        public_url="https://digest.example.org",
        title_search=(),
        secrets=(Secret(first), Secret(second)),
        listen="127.0.0.1:8080",
        probes="127.0.0.1:8081",
        allow_networks=("10.0.0.0/8", "192.168.0.0/16"),
        trusted_proxies=("10.0.0.1",),
        destinations={"lab": secret["TO_LAB"]},
        sources={"feed": secret["SOURCE_FEED"]},
        bounce_address="returns@example.org",
        bounces=secret["BOUNCES"],
        operator="ops@example.org",
        operator_password=secret["OPERATOR_PASSWORD"],
        heartbeat_url=secret["HEARTBEAT_URL"],
        max_lateness=timedelta(hours=12),
        on_unknown="hold",
        smtp_rate=2.5,
        smtp_connections=3,
        concurrency=7,
        log="json",
        log_level="debug",
    )


def test_the_home_is_the_option_else_the_environment_else_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, other, here = (tmp_path / each for each in ("named", "other", "here"))
    for each in (named, other, here):
        each.mkdir()
    monkeypatch.chdir(here)
    assert home_folder(str(named), {"DIGESTBOT_HOME": str(other)}) == named.resolve()
    assert home_folder(None, {"DIGESTBOT_HOME": str(other)}) == other.resolve()
    assert home_folder(None, {}) == here.resolve()
    with pytest.raises(UsageError, match="no such working directory"):
        home_folder(str(tmp_path / "nowhere"), {})
