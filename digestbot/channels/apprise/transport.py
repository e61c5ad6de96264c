"""Telegram, Matrix and a hundred other services through Apprise, which speaks to them: an extra to install."""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digestbot.channels.base import Channel, Misconfigured, Permanent, Receipt, SendError, Temporary, Unknown
from digestbot.channels.http import hide, let_out_by_nobody
from digestbot.channels.settings import ChannelSettings, variable
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.net.network import Network

if TYPE_CHECKING:
    import apprise

_STATUS = re.compile(r"\berror=(\d{3})\b")
_NOT_REACHED = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeout|Connection refused|SSLError")
_CUT_OFF = re.compile(r"[Cc]onnection error|Socket Exception|Read timed out")
_one_at_a_time = threading.Lock()  # a service is called from a thread of Apprise's own: only so is it told apart
_heard: deque[logging.LogRecord] = deque(maxlen=100)
_GONE = frozenset({401, 403, 404, 410})
_SHORTEST = 20  # characters; what takes less at a time shows no papers


class AppriseChannel(Channel):
    """Sends text to the service that a destination's URL names, in Apprise's own spelling of URLs.

    A part longer than the service takes is sent in pieces, cut between paragraphs, lines or words.
    """

    kind = "apprise"

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """Send one part. Raises Temporary, Permanent, Unknown or Misconfigured."""
        name = to.options.get("destination", "")
        url = self._settings.url(name)
        service = _service(url, to.name, name)
        most = min(each.body_maxlen for each in service)
        if most < _SHORTEST:
            raise Permanent(f"{to.name}: the service takes {most} characters at a time")
        sent = 0
        for piece in pieces(part.body.decode("utf-8", "replace"), most):
            refused = _notify(service, piece, to.name, url, self._settings.network)
            if refused is not None:
                # What has arrived cannot be taken back: it is no plain refusal any more.
                raise Unknown(f"{refused.reason} (after {sent} pieces)") if sent else refused
            sent += 1
        return Receipt("sent" if sent == 1 else f"sent in {sent} pieces")

    def close(self) -> None:
        """Nothing is kept open."""


def pieces(text: str, most: int) -> Iterator[str]:
    """The text in pieces of at most `most` characters, nothing but the blanks at the cuts lost."""
    rest = text.strip()
    while len(rest) > most:
        cut = next(
            (at for gap in ("\n\n", "\n", " ") if (at := rest.rfind(gap, 1, most + 1)) > most // 4),
            most,
        )
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    if rest:
        yield rest


def _hear(record: logging.LogRecord) -> bool:
    """Keep what is said of the message that is on its way; nobody else hears of it."""
    _heard.append(record)
    return False


def _service(url: Secret, who: str, destination: str) -> apprise.Apprise:
    """What sends to that URL. Raises Misconfigured naming the extra, or the setting that is no such URL."""
    try:
        import apprise
    except ImportError:
        raise Misconfigured("Apprise is not installed: pip install 'digestbot[apprise]'") from None
    # Apprise and what it posts with log whole URLs, and these are passwords. What it says of a failure stands
    # nowhere but in its log: that is heard and goes no further.
    for name in ("apprise", "urllib3.connectionpool"):
        logging.getLogger(name).addFilter(_hear)
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    service = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False, secure_logging=True))
    if not service.add(url.reveal()) or not len(service):
        way_out = "https://github.com/caronc/apprise/wiki lists what it understands"
        raise Misconfigured(f"{who}: {variable(destination)} is no Apprise URL: {way_out}", destination_only=True)
    if any("xmpp" in type(each).__module__ for each in service):
        why = "is not offered: it connects from a thread of its own, where no address can be refused"
        raise Misconfigured(f"{who}: XMPP by Apprise {why}", destination_only=True)
    return service


def _notify(service: apprise.Apprise, text: str, who: str, url: Secret, network: Network) -> SendError | None:
    """Send one piece; None when it was taken, else why not."""
    from digestbot.channels.apprise.way_out import way_out

    with _one_at_a_time, way_out(network) as way:
        _heard.clear()
        if service.notify(body=text, body_format="text"):
            return None
        said = [record.getMessage() for record in _heard]
        warned = [record.getMessage() for record in _heard if record.levelno >= logging.WARNING]
    if way.refused is not None:
        return let_out_by_nobody(who, *way.refused)
    reason = f"{who}: {_hide(' '.join(warned), url) or 'not sent, and Apprise does not say why'}"
    found = _STATUS.search(" ".join(warned))
    status = int(found[1]) if found else 0
    if 400 <= status < 500 and status not in (408, 425, 429):
        return Permanent(reason, disables=status in _GONE)
    told = " ".join(said)
    if not status and _CUT_OFF.search(told) and not _NOT_REACHED.search(told):
        return Unknown(reason)
    return Temporary(reason, too_many=status == 429)


def _hide(text: str, url: Secret) -> str:
    """`text` without any piece of the URL: in these a token may stand where others have the host."""
    place = urlsplit(url.reveal()).netloc
    for piece in sorted({place, *re.split(r"[:@]", place)}, key=len, reverse=True):
        if len(piece) > 3:
            text = text.replace(piece, "<secret>")
    return hide(text, url)
