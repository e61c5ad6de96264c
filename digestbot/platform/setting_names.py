"""The names of the settings: what each is, which are secrets, and what a misspelt one was meant to be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping

PREFIX = "DIGESTBOT_"
TO = "DIGESTBOT_TO_"
SOURCE = "DIGESTBOT_SOURCE_"
FILE = "_FILE"

KNOWN: Mapping[str, str] = {
    "DIGESTBOT_SMTP_URL": "the mail server: smtp+starttls://user:password@host:587, smtps://... or smtp://...",
    "DIGESTBOT_MAIL_FROM": "the From line of mails, without quotes around it: Paper digest <digest@example.org>",
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
    "DIGESTBOT_MODEL_URL": 'a model that speaks OpenAI\'s API, for gist = "model": http://localhost:11434/v1',
    "DIGESTBOT_MODEL_MODEL": "its name there: qwen3:8b",
    "DIGESTBOT_MODEL_KEY": "its key, where it wants one",
    "DIGESTBOT_MODEL_CALLS": "how often it is asked on a day (UTC), whoever asks: 300",
    "DIGESTBOT_MODEL_SECONDS": "how long all digests that are opened together wait for it: 60",
    "DIGESTBOT_MAX_LATENESS": "what is older leaves only by hand: 3 days, 12 hours",
    "DIGESTBOT_ON_UNKNOWN": "a send whose answer never came is sent again (resend) or kept for you to decide (hold)",
    "DIGESTBOT_SMTP_RATE": "how many mails a second the mail server takes: 20; all workers together keep to it",
    "DIGESTBOT_SMTP_CONNECTIONS": "how many mails it takes at once: 10; all workers together keep to it",
    "DIGESTBOT_CONCURRENCY": "how many sends of one kind go on at a time: 4",
    "DIGESTBOT_LOG": "what `run` says is for people (plain) or for machines, one JSON object a line (json)",
    "DIGESTBOT_LOG_LEVEL": "how much it says: debug, info, warning or error",
    "DIGESTBOT_HOME": "the working directory, unless --home says another",
}

SECRETS = frozenset(
    f"DIGESTBOT_{name}"
    for name in ("SMTP_URL", "SECRET", "BOUNCES", "STORE", "OPERATOR_PASSWORD", "HEARTBEAT_URL", "MODEL_KEY")
)
"""The settings that may hold a password; with those of destinations and sources each may stand in a file of its own."""

# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables: of a service named digestbot
_KUBERNETES = re.compile(r"DIGESTBOT_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)")


def in_file(key: str) -> str | None:
    """The secret whose file this setting names: ``DIGESTBOT_SECRET_FILE`` -> ``DIGESTBOT_SECRET``."""
    name = key.removesuffix(FILE)
    return name if name != key and (name in SECRETS or name.startswith((TO, SOURCE))) else None


def is_known(key: str) -> bool:
    """Whether there is such a setting."""
    return key in KNOWN or key.startswith((TO, SOURCE)) or in_file(key) is not None


def meant(key: str) -> str:
    """What an unknown one was meant to be, as a way out."""
    known = [*KNOWN, *(f"{each}{FILE}" for each in sorted(SECRETS))]
    near = difflib.get_close_matches(key, known, 1, 0.6)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(KNOWN)}, {TO}<NAME>, {SOURCE}<NAME>"


def looks_meant(key: str) -> bool:
    """Whether a name without our prefix is hardly another than one of ours, misspelt."""
    return bool(difflib.get_close_matches(key, KNOWN, 1, 0.9))


def strangers(names: Iterable[str]) -> Iterator[str]:
    """Those of an environment's names that begin as ours do and are none."""
    for name in sorted(names):
        if name.startswith(PREFIX) and not is_known(name) and not _KUBERNETES.fullmatch(name):
            yield name
