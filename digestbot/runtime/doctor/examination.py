"""The examination: every check in turn, none in the way of the others, and what all of it comes to."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from digestbot.model.errors import DigestbotError
from digestbot.runtime.doctor import machine, mail, model, webhooks, work
from digestbot.runtime.doctor.base import Check, Finding, FindingState, Patient

log = logging.getLogger(__name__)

HERE: tuple[Check, ...] = (
    work.configuration,
    machine.permissions,
    machine.disk,
    machine.zones,
    machine.proxies,
    work.store,
    work.letters,
    work.remembered,
    machine.clock,
    work.rounds,
    work.sources,
    work.schedules,
    work.subscriptions,
    mail.leaving,
)
"""What asks nobody outside."""
OUTSIDE: tuple[Check, ...] = (mail.login, mail.records, webhooks.reachability, model.endpoint)
_BAD = {FindingState.MISCONFIGURED: 2, FindingState.BROKEN: 1}


def examined(patient: Patient, checks: Iterable[Check] = (*HERE, *OUTSIDE)) -> Iterator[Finding]:
    """What each check finds, as it finds it."""
    for check in checks:
        name = check.__name__
        try:
            yield from check(patient)
        except DigestbotError as error:
            yield from work.failed(error, name)
        except OSError as error:
            what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            yield Finding(
                name, FindingState.BROKEN, what, "make it readable and writable for the user who runs digestbot"
            )
        except Exception as error:  # one check that fails keeps no other from its look
            log.debug("the check %s failed", name, exc_info=True)
            yield Finding(
                name, FindingState.BROKEN, f"could not be looked at: a fault of digestbot ({type(error).__name__})"
            )


def exit_code(findings: Iterable[Finding]) -> int:
    """0 where nothing is bad, 1 where something is broken, 2 where something is written wrongly."""
    return max((_BAD.get(each.state, 0) for each in findings), default=0)
