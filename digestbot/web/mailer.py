"""The mailer: a thread that sends the letters, tries again what may yet arrive, and sweeps out stale sign-ups."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from textwrap import fill
from types import TracebackType
from typing import Self

from digestbot.channels.base import Permanent, SendError
from digestbot.delivery.decisions import WAITS
from digestbot.delivery.mail_queue import QueuedMail
from digestbot.model.deliveries import Part
from digestbot.model.errors import DigestbotError, Problem, StoreError
from digestbot.model.subscribers import Membership
from digestbot.model.subscriptions import Destination
from digestbot.platform.links.addresses import CONFIRM_WITHIN
from digestbot.web.site import Site

log = logging.getLogger(__name__)

_GLANCE = 5.0  # seconds between two looks at letters that wait for another attempt
_SWEEP = timedelta(days=1)


class Mailer:
    """Sends while it is entered; what has not left by then is there for the next one."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="postman")
        self._swept: datetime | None = None
        self._told: set[Problem] = set()  # of letters that are damaged

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._site.letters.waiting.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._site.letters.waiting.wait(_GLANCE)
            self._site.letters.waiting.clear()
            try:
                self._tell_damaged()
                self.deliver(self._stop)
                self.sweep()
            except DigestbotError as error:
                log.error("letters wait: %s", error)
            except Exception:  # else nobody would ever get a letter again
                log.exception("the postman stumbled")

    def _tell_damaged(self) -> None:
        """Say once of each letter that it cannot be read. Raises StoreError."""
        for problem in self._site.letters.damaged():
            if problem not in self._told:
                self._told.add(problem)
                log.error("%s", problem)

    def deliver(self, stop: threading.Event | None = None) -> None:
        """Try every letter that may leave now, once. Raises StoreError."""
        for letter in self._site.letters.all():
            if stop is not None and stop.is_set():
                return
            if letter.may_leave(self._site.app.clock()):
                self._try(letter)

    def _try(self, letter: QueuedMail) -> None:
        """One attempt. Under one Message-ID a copy, where an answer was lost, is known as one."""
        site, to = self._site, Destination("email", {"address": letter.address})
        try:
            part = written(letter, site)
            site.app.channel("email").send(part, to, key=letter.name)
        except StoreError:
            raise
        except (Permanent, ValueError) as error:
            log.warning("a letter (%s) will not arrive: %s", letter.kind, error)
            site.letters.done(letter)
        except (SendError, DigestbotError) as error:
            if letter.attempts >= len(WAITS):
                log.error("a letter (%s) is given up: %s", letter.kind, error)
                site.letters.done(letter)
                return
            log.warning("a letter (%s) waits: %s", letter.kind, error)
            site.letters.later(letter, site.app.clock() + WAITS[letter.attempts])
        else:
            site.letters.done(letter)

    def sweep(self) -> None:
        """Forget the sign-ups that nobody confirmed in time; looked at once a day. Raises StoreError."""
        now, store = self._site.app.clock(), self._site.app.store
        if self._swept is not None and now - self._swept < _SWEEP:
            return
        self._swept = now
        if not store.count_subscribers().get(Membership.PENDING):
            return
        with self._site.changing:
            stale = (each for each in store.subscribers() if each.state is Membership.PENDING)
            store.remove_subscribers([each.id for each in stale if now - each.changed_at > CONFIRM_WITHIN])


def written(letter: QueuedMail, site: Site) -> Part:
    """The letter as it leaves but for its Date: nothing in it is a stranger's text. Raises ValueError."""
    settings, values = site.app.settings, dict(letter.values)
    shown = {**values, "contact": site.contact, "home": site.public_url}
    subject, _, text = site.templates.get_template(f"mail/{letter.kind}.txt").render(shown).partition("\n")
    html = site.templates.get_template(f"mail/{letter.kind}.html").render({**shown, "subject": subject})
    name, sender = parseaddr(settings.mail_from)
    mail = EmailMessage(SMTP)
    mail["From"] = Address(name, addr_spec=sender)
    mail["To"] = letter.address
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{letter.name}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_wrapped(text.strip()) + "\n", cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return Part(f"{letter.kind}.eml", "message/rfc822", mail.as_bytes())


def _wrapped(text: str) -> str:
    """Its paragraphs in lines of at most 72 characters; addresses stay whole."""
    return "\n".join(fill(line, 72, break_long_words=False, break_on_hyphens=False) for line in text.split("\n"))
