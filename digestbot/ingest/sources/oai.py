"""OAI-PMH: everything that came or changed since the last harvest, of arXiv or any other repository.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from digestbot.ingest.sources.base import Dump, Memory, Refused, Unavailable
from digestbot.ingest.sources.url import handed, unmerged
from digestbot.ingest.sources.web import Limits, Web
from digestbot.model.errors import Problem

ARXIV = "https://oaipmh.arxiv.org/oai"
GAP = 3.0  # seconds between requests, as for arXiv's API
PATIENCE = 120.0  # seconds one fetch takes before it leaves the rest to the next
_LIMITS = Limits(size=128 * 1024 * 1024, total=120.0)
_TOKEN = re.compile(rb"<(?:\w+:)?resumptionToken[^>]*>([^<]*)</")
_DATE = re.compile(rb"<(?:\w+:)?responseDate[^>]*>\s*(\d{4}-\d\d-\d\d)")
_ERROR = re.compile(rb"<(?:\w+:)?error\s[^>]*code\s*=\s*[\"'](\w+)[\"'][^>]*>([^<]*)")
_ROOT = re.compile(rb"<(?:\w+:)?OAI-PMH[\s>]")


class OaiSource:
    """The records of a repository, of one `set_` or all, in one metadata format.

    Memory: ``from``, the day of the last whole harvest by the repository's own clock, which is asked for again;
    during a harvest ``token``, where to go on, and ``began``, the day that becomes ``from`` at its end.
    """

    def __init__(
        self,
        name: str,
        web: Web,
        *,
        url: str = ARXIV,
        prefix: str = "arXiv",
        set_: str | None = None,
        first_run: timedelta = timedelta(days=7),
    ) -> None:
        self.name = name
        self._web, self._url, self._prefix, self._set, self._first_run = web, url, prefix, set_, first_run

    def fetch(self, memory: Memory, now: datetime) -> Iterator[Dump]:
        """The pages. Raises Unavailable or Refused."""
        started, number = self._web.clock(), 1
        memory.unfinished = False
        while True:
            token = memory.values.get("token")
            fetched = self._web.get(self._asked(memory, now), self.name, limits=_LIMITS, gap=GAP, robots=False)
            with closing(fetched.body):
                content = fetched.body.read()
                if token and self._error(content) == "badResumptionToken":
                    del memory.values["token"]  # they expire: the harvest begins anew, and what is known is known
                    continue
                if self._has_records(content):
                    memory.refused = ""
                    name = self.name if number == 1 else f"{self.name} page {number}"
                    yield Dump(name, handed(fetched.body, name))
                    if memory.refused:
                        raise unmerged(memory.refused, self.name)
            number += 1
            self._note(memory, content, now, first=not token)
            if "token" not in memory.values:
                return
            if self._web.clock() - started > PATIENCE:
                memory.unfinished = True
                return

    def _asked(self, memory: Memory, now: datetime) -> str:
        if token := memory.values.get("token"):
            return f"{self._url}?{urlencode({'verb': 'ListRecords', 'resumptionToken': token})}"
        since = memory.values.get("from") or f"{(now - self._first_run).astimezone(UTC):%Y-%m-%d}"
        asked = {"verb": "ListRecords", "metadataPrefix": self._prefix, "from": since}
        return f"{self._url}?{urlencode(asked | ({'set': self._set} if self._set else {}))}"

    def _has_records(self, content: bytes) -> bool:
        """Whether there is something to read. Raises Unavailable or Refused for an answer that is an error."""
        error = self._error(content)
        if error == "noRecordsMatch":
            return False
        if error:
            said = _ERROR.search(content)
            words = " ".join(said[2].decode("utf-8", "replace").split())[:200] if said else ""
            raise Refused(Problem(f"the repository says {error}: {words}", self.name, way_out="check sources.toml"))
        if not _ROOT.search(content[:4096]):
            raise Unavailable(Problem("the answer is no OAI-PMH", self.name, way_out="it is tried again later"))
        return True

    def _error(self, content: bytes) -> str | None:
        # Errors stand where records would: a record's own text is not searched.
        found = _ERROR.search(content[:8192])
        return found[1].decode() if found and b"<ListRecords" not in content[: found.start()] else None

    def _note(self, memory: Memory, content: bytes, now: datetime, *, first: bool) -> None:
        if first:
            date = _DATE.search(content)
            memory.values["began"] = date[1].decode() if date else f"{now.astimezone(UTC):%Y-%m-%d}"
        tokens = _TOKEN.findall(content)
        if tokens and tokens[-1].strip():
            memory.values["token"] = html.unescape(tokens[-1].strip().decode("utf-8", "replace"))
        else:
            memory.values.pop("token", None)
            memory.values["from"] = memory.values.pop("began")
