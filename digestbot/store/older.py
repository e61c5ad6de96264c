"""What earlier versions wrote, brought forward: the one place where the words of a delivery say why it stands so.

Up to version 1 of the files (6 of the tables) a delivery had its reason in words only, and a slot was known to be of a
send by hand by its label.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from digestbot.model.causes import Cause
from digestbot.model.deliveries import DeliveryState as State

_ANY = frozenset(State) - {State.SENT, State.FAILED}


class OldWords(NamedTuple):
    """What a delivery in one of these states had as its reason, as a regex that Python and PostgreSQL read alike.

    What the far side said is its group, if it has one.
    """

    states: frozenset[State]
    pattern: str
    cause: Cause


OLD_WORDS = (
    OldWords(frozenset({State.SENT}), "^(.*); possible duplicate, an earlier attempt got no answer$", Cause.ANSWERED),
    OldWords(frozenset({State.SENT}), "^(.*)$", Cause.ANSWERED),
    OldWords(frozenset({State.FAILED}), "^given up after [0-9]+ attempts: (.*)$", Cause.GIVEN_UP),
    OldWords(frozenset({State.FAILED}), "^(.*)$", Cause.REFUSED),
    OldWords(_ANY, "^its sender stopped before an answer came$", Cause.LEASE_OVER),
    OldWords(_ANY, "^no answer came: (.*)$", Cause.NO_ANSWER),
    OldWords(_ANY, "^it may have arrived: ", Cause.MAY_HAVE_ARRIVED),
    OldWords(_ANY, "^planned .* UTC, too late to leave without a human$", Cause.TOO_LATE),
    OldWords(_ANY, "^waits for its turn at ", Cause.TURN),
    OldWords(_ANY, "^waits for an earlier one to .*; it asks for patience until ", Cause.BEHIND_PATIENCE),
    OldWords(_ANY, "^waits for an earlier one to .*: an earlier delivery is still on its way$", Cause.BEHIND_SENDING),
    OldWords(_ANY, "^waits for an earlier one to ", Cause.BEHIND),
    OldWords(_ANY, "^waits: [0-9]+ posts to its host were refused within ", Cause.HOST_REFUSES),
    OldWords(_ANY, "^(.*); it asks for patience until [^;]* UTC$", Cause.ASKED_FOR_PATIENCE),
    OldWords(_ANY, "^the file of the subscription .* is wrong: see digestbot check$", Cause.SUBSCRIPTION_WRONG),
    OldWords(_ANY, "^the subscription .* is paused$", Cause.PAUSED),
    OldWords(_ANY, " is gone since [0-9a-f]{8} failed: ", Cause.DESTINATION_GONE),
    OldWords(_ANY, "^the store was restored from an older state", Cause.RESTORED),
    OldWords(_ANY, "^by hand$", Cause.BY_HAND),
    OldWords(_ANY, "^the subscription .* is no more$", Cause.SUBSCRIPTION_GONE),
    OldWords(_ANY, " is no longer a destination of ", Cause.DESTINATION_REMOVED),
    OldWords(_ANY, " is suppressed since .*: unsubscribed$", Cause.UNSUBSCRIBED),
    OldWords(_ANY, " is suppressed since ", Cause.SUPPRESSED),
    OldWords(_ANY, "^forgotten$", Cause.FORGOTTEN),
    OldWords(_ANY, "^(not sent: told to stop before its turn came)$", Cause.STOPPED),
    OldWords(_ANY, "^(not sent: its lease was over, and another worker may have it)$", Cause.LEASE_LOST),
    OldWords(_ANY, "^(a fault in digestbot itself, .*)$", Cause.FAULT),
    # Handed back because its channel is misconfigured; else an error worth a retry, whichever.
    OldWords(frozenset({State.PLANNED}), "^(.*)$", Cause.MISCONFIGURED),
    OldWords(_ANY, "^(.*)$", Cause.TEMPORARY),
)
"""The first that fits counts. A delivery without a reason has no cause; one that was marked as gone is GONE."""
OLD_DOUBT = (
    "^its sender stopped before|^no answer came: |^it may have arrived: |"
    "^given up after [0-9]+ attempts: no answer came|; possible duplicate, an earlier attempt got no answer$"
)
"""Of deliveries of which an attempt got no answer."""


def row_brought_forward(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row as this version writes it; one that is so already is the same."""
    if table == "deliveries" and "cause" not in row:
        return _delivery(row)
    if table == "digests" and "by_hand" not in row["slot"]:
        return {**row, "slot": {**row["slot"], "by_hand": "-to-" in row["slot"]["label"]}}
    return row


def brought_forward(tables: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Bring all documents of these tables forward, in place."""
    for table, documents in tables.items():
        documents.update({place: row_brought_forward(table, row) for place, row in documents.items()})


def _delivery(row: dict[str, Any]) -> dict[str, Any]:
    reason, state = row["reason"], State(row["state"])
    cause, answer = _why(reason, state) if reason is not None else (None, None)
    if row.get("gone"):
        cause = Cause.GONE
    return {
        **{name: value for name, value in row.items() if name != "gone"},
        "subscription": row["digest"].partition("/")[0],
        "cause": cause and cause.value,
        "answer": answer,
        "possible_duplicate": reason is not None and re.search(OLD_DOUBT, reason) is not None,
    }


def _why(reason: str, state: State) -> tuple[Cause, str | None]:
    for each in OLD_WORDS:
        found = re.search(each.pattern, reason, re.DOTALL) if state in each.states else None
        if found:
            return each.cause, found[1] if found.groups() else None
    raise AssertionError(reason)  # the last of them fits all
