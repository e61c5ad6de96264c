"""The doctor tells quiet, stale and broken apart and names the mend; row 80: SPF, DKIM, DMARC, TLS, zones, schedule."""

from __future__ import annotations

import base64
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from digestbot.channels.base import Permanent
from digestbot.model.errors import StoreError
from digestbot.platform.files.sealed import sealed
from digestbot.runtime.doctor import machine, model, work
from digestbot.runtime.doctor.base import Finding, FindingState, NoAnswer, Patient
from digestbot.runtime.doctor.dns import lookup
from digestbot.runtime.doctor.examination import HERE, OUTSIDE, examined, exit_code
from digestbot.runtime.health.pulse import leave_mark
from tests.delivery.kit import (
    ROOT,
    Clock,
    FakeChannel,
    configure,
    deliver,
    ended,
    mail_to,
    open_app,
    planned,
    post_to,
    refusing,
    run,
    subscribe,
)
from tests.servers.certificates import Certificate
from tests.servers.http import HttpServer, Reply
from tests.servers.smtp import SmtpServer

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass
class Ward:
    """A working directory, the name servers as this test has them, and what the doctor finds there."""

    home: Path
    names: dict[str, Sequence[str]] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    channel: FakeChannel = field(default_factory=lambda: FakeChannel("email"))

    def look(self) -> dict[str, Finding]:
        """What is found, by its name; of several the worst."""
        order = list(FindingState)
        with open_app(self.home, self.clock) as app:
            app.read_only = True
            patient = Patient(app, self._lookup, self.environ, self.clock, timeout=2)
            self.findings = list(examined(patient, (*HERE, *OUTSIDE)))
        found: dict[str, Finding] = {}
        for each in sorted(self.findings, key=lambda each: order.index(each.state)):
            found[each.check] = each
        return found

    def _lookup(self, name: str, kind: str) -> Sequence[str]:
        if not self.names:
            raise NoAnswer("the name servers do not answer")
        return self.names.get(name, ())

    def work(self) -> None:
        """One digest is planned and delivered."""
        with open_app(self.home, self.clock, self.channel) as app:
            planned(app)
            deliver(app)


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    configure(tmp_path, MAIL_FROM="digest@lab.example.org")
    (tmp_path / ".env").chmod(0o600)
    subscribe(tmp_path, "all", '[[to]]\nchannel = "file"\npath = "out"\n')
    return Ward(tmp_path)


def mailing(ward: Ward, url: str, **settings: object) -> None:
    configure(ward.home, SMTP_URL=url, MAIL_FROM="digest@lab.example.org", **settings)
    (ward.home / ".env").chmod(0o600)
    subscribe(ward.home, "all", mail_to(["ada"]))


def test_all_is_well_and_nothing_sent(ward: Ward) -> None:
    ward.work()
    found = ward.look()
    assert exit_code(ward.findings) == 0
    assert found["store"].state is FindingState.FINE
    assert "3 entries in the paper log, 1 digests, 1 deliveries sent" in " ".join(each.what for each in ward.findings)
    assert found["subscriptions"].what == "1 sent"
    assert found["time zones"].state in (FindingState.FINE, FindingState.WARNING)


def test_quiet_stale_and_broken_are_three_things(ward: Ward) -> None:
    subscribe(ward.home, "quiet", '[[to]]\nchannel = "file"\npath = "out"\n', query="'nothing-has-this-word'")
    subscribe(ward.home, "broken", mail_to(["ada"]))
    configure(ward.home, SMTP_URL="smtp://127.0.0.1:9")
    ward.channel.answers = refusing({"email ada@example.org": [Permanent("no such mailbox", disables=True)]})
    ward.work()
    found = ward.look()
    assert found["subscriptions"].what == "1 quiet, 1 sent"
    assert "subscription quiet" not in found
    broken = found["subscription broken"]
    assert broken.state is FindingState.BROKEN
    assert re.search("mend what it says; then digestbot outbox retry [0-9a-f]{8} sends it", broken.mend)
    assert "no such mailbox, and nothing more goes there" in broken.what
    assert exit_code(ward.findings) == 1


