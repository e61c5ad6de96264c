"""Mail: whether the server lets us in, whether readers can leave by one click, and who DNS says may send it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.utils import parseaddr

from digestbot.channels.base import Misconfigured, SendError
from digestbot.channels.email.smtp import Session
from digestbot.channels.email.smtp_url import parse_smtp_url
from digestbot.runtime.doctor.base import Finding, FindingState, NoAnswer, Patient

_SECURITY = {"starttls": "STARTTLS", "tls": "TLS", "plain": "no encryption"}


def _mails(patient: Patient) -> bool:
    return any(to.channel == "email" for compiled in patient.app.folder.wants for to in compiled.subscription.to)


def login(patient: Patient) -> Iterator[Finding]:
    """Connect, secure and log in, and say goodbye: no mail is sent."""
    settings = patient.app.settings
    if settings.smtp_url is None:
        if not _mails(patient):
            yield Finding("mail server", FindingState.SKIPPED, "none is set, and no subscription wants one")
        return  # else `configuration` has told
    try:
        by_token = settings.smtp_oauth_refresh_token is not None
        server = parse_smtp_url(settings.smtp_url, tokens=by_token)
        Session(server, replace(patient.app.channel_settings, timeout=patient.timeout)).close()
    except SendError as error:
        wrong = isinstance(error, Misconfigured)
        mend = "correct what it names, in .env" if wrong else "look at the network and the mail server"
        yield Finding("mail server", FindingState.MISCONFIGURED if wrong else FindingState.BROKEN, error.reason, mend)
        return
    who = "let us in with user and password" if server.user else "takes mail without a login"
    if by_token:
        who = f"let {settings.smtp_oauth_user} in by XOAUTH2"
    what = f"{server.host}:{server.port} {who} ({_SECURITY[server.security]})"
    if server.security == "plain" and not server.local:
        mend = "write smtp+starttls:// or smtps:// in DIGESTBOT_SMTP_URL"
        yield Finding("mail server", FindingState.WARNING, f"{what}: everybody between can read the mails", mend)
    else:
        yield Finding("mail server", FindingState.FINE, what)


def leaving(patient: Patient) -> Iterator[Finding]:
    """List-Unsubscribe by one click: https://www.rfc-editor.org/rfc/rfc8058 wants https, Gmail and Yahoo want it."""
    if not _mails(patient):
        return
    links = patient.app.links
    if links is None:
        mend = "set DIGESTBOT_PUBLIC_URL and DIGESTBOT_SECRET, and serve the pages (DIGESTBOT_LISTEN)"
        what = "mails carry no one-click List-Unsubscribe, which large mailbox providers want of lists"
        yield Finding("List-Unsubscribe", FindingState.WARNING, what, mend)
    elif not links.secure:
        what = "DIGESTBOT_PUBLIC_URL is not https: mailbox providers offer no one-click there"
        yield Finding("List-Unsubscribe", FindingState.WARNING, what, "put a proxy with a certificate before the pages")
    else:
        yield Finding("List-Unsubscribe", FindingState.FINE, f"one click, at {links.public_url}")


def records(patient: Patient) -> Iterator[Finding]:
    """SPF, DKIM and DMARC of the domain that mails come from."""
    settings = patient.app.settings
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2].lower().rstrip(".")
    if settings.smtp_url is None or not _mails(patient):
        return
    if "." not in domain or domain.endswith((".local", ".localhost", ".internal", ".test", ".invalid")):
        what = f"{domain} is no domain of the internet"
        yield Finding("DNS", FindingState.SKIPPED, what, "set DIGESTBOT_MAIL_FROM to send to the world")
        return
    for check in (_spf, _dmarc, _dkim):
        try:
            yield from check(patient, domain)
        except NoAnswer as error:
            yield Finding(check.__name__.strip("_").upper(), FindingState.SKIPPED, str(error))


