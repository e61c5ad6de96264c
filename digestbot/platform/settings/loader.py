"""Reads the settings of a working directory: every value by its kind, then what they say together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digestbot.model.errors import Problem, UsageError
from digestbot.platform.settings.kinds import quoted
from digestbot.platform.settings.names import setting_of
from digestbot.platform.settings.row import NAME, Setting
from digestbot.platform.settings.table import DESTINATION_EXTRAS, FIELDS, Settings
from digestbot.platform.settings.written import Value, written


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
    values, problems = written(home, environ)
    made: dict[str, Any] = {name: {} for name, row in FIELDS.items() if NAME in row.name}
    for key, value in values.items():
        field, row = _row(key, value)
        if row is None:
            continue  # told with the lines of `.env`, or by the doctor where the environment has it
        one = row.kind.make(value.text)
        if odd := [*_odd(key, value)] or (
            [value.problem(f"{key} {row.kind.fault}", row.kind.hint)] if one is None else []
        ):
            problems += odd
        elif field in _MANY:
            made[field][key.removeprefix(_MANY[field]).lower()] = one
        else:
            made[field] = one
    settings = _completed(Settings(home=home, **made), sender_set="mail_from" in made)
    for key, message, hint in _disagreements(settings, values):
        problems.append(values.get(key, Value("", str(home / ".env"))).problem(f"{key} {message}", hint))
    if problems:
        raise UsageError(*problems)
    return settings


OAUTH = "DIGESTBOT_SMTP_OAUTH"
_MANY = {name: row.name.removesuffix(NAME) for name, row in FIELDS.items() if NAME in row.name}
_FIELD = {row: name for name, row in FIELDS.items()} | dict.fromkeys(DESTINATION_EXTRAS, "destinations")


def _row(key: str, value: Value) -> tuple[str, Setting | None]:
    """The setting and the field it is kept in."""
    row = setting_of(key)
    if row in DESTINATION_EXTRAS and re.match(r"[a-z][a-z0-9+.-]*://", value.text):
        row = FIELDS["destinations"]  # a destination whose name ends so
    return (_FIELD[row], row) if row in _FIELD else ("", None)


def _odd(key: str, value: Value) -> Iterator[Problem]:
    """What no value may look like."""
    if quoted(value.text):  # container tools take the quotes of an environment file for letters of the value
        hint = f"take the quotes away: {key}=... (container tools keep those of an --env-file)"
        yield value.problem(f"{key} stands in quotes, which are part of its value", hint)
    elif not value.text.isprintable():
        hint = "write it on one line, with letters only that can be seen"
        yield value.problem(f"{key} holds a line's end, or a letter that cannot be seen", hint)


def _completed(settings: Settings, *, sender_set: bool) -> Settings:
    """With the defaults that come of other settings, and files where they are in the working directory."""
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2] if sender_set else ""
    keys = tuple(settings.home / each.expanduser() for each in settings.dkim_keys)
    authority = settings.ca_file and settings.home / settings.ca_file.expanduser()
    user = settings.smtp_oauth_user
    if settings.smtp_oauth_refresh_token is not None:
        user = user or parseaddr(settings.mail_from)[1]
    domain = settings.dkim_domain or domain
    return replace(settings, dkim_domain=domain, dkim_keys=keys, ca_file=authority, smtp_oauth_user=user)


def _disagreements(settings: Settings, values: Mapping[str, Value]) -> Iterator[tuple[str, str, str]]:
    """What settings say against each other, or against what is there: the setting, what is wrong, the way out."""
    operator = settings.operator or "@"
    if "@" not in operator and f"DIGESTBOT_TO_{operator.upper()}" not in values:
        yield "DIGESTBOT_OPERATOR", "is not understood", "write an address, or a name set as DIGESTBOT_TO_<NAME>"
    if settings.bounce_address and "DIGESTBOT_SECRET" not in values:
        yield "DIGESTBOT_BOUNCE_ADDRESS", "cannot be used so", "set DIGESTBOT_SECRET too, which signs what comes back"
    if settings.model_url and not settings.model_name:
        yield "DIGESTBOT_MODEL_MODEL", "is missing", "write the model's name there: qwen3:8b"
    if len(settings.dkim_keys) != len(settings.dkim_selectors):
        hint = "write one selector for each key of DIGESTBOT_DKIM_KEY"
        yield "DIGESTBOT_DKIM_SELECTOR", "does not fit the keys", hint
    for file in settings.dkim_keys:
        if not file.is_file():
            yield "DIGESTBOT_DKIM_KEY", f"names {file}, which is no file", "write where the key is"
    yield from _oauth(settings, values)
    if settings.ca_file is not None and (why := _no_certificates(settings.ca_file)):
        hint = "write where the authority's own certificate is, in PEM (-----BEGIN CERTIFICATE-----)"
        yield "DIGESTBOT_CA_FILE", f"names {settings.ca_file}, which {why}", hint


def _oauth(settings: Settings, values: Mapping[str, Value]) -> Iterator[tuple[str, str, str]]:
    needed = [f"{OAUTH}_{each}" for each in ("TOKEN_URL", "CLIENT_ID", "REFRESH_TOKEN")]
    given = [key for key in values if key.startswith(OAUTH)]
    missing = [key for key in needed if key not in values]
    if given and missing:
        yield given[0], f"is of no use without {', '.join(missing)}", "set what is missing, or take all of it away"
    if given and settings.smtp_url is not None and urlsplit(settings.smtp_url.reveal()).password:
        hint = f"take user and password out of the URL, or all of {OAUTH}_... away"
        yield "DIGESTBOT_SMTP_URL", f"holds a password, and {given[0]} is set", hint


def _no_certificates(file: Path) -> str:
    """What is wrong with a file of certificates, empty for nothing."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        return "holds no certificate that can be read"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""
