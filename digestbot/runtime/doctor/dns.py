"""Asking the name servers, by dnspython where it is installed."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.runtime.doctor.base import NoAnswer

_PATIENCE = 6.0  # seconds for one question, however many name servers there are


def lookup(name: str, kind: str) -> Sequence[str]:
    """As `digestbot.runtime.doctor.base.Lookup` says."""
    try:
        import dns.exception
        import dns.resolver
    except ImportError:
        raise NoAnswer('the name servers cannot be asked: pip install "digestbot[doctor]"') from None
    try:
        answer = dns.resolver.resolve(name, kind, lifetime=_PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise NoAnswer(f"the name servers do not answer ({type(error).__name__})") from None
    return [_text(each) for each in answer]


def _text(record: object) -> str:
    """A record in words; the strings of a long TXT record belong together without a blank."""
    strings = getattr(record, "strings", None)
    return b"".join(strings).decode("utf-8", "replace") if strings is not None else str(record)
