"""A notice arrives in the words of every kind of channel, and the kind is told by the URL it is sent to."""

from __future__ import annotations

import email
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from digestbot.channels import CHANNELS, ChannelSettings, describe, open_channel
from digestbot.channels.base import Channel
from digestbot.channels.spec import Notice, Reach
from digestbot.delivery.notices import Notices, Trouble, operator
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.net.fence import Fence
from digestbot.platform.net.network import Network
from digestbot.platform.settings import load_settings
from tests.channels.services import SERVICES
from tests.delivery.kit import NOW
from tests.servers.http import HttpServer
from tests.servers.smtp import SmtpServer

SUBJECT = "digestbot: failed all slack lab"
TEXT = "all/2026 was NOT sent: <!channel> @all said no & more\nDecide with: digestbot outbox retry 0123"


def sent(kind: str, url: str, folder: Path, smtp: Secret | None = None) -> None:
    options = {"email": {"address": "ops@example.org"}, "file": {"path": "out"}}
    to = Destination(kind, options.get(kind, {"destination": "ops"}))
    settings = ChannelSettings(
        folder, smtp, "d@example.org", {"ops": Secret(url)}, timeout=5, network=Network(Fence.allowing(["127.0.0.1"]))
    )
    part = describe(kind).notice(Notice(SUBJECT, TEXT, to, "d@example.org", "0" * 32))
    with open_channel(kind, settings) as channel:
        channel.send(part, to, key="0" * 32)


WEBHOOKS = [kind for kind, spec in CHANNELS.items() if spec.reach is Reach.URL and kind != "apprise"]


def said(kind: str, body: dict[str, Any]) -> str:
    if kind == "teams":
        (attached,) = body["attachments"]
        runs = [run["text"] for block in attached["content"]["body"] for run in block["inlines"]]
        return "\n".join(runs)
    if kind == "webhook":
        assert body["type"] == "notice"
        return "\n".join(body["data"].values())
    if kind == "ntfy":
        return f"{body['title']}\n{body['message']}"
    return str(body["content" if kind == "discord" else "text"])


@pytest.mark.parametrize("kind", WEBHOOKS)
def test_a_notice_is_taken_by_every_webhook_and_nobody_is_called_by_it(
    kind: str, http_server: HttpServer, tmp_path: Path
) -> None:
    http_server.script(SERVICES[kind].path, SERVICES[kind].yes)
    sent(kind, SERVICES[kind].url(http_server), tmp_path)
    (request,) = http_server.requests
    body = json.loads(request.body)
    plain = said(kind, body).replace("\u200b", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain.replace("\\", "") == f"{SUBJECT}\n{TEXT}"
    if kind == "slack":
        assert "<!channel>" not in body["text"]
    if kind == "discord":
        assert body["allowed_mentions"] == {"parse": []}
    if kind == "mattermost":
        assert body["props"] == {"disable_mentions": True}
        assert "@all" not in body["text"]


# A package beneath Apprise still asks for a module that Python 3.13 has dropped; it copes without.
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_a_notice_is_taken_by_what_apprise_speaks_to(http_server: HttpServer, tmp_path: Path) -> None:
    pytest.importorskip("apprise", reason="the extra digestbot[apprise] is not installed")
    sent("apprise", http_server.url("/ops").replace("http://", "json://"), tmp_path)
    (request,) = http_server.requests
    assert json.loads(request.body)["message"] == f"{SUBJECT}\n{TEXT}"


def test_a_notice_is_a_mail_or_a_file(smtp_server: Callable[..., SmtpServer], tmp_path: Path) -> None:
    server = smtp_server({})
    sent("email", "", tmp_path, Secret(server.url(host="127.0.0.1")))
    (mail,) = server.mails
    read = email.message_from_bytes(mail.data)
    assert read["Subject"] == SUBJECT
    assert "NOT sent" in str(read.get_payload(decode=True))
    sent("file", "", tmp_path)
    (file,) = (tmp_path / "out").iterdir()
    assert file.read_text() == f"{SUBJECT}\n\n{TEXT}\n"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://hooks.slack.com/services/T0/B0/x", "slack"),
        ("https://hooks.slack-gov.com/services/T0/B0/x", "slack"),
        ("https://discord.com/api/webhooks/1/x", "discord"),
        ("https://ptb.discord.com/api/webhooks/1/x", "discord"),
        ("https://prod-00.westeurope.logic.azure.com:443/workflows/1/triggers/manual?sig=x", "teams"),
        ("https://default0.e1.environment.api.powerplatform.com:443/powerautomate/x", "teams"),
        ("https://us.webhook.office.com/webhookb2/x", "teams"),
        ("https://chat.example.org/hooks/abcdefghijklmnopqrstuvwxyz", "mattermost"),
        ("https://example.org/company/hooks/abcdefghijklmnopqrstuvwxyz", "mattermost"),
        ("https://chat.example.org/hooks/1/abcdefghijklmnopqrstuvwxyz", "webhook"),
        ("https://ntfy.sh/digestbot-9f2c", "ntfy"),
        ("https://ntfy.example.org/digestbot-9f2c", "ntfy"),
        ("https://ada:secret@ntfy.example.org/digestbot-9f2c", "ntfy"),
        ("https://:tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2@push.example.org/digestbot", "ntfy"),
        ("https://push.example.org/digestbot", "webhook"),
        ("https://ntfy.sh/", "webhook"),
        ("https://example.org/?at=hooks.slack.com/", "webhook"),
        ("https://evil.example/discord.com/", "webhook"),
        ("tgram://1:x/2", "apprise"),
        ("matrixs://user:x@example.org/#room", "apprise"),
    ],
)
def test_the_kind_of_the_operators_chat_is_told_by_its_url(url: str, kind: str) -> None:
    assert operator("ops", lambda _: Secret(url)) == Destination(kind, {"destination": "ops"})

    assert [each for each, spec in CHANNELS.items() if re.match(spec.url.told_by, url)] == [kind] * (kind != "webhook")


def test_telling_of_trouble_is_no_trouble_of_its_own(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A fault in a channel, or a disk that keeps nothing, ends neither a round nor a job."""

    def opened(kind: str) -> Channel:
        raise RuntimeError(f"a fault of {kind}")

    settings = load_settings(
        tmp_path, {"DIGESTBOT_OPERATOR": "ops@example.org", "DIGESTBOT_MAIL_FROM": "d@example.org"}
    )
    notices = Notices(opened, lambda name: None, lambda: NOW, tmp_path / "notices.json")
    notices.report(Trouble("a round failed", "it failed"), None, settings)
    assert "a fault of email" in caplog.text
