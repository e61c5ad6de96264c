"""The one table of settings: each a field, with its name, kind and default, what it is in words, and an example.

The loader, `check`, the `.env` that `init` writes, deploy/REFERENCE.md and the hints for misspelt names are all made
of it. A new setting is one more field here, read where it is needed as ``settings.<field>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from digestbot.model.secret import Secret
from digestbot.platform.logs import FORMS, LEVELS
from digestbot.platform.settings import kinds
from digestbot.platform.settings.row import NAME, Setting, setting
from digestbot.platform.title_search import TITLE_SEARCH

ON_UNKNOWN = ("resend", "hold")
_NONE: Any = None  # the type is the field's


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator set; `home` is the working directory."""

    # fmt: off
    # ruff: noqa: RUF009  # a row is a field with a factory

    home: Path

    smtp_url: Secret | None = setting(
        "DIGESTBOT_SMTP_URL", kinds.secret(kinds.MAIL_SERVER), _NONE,
        "the mail server: smtp+starttls://user:password@host:587, smtps://... (port 465), or smtp://... for one on "
        "this machine",
        "smtp+starttls://user:password@mail.example.org:587", heading="Mail",
    )
    smtp_oauth_token_url: str | None = setting(
        "DIGESTBOT_SMTP_OAUTH_TOKEN_URL", kinds.TOKEN_URL, _NONE,
        "for Microsoft 365 and Gmail, which take no password (XOAUTH2, for DIGESTBOT_SMTP_URL and imaps:// URLs that "
        "have no password in them): where access tokens are had",
        "https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token",
    )
    smtp_oauth_client_id: str | None = setting(
        "DIGESTBOT_SMTP_OAUTH_CLIENT_ID", kinds.TEXT, _NONE, "the application as it is registered there",
    )
    smtp_oauth_client_secret: Secret | None = setting(
        "DIGESTBOT_SMTP_OAUTH_CLIENT_SECRET", kinds.secret(kinds.TEXT), _NONE, "its secret, where it has one",
    )
    smtp_oauth_refresh_token: Secret | None = setting(
        "DIGESTBOT_SMTP_OAUTH_REFRESH_TOKEN", kinds.secret(kinds.TEXT), _NONE,
        "what its user's consent gave; a newer one that the provider gives is kept in data/oauth.json",
    )
    smtp_oauth_scope: str | None = setting(
        "DIGESTBOT_SMTP_OAUTH_SCOPE", kinds.TEXT, _NONE, "what is asked for; unless set, all that was consented to",
        "https://outlook.office.com/SMTP.Send",
    )
    smtp_oauth_user: str | None = setting(
        "DIGESTBOT_SMTP_OAUTH_USER", kinds.TEXT, _NONE,
        "the mailbox that sends; unless set, the address in DIGESTBOT_MAIL_FROM",
        "digest@example.org",
    )
    mail_from: str = setting(
        "DIGESTBOT_MAIL_FROM", kinds.FROM_LINE, "digestbot <digestbot@localhost>",
        "the From line of mails, without quotes around it",
        "Paper digest <digest@example.org>",
    )
    helo: str | None = setting(
        "DIGESTBOT_HELO", kinds.HOST, _NONE,
        "what this machine calls itself when it greets the mail server; unless set, its own full name",
        "digest.example.org",
    )
    smtp_rate: float | None = setting(
        "DIGESTBOT_SMTP_RATE", kinds.RATE, _NONE,
        "how many mails a second the mail server takes; all workers together keep to it",
        "20",
    )
    smtp_connections: int | None = setting(
        "DIGESTBOT_SMTP_CONNECTIONS", kinds.number(r"[1-9]\d{0,3}", "write a number from 1 to 9999"), _NONE,
        "how many mails it takes at once; all workers together keep to it",
        "10",
    )
    dkim_keys: tuple[Path, ...] = setting(
        "DIGESTBOT_DKIM_KEY", kinds.FILES, (),
        "signs mail: a file with a private key in PEM, RSA or Ed25519; several separated by commas",
        "rsa.pem,ed25519.pem",
    )
    dkim_selectors: tuple[str, ...] = setting(
        "DIGESTBOT_DKIM_SELECTOR", kinds.listed(kinds.DNS_NAME), (),
        "under which name the domain's DNS has the key's other half; one for each key",
        "r2026,e2026",
    )
    dkim_domain: str = setting(
        "DIGESTBOT_DKIM_DOMAIN", kinds.DNS_NAME, "",
        "the domain that signs; unless set, that of DIGESTBOT_MAIL_FROM",
        "example.org",
    )
    bounce_address: str | None = setting(
        "DIGESTBOT_BOUNCE_ADDRESS", kinds.RETURN_ADDRESS, _NONE,
        "where mail that cannot be delivered comes back to: at most 14 letters before the @, and the server must "
        "deliver bounce+ANYTHING@ too; needs DIGESTBOT_SECRET, which signs what comes back",
        "bounce@example.org",
    )
    bounces: Secret | None = setting(
        "DIGESTBOT_BOUNCES", kinds.secret(kinds.MAILBOX), _NONE,
        "where `run` reads it: a folder of an IMAP server, or the path of a maildir; addresses that are no more, and "
        "people who complain, are sent nothing further",
        "imaps://user:password@imap.example.org/Bounces",
    )

    destinations: Mapping[str, Secret] = setting(
        f"DIGESTBOT_TO_{NAME}", kinds.secret(kinds.DESTINATION), {},
        "the URL of the destination of that name: DIGESTBOT_TO_LAB is `destination = \"lab\"` in a subscription",
        "https://hooks.slack.com/services/...", heading="Where digests go, and papers come from",
    )
    sources: Mapping[str, Secret] = setting(
        f"DIGESTBOT_SOURCE_{NAME}", kinds.secret(kinds.SOURCE), {},
        "the address of the source of that name (sources.toml), where it holds a password, or its key",
        "imaps://user:password@imap.example.org", called="ALERTS",
    )
    allow_networks: tuple[str, ...] = setting(
        "DIGESTBOT_ALLOW_NETWORKS", kinds.NETWORKS, (),
        "private networks that webhooks and sources may lead to, which are else public addresses only, whatever names "
        "are given",
        "127.0.0.1, 192.168.1.0/24",
    )

    proxy: Secret | None = setting(
        "DIGESTBOT_PROXY", kinds.secret(kinds.PROXY), _NONE,
        "the HTTP proxy that all that is posted and fetched goes through, but for mail; env: as "
        "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say",
        "http://user:password@proxy.example.org:3128",
    )
    no_proxy: tuple[str, ...] = setting(
        "DIGESTBOT_NO_PROXY", kinds.NAMES, (),
        "what is reached without it: hosts with all below them, addresses, networks",
        "chat.example.org, 192.168.1.0/24",
    )
    ca_file: Path | None = setting(
        "DIGESTBOT_CA_FILE", kinds.FILE, _NONE,
        "the certificates of authorities of your own house, in PEM, which are trusted beside the system's: by mail "
        "servers, mailboxes, webhooks, sources and the proxy",
        "house-ca.pem",
    )

    public_url: str | None = setting(
        "DIGESTBOT_PUBLIC_URL", kinds.PAGES_URL, _NONE,
        "where the bot's own pages are reached",
        "https://digest.example.org", heading="Pages",
    )
    secrets: tuple[Secret, ...] = setting(
        "DIGESTBOT_SECRET", kinds.SECRETS, (),
        "signs the links that lead there; several separated by commas, the first signs, all are accepted",
    )
    listen: str | None = setting(
        "DIGESTBOT_LISTEN", kinds.listener("127.0.0.1:8080"), _NONE,
        "`run` serves the pages too, at this host and port (pip install \"digestbot[web]\"; a proxy before it brings "
        "https)",
        "127.0.0.1:8080",
    )
    trusted_proxies: tuple[str, ...] = setting(
        "DIGESTBOT_TRUSTED_PROXIES", kinds.NETWORKS, ("127.0.0.1", "::1"),
        "whose word about who the client is is taken",
        "127.0.0.1, 10.0.0.0/8",
    )
    probes: str | None = setting(
        "DIGESTBOT_PROBES", kinds.listener("127.0.0.1:8081"), _NONE,
        "`run` answers /live, /ready and /metrics here, and not beside the pages, whose floods then hold up none of it",
        "127.0.0.1:8081",
    )
    operator_password: Secret | None = setting(
        "DIGESTBOT_OPERATOR_PASSWORD", kinds.secret(kinds.TEXT), _NONE,
        "opens the operator's pages, at /operator; 12 characters or more, and without it there are none",
    )
    title_search: tuple[tuple[str, str], ...] = setting(
        "DIGESTBOT_TITLE_SEARCH", kinds.TITLE_SEARCHES, TITLE_SEARCH,
        "where titles are searched for that a dump gives no address of: https://...{title}, or off",
        "https://scholar.google.com/scholar?q={title}",
    )

    operator: str | None = setting(
        "DIGESTBOT_OPERATOR", kinds.TEXT, _NONE,
        "who is told when a digest was not sent, a source is broken or stale, or a dump could not be read: an address, "
        "or the name of a destination (DIGESTBOT_TO_<NAME>)",
        "me@example.org", heading="Trouble",
    )
    heartbeat_url: Secret | None = setting(
        "DIGESTBOT_HEARTBEAT_URL", kinds.secret(kinds.WEB_URL), _NONE,
        "fetched after each good round of `run` or of the workers, and after a bad one with /fail behind it: a watch "
        "elsewhere sees it fall silent",
        "https://heartbeat.example.org/...",
    )
    max_lateness: timedelta = setting(
        "DIGESTBOT_MAX_LATENESS", kinds.STRETCH, timedelta(days=3),
        "what was planned longer ago leaves only by hand (digestbot outbox retry): 3 days, 12 hours",
        "3 days",
    )
    on_unknown: str = setting(
        "DIGESTBOT_ON_UNKNOWN", kinds.choice(*ON_UNKNOWN), "resend",
        "a send whose answer never came may have arrived: it is sent again under the same Message-ID (resend), or kept "
        "for you to decide (hold)",
        "resend",
    )

    model_url: str | None = setting(
        "DIGESTBOT_MODEL_URL", kinds.PLAIN_URL, _NONE,
        "where a model is that speaks OpenAI's API, a local Ollama or llama.cpp for one: it may write the line under "
        "each title, in the reader's language (gist = \"model\" and language = \"zh\" in a subscription), and is shown "
        "titles and abstracts, nothing else",
        "http://localhost:11434/v1", heading="A model, for those who have one",
    )
    model_name: str | None = setting(
        "DIGESTBOT_MODEL_MODEL", kinds.TEXT, _NONE,
        "its name there",
        "qwen3:8b",
    )
    model_key: Secret | None = setting(
        "DIGESTBOT_MODEL_KEY", kinds.secret(kinds.matching("[!-~]+", "write the key alone, without spaces")), _NONE,
        "its key, where it wants one",
    )
    model_calls: int = setting(
        "DIGESTBOT_MODEL_CALLS", kinds.number(r"\d{1,6}", "write how often it may be asked on a day: 300"), 300,
        "how many questions it is asked on a day (UTC) at most, whoever asks",
        "300",
    )
    model_seconds: int = setting(
        "DIGESTBOT_MODEL_SECONDS", kinds.number(r"[1-9]\d?|1[01]\d|120", "write a number from 1 to 120"), 60,
        "how long all digests that are opened together wait for it",
        "60",
    )

    store: Secret = setting(
        "DIGESTBOT_STORE", kinds.secret(kinds.TEXT), Secret("tinydb:data"),
        "where papers and the ledger of what was sent are kept: tinydb:data, a folder, or a database, "
        "postgresql://user:password@host/database (pip install \"digestbot[postgres]\"; digestbot migrate takes along "
        "what is there)",
        "tinydb:data", heading="The process",
    )
    concurrency: int = setting(
        "DIGESTBOT_CONCURRENCY", kinds.number("[1-9]|1[0-6]", "write a number from 1 to 16"), 4,
        "how many sends of one kind (mail, Slack, ...) go on at a time: 1 to 16",
        "4",
    )
    log: str = setting(
        "DIGESTBOT_LOG", kinds.choice(*FORMS), "plain",
        "what `run` says is for people (plain) or for machines, one JSON object a line (json)",
        "json",
    )
    log_level: str = setting(
        "DIGESTBOT_LOG_LEVEL", kinds.choice(*LEVELS), "info",
        "how much it says: debug, info, warning or error",
        "info",
    )
    # fmt: on


