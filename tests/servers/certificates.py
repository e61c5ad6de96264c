"""A self-made certificate for the scripted servers, made by the openssl command."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as PEM files; trust it by pointing SSL_CERT_FILE at ``cert``."""

    cert: Path
    key: Path


def make_certificate(folder: Path, host: str = "localhost") -> Certificate:
    """A certificate for `host`, signed by itself. Skips the test where there is no openssl command."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is not here, and Python makes no certificates")
    made = Certificate(folder / f"{host}.pem", folder / f"{host}.key")
    command = [
        openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
        "-keyout", str(made.key), "-out", str(made.cert),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return made


@dataclass(frozen=True)
class Authority:
    """An authority of one's own, ``cert`` being what trusts it, and what it signed."""

    cert: Path
    signed: Certificate


def make_authority(folder: Path, *hosts: str) -> Authority:
    """An authority that signs a certificate for these hosts, else for localhost. Skips the test without openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is not here, and Python makes no certificates")
    ca, ca_key = folder / "house-ca.pem", folder / "house-ca.key"
    signed, request = Certificate(folder / "server.pem", folder / "server.key"), folder / "server.csr"
    new = [openssl, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    authority = ["-x509", "-days", "2", "-subj", "/CN=House", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    extensions = folder / "extensions"
    names = hosts or ("localhost",)
    alternative = ",".join(f"DNS:{name}" for name in names)
    extensions.write_text(f"subjectAltName={alternative}\nauthorityKeyIdentifier=keyid\n", encoding="ascii")
    for command in (
        [*new, *authority, "-keyout", ca_key, "-out", ca],
        [*new, "-subj", f"/CN={names[0]}", "-keyout", signed.key, "-out", request],
        [openssl, "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2",
         "-extfile", extensions, "-out", signed.cert],
    ):  # fmt: skip
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return Authority(ca, signed)
