"""The life of a mail that came back: read -> known to be of ours -> judged -> written down, with its evidence."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digestbot.bounces import Recipient, ReportKind, Returned, read
from digestbot.model.audit import Act, AuditEntry
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.refusals import Judgement, Weight, judge
from digestbot.model.soft_bounces import strikes, too_many
from digestbot.model.subscribers import BOUNCED, COMPLAINED, Suppression, folded_address
from digestbot.platform.links import Purpose, Tokens
from digestbot.platform.links.returns import Returns
from digestbot.store.base import Store
from digestbot.subscribers.leaving import leave, named_by

READER = "digestbot"
"""Who the audit log says did what a mail brought about."""
SOFT = "bounced again and again"
"""The reason of a suppression of a mailbox that is there, and takes nothing."""
_LOOKED_BACK = 40  # digests
_LONGEST = 1_000  # characters of evidence
_GIVEN_UP = frozenset({"failed", "complained"})
_MILDEST = (Weight.NONE, Weight.SOFT, Weight.HARD)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BounceVerdict:
    """What became of a mail: ``act`` is what was written down, None where it was nothing; ``why`` says it in words,
    ``suppressed`` that nothing more goes to the address, ``unreadable`` that the mail broke the parser."""

    act: Act | None
    why: str
    address: str = ""
    suppressed: bool = False
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class BounceHandler:
    """Takes in mails that came back. Reading one twice does no harm.

    ``returns`` and ``tokens`` (None where there is no secret) know what is of ours; ``destinations`` gives the
    addresses that stand in a subscription's file.
    """

    store: Store
    returns: Returns
    tokens: Tokens | None
    destinations: Callable[[str], Iterable[str]] = lambda _: ()

    def take(self, raw: bytes, now: datetime) -> BounceVerdict:
        """Judge one mail and write down what it brings about, all of it or nothing. Raises StoreError."""
        name = f"mail:{hashlib.sha256(raw).hexdigest()[:40]}"
        if self.store.audit(ids=[name]):
            return BounceVerdict(None, "read before")
        try:
            mail = read(raw)
        except Exception as error:  # a mail may be anything; one that breaks a parser keeps no other from being read
            log.warning("a mail could not be read", exc_info=True)
            return BounceVerdict(None, f"could not be read ({type(error).__name__})", unreadable=True)
        if mail.kind is ReportKind.REQUEST:
            return self._asked(mail, now)
        if mail.kind not in (ReportKind.BOUNCE, ReportKind.COMPLAINT):
            return BounceVerdict(None, str(mail.kind))
        delivery = self._delivery(mail)
        if delivery is None:
            return BounceVerdict(None, f"a {mail.kind} without a signed id of ours")
        if mail.kind is ReportKind.COMPLAINT:
            return self._complained(mail, delivery, name, now)
        return self._bounced(mail, delivery, name, now)

    def _delivery(self, mail: Returned) -> Delivery | None:
        """The delivery a mail is about: only what we signed shows it."""
        known = self.returns.read(mail.marks)
        found = self.store.deliveries(ids={known}) if known is not None else []
        return next((each for each in found if "address" in each.destination.options), None)

    def _asked(self, mail: Returned, now: datetime) -> BounceVerdict:
        words = self.tokens.read(Purpose.LEAVE, mail.token, now) if self.tokens is not None else None
        if words is None or len(words) != 2:
            return BounceVerdict(None, "a request with no token of ours")
        address = named_by(self.store, *words, self.destinations(words[0]))
        if address is None:
            return BounceVerdict(None, "a request for an address nothing goes to")
        leave(self.store, address, now=now, evidence=f"by mail {mail.message_id}".strip())
        return BounceVerdict(Act.LEFT, "asked to by mail", address, suppressed=True)

    def _complained(self, mail: Returned, delivery: Delivery, name: str, now: datetime) -> BounceVerdict:
        address = _address(delivery)
        why = f"complained to its mail provider ({mail.note})"
        entry = AuditEntry(now, READER, Act.COMPLAINT, address, why, delivery.id, name)
        self.store.suppress([Suppression(address, COMPLAINED, now, _evidence(why, mail, delivery))], noting=[entry])
        return BounceVerdict(Act.COMPLAINT, why, address, suppressed=True)

    def _bounced(self, mail: Returned, delivery: Delivery, name: str, now: datetime) -> BounceVerdict:
        address = _address(delivery)
        judged = judged_of(mail.recipients, address)
        if judged is None:
            return BounceVerdict(None, "a report that says it arrived, or is still under way", address)
        judgement, words = judged
        if judgement.weight is Weight.NONE:
            return BounceVerdict(None, judgement.reason, address)
        said = f"{judgement.reason}: {words}" if words else judgement.reason
        evidence = _evidence(said, mail, delivery)
        return written_down(self.store, delivery, judgement, evidence, name, now)


def refused(store: Store, delivery: Delivery, outcome: Outcome, now: datetime) -> BounceVerdict | None:
    """What a mail server's refusal while sending brings about; None where it says nothing about the address.

    Only for addresses of subscribers in the store: one in a subscription's file is its owner's to mend, who is told
    and to whom nothing more leaves meanwhile.
    """
    if outcome.state is not DeliveryState.FAILED or delivery.destination.channel != "email":
        return None
    judgement = judge(outcome.answer or "")
    if judgement.weight is Weight.NONE or next(iter(store.subscribers(address=_address(delivery))), None) is None:
        return None
    evidence = f"{judgement.reason}: {outcome.answer}"[:_LONGEST]
    return written_down(store, delivery, judgement, evidence, f"refused:{delivery.id}:{outcome.fence}", now)


def written_down(
    store: Store, delivery: Delivery, judgement: Judgement, evidence: str, name: str, now: datetime
) -> BounceVerdict:
    """Write a hard or soft bounce down, and suppress the address where that is enough. Raises StoreError."""
    address = _address(delivery)
    act = Act.HARD_BOUNCE if judgement.weight is Weight.HARD else Act.SOFT_BOUNCE
    entry = AuditEntry(now, READER, act, address, evidence, delivery.id, name)
    if act is Act.HARD_BOUNCE:
        store.suppress([Suppression(address, BOUNCED, now, evidence)], noting=[entry])
        return BounceVerdict(act, judgement.reason, address, suppressed=True)
    row = _row(store, delivery, now)
    if not too_many(row):
        store.note([entry])
        return BounceVerdict(act, f"{judgement.reason} ({len(row)} in a row)", address)
    why = f"{len(row)} digests in a row came back since {min(row):%d %b %Y}; the last: {evidence}"[:_LONGEST]
    noting = [entry, AuditEntry(now, READER, Act.SUPPRESSED, address, SOFT, delivery.id, f"{name}:row")]
    store.suppress([Suppression(address, SOFT, now, why)], noting=noting)
    return BounceVerdict(act, f"{judgement.reason} ({len(row)} in a row)", address, suppressed=True)


def _row(store: Store, delivery: Delivery, now: datetime) -> list[datetime]:
    """The soft bounces in a row that end with this one, just come back."""
    address = _address(delivery)
    entries = store.audit(address)
    released = max((each.at for each in entries if each.act is Act.RELEASED), default=None)
    struck = {each.reference: each.at for each in entries if each.act is Act.SOFT_BOUNCE} | {delivery.id: now}
    keys = [each.key for each in reversed(store.digests(delivery.subscription, newest=_LOOKED_BACK))]
    found = (each for key in keys for each in store.deliveries(digest=key))
    theirs = [each for each in found if folded_address(each.destination.options.get("address", "")) == address]
    row = strikes(theirs, struck, now)
    # Somebody has let mail go there again: what was before counts no more.
    return [at for at in row if released is None or at > released]


def judged_of(recipients: Sequence[Recipient], address: str) -> tuple[Judgement, str] | None:
    """What a report says of an address, and its words; None where it names no failure of it.

    Of several places that it was passed on to, and none of them the address itself, the mildest counts: it may
    have arrived at another.
    """
    failed = [each for each in recipients if each.action in _GIVEN_UP]
    own = [each for each in failed if address in (folded_address(each.original), folded_address(each.address))]
    told = [(judge(each.words, each.status), each.words) for each in own or failed]
    if not told or (not own and any(each.action not in _GIVEN_UP for each in recipients)):
        return None
    return min(told, key=lambda each: _MILDEST.index(each[0].weight))


def _address(delivery: Delivery) -> str:
    return folded_address(delivery.destination.options.get("address", ""))


def _evidence(said: str, mail: Returned, delivery: Delivery) -> str:
    report = f"; report {mail.message_id}" if mail.message_id else ""
    return f"{said[:_LONGEST]}; digest {delivery.digest}{report}"
