"""The settings: what `.env` and the environment say, checked once and all at once."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from digestbot.core.errors import Problem, UsageError
from digestbot.core.secret import Secret

_PREFIX = "DIGESTBOT_"
_TO = "DIGESTBOT_TO_"
_SMTP_SCHEMES = ("smtp+starttls", "smtps", "smtp")

KNOWN: Mapping[str, str] = {
    "DIGESTBOT_SMTP_URL": "the mail server: smtp+starttls://user:password@host:587, smtps://... or smtp://...",
    "DIGESTBOT_MAIL_FROM": 'the From line of mails: "Paper digest <digest@example.org>"',
    "DIGESTBOT_PUBLIC_URL": "where the bot's own pages are reached: https://digest.example.org",
    "DIGESTBOT_SECRET": "signs links; several separated by commas, the first signs, all are accepted",
    "DIGESTBOT_STORE": "where papers and ledger are kept: tinydb:data",
    "DIGESTBOT_HOME": "the working directory, unless --home says another",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator set. ``destinations`` maps the name after DIGESTBOT_TO_ (lower case) to its URL."""

    home: Path
    store: str = "tinydb:data"
    smtp_url: Secret | None = None
    mail_from: str = "digestbot <digestbot@localhost>"
    public_url: str | None = None
    secrets: tuple[Secret, ...] = ()
    destinations: Mapping[str, Secret] = field(default_factory=dict)


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
    from dotenv import dotenv_values

    path = home / ".env"
    written: dict[str, str] = {}
    problems: list[Problem] = []
    if path.is_file():
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(Problem(f"cannot be read: {error}", str(path), way_out="save it as UTF-8 text")) from None
        written = {key: value or "" for key, value in dotenv_values(path, encoding="utf-8-sig").items()}
        problems += _misspelt(path, text, written)
    values = {**written, **{k: v for k, v in environ.items() if k.startswith(_PREFIX)}}
    values = {k: v.strip() for k, v in values.items() if v.strip()}
    problems += _wrong(path, values)
    if problems:
        raise UsageError(*problems)
    return Settings(
        home=home,
        store=values.get("DIGESTBOT_STORE", "tinydb:data"),
        smtp_url=Secret(values["DIGESTBOT_SMTP_URL"]) if "DIGESTBOT_SMTP_URL" in values else None,
        mail_from=values.get("DIGESTBOT_MAIL_FROM", "digestbot <digestbot@localhost>"),
        public_url=values.get("DIGESTBOT_PUBLIC_URL"),
        secrets=tuple(Secret(each.strip()) for each in values.get("DIGESTBOT_SECRET", "").split(",") if each.strip()),
        destinations={k.removeprefix(_TO).lower(): Secret(v) for k, v in values.items() if k.startswith(_TO)},
    )


def _misspelt(path: Path, text: str, written: Mapping[str, str]) -> list[Problem]:
    problems = []
    for key in written:
        ours = key.startswith(_PREFIX)
        near = difflib.get_close_matches(key, KNOWN, 1, 0.6 if ours else 0.9)
        if key in KNOWN or key.startswith(_TO) or not (ours or near):
            continue
        found = re.search(rf"^\s*(?:export\s+)?{re.escape(key)}\s*=", text, re.MULTILINE)
        line = text.count("\n", 0, found.end()) + 1 if found else None
        way_out = f"did you mean {near[0]}?" if near else f"known are {', '.join(KNOWN)} and {_TO}<NAME>"
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
    for key, value in values.items():
        if key.startswith(_TO) and not key.endswith("_SECRET") and not _is_url(value, ("https", "http")):
            problems.append(Problem(f"{key} is no URL", str(path), way_out="write the webhook's https:// URL"))
    return problems


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
