"""The contract of `channels/base.py`, one suite over every channel, each against a real far side."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot import channels
from digestbot.channels import (
    CHANNELS,
    Channel,
    Misconfigured,
    Permanent,
    SendError,
    Temporary,
    Unknown,
    describe,
    open_channel,
)
from digestbot.channels.renderers import RENDERERS
from digestbot.channels.settings import ChannelSettings
from digestbot.channels.spec import ChannelSpec, Reach
from digestbot.model.deliveries import Part
from digestbot.model.errors import UsageError
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.net.fence import Fence
from digestbot.platform.net.network import Network
from tests.channels.services import SERVICES
from tests.servers.actions import CLOSE
from tests.servers.http import HttpServer, Reply
from tests.servers.smtp import SmtpServer

# A package beneath Apprise still asks for a module that Python 3.13 has dropped; it copes without.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

MAIL = b"From: Digest <digest@example.org>\nTo: ada@example.org\nMessage-ID: <k@x>\n\nHello\n"
CANARIES = ("CANARYPATH", "CANARYQUERY", "CANARYPASSWORD", "whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZ", "CANARYCANARY")


@dataclass
class FarSide:
    """A channel with what is behind it: ``arrived`` counts, ``break_it`` makes it do what an error wants."""

    channel: Channel
    to: Destination
    part: Part
    arrived: Callable[[], int]
    break_it: dict[type[SendError], Callable[[], None]]
    misconfigured: Channel


def over_http(kind: str, server: HttpServer, tmp_path: Path) -> FarSide:
    if kind == "apprise":
        pytest.importorskip("apprise", reason="the extra digestbot[apprise] is not installed")
    service = SERVICES[kind]
    server.script(service.path, service.yes)
    settings = ChannelSettings(
        tmp_path,
        destinations={"lab": Secret(service.url(server)), "lab_secret": Secret("whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZ")},
        timeout=2,
        network=Network(Fence.allowing(["127.0.0.1", "::1"])),
    )

    def answer(reply: Reply) -> Callable[[], None]:
        return lambda: server.script(service.path, reply)

    return FarSide(
        open_channel(kind, settings),
        Destination(kind, {"destination": "lab"}),
        Part("1/1", "application/json", b'{"text":"hello"}'),
        lambda: len(server.requests),
        {
            # A server that echoes the path, as many frameworks do.
            Temporary: answer(Reply(503, {"Retry-After": "7"}, b"Cannot POST /CANARYPATH?token=CANARYQUERY")),
            Permanent: answer(Reply(404, body=b'{"code": 10015, "message": "no CANARYQUERY /CANARYPATH"}')),
            Unknown: answer(Reply(close="after")),
        },
        open_channel(kind, ChannelSettings(tmp_path)),
    )


def over_smtp(server: SmtpServer, tmp_path: Path) -> FarSide:
    settings = ChannelSettings(tmp_path, Secret(server.url("bot", "CANARYPASSWORD")), timeout=2)

    def answer(step: str, action: object) -> Callable[[], None]:
        return lambda: server.answers.update({step: action})  # type: ignore[dict-item]  # an action of the script

    return FarSide(
        open_channel("email", settings),
        Destination("email", {"address": "ada@example.org"}),
        Part("mail", "message/rfc822", MAIL),
        lambda: len(server.mails),
        {
            Temporary: answer("RCPT", "451 4.7.1 later, CANARYPASSWORD"),
            Permanent: answer("RCPT", "550 5.1.1 no such user"),
            Unknown: answer("MESSAGE", CLOSE),
        },
        open_channel("email", ChannelSettings(tmp_path)),
    )


def to_folder(tmp_path: Path) -> FarSide:
    (tmp_path / "out" / "a").mkdir(parents=True)
    target = tmp_path / "out" / "a" / "digest.html"

    def put_a_folder_there() -> None:
        target.unlink(missing_ok=True)
        target.mkdir()

    return FarSide(
        open_channel("file", ChannelSettings(tmp_path)),
        Destination("file", {"path": "out"}),
        Part("a/digest.html", "text/html", b"<p>hello"),
        lambda: sum(each.is_file() for each in (tmp_path / "out").rglob("*")),
        {Permanent: put_a_folder_there},
        open_channel("file", ChannelSettings(tmp_path)),
    )


@pytest.fixture(params=list(CHANNELS))
def far(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    http_server: HttpServer,
    smtp_server: Callable[..., SmtpServer],
) -> Iterator[FarSide]:
    kind = request.param
    if kind == "file":
        side = to_folder(tmp_path)
    elif kind == "email":
        side = over_smtp(smtp_server(users={"bot": "CANARYPASSWORD"}), tmp_path)
    else:
        side = over_http(kind, http_server, tmp_path)
    with side.channel, side.misconfigured:
        yield side


def test_a_part_that_arrives_gives_a_receipt(far: FarSide) -> None:
    receipt = far.channel.send(far.part, far.to, key="k1")
    assert receipt.answer
    assert far.arrived() == 1


def test_one_channel_sends_many_parts(far: FarSide) -> None:
    for number in range(3):
        far.channel.send(far.part, far.to, key=f"k{number}")
    assert far.arrived() == (1 if far.channel.kind == "file" else 3)


def test_a_channel_may_be_used_by_several_threads(far: FarSide) -> None:
    failures: list[BaseException] = []

    def send(number: int) -> None:
        try:
            far.channel.send(Part(f"a/{number}", far.part.content_type, far.part.body), far.to, key=f"k{number}")
        except SendError as error:
            failures.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert far.arrived() == 8


@pytest.mark.parametrize("error", [Temporary, Permanent, Unknown])
def test_each_failure_is_raised_under_its_name(far: FarSide, error: type[SendError]) -> None:
    if error not in far.break_it:
        pytest.skip(f"tried in test_{far.channel.kind}.py, or cannot happen there")
    far.break_it[error]()
    with pytest.raises(error) as caught:
        far.channel.send(far.part, far.to, key="k1")
    assert caught.value.reason == str(caught.value) != ""


def test_missing_settings_are_named(far: FarSide) -> None:
    if far.channel.kind == "file":
        pytest.skip("a file needs no setting")
    variable = "DIGESTBOT_SMTP_URL" if far.channel.kind == "email" else "DIGESTBOT_TO_LAB"
    with pytest.raises(Misconfigured, match=variable):
        far.misconfigured.send(far.part, far.to, key="k1")


def test_the_same_key_twice_does_no_harm(far: FarSide) -> None:
    """A file is one file; elsewhere the far side can tell by Message-ID or Idempotency-Key."""
    first = far.channel.send(far.part, far.to, key="k1")
    assert far.channel.send(far.part, far.to, key="k1") == first


def test_closing_twice_is_fine(far: FarSide) -> None:
    far.channel.send(far.part, far.to, key="k1")
    far.channel.close()
    far.channel.close()


def test_g62_no_secret_is_shown_anywhere(far: FarSide, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in a receipt, an error, its causes, a repr, nor a log record at DEBUG."""
    caplog.set_level("DEBUG")
    seen = [repr(far.channel.send(far.part, far.to, key="k1")), repr(far.channel), repr(vars(far.channel))]
    for break_it in far.break_it.values():
        break_it()
        with pytest.raises(SendError) as caught:
            far.channel.send(far.part, far.to, key="k2")
        error: BaseException | None = caught.value
        while error is not None:
            seen += [str(error), repr(error)]
            error = error.__cause__ if error.__suppress_context__ else error.__cause__ or error.__context__
    seen += [f"{record.getMessage()} {record.args}" for record in caplog.records]
    for text in seen:
        assert not [canary for canary in CANARIES if canary in text]


