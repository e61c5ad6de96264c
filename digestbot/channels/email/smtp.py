"""One session with a mail server: connect, secure, log in, hand over; every answer judged at its step."""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress

from digestbot.channels.base import Misconfigured, Permanent, Receipt, SendError, Temporary, Unknown
from digestbot.channels.email.smtp_line import TlsExpected, connect
from digestbot.channels.email.smtp_url import SmtpServer
from digestbot.channels.settings import ChannelSettings
from digestbot.model.refusals import Weight, judge
from digestbot.model.secret import Secret
from digestbot.platform.net.certificates import distrusted
from digestbot.platform.net.oauth import AccessTokens, TokenRefused, xoauth2

# The server may scan a message before it answers: RFC 5321, 4.5.3.2.6 wants ten minutes of patience there.
# Too little would turn a slow yes into a second copy.
PATIENCE_AT_THE_END = 15
_LOGIN_WANTED = frozenset({530, 534, 535, 538})

_LOGIN_HINTS = {
    False: "check the user and the password in DIGESTBOT_SMTP_URL",
    True: "DIGESTBOT_SMTP_OAUTH_USER must be who consented to it, and be let send by SMTP",
}


class Dropped(Temporary):
    """The session ended before the message was handed over: another session may try at once."""


class Session:
    """One connection, ready for messages one after another. Not for two threads at once."""

    def __init__(self, server: SmtpServer, settings: ChannelSettings, hostname: str | None = None) -> None:
        """Connect, greet as ``hostname``, secure and log in. Raises Temporary or Misconfigured."""
        self._server = server
        self._timeout = settings.timeout
        self._network = settings.network
        self._unsaid: list[str] = []  # what its words may echo of the login
        self._unfinished = False
        try:
            self._smtp = connect(server, settings.timeout, hostname or settings.helo, settings.network)
        except OSError as error:
            raise self._broken(error) from error
        try:
            self._greet()
            if server.security == "starttls":
                self._secure()
            if settings.tokens is not None:
                self._log_in_by_token(settings.tokens)
            elif server.user is not None and server.password is not None:
                self._log_in(server.user, server.password.reveal())
        except SendError:
            self.close()
            raise
        except OSError as error:
            self.close()
            raise self._broken(error) from error

    @property
    def alive(self) -> bool:
        """Whether the connection still stands, as far as this side knows."""
        return self._smtp.sock is not None

    @property
    def hostname(self) -> str:
        """What this machine called itself; finding it out again would ask the name servers again."""
        return self._smtp.local_hostname

    def offers(self, extension: str) -> bool:
        """Whether the server offers an SMTP extension."""
        return self._smtp.has_extn(extension)

    def hand_over(self, sender: str, recipient: str, message: bytes, *, utf8: bool = False) -> Receipt:
        """Hand over one message: ``message`` with CRLF line ends, dots not yet doubled.

        ``utf8`` says that an address or a header is not ASCII. Raises Dropped (nothing was taken),
        Temporary, Permanent, Misconfigured, or Unknown when no answer came after the whole message left.
        """
        options = self._options(message, utf8)
        dotted = message.replace(b"\r\n.", b"\r\n..")
        dotted = b"." + dotted if dotted.startswith(b".") else dotted
        try:
            self._smtp.command_encoding = "utf-8" if utf8 else "ascii"
            self._envelope(f"MAIL FROM:<{sender}>{options}", f"RCPT TO:<{recipient}>")
            self._expect("DATA", *self._smtp.docmd("DATA"), wanted=3)
            # An error in here means that the end of the message did not leave, so nothing was taken.
            self._smtp.send(dotted + (b".\r\n" if dotted.endswith(b"\r\n") else b"\r\n.\r\n"))
        except OSError as error:
            self.close()
            raise Dropped(str(self._broken(error))) from error
        return self._verdict()

    def close(self) -> None:
        """Say goodbye where the server listens. Closing twice is fine."""
        if self.alive:
            self._smtp.patience = min(self._timeout, 2.0)
            with suppress(OSError):
                self._smtp.docmd("QUIT")
        self._smtp.close()

    def _greet(self) -> None:
        code, words = self._smtp.ehlo()
        if 500 <= code < 600:
            code, words = self._smtp.helo()
        self._expect("the greeting", code, words)

    def _secure(self) -> None:
        if not self.offers("starttls"):
            raise Misconfigured(
                f"{self._where} offers no STARTTLS and DIGESTBOT_SMTP_URL requires it; nothing was sent."
                " If the server takes TLS from the first byte, write smtps://"
            )
        self._smtp.starttls(context=self._network.trusted())
        self._greet()

    def _log_in(self, user: str, password: str) -> None:
        self._unsaid = [f"\0{user}\0{password}", password]
        if not self.offers("auth"):
            raise Misconfigured(f"{self._where} offers no login here: DIGESTBOT_SMTP_URL should name no user")
        if user.isascii() and password.isascii():
            try:
                self._smtp.login(user, password)
            except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
                raise
            except smtplib.SMTPException:
                methods = self._smtp.esmtp_features["auth"].strip()
                raise Misconfigured(f"{self._where} offers no way to log in that is known here: {methods}") from None
            return
        # smtplib can only say ASCII; RFC 4616 has UTF-8.
        plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
        self._expect("the login", *self._smtp.docmd("AUTH", f"PLAIN {plain}"))

    def _log_in_by_token(self, tokens: AccessTokens) -> None:
        """Log in by XOAUTH2; a token that is refused is renewed once."""
        if "XOAUTH2" not in self._smtp.esmtp_features.get("auth", "").upper().split():
            raise Misconfigured(f"{self._where} offers no login by XOAUTH2: take DIGESTBOT_SMTP_OAUTH_... away")
        token = _given(tokens)
        code, words = self._xoauth2(tokens.user, token)
        if code == 535:
            code, words = self._xoauth2(tokens.user, _given(tokens, refused=token))
        self._expect(f"the login of {tokens.user} by XOAUTH2", code, words)

    def _xoauth2(self, user: str, token: Secret) -> tuple[int, bytes]:
        said = xoauth2(user, token)
        self._unsaid = [said, token.reveal()]
        code, words = self._smtp.docmd("AUTH", f"XOAUTH2 {base64.b64encode(said.encode()).decode('ascii')}")
        # What is wrong comes as a question, which wants an empty answer before the refusal itself.
        return self._smtp.docmd("") if code == 334 else (code, words)

    def _options(self, message: bytes, utf8: bool) -> str:
        """What MAIL FROM says of the message. Raises Permanent when the server cannot take such a one."""
        options = ""
        if self.offers("size"):
            limit = self._smtp.esmtp_features["size"].strip()
            if limit.isdigit() and 0 < int(limit) < len(message):
                raise Permanent(f"{self._where} takes {limit} bytes; the message has {len(message)}")
            options += f" SIZE={len(message)}"
        if utf8:
            if not self.offers("smtputf8"):
                raise Permanent(f"{self._where} takes no addresses or headers outside ASCII (no SMTPUTF8)")
            options += " SMTPUTF8"
        if not message.isascii():
            if not self.offers("8bitmime"):
                raise Permanent(f"{self._where} takes only 7-bit messages (no 8BITMIME), and this is none")
            options += " BODY=8BITMIME"
        return options

    def _envelope(self, sender: str, recipient: str) -> None:
        """Sender and recipient, in one go where the server allows it; before them what resets the session."""
        commands = [("the sender", sender), ("the recipient", recipient)]
        pipelining = self.offers("pipelining")
        # A message taken leaves the session as new; a refused one does not. Where it costs no round trip,
        # RSET makes sure of it either way.
        if self._unfinished or pipelining:
            commands.insert(0, ("RSET", "RSET"))
        self._unfinished = True
        if pipelining:
            replies: Iterator[tuple[int, bytes]] = iter(self._together([command for _, command in commands]))
        else:
            replies = (self._smtp.docmd(command) for _, command in commands)
        for (step, _), (code, words) in zip(commands, replies, strict=False):
            self._expect(step, code, words)

    def _together(self, commands: Sequence[str]) -> list[tuple[int, bytes]]:
        """The replies to commands sent in one go (RFC 2920); after a refusal the rest may be missing."""
        self._smtp.send("".join(f"{command}\r\n" for command in commands))
        replies: list[tuple[int, bytes]] = []
        for _ in commands:
            try:
                replies.append(self._smtp.getreply())
            except OSError:
                if all(code // 100 == 2 for code, _ in replies):
                    raise
                break  # the refusal says why the server closed
        return replies

    def _verdict(self) -> Receipt:
        """The answer to the whole message."""
        self._smtp.patience = self._timeout * PATIENCE_AT_THE_END
        try:
            code, words = self._smtp.getreply()
        except OSError as error:
            self.close()
            raise Unknown(f"{self._where} got the whole message and gave no answer: {error}") from error
        finally:
            self._smtp.patience = self._timeout
        if 200 <= code < 300:
            self._unfinished = False
            return Receipt(f"{code} {self._words(words)}")
        if code == 421 or not 400 <= code < 600:
            self.close()
        if not 400 <= code < 600:
            raise Unknown(f"{self._where} got the whole message and answered what SMTP does not know")
        raise self._refusal("the message", code, words)

    def _expect(self, step: str, code: int, words: bytes, wanted: int = 2) -> None:
        """Raises what another answer than `wanted` (its first digit) means at this step."""
        if code // 100 == wanted:
            return
        if code == 421 or not 400 <= code < 600:
            # 421 says that the server closes; after nonsense nobody knows where the talk stands.
            self.close()
            raise Dropped(f"{self._where} broke off at {step}: {code} {self._words(words)}")
        raise self._refusal(step, code, words)

    def _refusal(self, step: str, code: int, words: bytes) -> SendError:
        text = self._words(words)
        reason = f"{self._where} refused {step}: {code} {text}"
        if code in _LOGIN_WANTED:
            return Misconfigured(f"{reason} ({_LOGIN_HINTS['XOAUTH2' in step]})")
        if 400 <= code < 500:
            return Temporary(reason)
        if step in ("DATA", "the message"):
            return Permanent(reason)
        if step == "the recipient" and "relay" not in text.lower():
            return Permanent(reason, disables=judge(f"{code} {text}").weight is Weight.HARD)
        if step == "the sender" and code in (552, 555):  # too large, or an option it does not know
            return Permanent(reason)
        # No digest would get past this, to nobody: a closed relay, a sender it does not serve, no access.
        return Misconfigured(reason)

    def _broken(self, error: OSError) -> SendError:
        """What an error of the line means; smtplib's own are OSErrors too."""
        if isinstance(error, TlsExpected):
            return Misconfigured(f"{self._where}: {error}: write smtps:// in DIGESTBOT_SMTP_URL")
        if isinstance(error, smtplib.SMTPResponseException):
            words = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
            if not 400 <= error.smtp_code < 600:
                return Misconfigured(f"{self._where} does not answer like a mail server")
            return self._refusal("the connection", error.smtp_code, words)
        lost = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        if isinstance(error, ssl.SSLCertVerificationError):
            why = distrusted(error.verify_message)
            return Misconfigured(f"{self._where}: no secure connection: its certificate is not trusted, {why}")
        if isinstance(error, ssl.SSLError) and not lost:
            hint = "smtps:// is for TLS from the first byte (465), smtp+starttls:// for the others (587)"
            why = error.reason or "TLS failed"
            return Misconfigured(f"{self._where}: no secure connection, {why}; {hint}")
        return Temporary(f"{self._where}: {error.strerror or error}")

    @property
    def _where(self) -> str:
        return f"{self._server.host}:{self._server.port}"

    def _words(self, words: bytes) -> str:
        """The server's words on one line, without what it may echo of the login."""
        text = " ".join(words.decode("utf-8", "replace").split())
        for secret in self._unsaid:
            for spelt in (base64.b64encode(secret.encode()).decode("ascii"), secret):
                text = text.replace(spelt, "<secret>")
        return "".join(c for c in text if c.isprintable())[:300]


def _given(tokens: AccessTokens, refused: Secret | None = None) -> Secret:
    """An access token. Raises Misconfigured or Temporary."""
    try:
        return tokens.token(refused)
    except TokenRefused as error:
        raise (Misconfigured if error.lasting else Temporary)(str(error)) from None
