"""Signed addresses: made for mails and pages, read by the web and by whoever reads the mail that comes back."""

from digestbot.platform.links.addresses import Links, fingerprint
from digestbot.platform.links.tokens import Purpose, Tokens

__all__ = ["Links", "Purpose", "Tokens", "fingerprint"]
