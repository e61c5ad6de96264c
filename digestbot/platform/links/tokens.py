"""Tokens: a few words signed for one purpose, until a time or for ever, under keys that can be changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from digestbot.model.secret import Secret

LONGEST = 1_000
"""No token of ours has as many characters: what is longer is not looked into."""


class Purpose(StrEnum):
    """What a token is good for; one of another purpose is as good as none. Add a line for a new kind."""

    CONFIRM = "confirm"  # a sign-up: the subscriber's id and the fingerprint of the address
    PREFERENCES = "preferences"  # the same
    LEAVE = "leave"  # the subscription's id and the fingerprint of the address
    ADDRESS = "address"  # a change of address: the subscriber's id, the old one's fingerprint, and the new address
    ARCHIVE = "archive"  # the subscription's id: its digests that are not public
    DIGEST = "digest"  # a digest's key: its papers, to be taken along
    WAITING = "waiting"  # the subscription's id: what waits for its later digests
    OPINION = "opinion"  # what a reader thinks of a paper: the subscription's id and the paper's place in the log
    OPERATOR = "operator"  # a login at the operator's pages: a random word, and which password it was
    BROWSER = "browser"  # one from which the operator has logged in before: a random word, and which password it was
    FORM = "form"  # the secret of a browser's cookie: the form is one that we gave to this browser


class Tokens:
    """Signs with the first of the secrets and takes what any of them has signed.

    The same words give the same token: a mail that is written again is the same to the byte. A key that was
    replaced goes to the second place for as long as its links are to work.
    """

    def __init__(self, secrets: Sequence[Secret]) -> None:
        """Raises ValueError where there is no secret."""
        if not secrets:
            raise ValueError("tokens need a secret")
        from itsdangerous import URLSafeSerializer

        # itsdangerous signs with the last.
        keys = [each.reveal() for each in reversed(secrets)]
        options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._signers = {
            each: URLSafeSerializer(keys, salt=f"digestbot.{each}", signer_kwargs=options) for each in Purpose
        }

    def sign(self, purpose: Purpose, *words: str, until: datetime | None = None) -> str:
        """A token for these words, safe in a URL; good until a time (to the second), or for ever."""
        token = self._signers[purpose].dumps([int(until.timestamp()) if until else 0, *words])
        return token if isinstance(token, str) else token.decode("ascii")

    def read(self, purpose: Purpose, token: str, now: datetime) -> tuple[str, ...] | None:
        """The words of a token; None for one that was altered, made for something else, under no key of ours, or
        whose time is over: nobody is told which.
        """
        from itsdangerous import BadData
        from itsdangerous.encoding import base64_decode, base64_encode

        if len(token) > LONGEST:
            return None
        signature = token.rpartition(".")[2]
        try:
            # A signature has several spellings in base64: only ours is taken, so that no altered token passes.
            if base64_encode(base64_decode(signature)) != signature.encode():
                return None
            said = self._signers[purpose].loads(token)
        except (BadData, UnicodeError):
            return None
        until, *words = said
        if until and datetime.fromtimestamp(until, UTC) < now:
            return None
        return tuple(words)
