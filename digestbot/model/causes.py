"""Why a delivery stands as it does: the cause, by which the program decides, and the sentence that people read."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """Why a delivery is in its state. Stores keep the values; whoever decides looks at nothing else."""

    ANSWERED = "answered"
    """The far side took it."""

    # nobody knows whether it arrived
    NO_ANSWER = "no answer"
    LEASE_OVER = "lease over"
    """Whoever had claimed it stopped before it wrote down what came of it."""
    MAY_HAVE_ARRIVED = "may have arrived"
    """An earlier attempt got no answer, and the policy has a human decide."""

    # tried, and tried again later
    TEMPORARY = "temporary"
    ASKED_FOR_PATIENCE = "asked for patience"
    """The far side named a time: not even a human's `send` comes before it."""
    MISCONFIGURED = "misconfigured"
    TO_MEND = "to mend"
    """A setting, a template or a file of ours kept it from being written."""
    FAULT = "fault"
    """A fault in digestbot itself."""
    STOPPED = "stopped"
    LEASE_LOST = "lease lost"

    # not tried yet
    TURN = "its turn"
    BEHIND = "behind an earlier one"
    BEHIND_PATIENCE = "behind one asked for patience"
    BEHIND_SENDING = "behind one on its way"
    HOST_REFUSES = "host refuses"
    SUBSCRIPTION_WRONG = "subscription is wrong"

    # it does not leave
    REFUSED = "refused"
    TOO_LONG = "too long"
    GONE = "gone"
    """The far side said that the destination itself is no more: nothing else goes there."""
    GIVEN_UP = "over the waits"

    # a human decides
    TOO_LATE = "too late"
    PAUSED = "paused"
    DESTINATION_GONE = "destination is gone"
    """An earlier delivery to the same destination is GONE."""
    RESTORED = "restored"
    """The store was restored from an older state: it may have been sent since."""
    BY_HAND = "by hand"
    """A human has planned it anew, held or dropped it: its state says which."""

    # nobody wants it any more
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    FORGOTTEN = "forgotten"
    SUBSCRIPTION_GONE = "subscription is gone"
    DESTINATION_REMOVED = "destination was removed"


PATIENCE = frozenset({Cause.ASKED_FOR_PATIENCE, Cause.BEHIND_PATIENCE})
"""Those of deliveries that wait for a time that their far side has named."""
NEVER_TRIED = frozenset({Cause.STOPPED, Cause.LEASE_LOST})
"""Those of attempts that ended before the far side was asked."""

_SUPPRESSED = "{address} is suppressed since {since}: {why}"
SENTENCES = {
    Cause.ANSWERED: "{answer}",
    Cause.NO_ANSWER: "no answer came: {answer}",
    Cause.LEASE_OVER: "its sender stopped before an answer came",
    Cause.MAY_HAVE_ARRIVED: "it may have arrived: {why}",
    Cause.TEMPORARY: "{answer}",
    Cause.ASKED_FOR_PATIENCE: "{answer}; it asks for patience until {until:%d %b %H:%M:%S} UTC",
    Cause.MISCONFIGURED: "{answer}",
    Cause.TO_MEND: "{answer}",
    Cause.FAULT: "{answer}",
    Cause.STOPPED: "{answer}",
    Cause.LEASE_LOST: "{answer}",
    Cause.TURN: "waits for its turn at {destination}",
    Cause.BEHIND: "waits for an earlier one to {destination}: {why}",
    Cause.BEHIND_PATIENCE: "waits for an earlier one to {destination}: {why}",
    Cause.BEHIND_SENDING: "waits for an earlier one to {destination}, which is still on its way",
    Cause.HOST_REFUSES: "waits: {refusals} posts to its host were refused within {minutes} min",
    Cause.SUBSCRIPTION_WRONG: "the file of the subscription {subscription} is wrong: see digestbot check",
    Cause.REFUSED: "{answer}",
    Cause.TOO_LONG: "{answer}",
    Cause.GONE: "{answer}",
    Cause.GIVEN_UP: "given up after {attempts} attempts: {why}",
    Cause.TOO_LATE: "planned {planned:%d %b %H:%M} UTC, too late to leave without a human",
    Cause.PAUSED: "the subscription {subscription} is paused",
    Cause.DESTINATION_GONE: "{destination} is gone since {delivery} failed: {why}",
    Cause.RESTORED: "the store was restored from an older state: it may have been sent since",
    Cause.BY_HAND: "by hand",
    Cause.UNSUBSCRIBED: _SUPPRESSED,
    Cause.SUPPRESSED: _SUPPRESSED,
    Cause.FORGOTTEN: "forgotten",
    Cause.SUBSCRIPTION_GONE: "the subscription {subscription} is no more",
    Cause.DESTINATION_REMOVED: "{destination} is no longer a destination of {subscription}",
}
"""What people read, with the facts it is told by. It may be reworded at will: nothing decides by it."""
AGAIN = "{said}; possible duplicate, an earlier attempt got no answer"


def sentence(cause: Cause, **facts: object) -> str:
    """The sentence for a cause with its facts; raises KeyError for a fact that it tells and is not given."""
    return SENTENCES[cause].format_map(facts)


def again(said: str) -> str:
    """What is said of a delivery, where it is a possible duplicate as well."""
    return AGAIN.format(said=said)
