"""Access tokens by OAuth: Microsoft 365 and Gmail take these in place of a password (XOAUTH2)."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
from filelock import FileLock

from digestbot.model.secret import Secret
from digestbot.platform.files.atomic import replace_file
from digestbot.platform.net.certificates import distrusted
from digestbot.platform.net.fence import Forbidden
from digestbot.platform.net.hush import unlogged
from digestbot.platform.net.network import Network
from digestbot.platform.net.proxies import refused_by_proxy
from digestbot.platform.net.transport import guarded_transport
from digestbot.platform.settings import Settings

_SETTING = "DIGESTBOT_SMTP_OAUTH"
_TIMEOUT = 20.0
_LONGEST_ANSWER = 65_536
_EARLY = 60.0  # seconds before its end a token is renewed
_USUAL_LIFE = 3600  # seconds, where the answer does not say
# https://www.rfc-editor.org/rfc/rfc6749#section-5.2
_REFUSALS = {
    "invalid_grant": f"the refresh token is not taken any more: sign in anew and set {_SETTING}_REFRESH_TOKEN",
    "invalid_client": f"correct {_SETTING}_CLIENT_ID and {_SETTING}_CLIENT_SECRET, which expires",
    "unauthorized_client": f"allow the application mail in the name of its user, or correct {_SETTING}_CLIENT_ID",
    "invalid_scope": f"correct {_SETTING}_SCOPE",
}

log = logging.getLogger(__name__)


class TokenRefused(Exception):
    """There is no access token, for a reason that holds no secret; ``lasting`` says that waiting will not help."""

    def __init__(self, reason: str, *, lasting: bool) -> None:
        super().__init__(reason)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """Who asks for tokens, where, for what; ``secret`` is missing for a client that anybody may have."""

    token_url: str
    name: str
    refresh_token: Secret
    secret: Secret | None = None
    scope: str | None = None


class AccessTokens:
    """Gives access tokens, each kept until shortly before its end. Several threads may ask at once.

    A new refresh token in an answer takes the place of the one that is set, in the file ``kept`` too: some servers
    take each only once. It is forgotten when another is set.
    """

    def __init__(
        self, client: OAuthClient, user: str, network: Network, kept: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.user = user
        self._client, self._network, self._kept, self._clock = client, network, kept, clock
        self._set = hashlib.sha256(client.refresh_token.reveal().encode()).hexdigest()[:16]
        self._newest = client.refresh_token
        self._token, self._until = Secret(""), float("-inf")
        self._lock = threading.Lock()

    @classmethod
    def of(cls, settings: Settings, network: Network) -> Self | None:
        """Those of a working directory, None where no refresh token is set."""
        url, name, refresh = (
            settings.smtp_oauth_token_url,
            settings.smtp_oauth_client_id,
            settings.smtp_oauth_refresh_token,
        )
        if url is None or name is None or refresh is None:
            return None
        client = OAuthClient(url, name, refresh, settings.smtp_oauth_client_secret, settings.smtp_oauth_scope)
        return cls(client, settings.smtp_oauth_user or "", network, settings.home / "data" / "oauth.json")

    def token(self, refused: Secret | None = None) -> Secret:
        """A token that holds, another than the one that was `refused`. Raises TokenRefused."""
        with self._lock:
            if self._clock() >= self._until or self._token == refused:
                self._renew()
            return self._token

    def _renew(self) -> None:
        with self._alone():
            self._newest = self._stored() or self._newest
            answer = self._ask()
            life = answer.get("expires_in", _USUAL_LIFE)
            self._token = Secret(str(answer["access_token"]))
            self._until = self._clock() + (float(life) if str(life).isdigit() else _USUAL_LIFE) - _EARLY
            newest = answer.get("refresh_token")
            if isinstance(newest, str) and newest and newest != self._newest.reveal():
                self._newest = Secret(newest)
                self._store()

    def _ask(self) -> Mapping[str, Any]:
        """What the server says to a request for a token, which is in it. Raises TokenRefused."""
        client = self._client
        form = {
            "grant_type": "refresh_token",
            "client_id": client.name,
            "refresh_token": self._newest.reveal(),
            **({"client_secret": client.secret.reveal()} if client.secret else {}),
            **({"scope": client.scope} if client.scope else {}),
        }
        host = httpx.URL(client.token_url).host
        try:
            with unlogged(), self._http() as http, http.stream("POST", client.token_url, data=form) as answer:
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > _LONGEST_ANSWER:
                        break
                status = answer.status_code
        except Forbidden as error:
            raise TokenRefused(f"{_SETTING}_TOKEN_URL: {error}", lasting=True) from None
        except httpx.ProxyError as error:
            words, lasting = refused_by_proxy(str(error))
            raise TokenRefused(f"no token from {host}: {words}", lasting=lasting) from None
        except httpx.HTTPError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                what = f"the certificate of {host} is not trusted, {distrusted(str(error))}"
                raise TokenRefused(what, lasting=True) from None
            raise TokenRefused(f"no token: {host} is not reached ({type(error).__name__})", lasting=False) from None
        said = _json(body)
        if status == 200 and isinstance(said.get("access_token"), str) and said["access_token"].isprintable():
            return said
        raise self._refusal(host, status, said)

    def _http(self) -> httpx.Client:
        return httpx.Client(transport=guarded_transport(self._network, kept=0), trust_env=False, timeout=_TIMEOUT)

    def _refusal(self, host: str, status: int, said: Mapping[str, Any]) -> TokenRefused:
        code = str(said.get("error", ""))
        words = " ".join(f"{code} {said.get('error_description', '')}".split())[:300]
        for secret in (self._newest, self._client.secret):
            if secret:
                words = words.replace(secret.reveal(), "<secret>")
        reason = f"{host} gives no token: {status} {words}".rstrip()
        if status == 429 or status >= 500:
            return TokenRefused(reason, lasting=False)
        return TokenRefused(f"{reason} ({_REFUSALS.get(code, f'look at {_SETTING}_TOKEN_URL')})", lasting=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process renews meanwhile, as far as there is a place to say so."""
        with ExitStack() as held:
            with suppress(OSError):  # where nothing can be written, nothing is kept either, and that is told
                self._kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                held.enter_context(FileLock(self._kept.with_suffix(".lock"), mode=0o600))
            yield

    def _stored(self) -> Secret | None:
        """The newest refresh token that came of the one that is set."""
        try:
            stored = _json(self._kept.read_bytes()).get(self._set)
        except OSError:
            return None
        return Secret(stored) if isinstance(stored, str) and stored else None

    def _store(self) -> None:
        try:
            replace_file(self._kept, json.dumps({self._set: self._newest.reveal()}).encode())
        except OSError as error:
            log.warning(
                "%s cannot be written (%s): the mail provider's new refresh token is lost when this process ends, and "
                "the one that is set may not be taken then",
                self._kept,
                error.strerror or error,
            )


def xoauth2(user: str, token: Secret) -> str:
    """https://developers.google.com/workspace/gmail/imap/xoauth2-protocol: what is sent in place of a password."""
    return f"user={user}\1auth=Bearer {token.reveal()}\1\1"


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
