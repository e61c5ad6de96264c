"""What is wrong in the values of settings, each with the way out; no value is shown: it may be a password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from digestbot.model.errors import Problem
from digestbot.platform.durations import duration
from digestbot.platform.logs import FORMS, LEVELS
from digestbot.platform.setting_names import SOURCE, TO
from digestbot.platform.title_search import search_problems

ON_UNKNOWN = ("resend", "hold")
_CHOICES = {"DIGESTBOT_ON_UNKNOWN": ON_UNKNOWN, "DIGESTBOT_LOG": FORMS, "DIGESTBOT_LOG_LEVEL": LEVELS}
_LIMITS = {
    "DIGESTBOT_SMTP_RATE": (r"0*[1-9]\d{0,4}(\.\d+)?|0*\.\d*[1-9]\d*", "write how many mails a second: 20, or 0.5"),
    "DIGESTBOT_SMTP_CONNECTIONS": (r"[1-9]\d{0,3}", "write a number from 1 to 9999"),
    "DIGESTBOT_MODEL_CALLS": (r"\d{1,6}", "write how often it may be asked on a day: 300"),
    "DIGESTBOT_MODEL_SECONDS": (r"[1-9]\d?|1[01]\d|120", "write a number from 1 to 120"),
    "DIGESTBOT_CONCURRENCY": ("[1-9]|1[0-6]", "write a number from 1 to 16"),
}
_SMTP_SCHEMES = ("smtp+starttls", "smtps", "smtp")
_ADDRESS = r"[^\s<>()@,;:\"]+@[^\s<>()@,;:\"]+"
_FROM = re.compile(rf"(?P<name>[^<>]*)<(?P<address>{_ADDRESS})>|(?P<bare>{_ADDRESS})")


def several(values: Mapping[str, str], key: str) -> list[str]:
    """What stands between the commas."""
    return [each.strip() for each in values.get(key, "").split(",") if each.strip()]


def from_line(text: str) -> str | None:
    """The From line as mails have it, a name with commas and the like in quotes; None unless it is one address."""
    found = _FROM.fullmatch(text)
    if found is None:
        return None
    if found["bare"] or parseaddr(text) == (found["name"].strip(), found["address"]):
        return text
    name = found["name"].strip()
    if quoted(name):
        return text
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{escaped}" <{found["address"]}>' if name else found["address"]


def quoted(text: str) -> bool:
    """Whether it stands in quotes as a whole."""
    return len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text[0] not in text[1:-1]


def _in_quotes(path: Path, values: Mapping[str, str]) -> Iterator[Problem]:
    """Container tools take the quotes of an environment file for letters of the value."""
    for key, value in values.items():
        if quoted(value):
            hint = f"take the quotes away: {key}=... (container tools keep those of an --env-file)"
            yield Problem(f"{key} stands in quotes, which are part of its value", str(path), way_out=hint)


def wrong(path: Path, values: Mapping[str, str]) -> list[Problem]:
    """Values that cannot be right, never shown: they may hold passwords."""
    problems = [*_in_quotes(path, values)]
    smtp = values.get("DIGESTBOT_SMTP_URL")
    if smtp is not None and not _is_url(smtp, _SMTP_SCHEMES):
        hint = "write smtp+starttls://user:password@host:587, smtps://user:password@host:465 or smtp://localhost:25"
        hint += "; @ : / ? # and % of the user and the password as %40 %3A %2F %3F %23 and %25"
        problems.append(Problem("DIGESTBOT_SMTP_URL is no mail server's URL", str(path), way_out=hint))
    sender = values.get("DIGESTBOT_MAIL_FROM")
    if sender is not None and not quoted(sender) and from_line(sender) is None:
        hint = "write one address without spaces: Paper digest <digest@example.org>"
        problems.append(Problem("DIGESTBOT_MAIL_FROM holds no single address", str(path), way_out=hint))
    public = values.get("DIGESTBOT_PUBLIC_URL")
    if public is not None and not _is_url(public, ("https", "http")):
        hint = "write https://digest.example.org"
        problems.append(Problem("DIGESTBOT_PUBLIC_URL is no URL", str(path), way_out=hint))
    problems += [each.at(str(path)) for each in search_problems(values.get("DIGESTBOT_TITLE_SEARCH", ""))]
    problems += _wrong_service(path, values)
    problems += _wrong_signing(path, values)
    problems += _wrong_returns(path, values)
    for key, value in values.items():
        if key.startswith(SOURCE) and not _is_url(value, ("https", "http", "imaps")):
            hint = "write https://..., or imaps://user:password@host"
            problems.append(Problem(f"{key} is no URL", str(path), way_out=hint))
        if key.startswith(TO) and not key.endswith("_SECRET") and not _is_destination(value):
            problems.append(Problem(f"{key} is no URL", str(path), way_out="write the webhook's https:// URL"))
    return problems


def _wrong_service(path: Path, values: Mapping[str, str]) -> list[Problem]:
    """What is wrong in how the service is to be run."""
    wrong: dict[str, str] = {}
    operator = values.get("DIGESTBOT_OPERATOR", "@")
    if "@" not in operator and f"{TO}{operator.upper()}" not in values:
        wrong["DIGESTBOT_OPERATOR"] = f"write an address, or a name set as {TO}<NAME>"
    if not _is_url(values.get("DIGESTBOT_HEARTBEAT_URL", "https://x"), ("https", "http")):
        wrong["DIGESTBOT_HEARTBEAT_URL"] = "write the whole https:// URL"
    for key, port in {"DIGESTBOT_LISTEN": "8080", "DIGESTBOT_PROBES": "8081"}.items():
        found = re.fullmatch(r"(?:\S*:)?(\d{1,5})", values.get(key, port))
        if found is None or int(found[1]) > 65535:
            wrong[key] = f"write 127.0.0.1:{port}"
    for key in ("DIGESTBOT_ALLOW_NETWORKS", "DIGESTBOT_TRUSTED_PROXIES"):
        if not all(map(_is_network, several(values, key))):
            wrong[key] = "write addresses or networks: 127.0.0.1, 10.0.0.0/8"
    if not duration(values.get("DIGESTBOT_MAX_LATENESS", "3 days")):
        wrong["DIGESTBOT_MAX_LATENESS"] = "write 3 days, or 12 hours"
    wrong |= _wrong_model(values)
    for key, known in _CHOICES.items():
        if values.get(key, known[0]) not in known:
            wrong[key] = f"write one of {', '.join(known)}"
    wrong |= _out_of_limits(values)
    return [Problem(f"{key} is not understood", str(path), way_out=hint) for key, hint in wrong.items()]


def _wrong_model(values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong in which model is to be asked."""
    url = values.get("DIGESTBOT_MODEL_URL")
    if url is None:
        return {}
    plain = _is_url(url, ("https", "http")) and not any(sign in url for sign in "@?# \\") and url.isascii()
    wrong = (
        {} if plain else {"DIGESTBOT_MODEL_URL": "write http://localhost:11434/v1, and a key as DIGESTBOT_MODEL_KEY"}
    )
    if not values.get("DIGESTBOT_MODEL_MODEL"):
        wrong["DIGESTBOT_MODEL_MODEL"] = "write the model's name there: qwen3:8b"
    if not all(33 <= ord(sign) < 127 for sign in values.get("DIGESTBOT_MODEL_KEY", "")):
        wrong["DIGESTBOT_MODEL_KEY"] = "write the key alone, without spaces"
    return wrong


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
    keys, selectors = several(values, "DIGESTBOT_DKIM_KEY"), several(values, "DIGESTBOT_DKIM_SELECTOR")
    problems = []
    if len(keys) != len(selectors):
        hint = "write one selector for each key of DIGESTBOT_DKIM_KEY"
        problems.append(Problem("DIGESTBOT_DKIM_SELECTOR does not fit the keys", str(path), way_out=hint))
    for key in keys:
        if not (path.parent / Path(key).expanduser()).is_file():
            problem = Problem(
                f"DIGESTBOT_DKIM_KEY: there is no file {key}", str(path), way_out="write where the key is"
            )
            problems.append(problem)
    names = [*selectors, *several(values, "DIGESTBOT_DKIM_DOMAIN")]
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