FIELDS: Mapping[str, Setting] = {
    each.name: each.metadata["setting"] for each in fields(Settings) if "setting" in each.metadata
}
"""The rows by the fields they stand in."""

DESTINATION_EXTRAS = (
    Setting(
        f"DIGESTBOT_TO_{NAME}_SECRET", kinds.secret(kinds.TEXT),
        "signs what is posted to that webhook (Standard Webhooks)",
        "whsec_bGF0ZXIgaXMgYmV0dGVyIHRoYW4gbmV2ZXI=",
    ),
    Setting(
        f"DIGESTBOT_TO_{NAME}_TOKEN", kinds.secret(kinds.BEARER),
        "is sent with what is posted to that webhook: Authorization: Bearer ...",
        "...",
    ),
    Setting(
        f"DIGESTBOT_TO_{NAME}_HEADERS", kinds.secret(kinds.HEADERS),
        "headers of its receiver's own, as JSON",
        '{"X-Api-Key": "..."}',
    ),
)  # fmt: skip
"""What may stand beside a destination's URL, and is kept with it under its name and what is behind."""

HOME = Setting(
    "DIGESTBOT_HOME",
    kinds.TEXT,
    "the working directory, unless --home says another; in the environment only",
    "/srv/digestbot",
)
"""Read before there is a table to read."""
