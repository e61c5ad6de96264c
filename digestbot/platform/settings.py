"""The settings: what `.env` and the environment say, checked once and all at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from digestbot.model.errors import Problem, UsageError
from digestbot.model.secret import Secret
from digestbot.platform.durations import duration
from digestbot.platform.env_file import settings_of
from digestbot.platform.setting_names import SOURCE, TO
from digestbot.platform.settings_checks import from_line, several, wrong
from digestbot.platform.title_search import TITLE_SEARCH, title_searches


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator set. ``destinations`` maps the name after DIGESTBOT_TO_ (lower case) to its URL,
    ``sources`` that after DIGESTBOT_SOURCE_.

    ``dkim_keys`` are files, each with its own of
    ``dkim_selectors``; ``operator`` is an address or a destination's name; ``on_unknown`` is one of ON_UNKNOWN.
    """

    home: Path
    store: Secret = field(default_factory=lambda: Secret("tinydb:data"))
    smtp_url: Secret | None = None
    mail_from: str = "digestbot <digestbot@localhost>"
    dkim_keys: tuple[Path, ...] = ()
    dkim_selectors: tuple[str, ...] = ()
    dkim_domain: str = ""
    public_url: str | None = None
    title_search: tuple[tuple[str, str], ...] = TITLE_SEARCH
    secrets: tuple[Secret, ...] = ()
    listen: str | None = None
    probes: str | None = None
    allow_networks: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    destinations: Mapping[str, Secret] = field(default_factory=dict)
    sources: Mapping[str, Secret] = field(default_factory=dict)
    bounce_address: str | None = None
    bounces: Secret | None = None
    operator: str | None = None
    operator_password: Secret | None = None
    heartbeat_url: Secret | None = None
    model_url: str | None = None
    model_model: str | None = None
    model_key: Secret | None = None
    model_calls: int = 300
    model_seconds: int = 60
    max_lateness: timedelta = timedelta(days=3)
    on_unknown: str = "resend"
    smtp_rate: float | None = None
    smtp_connections: int | None = None
    concurrency: int = 4
    log: str = "plain"
    log_level: str = "info"


def home_folder(chosen: str | None, environ: Mapping[str, str]) -> Path:
    """The working directory: --home, else DIGESTBOT_HOME, else the current one. Raises UsageError."""
    home = Path(chosen or environ.get("DIGESTBOT_HOME") or ".").expanduser()
    if not home.is_dir():
        raise UsageError(
            Problem("no such working directory", str(home), way_out=f"make one with: digestbot init {home}")
        )
    return home.resolve()


def load_settings(home: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a working directory; the environment wins over `.env`.

    Raises UsageError with every problem found.
    """
    values, problems = settings_of(home, environ)
    problems += wrong(home / ".env", values)
    if problems:
        raise UsageError(*problems)
    sender = from_line(values.get("DIGESTBOT_MAIL_FROM", "")) or "digestbot <digestbot@localhost>"
    return Settings(
        home=home,
        store=Secret(values.get("DIGESTBOT_STORE", "tinydb:data")),
        smtp_url=Secret(values["DIGESTBOT_SMTP_URL"]) if "DIGESTBOT_SMTP_URL" in values else None,
        mail_from=sender,
        dkim_keys=tuple(home / Path(each).expanduser() for each in several(values, "DIGESTBOT_DKIM_KEY")),
        dkim_selectors=tuple(several(values, "DIGESTBOT_DKIM_SELECTOR")),
        dkim_domain=values.get("DIGESTBOT_DKIM_DOMAIN")
        or (parseaddr(sender)[1].rpartition("@")[2] if "DIGESTBOT_MAIL_FROM" in values else ""),
        public_url=values.get("DIGESTBOT_PUBLIC_URL"),
        title_search=title_searches(values.get("DIGESTBOT_TITLE_SEARCH", "")),
        secrets=tuple(Secret(each) for each in several(values, "DIGESTBOT_SECRET")),
        listen=values.get("DIGESTBOT_LISTEN"),
        probes=values.get("DIGESTBOT_PROBES"),
        allow_networks=tuple(several(values, "DIGESTBOT_ALLOW_NETWORKS")),
        trusted_proxies=tuple(several(values, "DIGESTBOT_TRUSTED_PROXIES")) or ("127.0.0.1", "::1"),
        destinations={k.removeprefix(TO).lower(): Secret(v) for k, v in values.items() if k.startswith(TO)},
        sources={k.removeprefix(SOURCE).lower(): Secret(v) for k, v in values.items() if k.startswith(SOURCE)},
        bounce_address=values.get("DIGESTBOT_BOUNCE_ADDRESS"),
        bounces=Secret(values["DIGESTBOT_BOUNCES"]) if "DIGESTBOT_BOUNCES" in values else None,
        operator=values.get("DIGESTBOT_OPERATOR"),
        operator_password=Secret(password) if (password := values.get("DIGESTBOT_OPERATOR_PASSWORD")) else None,
        heartbeat_url=Secret(values["DIGESTBOT_HEARTBEAT_URL"]) if "DIGESTBOT_HEARTBEAT_URL" in values else None,
        model_url=values.get("DIGESTBOT_MODEL_URL"),
        model_model=values.get("DIGESTBOT_MODEL_MODEL"),
        model_key=Secret(values["DIGESTBOT_MODEL_KEY"]) if "DIGESTBOT_MODEL_KEY" in values else None,
        model_calls=int(values.get("DIGESTBOT_MODEL_CALLS", "300")),
        model_seconds=int(values.get("DIGESTBOT_MODEL_SECONDS", "60")),
        max_lateness=duration(values.get("DIGESTBOT_MAX_LATENESS", "")) or timedelta(days=3),
        on_unknown=values.get("DIGESTBOT_ON_UNKNOWN", "resend"),
        smtp_rate=float(values["DIGESTBOT_SMTP_RATE"]) if "DIGESTBOT_SMTP_RATE" in values else None,
        smtp_connections=int(values.get("DIGESTBOT_SMTP_CONNECTIONS", "0")) or None,
        concurrency=int(values.get("DIGESTBOT_CONCURRENCY", "4")),
        log=values.get("DIGESTBOT_LOG", "plain"),
        log_level=values.get("DIGESTBOT_LOG_LEVEL", "info"),
    )