def test_of_many_that_are_broken_some_are_told_and_the_others_counted(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_MOST_TOLD", 2)
    (ward.home / "subscriptions" / "all.toml").unlink()
    for number in range(5):
        subscribe(ward.home, f"broken{number}", mail_to([f"reader{number}"]))
    configure(ward.home, SMTP_URL="smtp://127.0.0.1:9")
    ward.channel.answers = refusing(
        {f"email reader{number}@example.org": [Permanent("no such mailbox")] for number in range(5)}
    )
    ward.work()
    found = ward.look()
    assert len([name for name in found if name.startswith("subscription ")]) == 2
    assert (found["subscriptions"].state, found["subscriptions"].what) == (FindingState.BROKEN, "3 more are broken")


def test_a_subscription_without_news_is_stale_and_a_source_without_answer_broken(ward: Ward) -> None:
    ward.work()
    with open_app(ward.home, ward.clock, ward.channel) as app:
        ward.clock.move(days=1)
        planned(app, count=0)
    (ward.home / "sources.toml").write_text('[drop]\nkind = "folder"\npath = "gone"\n')
    with open_app(ward.home, ward.clock) as app:
        list(app.source_poller.poll(ward.clock()))
    found = ward.look()
    assert found["subscription all"].state is FindingState.STALE
    assert found["source drop"].state is FindingState.BROKEN
    assert "digestbot ingest" in found["source drop"].mend


SECURITIES: tuple[Literal["starttls", "implicit"] | None, ...] = (None, "starttls", "implicit")


@pytest.mark.parametrize("security", SECURITIES)
def test_row_80_the_mail_server_is_logged_in_at_and_gets_no_mail(
    ward: Ward, security: Literal["starttls", "implicit"] | None, trusted: Certificate
) -> None:
    with SmtpServer(tls=security, certificate=trusted, users={"bot": "CANARYPASSWORD"}) as server:
        mailing(ward, server.url("bot", "CANARYPASSWORD"))
        found = ward.look()
        assert found["mail server"].state is FindingState.FINE, found["mail server"]
        assert "let us in with user and password" in found["mail server"].what
        assert server.mails == []


def test_a_wrong_password_is_told_without_it(ward: Ward) -> None:
    with SmtpServer({"AUTH": ["535 5.7.8 authentication failed for CANARYPASSWORD"]}) as server:
        mailing(ward, server.url("bot", "CANARYPASSWORD"))
        found = ward.look()
    assert found["mail server"].state is FindingState.MISCONFIGURED
    assert "CANARY" not in str(ward.findings)
    assert exit_code(ward.findings) == 2


def test_a_mail_server_that_is_away_is_broken(ward: Ward) -> None:
    mailing(ward, "smtp://127.0.0.1:9")
    assert ward.look()["mail server"].state is FindingState.BROKEN
    assert exit_code(ward.findings) == 1


def test_one_click_leaving_is_asked_for_where_mail_is_sent(ward: Ward) -> None:
    assert "List-Unsubscribe" not in ward.look()
    mailing(ward, "smtp://127.0.0.1:9")
    assert "DIGESTBOT_PUBLIC_URL" in ward.look()["List-Unsubscribe"].mend
    signed = {"PUBLIC_URL": "https://digest.example.org", "SECRET": "s" * 32}
    mailing(ward, "smtp://127.0.0.1:9", **signed)
    assert ward.look()["List-Unsubscribe"].state is FindingState.FINE


def keyed(ward: Ward, name: str, key: object) -> bytes:
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]  # of either kind
    (ward.home / name).write_bytes(data)
    (ward.home / name).chmod(0o600)
    return bytes(data)


