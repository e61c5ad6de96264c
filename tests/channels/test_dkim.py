"""DKIM: what is signed is believed by verifiers nobody here wrote, and what was altered is not."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from digestbot.channels import Misconfigured
from digestbot.channels.email.dkim import SIGNED, Signer
from digestbot.channels.email.transport import EmailChannel, wire_form
from digestbot.channels.settings import ChannelSettings, DkimSettings
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from tests.servers.smtp import SmtpServer

dkim = pytest.importorskip("dkim", reason="needs dkimpy: pip install digestbot[dkim]")

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MESSAGE = (
    b"From: Paper digest <digest@example.org>\r\nTo: ada@example.org\r\nSubject: Multilingual models:\r\n 2 papers\r\n"
    b"Message-ID: <k@example.org>\r\nList-Id: <multilingual.example.org>\r\n"
    b"List-Unsubscribe: <https://digest.example.org/u/" + b"x" * 300 + b">\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
    b"\r\nHello  \r\n\r\n.\r\n.. \r\n\r\n\r\n"
)


class Keys:
    """A folder with one key of each kind, and the DNS that tells their public halves."""

    def __init__(self, folder: Path) -> None:
        rsa, edwards = generate_private_key(65537, 2048), Ed25519PrivateKey.generate()
        self.rsa = self._kept(folder / "rsa.pem", rsa)
        self.edwards = self._kept(folder / "ed25519.pem", edwards)
        public = rsa.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        raw = edwards.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.records = {
            b"r1._domainkey.example.org.": b"v=DKIM1; k=rsa; p=" + base64.b64encode(public),
            b"e1._domainkey.example.org.": b"v=DKIM1; k=ed25519; p=" + base64.b64encode(raw),
        }
        self.both = DkimSettings((self.rsa, self.edwards), ("r1", "e1"), "example.org")

    def dns(self, name: bytes, timeout: int = 5) -> bytes | None:
        return self.records.get(name)

    @staticmethod
    def _kept(path: Path, key: RSAPrivateKey | Ed25519PrivateKey) -> Path:
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


def verdicts(message: bytes, keys: Keys, count: int = 2) -> list[bool]:
    found = []
    for index in range(count):
        verifier = dkim.DKIM(message)
        try:
            found.append(bool(verifier.verify(idx=index, dnsfunc=keys.dns)))
        except dkim.ValidationError:
            found.append(False)
    return found


def signed(keys: Keys) -> bytes:
    return Signer(keys.both).signed(wire_form(MESSAGE, NOW), NOW)


def test_both_signatures_are_believed(keys: Keys) -> None:
    message = signed(keys)
    assert message.count(b"DKIM-Signature: v=1; a=") == 2
    assert b"a=rsa-sha256" in message
    assert b"a=ed25519-sha256" in message
    assert verdicts(message, keys) == [True, True]
    assert max(map(len, message.partition(b"List-Unsub")[0].split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "alter",
    [
        lambda m: m.replace(b"Hello", b"Hallo"),
        lambda m: m.replace(b"2 papers", b"3 papers"),
        lambda m: m.replace(b"Sat, 21 Nov", b"Sun, 22 Nov"),
        lambda m: m.replace(b"<k@", b"<j@"),
        lambda m: m.replace(b"xxx>", b"xxy>"),
        lambda m: m.replace(b"=One-Click", b"=No"),
        lambda m: b"From: evil@example.net\r\n" + m,
    ],
)
def test_what_was_altered_on_the_way_is_not_believed(keys: Keys, alter: Callable[[bytes], bytes]) -> None:
    message = signed(keys)
    assert alter(message) != message
    assert verdicts(alter(message), keys) == [False, False]


def test_folding_and_spaces_may_change_on_the_way(keys: Keys) -> None:
    message = signed(keys).replace(b"models:\r\n 2 papers", b"models: 2  papers").replace(b"Hello  \r\n", b"Hello\r\n")
    assert verdicts(message, keys) == [True, True]


def test_what_the_brief_of_bulk_mail_wants_signed_is_signed(keys: Keys) -> None:
    there = {
        line.partition(b":")[0].decode().lower()
        for line in wire_form(MESSAGE, NOW).split(b"\r\n\r\n")[0].split(b"\r\n")
        if line[:1] != b" "
    }
    assert there <= set(SIGNED)


def test_a_message_leaves_signed_with_its_date(keys: Keys, smtp_server: Callable[..., SmtpServer]) -> None:
    server = smtp_server()
    settings = ChannelSettings(Path(), Secret(server.url()), now=lambda: NOW, dkim=keys.both)
    with EmailChannel(settings) as channel:
        for _ in range(2):
            channel.send(
                Part("m", "message/rfc822", MESSAGE), Destination("email", {"address": "a@example.org"}), key="k"
            )
    for mail in server.mails:
        assert b"Date: Sat, 21 Nov 2026 08:00:00 +0000\r\n" in mail.data
        assert verdicts(mail.data, keys) == [True, True]


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read"), (b"CANARY", "no private key"), (b"-----BEGIN PRIVATE KEY-----\nCANARY\n", "no private")],
)
def test_a_key_that_cannot_be_used_is_named_and_not_shown(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Misconfigured, match=says) as caught:
        Signer(DkimSettings((path,), ("s",), "example.org"))
    assert str(path) in caught.value.reason
    assert "CANARY" not in caught.value.reason


def test_a_selector_is_wanted_for_each_key(keys: Keys) -> None:
    with pytest.raises(Misconfigured, match="DIGESTBOT_DKIM_SELECTOR"):
        Signer(DkimSettings((keys.rsa, keys.edwards), ("r1",), "example.org"))


@pytest.mark.skipif(shutil.which("opendkim") is None, reason="needs OpenDKIM: apt-get install opendkim")
@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_opendkim_believes_it_too_and_not_what_was_altered(keys: Keys, tmp_path: Path, kind: str) -> None:
    """It reads DNS from a file, and refuses a signature of tomorrow."""
    path, selector = {"rsa": (keys.rsa, "r1"), "ed25519": (keys.edwards, "e1")}[kind]
    record = keys.records[f"{selector}._domainkey.example.org.".encode()].decode()
    (tmp_path / "dns").write_text(f"{selector}._domainkey.example.org {record}\n")
    (tmp_path / "conf").write_text(f"TestDNSData {tmp_path / 'dns'}\nMode v\n")
    past = datetime(2025, 3, 5, 8, 0, tzinfo=UTC)
    message = Signer(DkimSettings((path,), (selector,), "example.org")).signed(wire_form(MESSAGE, past), past)
    said = {}
    for name, content in (("good", message), ("bad", message.replace(b"Hello", b"Hallo"))):
        (tmp_path / name).write_bytes(content)
        command = ["opendkim", "-x", str(tmp_path / "conf"), "-t", str(tmp_path / name), "-v"]
        found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        said[name] = found.stdout + found.stderr
    assert "succeeded" in said["good"]
    assert "failed" in said["bad"]