def test_retry_after_is_handed_on(tmp_path: Path, http_server: HttpServer) -> None:
    side = over_http("webhook", http_server, tmp_path)
    side.break_it[Temporary]()
    with side.channel, side.misconfigured, pytest.raises(Temporary) as caught:
        side.channel.send(side.part, side.to, key="k1")
    assert caught.value.retry_after == timedelta(seconds=7)


def test_a_misspelt_channel_is_corrected(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'slack'"):
        open_channel("slak", ChannelSettings(tmp_path))
    assert describe("email").reach is Reach.MAIL


def test_a_name_in_any_case_finds_its_url(tmp_path: Path) -> None:
    settings = ChannelSettings(tmp_path, destinations={"MY_LAB": Secret("https://x.example/")})
    assert settings.url("my-lab").reveal() == "https://x.example/"
    with pytest.raises(Misconfigured, match="DIGESTBOT_TO_OTHER") as caught:
        settings.url("other")
    assert caught.value.destination_only


def test_every_folder_is_a_kind_and_every_kind_a_folder() -> None:
    folders = {path.parent.name for path in Path(channels.__file__).parent.glob("*/__init__.py")}
    assert folders == set(CHANNELS), "name its SPEC in channels/registry.py"


def test_naming_kinds_loads_no_library() -> None:
    heavy = "httpx", "smtplib", "ssl", "jinja2", "apprise"
    asked = f"import sys; import digestbot.channels.registry; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("spec", CHANNELS.values(), ids=list(CHANNELS))
def test_a_spec_says_what_it_must(spec: ChannelSpec) -> None:
    assert spec.form in RENDERERS
    needed = [each.name for each in spec.options if each.required]
    assert needed == [{Reach.MAIL: "address", Reach.URL: "destination", Reach.FOLDER: "path"}[spec.reach]]
    assert spec.reach is not Reach.URL or spec.pace.depth <= 2, "whoever is posted to is spared"


def test_every_service_is_played_by_the_tests() -> None:
    assert set(SERVICES) == {kind for kind, spec in CHANNELS.items() if spec.reach is Reach.URL}
