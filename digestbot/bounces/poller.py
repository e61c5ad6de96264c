"""The rounds of mail that came back: what lies in the spool, in a maildir or a folder on a server is taken in."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from digestbot.bounces.handler import BounceHandler, BounceVerdict
from digestbot.bounces.mailbox import MOST, Mail, Maildir, mails_in
from digestbot.delivery.notices import Trouble
from digestbot.ingest.sources.base import Dump, Memory
from digestbot.ingest.sources.imap import ImapSource
from digestbot.model.errors import DigestbotError, DumpError, Problem, StoreError, UsageError
from digestbot.platform.files.atomic import replace_file
from digestbot.platform.files.sealed import sealed, unsealed
from digestbot.platform.links import Tokens
from digestbot.platform.links.returns import Returns
from digestbot.platform.net.network import Network
from digestbot.platform.net.oauth import AccessTokens
from digestbot.platform.settings import Settings
from digestbot.store.base import Store
from digestbot.subscribers.files import Folder

SETTING = "DIGESTBOT_BOUNCES"
_EVERY = timedelta(minutes=5)  # a server is asked
_REACHING_BACK = timedelta(days=30)

log = logging.getLogger(__name__)


def spool(home: Path) -> Maildir:
    """Where mail is kept that was handed over while another process had the store."""
    return Maildir(home / "data" / "returned")


class BouncePoller:
    """Reads what came back; also what the daemon asks at each tick."""

    def __init__(
        self,
        settings: Settings,
        store: Callable[[], Store],
        folder: Folder,
        report: Callable[[Trouble], object],
        stopping: threading.Event,
    ) -> None:
        """``store`` is opened when there is something to take in; `report` tells the operator of trouble."""
        self._settings = settings
        self._store = store
        self._folder = folder
        self._report = report
        self._stopping = stopping
        self._asked: datetime | None = None

    def __call__(self, now: datetime) -> Iterator[Trouble]:
        """Take in what has come; a server is asked every five minutes. Raises StoreError."""
        try:
            for mail, verdict in self.rounds(now, due=True):
                self._tell(mail, verdict)
        except StoreError:
            raise
        except DigestbotError as error:
            yield Trouble("returned mail", f"mail that came back could not be read: {error}")

    def rounds(self, now: datetime, *, due: bool = False) -> Iterator[tuple[Mail, BounceVerdict]]:
        """Everything that lies where it is looked for, each with what became of it. Raises DigestbotError.

        A mail is marked, moved or passed over only when what it brings about is on the disk.
        """
        yield from self.spooled(now)
        setting = self._settings.bounces
        if setting is None:
            return
        place = setting.reveal()
        if "://" not in place:
            yield from self.read_maildir(self._maildir(place), now)
        elif not due or self._asked is None or not self._asked <= now < self._asked + _EVERY:
            self._asked = now
            yield from self._read_server(now)

    def spooled(self, now: datetime) -> Iterator[tuple[Mail, BounceVerdict]]:
        """What was handed over, which is taken away when it is done; a mail that cannot be read is kept.

        Raises DigestbotError.
        """
        kept = spool(self._settings.home)
        if Maildir.is_one(kept.folder):
            for mail, verdict in self.read_maildir(kept, now):
                if not verdict.unreadable:
                    _remove(kept, mail)
                yield mail, verdict

    def read_maildir(self, maildir: Maildir, now: datetime) -> Iterator[tuple[Mail, BounceVerdict]]:
        """The unread mails of a maildir, which are then marked as read. Raises DigestbotError."""
        reader = self._reader()
        for mail in maildir.unread():
            if self._stopping.is_set():
                return
            verdict = reader.take(mail.data, now)
            maildir.done(mail)
            yield mail, verdict

    def read_file(self, path: Path, now: datetime) -> Iterator[tuple[Mail, BounceVerdict]]:
        """The mails of a file, which is left as it is. Raises DigestbotError."""
        reader = self._reader()
        for mail in mails_of(path):
            yield mail, reader.take(mail.data, now)

    def _reader(self) -> BounceHandler:
        settings = self._settings
        if not settings.secrets:
            hint = "set DIGESTBOT_SECRET: without it nobody knows which reports are of mails that were really sent"
            raise UsageError(Problem("returned mail cannot be told from forged", SETTING, way_out=hint))
        return BounceHandler(self._store(), Returns(settings.secrets), Tokens(settings.secrets), self._addresses_of)

    def _addresses_of(self, subscription: str) -> list[str]:
        """The addresses in a subscription's file."""
        wants = [each.subscription for each in self._folder.wants if each.subscription.id == subscription]
        return [to.options["address"] for each in wants for to in each.to if "address" in to.options]

    def _maildir(self, place: str) -> Maildir:
        folder = self._settings.home / Path(place).expanduser()
        if not Maildir.is_one(folder):
            hint = f"write the path of a maildir in {SETTING}, or imaps://user:password@host/FOLDER"
            raise UsageError(Problem("is no maildir: it has no new and cur", str(folder), way_out=hint))
        return Maildir(folder)

    def _read_server(self, now: datetime) -> Iterator[tuple[Mail, BounceVerdict]]:
        setting = self._settings.bounces
        assert setting is not None  # asked before
        parts = urlsplit(setting.reveal())
        folder = unquote(parts.path.strip("/")) or "INBOX"
        network = Network.of(self._settings)
        tokens = AccessTokens.of(self._settings, network)
        source = ImapSource(
            "bounces",
            setting,
            folder=folder,
            first_run=_REACHING_BACK,
            setting=SETTING,
            network=network,
            tokens=tokens,
        )
        place = hashlib.sha256(f"{parts.username}@{parts.hostname}/{folder}".encode()).hexdigest()[:16]
        path = self._settings.home / "data" / "bounces.json"
        _ = self._store()  # opened first: its lock keeps a second process from the same memory
        memory = _memory(path, place)
        reader = self._reader()
        try:
            for dump in source.fetch(memory, now):
                mail = _fetched(dump)
                yield mail, reader.take(mail.data, now)
                if self._stopping.is_set():
                    return
        finally:
            _remember(path, place, memory)

    def _tell(self, mail: Mail, verdict: BounceVerdict) -> None:
        log.info("%s: %s", mail.name, verdict.why)
        if verdict.suppressed and any(verdict.address in self._addresses_of(each) for each in self._folder.ids):
            text = f"nothing more is sent to {verdict.address}: {verdict.why}"
            hint = f"If that is wrong: digestbot subscribers release {verdict.address}"
            self._report(Trouble(f"suppressed {verdict.address}", f"{text}\n{hint}"))