@pytest.fixture
def domain(ward: Ward) -> Ward:
    """A domain with all its records right, and a key of each kind."""
    rsa, ed = generate_private_key(65537, 2048), Ed25519PrivateKey.generate()
    keyed(ward, "rsa.pem", rsa)
    keyed(ward, "ed.pem", ed)
    keys = {"DKIM_KEY": "rsa.pem,ed.pem", "DKIM_SELECTOR": "r,e"}
    mailing(ward, "smtp://127.0.0.1:9", **keys)
    spki = base64.b64encode(rsa.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    raw = base64.b64encode(ed.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    ward.names = {
        "lab.example.org": ["google-site-verification=x", "v=spf1 include:mail.example.net -all"],
        "_dmarc.example.org": ["v=DMARC1; p=reject"],
        "r._domainkey.lab.example.org": [f"v=DKIM1; k=rsa; p={spki}"],
        "e._domainkey.lab.example.org": [f"v=DKIM1; k=ed25519; p={raw}"],
    }
    return ward


def test_row_80_records_that_are_right_are_fine(domain: Ward) -> None:
    found = domain.look()
    assert {name: found[name].state for name in ("SPF", "DKIM", "DMARC")} == dict.fromkeys(
        ("SPF", "DKIM", "DMARC"), FindingState.FINE
    )
    assert found["DMARC"].what == "example.org: v=DMARC1; p=reject"


@pytest.mark.parametrize(
    ("name", "record", "check", "state", "mend"),
    [
        ("lab.example.org", [], "SPF", FindingState.WARNING, "add a TXT record to lab.example.org"),
        ("lab.example.org", ["v=spf1 -all", "v=spf1 a -all"], "SPF", FindingState.BROKEN, "make one record"),
        ("lab.example.org", ["v=spf1 +all"], "SPF", FindingState.WARNING, "end it with -all"),
        ("_dmarc.example.org", [], "DMARC", FindingState.WARNING, "add a TXT record to _dmarc.lab.example.org"),
        ("r._domainkey.lab.example.org", [], "DKIM", FindingState.BROKEN, "v=DKIM1; k=rsa; p=MII"),
        ("e._domainkey.lab.example.org", ["v=DKIM1; p=AAAA"], "DKIM", FindingState.BROKEN, "v=DKIM1; k=ed25519; p="),
        ("e._domainkey.lab.example.org", ["v=DKIM1; p="], "DKIM", FindingState.BROKEN, "put the record"),
    ],
)
def test_row_80_records_that_are_wrong_are_told_with_the_mend(
    domain: Ward, name: str, record: list[str], check: str, state: FindingState, mend: str
) -> None:
    domain.names[name] = record
    found = domain.look()[check]
    assert (found.state, mend in found.mend) == (state, True), found


def test_where_dns_does_not_answer_nothing_is_claimed(domain: Ward) -> None:
    domain.names = {}
    found = domain.look()
    assert [found[name].state for name in ("SPF", "DKIM", "DMARC")] == [FindingState.SKIPPED] * 3


def test_without_dnspython_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dns.resolver", None)
    with pytest.raises(NoAnswer, match=r"digestbot\[doctor\]"):
        lookup("example.org", "TXT")


@pytest.fixture
def posted(ward: Ward, http_server: HttpServer) -> tuple[Ward, HttpServer]:
    url = http_server.url("/services/CANARYTOKEN?key=CANARYKEY", host="127.0.0.1")
    configure(ward.home, TO_LAB=url)
    (ward.home / ".env").chmod(0o600)
    subscribe(ward.home, "all", post_to("slack", "lab"))
    return ward, http_server


def at(moment: datetime) -> dict[str, str]:
    return {"Date": format_datetime(moment, usegmt=True)}


def test_webhooks_are_reached_without_a_post_and_without_their_secret(posted: tuple[Ward, HttpServer]) -> None:
    ward, server = posted
    server.script("/", Reply(404, at(NOW)))
    found = ward.look()
    assert found["slack lab"].state is FindingState.FINE
    assert found["clock"].state is FindingState.FINE
    assert [(each.method, each.path) for each in server.requests] == [("HEAD", "/")]
    assert "CANARY" not in str(ward.findings)


def test_a_discord_webhook_that_is_gone_is_broken(posted: tuple[Ward, HttpServer]) -> None:
    ward, server = posted
    subscribe(ward.home, "all", post_to("discord", "lab"))
    server.script("/services/CANARYTOKEN", Reply(404))
    found = ward.look()["discord lab"]
    assert (found.state, found.mend) == (FindingState.BROKEN, "make a new one, and set DIGESTBOT_TO_LAB")
    assert [each.method for each in server.requests] == ["GET"]
    assert "CANARY" not in str(ward.findings)


@pytest.mark.parametrize(
    ("reply", "state", "what"),
    [
        (Reply(body=b'{"data": [{"id": "tiny:latest"}]}'), FindingState.FINE, "has tiny; it was asked nothing"),
        (Reply(body=b'{"data": [{"id": "other"}]}'), FindingState.BROKEN, "has no tiny; it has other"),
        (Reply(401), FindingState.BROKEN, "answered 401"),
        (Reply(404), FindingState.WARNING, "answered 404: whether it has tiny cannot be asked"),
    ],
)
def test_a_model_is_asked_whether_it_is_there_and_nothing_else(
    ward: Ward, http_server: HttpServer, reply: Reply, state: FindingState, what: str
) -> None:
    url = http_server.url("/v1", host="127.0.0.1")
    configure(ward.home, MODEL_URL=url, MODEL_MODEL="tiny", MODEL_KEY="CANARY")
    http_server.script("/v1/models", reply)
    with open_app(ward.home, ward.clock) as app:
        (found,) = examined(Patient(app, ward._lookup), (model.endpoint,))
    assert (found.check, found.state) == ("model", state)
    assert what in found.what
    assert [each.path for each in http_server.requests] == ["/v1/models"]
    assert "CANARY" not in str(found)


def test_who_wants_a_model_where_there_is_none_is_told(ward: Ward) -> None:
    subscribe(ward.home, "all", '[[to]]\nchannel = "file"\npath = "out"\n', gist='"model"')
    with open_app(ward.home, ward.clock) as app:
        (found,) = examined(Patient(app, ward._lookup), (model.endpoint,))
    assert (found.state, "DIGESTBOT_MODEL_URL" in found.mend) == (FindingState.WARNING, True)


def test_a_webhook_that_is_not_reached_or_not_allowed_is_told(ward: Ward) -> None:
    configure(ward.home, TO_LAB="http://127.0.0.1:9/CANARY", TO_LAN="http://192.168.77.1/CANARY")
    subscribe(ward.home, "all", post_to("slack", "lab") + post_to("webhook", "lan"))
    found = ward.look()
    assert found["slack lab"].state is FindingState.BROKEN
    assert found["webhook lan"].state is FindingState.MISCONFIGURED
    assert found["clock"].state is FindingState.SKIPPED
    assert "CANARY" not in str(ward.findings)


@pytest.mark.parametrize(("behind", "said"), [(-600, "600 seconds ahead"), (600, "600 seconds behind")])
def test_a_clock_that_is_off_is_broken(posted: tuple[Ward, HttpServer], behind: int, said: str) -> None:
    ward, server = posted
    server.script("/", Reply(200, at(NOW + timedelta(seconds=behind))))
    found = ward.look()["clock"]
    assert (found.state, said in found.what) == (FindingState.BROKEN, True), found


def test_a_clock_that_was_set_back_shows_in_the_store(ward: Ward) -> None:
    ward.work()
    ward.clock.move(hours=-5)
    assert ward.look()["clock"].state is FindingState.BROKEN


def test_row_71_settings_and_data_that_others_can_read_are_warned_of(ward: Ward) -> None:
    ward.work()
    assert ward.look()["permissions"].state is FindingState.FINE
    (ward.home / ".env").chmod(0o644)
    found = ward.look()["permissions"]
    assert (found.state, found.mend) == (FindingState.WARNING, f"chmod 600 {ward.home / '.env'}")
    assert exit_code(ward.findings) == 0


def test_a_disk_that_is_nearly_full_is_broken(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_space", lambda path: 10 << 20)
    assert ward.look()["disk"].state is FindingState.BROKEN


def test_missing_and_old_time_zones_are_told(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_zone_version", lambda: "2019c")
    assert ward.look()["time zones"].state is FindingState.WARNING
    monkeypatch.setattr(machine, "_zone_version", lambda: None)
    assert ward.look()["time zones"].state is FindingState.MISCONFIGURED


def test_without_time_zone_data_no_other_zone_is_advised(ward: Ward) -> None:
    """A process of its own, in which neither the system nor the package has the data."""
    (ward.home / "sources.toml").write_text('[drop]\nkind = "folder"\npath = "x"\ntimezone = "Europe/Berlin"\n')
    bare = "import sys, zoneinfo; zoneinfo.reset_tzpath([]); sys.modules['tzdata'] = None\n"
    call = f"from digestbot.cli.main import main; main(['--home', {str(ward.home)!r}, 'doctor', '--offline'])"
    ran = subprocess.run([sys.executable, "-c", bare + call], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, "misconfigured time zones" in ran.stdout) == (2, True), ran.stdout + ran.stderr
    assert ran.stdout.count("this machine has no time zone data: install its tzdata") == 3
    assert "write an IANA name" not in ran.stdout


@pytest.fixture
def powerless() -> Sequence[str]:
    """What makes a command of root's keep to permissions, as others have to."""
    if os.geteuid():
        return ()
    cut = "-dac_override,-dac_read_search"
    without = ("setpriv", f"--bounding-set={cut}", "--inh-caps=-all")
    if not shutil.which("setpriv") or subprocess.run([*without, "true"], check=False).returncode:
        pytest.skip("root cannot give up its powers here")
    return without


@pytest.mark.parametrize(
    ("mode", "said"), [(0o500, "cannot read and write"), (0o000, "cannot be used: Permission denied")]
)
def test_row_71_a_folder_that_cannot_be_written_is_told_with_the_way_out(
    ward: Ward, powerless: Sequence[str], mode: int, said: str
) -> None:
    ward.work()
    data = ward.home / "data"
    data.chmod(mode)
    try:
        command = [*powerless, sys.executable, "-m", "digestbot", "--home", str(ward.home), "doctor", "--offline"]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        data.chmod(0o700)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert said in ran.stdout
    assert f"chown -R {pwd.getpwuid(os.geteuid()).pw_name} {data}" in ran.stdout
    assert "a fault of digestbot" not in ran.stdout


def test_row_71_settings_that_cannot_be_read_are_told_with_the_way_out(ward: Ward, powerless: Sequence[str]) -> None:
    (ward.home / ".env").chmod(0)
    command = [*powerless, sys.executable, "-m", "digestbot", "--home", str(ward.home), "doctor"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "cannot be read: Permission denied (make it readable for the user who runs digestbot)" in ran.stderr


def test_what_is_on_its_way_is_not_broken_until_it_has_waited_long(ward: Ward) -> None:
    with open_app(ward.home, ward.clock, ward.channel) as app:
        planned(app)
    assert ward.look()["subscriptions"].what == "1 sending"
    assert exit_code(ward.findings) == 0
    ward.clock.move(hours=2)
    assert ward.look()["subscription all"].state is FindingState.BROKEN


def test_a_proxy_that_is_not_used_is_told(ward: Ward) -> None:
    ward.environ = {"HTTPS_PROXY": "http://user:CANARY@proxy:3128"}
    assert ward.look()["proxies"].state is FindingState.WARNING
    assert "CANARY" not in str(ward.findings)


def test_a_missing_secret_and_a_wrong_file_are_the_configuration(ward: Ward) -> None:
    subscribe(ward.home, "all", post_to("slack", "lab"))
    found = ward.look()["configuration"]
    assert (found.state, found.mend) == (FindingState.MISCONFIGURED, "set DIGESTBOT_TO_LAB in .env")
    assert exit_code(ward.findings) == 2


def test_a_cadence_that_hardly_ever_comes_is_warned_of(ward: Ward) -> None:
    subscribe(ward.home, "all", '[[to]]\nchannel = "file"\npath = "out"\n', cadence='"0 8 29 2 *"')
    found = ward.look()["schedule of all"]
    assert (found.state, "29 Feb 2028" in found.what) == (FindingState.WARNING, True)


def test_a_daemon_that_stands_still_is_broken_and_one_that_is_not_there_warned_of(ward: Ward) -> None:
    from digestbot.delivery.control_channel import ControlChannel

    ward.work()
    assert ward.look()["rounds"].state is FindingState.WARNING
    with ControlChannel(ward.home).attended():
        leave_mark(ward.home, ward.clock())
        assert ward.look()["rounds"].state is FindingState.FINE
        ward.clock.move(hours=1)
        assert "stands still; last round 60 minutes ago" in ward.look()["rounds"].what
        ward.clock.move(days=2)
        assert "due since 02 Mar 08:00 UTC and not opened" not in ward.look()["rounds"].what
        assert ward.look()["schedule of all"].state is FindingState.BROKEN


def test_one_fault_of_ours_or_of_the_store_keeps_no_other_check_from_its_look(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(patient: Patient) -> Iterator[Finding]:
        raise StoreError("the store is damaged")
        yield

    def fault(patient: Patient) -> Iterator[Finding]:
        raise KeyError("CANARY")
        yield

    with open_app(ward.home, ward.clock) as app:
        found = list(examined(Patient(app, ward._lookup), (down, fault, machine.disk)))
    assert [each.state for each in found] == [FindingState.BROKEN, FindingState.BROKEN, FindingState.FINE]
    assert "CANARY" not in str(found)


def test_the_command_prints_lines_or_json_and_ends_with_the_worst(ward: Ward) -> None:
    ward.work()
    code, out, err = ended(run(ward.home, "doctor", "--offline"))
    assert (code, err) == (0, "")
    assert "fine          store: " in out
    code, out, _ = ended(run(ward.home, "doctor", "--offline", "--json"))
    assert {"check", "state", "what", "mend"} == set(json.loads(out.splitlines()[0]))
    (ward.home / "subscriptions" / "all.toml").write_text("cadence = 'daily'\n")
    code, out, _ = ended(run(ward.home, "doctor", "--offline"))
    assert code == 2
    assert "misconfigured configuration: subscriptions/all.toml" in out


@pytest.mark.parametrize(
    ("name", "older"),
    [
        ("sources.json", b'{"version": 1, "sources": {}}'),
        ("bounces.json", b'{"place": "a", "values": {}}'),
        ("notices.json", b"[]"),
    ],
)
def test_what_is_remembered_and_damaged_is_told_by_its_name(name: str, older: bytes, ward: Ward) -> None:
    ward.work()
    path = ward.home / "data" / name
    path.write_bytes(sealed({"place": "a", "values": {"uid": "7"}}).replace(b"7", b"9"))
    code, out, _ = ended(run(ward.home, "doctor", "--offline"))
    assert (code, f"broken        data folder: {path}: is damaged" in out) == (1, True)
    path.write_bytes(older)  # an earlier version wrote no checksum
    assert "is damaged" not in ended(run(ward.home, "doctor", "--offline"))[1]


def test_a_damaged_store_is_told_with_the_way_back(ward: Ward) -> None:
    if os.environ.get("DIGESTBOT_STORE"):
        pytest.skip("a server keeps its own files")
    ward.work()
    papers = ward.home / "data" / "papers.json"
    papers.write_bytes(b"{" + papers.read_bytes()[2:])
    code, out, _ = ended(run(ward.home, "doctor", "--offline"))
    assert code == 1
    assert "broken        store: " in out
    assert "digestbot restore" in out
