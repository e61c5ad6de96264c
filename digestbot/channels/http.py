"""Posting to somebody's URL: bounded in time and size, no redirects, and the URL never shown."""

from __future__ import annotations

import ssl
import threading
import time
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpcore
import httpx

from digestbot import __version__
from digestbot.channels.answers import HttpAnswer
from digestbot.channels.base import Channel, Misconfigured, Permanent, Receipt, SendError, Temporary, Unknown
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.net.certificates import distrusted
from digestbot.platform.net.fence import Forbidden
from digestbot.platform.net.hush import unlogged
from digestbot.platform.net.network import Network
from digestbot.platform.net.proxies import refused_by_proxy
from digestbot.platform.net.transport import guarded_transport

_CONNECT_TIMEOUT = 10.0
# An answer is a word or a small JSON object; what is longer is somebody's web page, or an attack.
LONGEST_BODY = 65_536

# When this thread's post must be over, by `time.monotonic`; None while it posts nothing.
_post = threading.local()


class Poster:
    """One long-lived HTTP client on a network. Several threads may post at once."""

    def __init__(self, timeout: float, network: Network) -> None:
        connect = min(_CONNECT_TIMEOUT, timeout)
        self._total = timeout + connect
        # httpx has no bound on a whole exchange; a server that sends a byte now and then would hold us for hours.
        self._client = httpx.Client(
            transport=guarded_transport(network, bound=_BoundedBackend),
            timeout=httpx.Timeout(timeout, connect=connect),
            trust_env=False,  # neither its proxies nor .netrc: a webhook's URL goes where the settings say
            follow_redirects=False,
            # One destination's cookies are nobody else's, and not its own next time either.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": f"digestbot/{__version__}", "Accept-Encoding": "identity"},
        )

    def post(self, url: Secret, body: bytes, headers: Mapping[str, str], *, name: str) -> HttpAnswer:
        """Post bytes; any answer with a status is an answer. `name` is what errors call the destination.

        Raises Temporary (nothing left), Unknown (it left and no answer came), or Misconfigured.
        """
        target = _target(url, name)
        _post.until = time.monotonic() + self._total
        try:
            with unlogged():
                return self._exchange(target, body, headers)
        except Forbidden as error:
            raise Misconfigured(f"{name}: {error}", destination_only=True) from None
        except httpx.ProxyError as error:
            raise let_out_by_nobody(name, *refused_by_proxy(_words(error, url))) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.WriteTimeout) as error:
            words = _words(error, url)
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                words = f"its certificate is not trusted, {distrusted(words)}"
            raise Temporary(f"{name}: not reached: {words}") from None
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            raise Permanent(f"{name}: cannot be posted: {_words(error, url)}") from None
        except httpx.HTTPError as error:
            raise Unknown(f"{name}: posted, and no answer came: {_words(error, url)}") from None
        finally:
            _post.until = None

    def close(self) -> None:
        """Let connections go. Closing twice is fine."""
        self._client.close()

    def _exchange(self, url: httpx.URL, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        with self._client.stream("POST", url, content=body, headers=dict(headers)) as response:
            received = bytearray()
            whole = True
            try:
                # Raw: a compressed answer was not asked for, and may be a bomb.
                for chunk in response.iter_raw():
                    received += chunk
                    if len(received) > LONGEST_BODY:
                        whole = False
                        break
            except httpx.HTTPError:
                whole = False  # the status has come, and it says the most
            return HttpAnswer(response.status_code, response.headers, bytes(received[:LONGEST_BODY]), whole)


def let_out_by_nobody(name: str, words: str, lasting: bool) -> SendError:
    """What it means that a post did not get out of this house: nothing has left, and it may be `lasting`."""
    return Misconfigured(f"{name}: {words}", destination_only=True) if lasting else Temporary(f"{name}: {words}")


class PostingChannel(Channel):
    """A channel that posts to the URL of a named destination; what is one vendor's is in its own class."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        self._poster = Poster(settings.timeout, settings.network)

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """Post one part. Raises Temporary, Permanent, Unknown or Misconfigured."""
        url = self._settings.url(to.options.get("destination", ""))
        headers = {"Content-Type": part.content_type, **self._headers(part, to, key)}
        answer = self._poster.post(self._address(url, key), self._body(part, key), headers, name=to.name)
        return self._receipt(answer, to.name, url)

    def close(self) -> None:
        """Let connections go."""
        self._poster.close()

    def _headers(self, part: Part, to: Destination, key: str) -> Mapping[str, str]:
        """The vendor's own headers."""
        return {}

    def _address(self, url: Secret, key: str) -> Secret:
        """The URL as it is posted to."""
        return url

    def _body(self, part: Part, key: str) -> bytes:
        """What is posted."""
        return part.body

    @abstractmethod
    def _receipt(self, answer: HttpAnswer, name: str, url: Secret) -> Receipt:
        """What the answer means; raises what `send` raises."""


def _target(url: Secret, name: str) -> httpx.URL:
    wrong = Misconfigured(f"{name}: its URL is not understood: write the whole https:// URL", destination_only=True)
    text = url.reveal()
    # What programs read differently leads elsewhere than it seems: http://a\@b
    if not text.isascii() or not text.isprintable() or any(c in text for c in ' \\<>"'):
        raise wrong
    try:
        target = httpx.URL(text)
        target.host.encode("idna")  # an empty or too long piece of a name would fail when connecting
    except (httpx.InvalidURL, UnicodeError):
        raise wrong from None
    if target.scheme not in ("https", "http") or not target.host:
        raise wrong
    return target


def hide(text: str, url: Secret) -> str:
    """`text` on one line, without any piece of the URL but its host."""
    parts = urlsplit(url.reveal())
    pieces = {parts.username or "", parts.password or "", *parts.path.split("/"), parts.fragment}
    pieces |= {value for _, value in parse_qsl(parts.query)} | {parts.query}
    pieces |= {unquote(piece) for piece in pieces}
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) > 3:
            text = text.replace(piece, "<secret>")
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:300]


def _words(error: Exception, url: Secret) -> str:
    return hide(str(error), url) or type(error).__name__


def _left(timeout: float | None, error: type[Exception]) -> float:
    """The seconds that may still be waited. Raises `error` when the post's time is up."""
    until = getattr(_post, "until", None)
    left = float("inf") if until is None else until - time.monotonic()
    if left <= 0:
        raise error("the whole exchange took too long")
    return min(left, _CONNECT_TIMEOUT if timeout is None else timeout)


class _BoundedStream(httpcore.NetworkStream):
    """A connection on which no wait is longer than what is left for the whole post."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all, in pieces, so that a far side that takes them slowly meets the bound too."""
        for start in range(0, len(buffer), 16_384):
            self._inner.write(buffer[start : start + 16_384], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the socket."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection inside TLS."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks about the socket."""
        return self._inner.get_extra_info(info)


class _BoundedBackend(httpcore.NetworkBackend):
    """Opens bounded connections."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._inner.connect_tcp(host, port, left, local_address, socket_options))
