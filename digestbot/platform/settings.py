"""The settings: what `.env` and the environment say, checked once and all at once."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from digestbot.model.errors import Problem, UsageError
from digestbot.model.secret import Secret
from digestbot.platform.durations import duration
from digestbot.platform.logs import FORMS, LEVELS
from digestbot.platform.title_search import TITLE_SEARCH, search_problems, title_searches

_PREFIX = "DIGESTBOT_"
_TO = "DIGESTBOT_TO_"
_SOURCE = "DIGESTBOT_SOURCE_"
ON_UNKNOWN = ("resend", "hold")
_CHOICES = {"DIGESTBOT_ON_UNKNOWN": ON_UNKNOWN, "DIGESTBOT_LOG": FORMS, "DIGESTBOT_LOG_LEVEL": LEVELS}
_LIMITS = {
    "DIGESTBOT_SMTP_RATE": (r"0*[1-9]\d{0,4}(\.\d+)?|0*\.\d*[1-9]\d*", "write how many mails a second: 20, or 0.5"),
    "DIGESTBOT_SMTP_CONNECTIONS": (r"[1-9]\d{0,3}", "write a number from 1 to 9999"),
    "DIGESTBOT_CONCURRENCY": ("[1-9]|1[0-6]", "write a number from 1 to 16"),
    "DIGESTBOT_LISTEN": (r"(\S*:)?\d{1,5}", "write 127.0.0.1:8080"),
    "DIGESTBOT_PROBES": (r"(\S*:)?\d{1,5}", "write 127.0.0.1:8081"),
}
_SMTP_SCHEMES = ("smtp+starttls", "smtps", "smtp")

KNOWN: Mapping[str, str] = {
    "DIGESTBOT_SMTP_URL": "the mail server: smtp+starttls://user:password@host:587, smtps://... or smtp://...",
    "DIGESTBOT_MAIL_FROM": 'the From line of mails: "Paper digest <digest@example.org>"',
    "DIGESTBOT_DKIM_KEY": "signs mail: a file with a private key in PEM, RSA or Ed25519; several separated by commas",
    "DIGESTBOT_DKIM_SELECTOR": "under which name the domain's DNS has the key's other half; one for each key",
    "DIGESTBOT_DKIM_DOMAIN": "the domain that signs: example.org; unless set, that of DIGESTBOT_MAIL_FROM",
    "DIGESTBOT_PUBLIC_URL": "where the bot's own pages are reached: https://digest.example.org",
    "DIGESTBOT_TITLE_SEARCH": "where titles without an address are searched for: https://...{title}, or off",
    "DIGESTBOT_SECRET": "signs links; several separated by commas, the first signs, all are accepted",
    "DIGESTBOT_LISTEN": "`run` serves the web pages too, at this host and port: 127.0.0.1:8080",
    "DIGESTBOT_PROBES": "`run` answers /live, /ready and /metrics here, and not beside the pages: 127.0.0.1:8081",
    "DIGESTBOT_ALLOW_NETWORKS": "private networks that webhooks and sources may lead to: 127.0.0.1, 192.168.1.0/24",
    "DIGESTBOT_TRUSTED_PROXIES": "whose word about the client is taken: 127.0.0.1, 10.0.0.0/8",
    "DIGESTBOT_BOUNCE_ADDRESS": "where mail that cannot be delivered comes back to: bounce@example.org",
    "DIGESTBOT_BOUNCES": "where `run` reads it: imaps://user:password@host/Bounces, or a maildir",
    "DIGESTBOT_STORE": "where papers and ledger are kept: tinydb:data, or postgresql://user:password@host/database",
    "DIGESTBOT_OPERATOR": "who is told of trouble: an address, or the name of a destination (DIGESTBOT_TO_<NAME>)",
    "DIGESTBOT_OPERATOR_PASSWORD": "opens the operator's pages, at /operator of the web pages; 12 characters or more",
    "DIGESTBOT_HEARTBEAT_URL": "fetched after each good round of `run`, and after a bad one with /fail behind it",
    "DIGESTBOT_MAX_LATENESS": "what is older leaves only by hand: 3 days, 12 hours",
    "DIGESTBOT_ON_UNKNOWN": "a send whose answer never came is sent again (resend) or kept for you to decide (hold)",
    "DIGESTBOT_SMTP_RATE": "how many mails a second the mail server takes: 20; all workers together keep to it",
    "DIGESTBOT_SMTP_CONNECTIONS": "how many mails it takes at once: 10; all workers together keep to it",
    "DIGESTBOT_CONCURRENCY": "how many sends of one kind go on at a time: 4",
    "DIGESTBOT_LOG": "what `run` says is for people (plain) or for machines, one JSON object a line (json)",
    "DIGESTBOT_LOG_LEVEL": "how much it says: debug, info, warning or error",
    "DIGESTBOT_HOME": "the working directory, unless --home says another",
}


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
    path = home / ".env"
    written: dict[str, str] = {}
    problems: list[Problem] = []
    if path.is_file():
        from dotenv import dotenv_values

        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise UsageError(Problem(f"cannot be read: {error}", str(path), way_out="save it as UTF-8 text")) from None
        except OSError as error:
            hint = "make it readable for the user who runs digestbot"
            raise UsageError(Problem(f"cannot be read: {error.strerror}", str(path), way_out=hint)) from None
        written = {key: value or "" for key, value in dotenv_values(path, encoding="utf-8-sig").items()}
        problems += _misspelt(path, text, written)
    values = {**written, **{k: v for k, v in environ.items() if k.startswith(_PREFIX)}}
    values = {k: v.strip() for k, v in values.items() if v.strip()}
    problems += _wrong(path, values)
    if problems:
        raise UsageError(*problems)
    return Settings(
        home=home,
        store=Secret(values.get("DIGESTBOT_STORE", "tinydb:data")),
        smtp_url=Secret(values["DIGESTBOT_SMTP_URL"]) if "DIGESTBOT_SMTP_URL" in values else None,
        mail_from=values.get("DIGESTBOT_MAIL_FROM", "digestbot <digestbot@localhost>"),
        dkim_keys=tuple(home / Path(each).expanduser() for each in _several(values, "DIGESTBOT_DKIM_KEY")),
        dkim_selectors=tuple(_several(values, "DIGESTBOT_DKIM_SELECTOR")),
        dkim_domain=values.get("DIGESTBOT_DKIM_DOMAIN")
        or parseaddr(values.get("DIGESTBOT_MAIL_FROM", ""))[1].rpartition("@")[2],
        public_url=values.get("DIGESTBOT_PUBLIC_URL"),
        title_search=title_searches(values.get("DIGESTBOT_TITLE_SEARCH", "")),
        secrets=tuple(Secret(each) for each in _several(values, "DIGESTBOT_SECRET")),
        listen=values.get("DIGESTBOT_LISTEN"),
        probes=values.get("DIGESTBOT_PROBES"),
        allow_networks=tuple(_several(values, "DIGESTBOT_ALLOW_NETWORKS")),
        trusted_proxies=tuple(_several(values, "DIGESTBOT_TRUSTED_PROXIES")) or ("127.0.0.1", "::1"),
        destinations={k.removeprefix(_TO).lower(): Secret(v) for k, v in values.items() if k.startswith(_TO)},
        sources={k.removeprefix(_SOURCE).lower(): Secret(v) for k, v in values.items() if k.startswith(_SOURCE)},
        bounce_address=values.get("DIGESTBOT_BOUNCE_ADDRESS"),
        bounces=Secret(values["DIGESTBOT_BOUNCES"]) if "DIGESTBOT_BOUNCES" in values else None,
        operator=values.get("DIGESTBOT_OPERATOR"),
        operator_password=Secret(password) if (password := values.get("DIGESTBOT_OPERATOR_PASSWORD")) else None,
        heartbeat_url=Secret(values["DIGESTBOT_HEARTBEAT_URL"]) if "DIGESTBOT_HEARTBEAT_URL" in values else None,
        max_lateness=duration(values.get("DIGESTBOT_MAX_LATENESS", "")) or timedelta(days=3),
        on_unknown=values.get("DIGESTBOT_ON_UNKNOWN", "resend"),
        smtp_rate=float(values["DIGESTBOT_SMTP_RATE"]) if "DIGESTBOT_SMTP_RATE" in values else None,
        smtp_connections=int(values.get("DIGESTBOT_SMTP_CONNECTIONS", "0")) or None,
        concurrency=int(values.get("DIGESTBOT_CONCURRENCY", "4")),
        log=values.get("DIGESTBOT_LOG", "plain"),
        log_level=values.get("DIGESTBOT_LOG_LEVEL", "info"),
    )


def _several(values: Mapping[str, str], key: str) -> list[str]:
    return [each.strip() for each in values.get(key, "").split(",") if each.strip()]


def _misspelt(path: Path, text: str, written: Mapping[str, str]) -> list[Problem]:
    problems = []
    for key in written:
        ours = key.startswith(_PREFIX)
        near = difflib.get_close_matches(key, KNOWN, 1, 0.6 if ours else 0.9)
        if key in KNOWN or key.startswith((_TO, _SOURCE)) or not (ours or near):
            continue
        found = re.search(rf"^\s*(?:export\s+)?{re.escape(key)}\s*=", text, re.MULTILINE)
        line = text.count("\n", 0, found.end()) + 1 if found else None
        way_out = f"did you mean {near[0]}?" if near else f"known are {', '.join(KNOWN)}, {_TO}<NAME>, {_SOURCE}<NAME>"
        problems.append(Problem(f"unknown setting {key}", str(path), line, way_out=way_out))
    return problems


def _wrong(path: Path, values: Mapping[str, str]) -> list[Problem]:
    """Values that cannot be right, never shown: they may hold passwords."""
    problems = []
    smtp = values.get("DIGESTBOT_SMTP_URL")
    if smtp is not None and not _is_url(smtp, _SMTP_SCHEMES):
        hint = "write smtp+starttls://user:password@host:587, smtps://user:password@host:465 or smtp://localhost:25"
        problems.append(Problem("DIGESTBOT_SMTP_URL is no mail server's URL", str(path), way_out=hint))
    sender = values.get("DIGESTBOT_MAIL_FROM")
    if sender is not None and "@" not in parseaddr(sender)[1]:
        hint = 'write "Paper digest <digest@example.org>"'
        problems.append(Problem("DIGESTBOT_MAIL_FROM holds no address", str(path), way_out=hint))
    public = values.get("DIGESTBOT_PUBLIC_URL")
    if public is not None and not _is_url(public, ("https", "http")):
        hint = "write https://digest.example.org"
        problems.append(Problem("DIGESTBOT_PUBLIC_URL is no URL", str(path), way_out=hint))
    problems += [each.at(str(path)) for each in search_problems(values.get("DIGESTBOT_TITLE_SEARCH", ""))]
    problems += _wrong_service(path, values)
    problems += _wrong_signing(path, values)
    problems += _wrong_returns(path, values)
    for key, value in values.items():
        if key.startswith(_SOURCE) and not _is_url(value, ("https", "http", "imaps")):
            hint = "write https://..., or imaps://user:password@host"
            problems.append(Problem(f"{key} is no URL", str(path), way_out=hint))
        if key.startswith(_TO) and not key.endswith("_SECRET") and not _is_destination(value):
            problems.append(Problem(f"{key} is no URL", str(path), way_out="write the webhook's https:// URL"))
    return problems


def _wrong_service(path: Path, values: Mapping[str, str]) -> list[Problem]:
    """What is wrong in how the service is to be run."""
    wrong: dict[str, str] = {}
    operator = values.get("DIGESTBOT_OPERATOR", "@")
    if "@" not in operator and f"{_TO}{operator.upper()}" not in values:
        wrong["DIGESTBOT_OPERATOR"] = f"write an address, or a name set as {_TO}<NAME>"
    if not _is_url(values.get("DIGESTBOT_HEARTBEAT_URL", "https://x"), ("https", "http")):
        wrong["DIGESTBOT_HEARTBEAT_URL"] = "write the whole https:// URL"
    for key in ("DIGESTBOT_ALLOW_NETWORKS", "DIGESTBOT_TRUSTED_PROXIES"):
        if not all(map(_is_network, _several(values, key))):
            wrong[key] = "write addresses or networks: 127.0.0.1, 10.0.0.0/8"
    if not duration(values.get("DIGESTBOT_MAX_LATENESS", "3 days")):
        wrong["DIGESTBOT_MAX_LATENESS"] = "write 3 days, or 12 hours"
    for key, known in _CHOICES.items():
        if values.get(key, known[0]) not in known:
            wrong[key] = f"write one of {', '.join(known)}"
    wrong |= _out_of_limits(values)
    return [Problem(f"{key} is not understood", str(path), way_out=hint) for key, hint in wrong.items()]


def _wrong_returns(path: Path, values: Mapping[str, str]) -> list[Problem]:
    """What is wrong in where mail comes back to."""
    wrong = {}
    address, place = values.get("DIGESTBOT_BOUNCE_ADDRESS", ""), values.get("DIGESTBOT_BOUNCES", "")
    # What stands behind its + makes the local part 50 characters longer: RFC 5321 has 64.
    if address and not re.fullmatch(r"[A-Za-z0-9._-]{1,14}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", address):
        wrong["DIGESTBOT_BOUNCE_ADDRESS"] = "write at most 14 letters before the @: bounce@example.org"
    elif address and "DIGESTBOT_SECRET" not in values:
        wrong["DIGESTBOT_BOUNCE_ADDRESS"] = "set DIGESTBOT_SECRET too, which signs what comes back"
    if "://" in place and not _is_url(place, ("imaps",)):
        wrong["DIGESTBOT_BOUNCES"] = "write imaps://user:password@host/FOLDER, or the path of a maildir"
    return [Problem(f"{key} cannot be used so", str(path), way_out=hint) for key, hint in wrong.items()]


def _out_of_limits(values: Mapping[str, str]) -> dict[str, str]:
    limits = ((key, *limit) for key, limit in _LIMITS.items() if key in values)
    return {key: hint for key, pattern, hint in limits if not re.fullmatch(pattern, values[key])}


def _wrong_signing(path: Path, values: Mapping[str, str]) -> list[Problem]:
    """What is wrong in how mail is to be signed."""
    keys, selectors = _several(values, "DIGESTBOT_DKIM_KEY"), _several(values, "DIGESTBOT_DKIM_SELECTOR")
    problems = []
    if len(keys) != len(selectors):
        hint = "write one selector for each key of DIGESTBOT_DKIM_KEY"
        problems.append(Problem("DIGESTBOT_DKIM_SELECTOR does not fit the keys", str(path), way_out=hint))
    for key in keys:
        if not (path.parent / Path(key).expanduser()).is_file():
            what = f"DIGESTBOT_DKIM_KEY: there is no file {key}"
            problems.append(Problem(what, str(path), way_out="write where the key is"))
    names = [*selectors, *_several(values, "DIGESTBOT_DKIM_DOMAIN")]
    if not all(re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", name) for name in names):
        hint = "write names of letters, digits, hyphens and dots"
        problems.append(Problem("DIGESTBOT_DKIM_SELECTOR or _DOMAIN is no name in DNS", str(path), way_out=hint))
    return problems


def _is_network(value: str) -> bool:
    try:
        return bool(ip_network(value, strict=False))
    except ValueError:
        return False


def _is_destination(value: str) -> bool:
    """Whether it is a webhook's URL, or one in Apprise's spelling, in which anything may stand behind the scheme."""
    if value.startswith(("https:", "http:")):
        return _is_url(value, ("https", "http"))
    return re.fullmatch(r"[a-z][a-z0-9+.-]*://\S+", value) is not None


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
