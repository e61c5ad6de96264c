"""The kinds of sources: what each may be told, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from digestbot.ingest.sources.arxiv_api import ArxivApiSource
from digestbot.ingest.sources.base import Refused, Source
from digestbot.ingest.sources.folder import FolderSource
from digestbot.ingest.sources.imap import ImapSource
from digestbot.ingest.sources.oai import OaiSource
from digestbot.ingest.sources.polling import SourceConfig
from digestbot.ingest.sources.url import UrlSource
from digestbot.ingest.sources.web import Limits, Web
from digestbot.model.errors import Problem
from digestbot.model.secret import Secret
from digestbot.platform.net.oauth import AccessTokens


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What sources are made with: the working directory, secrets by source (lower case, ``_`` for ``-``), the web, and
    what opens mailboxes without a password."""

    home: Path
    secrets: Mapping[str, Secret]
    web: Web
    tokens: AccessTokens | None = None

    def secret(self, name: str) -> Secret | None:
        """The secret of a source: DIGESTBOT_SOURCE_<NAME>."""
        return self.secrets.get(name.lower().replace("-", "_"))


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source: its options and what they are (``text``, ``texts``, ``stretch``, ``number``).

    ``every`` is its usual schedule; ``seldom`` the shortest one that is polite.
    """

    options: Mapping[str, str]
    make: Callable[[SourceConfig, Surroundings], Source]
    every: timedelta = timedelta(hours=6)
    seldom: timedelta = timedelta(minutes=5)
    needs: tuple[str, ...] = field(default=())  # one of these


def _folder(config: SourceConfig, given: Surroundings) -> Source:
    path = given.home / Path(config.options["path"]).expanduser()
    return FolderSource(config.name, path, settled_for=config.options.get("settled_for", timedelta(seconds=30)))


def _url(config: SourceConfig, given: Surroundings) -> Source:
    secret = given.secret(config.name)
    url = config.options.get("url") or (secret.reveal() if secret else "")
    if not url:
        raise _without_secret(config.name, "url", "https://...")
    return UrlSource(config.name, url, given.web, Limits(size=config.options.get("largest_mb", 256) * 1024 * 1024))


def _imap(config: SourceConfig, given: Surroundings) -> Source:
    url = given.secret(config.name)
    if url is None or not url.reveal().startswith("imaps://"):
        raise _without_secret(config.name, "mailbox", "imaps://user:password@host")
    return ImapSource(
        config.name,
        url,
        network=given.web.network,
        tokens=given.tokens,
        **_reaching_back(config),
        **_chosen(config.options, "folder"),
    )


def _arxiv_api(config: SourceConfig, given: Surroundings) -> Source:
    categories = config.options.get("categories", ())
    query = " OR ".join(f"cat:{each}" for each in categories)
    wanted = " OR ".join(f"({each})" for each in (query, config.options.get("query", "")) if each)
    return ArxivApiSource(config.name, wanted, given.web, **_reaching_back(config), **_chosen(config.options, "url"))


def _arxiv_oai(config: SourceConfig, given: Surroundings) -> Source:
    options = _reaching_back(config) | _chosen(config.options, "url", "prefix")
    return OaiSource(config.name, given.web, set_=config.options.get("set"), **options)


def _reaching_back(config: SourceConfig) -> dict[str, Any]:
    """How far back the far side is asked at first, by those that can be asked."""
    return {"first_run": config.first_run} if config.first_run else {}


def _chosen(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names if name in options}


def _without_secret(name: str, what: str, example: str) -> Refused:
    hint = f"set DIGESTBOT_SOURCE_{name.upper().replace('-', '_')}={example} in .env"
    return Refused(Problem(f"has no {what}", name, way_out=hint))


_HOURLY = timedelta(hours=1)  # arXiv's papers come once a day

KINDS: Mapping[str, SourceKind] = {
    "folder": SourceKind(
        {"path": "text", "settled_for": "stretch"},
        _folder,
        every=timedelta(minutes=1),
        seldom=timedelta(seconds=10),
        needs=("path",),
    ),
    "url": SourceKind({"url": "text", "largest_mb": "number"}, _url),
    "arxiv-api": SourceKind(
        {"categories": "texts", "query": "text", "url": "text"},
        _arxiv_api,
        seldom=_HOURLY,
        needs=("categories", "query"),
    ),
    "arxiv-oai": SourceKind(
        {"set": "text", "prefix": "text", "url": "text"},
        _arxiv_oai,
        every=timedelta(hours=12),
        seldom=_HOURLY,
    ),
    "imap": SourceKind({"folder": "text"}, _imap, every=timedelta(hours=1)),
}


def make_source(config: SourceConfig, given: Surroundings) -> Source:
    """The source. Raises Refused when its secret is missing."""
    return KINDS[config.kind].make(config, given)