def mails_of(path: Path) -> Iterator[Mail]:
    """The mails of a file: one, or those of an mbox. Raises DigestbotError."""
    try:
        with path.open("rb") as file:
            yield from mails_in(file, path.name)
    except OSError as error:
        raise UsageError(Problem(f"cannot be read: {error.strerror or error}", str(path))) from None


def _fetched(dump: Dump) -> Mail:
    try:
        with dump.open() as file:
            return Mail(dump.name, file.read(MOST))
    except DumpError as error:
        return Mail(f"{dump.name} ({error})", b"")


def _remove(maildir: Maildir, mail: Mail) -> None:
    """Take a mail of the spool away: what it brought about is in the store, with its evidence."""
    assert mail.path is not None  # asked before
    for path in (mail.path, *(maildir.folder / "cur").glob(f"{mail.path.name.partition(':')[0]}*")):
        with suppress(OSError):
            path.unlink()


def _memory(path: Path, place: str) -> Memory:
    """What was fetched before; nothing where it was of another place, or cannot be read: then all is read again."""
    try:
        said = unsealed(path.read_bytes(), lambda said: isinstance(said, dict) and said.keys() == {"place", "values"})
        return Memory(dict(said["values"])) if said["place"] == place else Memory()
    except FileNotFoundError:
        return Memory()
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s cannot be read (%s): the mailbox is read anew", path, error)
        return Memory()


def _remember(path: Path, place: str, memory: Memory) -> None:
    try:
        replace_file(path, sealed({"place": place, "values": memory.values}))
    except OSError as error:
        raise DigestbotError(Problem(f"cannot be written: {error.strerror or error}", str(path))) from None
