"""Why a certificate is not trusted, and what to do about it."""

from __future__ import annotations

import re

# https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/: who signed it is not known, or it did so itself
_UNKNOWN_ISSUER = re.compile("self[- ]signed certificate|unable to get (local )?issuer certificate")
_FOR_ANOTHER = re.compile("mismatch|not valid for", re.IGNORECASE)


def distrusted(said: str) -> str:
    """What OpenSSL said, or an error's text with it, in words with the way out."""
    if _UNKNOWN_ISSUER.search(said):
        return (
            "for this machine does not know who signed it (an authority of your own house?): add that authority's "
            "certificate to the system's (update-ca-certificates), or name its file in DIGESTBOT_CA_FILE"
        )
    if "expired" in said:
        return "for it has expired: renew it there, and look at the clock here"
    if _FOR_ANOTHER.search(said):
        return "for it is for another name: write the host as its certificate has it"
    return said.partition("certificate verify failed: ")[2] or said
