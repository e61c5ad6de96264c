"""DKIM: a message signed with the operator's keys, RSA and Ed25519, once its Date is set (RFC 6376, RFC 8463)."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from digestbot.channels.base import Misconfigured
from digestbot.channels.settings import DkimSettings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# From stands twice: a second one, put in on the way, breaks the signature (RFC 6376, 8.15).
SIGNED = (
    "from", "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
    "content-type", "list-id", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted", "feedback-id",
)  # fmt: skip
_WEAKEST = 1024  # bits of an RSA key that verifiers still take: https://www.rfc-editor.org/rfc/rfc8301#section-3.2


class Signer:
    """Signs with every key; the files are read once, when it is made."""

    def __init__(self, settings: DkimSettings) -> None:
        """Raises Misconfigured for a key that cannot be used, naming its file, and for a package not installed."""
        self._domain = settings.domain
        if len(settings.keys) != len(settings.selectors):
            raise Misconfigured("DIGESTBOT_DKIM_SELECTOR: write one selector for each key of DIGESTBOT_DKIM_KEY")
        self._keys = [
            (name.encode(), *_read(path)) for name, path in zip(settings.selectors, settings.keys, strict=True)
        ]

    def signed(self, message: bytes, now: datetime) -> bytes:
        """The message (CRLF line ends) with one DKIM-Signature in front for each key. Raises Misconfigured."""
        import dkim
        from dkim.canonicalization import CanonicalizationPolicy

        try:
            fields, body = dkim.rfc822_parse(message)
        except dkim.MessageFormatError as error:
            raise Misconfigured(f"a message that cannot be signed: {error}") from error
        relaxed = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
        body_hash = base64.b64encode(hashlib.sha256(relaxed.canonicalize_body(body)).digest())
        there = {name.lower() for name, _ in fields}
        names = [name.encode() for name in SIGNED if name.encode() in there]
        headers = relaxed.canonicalize_headers(fields)
        signatures = []
        for selector, algorithm, key in self._keys:
            value = dkim.fold(
                b"; ".join(
                    (
                        b"v=1; a=%b-sha256; c=relaxed/relaxed; d=%b" % (algorithm, self._domain.encode()),
                        b"s=%b; t=%d" % (selector, int(now.timestamp())),
                        b"h=" + b" : ".join(names),
                        b"bh=" + body_hash,
                        b"b=",
                    )
                ),
                namelen=len("DKIM-Signature: "),
            )
            hashed = hashlib.sha256()
            dkim.hash_headers(hashed, relaxed, headers, names, (b"DKIM-Signature", b" " + value), {})
            written = base64.b64encode(_sign(key, hashed.digest()))
            lines = (written[at : at + 70] for at in range(0, len(written), 70))
            signatures.append(b"DKIM-Signature: " + value + b"".join(b"\r\n " + line for line in lines) + b"\r\n")
        return b"".join((*signatures, message))


def _read(path: Path) -> tuple[bytes, RSAPrivateKey | Ed25519PrivateKey]:
    """The algorithm and the key in a PEM file, in whichever of the usual forms. Raises Misconfigured."""
    try:
        import dkim  # noqa: F401  # it is missed here, not at the first message
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise Misconfigured(f"DKIM takes packages of its own ({error.name}): pip install digestbot[dkim]") from error
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise Misconfigured(f"DIGESTBOT_DKIM_KEY: {path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Their words may quote the file.
        raise Misconfigured(f"DIGESTBOT_DKIM_KEY: {path} holds no private key in PEM without a password") from None
    if isinstance(key, Ed25519PrivateKey):
        return b"ed25519", key
    if isinstance(key, RSAPrivateKey) and key.key_size >= _WEAKEST:
        return b"rsa", key
    raise Misconfigured(f"DIGESTBOT_DKIM_KEY: {path} is neither RSA of {_WEAKEST} bits and more nor Ed25519")


def public_key(path: Path) -> tuple[str, bytes]:
    """The algorithm ("rsa", "ed25519") and the public half of the key in a file, as DNS has it (RFC 6376, RFC 8463).

    Raises Misconfigured as a Signer does.
    """
    algorithm, key = _read(path)
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if algorithm == b"ed25519":
        return "ed25519", key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return "rsa", key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _sign(key: RSAPrivateKey | Ed25519PrivateKey, digest: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256

    if isinstance(key, Ed25519PrivateKey):
        return key.sign(digest)
    return key.sign(digest, PKCS1v15(), Prehashed(SHA256()))
