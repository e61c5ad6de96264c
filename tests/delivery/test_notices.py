"""A notice arrives in the words of every kind of channel, and the kind is told by the URL it is sent to."""

from __future__ import annotations

import email
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from digestbot.channels import CHANNELS, describe, open_channel
from digestbot.channels.base import Channel, Permanent
from digestbot.channels.settings import ChannelSettings
from digestbot.channels.spec import Notice, Reach
from digestbot.delivery.notices import Notices, Trouble, operator, trouble_of
from digestbot.model.cadence import parse_cadence
from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination, RuleSpec, Subscription
from digestbot.platform.net.fence import Fence
from digestbot.platform.net.network import Network
from digestbot.platform.settings import Settings, load_settings
from tests.channels.services import SERVICES
from tests.delivery.kit import NOW, Clock, FakeChannel, refusing
from tests.servers.http import HttpServer
from tests.servers.smtp import SmtpServer

SUBJECT = "digestbot: failed all slack lab"
TEXT = "all/2026 was NOT sent: <!channel> @all said no & more\nDecide with: digestbot outbox retry 0123"


@pytest.fixture(autouse=True)
def over_each_store() -> None:
    """Once is enough: no store has a part in it."""


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


OPS, ADA, BOB = (Destination("email", {"address": f"{name}@example.org"}) for name in ("ops", "ada", "bob"))
SENT = Delivery("0123456789", "all/1", "all", ADA, DeliveryState.SENDING, NOW)


@pytest.mark.parametrize(
    ("state", "cause", "named", "owner", "destination"),
    [
        (DeliveryState.FAILED, Cause.GONE, "gone email ada@example.org", True, "email ada@example.org"),
        (DeliveryState.FAILED, Cause.REFUSED, "failed all email ada@example.org", False, ""),
        (DeliveryState.HELD, Cause.TOO_LATE, "held all email ada@example.org", False, ""),
    ],
)
def test_what_of_an_outcome_is_told_and_to_whom(
    state: DeliveryState, cause: Cause, named: str, owner: bool, destination: str
) -> None:
    trouble = trouble_of(SENT, Outcome("0123456789", 1, state, 0, NOW, cause, "no more"))
    assert trouble is not None
    assert (trouble.cause, trouble.owner, trouble.destination) == (named, owner, destination)
    assert trouble.subscription == "all"
    assert "all/1 -> email ada@example.org" in trouble.text
    assert "no more" in trouble.text
    assert "digestbot outbox retry 01234567, or: digestbot outbox drop 01234567" in trouble.text


@pytest.mark.parametrize(
    "state", [DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.UNKNOWN, DeliveryState.DROPPED]
)
def test_what_mends_itself_is_told_to_nobody(state: DeliveryState) -> None:
    assert trouble_of(SENT, Outcome("0123456789", 1, state, 0, NOW, Cause.TEMPORARY)) is None


class Told:
    """Who was told, by fake mail; ``anew`` is the process after a restart."""

    def __init__(self, folder: Path, errors: dict[str, list[Permanent | None]] | None = None) -> None:
        self.clock, self.mail = Clock(), FakeChannel("email", refusing(dict(errors or {})))
        self.folder = folder
        self.anew()

    def anew(self) -> None:
        self.notices = Notices(lambda kind: self.mail, lambda name: None, self.clock, self.folder / "notices.json")

    def __call__(self, trouble: Trouble, *to: Destination, operator: str | None = "ops@example.org") -> list[str]:
        """Who hears of a trouble of a subscription with these destinations."""
        before = len(self.mail.taken)
        wanted = Subscription("all", "All", "UTC", parse_cadence("instant"), RuleSpec(), to)
        self.notices.report(trouble, wanted, Settings(self.folder, operator=operator))
        return [name.partition("@")[0].removeprefix("email ") for name, _, _ in self.mail.taken[before:]]


def test_a_cause_is_told_once_a_day_also_by_the_process_after(tmp_path: Path) -> None:
    told = Told(tmp_path)
    assert told(Trouble("one", "x")) == ["ops"]
    assert told(Trouble("one", "x, in other words")) == []
    assert told(Trouble("two", "x")) == ["ops"]
    told.anew()
    assert told(Trouble("one", "x")) == told(Trouble("two", "x")) == []
    told.clock.move(hours=23, minutes=59, seconds=59)
    assert told(Trouble("one", "x")) == []
    told.clock.move(seconds=1)
    told.anew()
    assert told(Trouble("one", "x")) == ["ops"]
    assert len(json.loads((tmp_path / "notices.json").read_bytes())["told"]) == 1, "what is over is forgotten"
    assert len({key for _, key, _ in told.mail.taken}) == 3, "none is a copy of another"


def test_a_clock_that_was_ahead_silences_nothing(tmp_path: Path) -> None:
    told = Told(tmp_path)
    told.clock.move(days=9)
    assert told(Trouble("one", "x")) == ["ops"]
    told.clock.move(days=-9)
    assert told(Trouble("one", "x")) == ["ops"]


def test_the_owner_is_told_by_the_first_other_destination_that_takes_it(tmp_path: Path) -> None:
    gone = Trouble("gone", "x", "all", owner=True, destination=ADA.name)
    assert Told(tmp_path / "a")(gone, ADA, BOB, OPS) == ["ops", "bob"]
    assert Told(tmp_path / "b")(gone, ADA) == ["ops"]
    assert Told(tmp_path / "c")(Trouble("gone", "x", "all"), BOB) == ["ops"], "an owner is told of what is his to mend"
    assert Told(tmp_path / "d")(gone, ADA, BOB, operator=None) == ["bob"]
    refused = Told(tmp_path / "e", {BOB.name: [Permanent("no")], OPS.name: [Permanent("no")]})
    assert refused(gone, ADA, BOB, OPS) == ["ops"], "the operator could not be told at first, and is the next"


def test_who_could_not_be_told_is_told_again(tmp_path: Path) -> None:
    told = Told(tmp_path, {OPS.name: [Permanent("no")]})
    assert told(Trouble("one", "x")) == []
    assert told(Trouble("one", "x")) == ["ops"]