def _spf(patient: Patient, domain: str) -> Iterator[Finding]:
    """https://www.rfc-editor.org/rfc/rfc7208#section-4.5: exactly one record."""
    found = [each for each in patient.lookup(domain, "TXT") if re.match(r"v=spf1(\s|$)", each, re.IGNORECASE)]
    if not found:
        mend = f'add a TXT record to {domain}: "v=spf1 include:<your mail provider> -all"'
        yield Finding("SPF", FindingState.WARNING, f"{domain} does not say who may send for it", mend)
    elif len(found) > 1:
        mend = "make one record of them: two are an error, and count as none"
        yield Finding("SPF", FindingState.BROKEN, f"{domain} has {len(found)} SPF records", mend)
    elif re.search(r"\s\+?all(\s|$)", found[0], re.IGNORECASE):
        yield Finding(
            "SPF", FindingState.WARNING, f"{domain} lets everybody send for it ({found[0]})", "end it with -all"
        )
    else:
        yield Finding("SPF", FindingState.FINE, f"{domain}: {found[0]}")


def _dmarc(patient: Patient, domain: str) -> Iterator[Finding]:
    """https://www.rfc-editor.org/rfc/rfc7489#section-6.6.3: the domain's own, else that of the one above."""
    labels = domain.split(".")
    for above in (".".join(labels[at:]) for at in range(len(labels) - 1)):
        found = [each for each in patient.lookup(f"_dmarc.{above}", "TXT") if each.upper().startswith("V=DMARC1")]
        if found:
            yield Finding("DMARC", FindingState.FINE, f"{above}: {found[0]}")
            return
    mend = f'add a TXT record to _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"'
    yield Finding("DMARC", FindingState.WARNING, f"{domain} has no policy, which large mailbox providers want", mend)


def _dkim(patient: Patient, domain: str) -> Iterator[Finding]:
    settings = patient.app.settings
    if not settings.dkim_keys:
        what = "digestbot does not sign; your mail server may"
        yield Finding(
            "DKIM", FindingState.SKIPPED, what, "set DIGESTBOT_DKIM_KEY and DIGESTBOT_DKIM_SELECTOR to sign here"
        )
        return
    from digestbot.channels.email.dkim import public_key

    if settings.dkim_domain.lower() != domain and not domain.endswith(f".{settings.dkim_domain.lower()}"):
        what = f"signed by {settings.dkim_domain}, while mails come from {domain}: DMARC does not count that"
        yield Finding("DKIM", FindingState.WARNING, what, f"set DIGESTBOT_DKIM_DOMAIN={domain}")
    for path, selector in zip(settings.dkim_keys, settings.dkim_selectors, strict=True):
        name = f"{selector}._domainkey.{settings.dkim_domain}"
        try:
            algorithm, ours = public_key(path)
        except Misconfigured as error:
            yield Finding("DKIM", FindingState.MISCONFIGURED, error.reason)
            continue
        record = f"v=DKIM1; k={algorithm}; p={base64.b64encode(ours).decode('ascii')}"
        theirs = [_key_of(each) for each in patient.lookup(name, "TXT")]
        yield _compared(name, path.name, ours, [each for each in theirs if each is not None], record)


def _compared(name: str, file: str, ours: bytes, theirs: Sequence[bytes], record: str) -> Finding:
    if not theirs:
        what = f"{name} has no key, so the signatures fail"
        return Finding("DKIM", FindingState.BROKEN, what, f'add a TXT record there: "{record}"')
    if ours not in theirs:
        what = f"{name} has another key than {file}, so the signatures fail"
        return Finding("DKIM", FindingState.BROKEN, what, f'put the record of this key there: "{record}"')
    return Finding("DKIM", FindingState.FINE, f"{name} has the key that {file} signs with")


def _key_of(record: str) -> bytes | None:
    """The key in a DKIM record; empty for a revoked one, None for no record of a key."""
    tags = dict(tag.strip().partition("=")[::2] for tag in record.split(";") if "=" in tag)
    if "p" not in tags or tags.get("v", "DKIM1").strip() != "DKIM1":
        return None
    try:
        return base64.b64decode(re.sub(r"\s", "", tags["p"]), validate=True)
    except ValueError:
        return None
