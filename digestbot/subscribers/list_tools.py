"""Lists as other newsletter tools export them: which tool it was, who may be mailed, and what shows it.

Their columns are told where each tool stands below. Names, tags and what else they hold are left where they are: a
digest needs an address and a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from digestbot.model.subscribers import BOUNCED, COMPLAINED, UNSUBSCRIBED

Said: TypeAlias = Mapping[str, str]
"""A row: what stands in which column, by the names of `column`."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Why a row is not subscribed: ``why`` in words, the ``reason`` of its suppression, and since when.

    Without a reason it is only left out: it never agreed.
    """

    why: str
    reason: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListTool:
    """A tool: one of the sets of columns in ``signs`` tells it.

    ``standing`` is None for who may be mailed, and raises ValueError for what it does not know; ``agreed`` are the
    columns that tell when somebody did.
    """

    name: str
    signs: Sequence[frozenset[str]]
    standing: Callable[[Said], Standing | None]
    agreed: Sequence[tuple[str, str]]

    def consent(self, said: Said) -> str:
        """When they agreed, as far as the list tells it."""
        told = [f"{words} {said[name]}" for name, words in self.agreed if said.get(name)]
        return ", ".join([f"list of {self.name}", *told])


def column(cell: str) -> str:
    """The name of a column, however it is written."""
    return "_".join(cell.strip().lower().replace("-", "_").split())


def recognised(columns: Iterable[str]) -> ListTool | None:
    """The tool that wrote these columns."""
    there = frozenset(columns)
    return next((tool for tool in TOOLS if any(there >= signs for signs in tool.signs)), None)


def address(said: Said) -> str:
    """The address of a row of any of them."""
    return said.get("email_address") or said.get("email") or ""


def kept(said: Said) -> Standing | None:
    """The standing of a row of our own export. Raises ValueError."""
    state, reason = said.get("state", ""), said.get("suppressed", "")
    if state not in ("", "active", "pending", "left"):
        raise ValueError(f"state: {state!r} is none of active, pending and left")
    if reason or state == "left":
        return Standing(reason or UNSUBSCRIBED, reason or UNSUBSCRIBED)
    return Standing("was never confirmed") if state == "pending" else None


def _mailchimp(said: Said) -> Standing | None:
    """Subscribed, unsubscribed and cleaned stand in files of their own; who complained is among the unsubscribed."""
    if "clean_time" in said:
        return Standing("bounced, says Mailchimp", BOUNCED, _time(said["clean_time"]))
    if "unsub_time" not in said:
        # Of who was only ever a customer it knows neither: they stand in its file "nonsubscribed".
        agreed = "confirm_time" not in said or said["confirm_time"] or said.get("optin_time")
        return None if agreed else Standing("never agreed, says Mailchimp")
    why = said.get("unsub_reason", "").lower()
    reason = COMPLAINED if any(sign in why for sign in ("spam", "abuse", "complain")) else UNSUBSCRIBED
    return Standing(f"{reason}, says Mailchimp", reason, _time(said["unsub_time"]))


def _listmonk(said: Said) -> Standing | None:
    status = said["status"].lower()
    if status in ("blocklisted", "blacklisted", "disabled"):
        why = f"{status} in listmonk"
        return Standing(why, why, _time(said.get("updated_at", "")))
    _refuse_others(status, ("enabled",), "status", "listmonk")
    return None


def _substack(said: Said) -> Standing | None:
    return Standing("turned mail off at Substack", UNSUBSCRIBED) if _flag(said, "email_disabled") else None


def _ghost(said: Said) -> Standing | None:
    if said.get("deleted_at"):
        return Standing("deleted in Ghost", UNSUBSCRIBED, _time(said["deleted_at"]))
    if _flag(said, "subscribed_to_emails"):
        return None
    return Standing("not subscribed in Ghost", UNSUBSCRIBED)


_BUTTONDOWN_STOPPED = {"unsubscribed": UNSUBSCRIBED, "undeliverable": BOUNCED, "complained": COMPLAINED}
_BUTTONDOWN_BLOCKED = ("blocked", "removed", "spammy")
_BUTTONDOWN_MAILED = (
    *("regular", "premium", "trialed", "unpaid", "gifted", "churning", "churned", "paused", "past_due", "upcoming"),
    *("free", "paid", "comped"),
)


def _buttondown(said: Said) -> Standing | None:
    kind = (said.get("type") or said.get("subscriber_type") or "").lower().replace(" ", "_")
    since = _time(said.get("unsubscription_date", "") or said.get("undeliverability_date", ""))
    if kind in (*_BUTTONDOWN_STOPPED, *_BUTTONDOWN_BLOCKED):
        why = f"{kind} in Buttondown"
        return Standing(why, _BUTTONDOWN_STOPPED.get(kind, why), since)
    if kind == "unactivated":
        return Standing("never confirmed in Buttondown")
    for name, reason in (("unsubscription_date", UNSUBSCRIBED), ("undeliverability_date", BOUNCED)):
        if said.get(name):
            return Standing(f"{reason}, says Buttondown", reason, since)
    _refuse_others(kind, _BUTTONDOWN_MAILED, "type", "Buttondown")
    return None


def _refuse_others(value: str, known: Sequence[str], name: str, tool: str) -> None:
    """Raises ValueError for a value that is none of those that are mailed."""
    if value not in known:
        raise ValueError(f"{name}: what {value!r} means in {tool} is not known; mailed are {', '.join(known)}")


def _flag(said: Said, name: str) -> bool:
    value = said.get(name, "").lower()
    if value not in ("true", "false", "1", "0", "yes", "no", ""):
        raise ValueError(f"{name}: write true or false, not {said[name]!r}")
    return value in ("true", "1", "yes")


def _time(cell: str) -> datetime | None:
    """A time as these tools write it, in UTC where they say nothing else; None where it cannot be told."""
    try:
        found = datetime.fromisoformat(cell.strip().replace("/", "-"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


TOOLS = (
    # https://mailchimp.com/help/view-export-contacts/
    ListTool(
        "Mailchimp",
        [frozenset({"email_address", each}) for each in ("member_rating", "optin_time", "unsub_time", "clean_time")],
        _mailchimp,
        [("optin_time", "opted in"), ("confirm_time", "confirmed")],
    ),
    # cmd/subscribers.go of listmonk writes: uuid, email, name, attributes, status, created_at, updated_at
    ListTool("listmonk", [frozenset({"email", "attributes", "status"})], _listmonk, [("created_at", "since")]),
    ListTool(
        "Substack",
        [frozenset({"email", "active_subscription"}), frozenset({"email", "stripe_plan", "start_date"})],
        _substack,
        [("created_at", "since"), ("start_date", "since")],
    ),
    # ghost/members-csv of Ghost writes: id, email, name, note, subscribed_to_emails, ..., created_at, deleted_at
    ListTool("Ghost", [frozenset({"email", "subscribed_to_emails"})], _ghost, [("created_at", "since")]),
    # https://docs.buttondown.com/api-subscribers-introduction; subscriber_type and email are older names
    ListTool(
        "Buttondown",
        [
            frozenset({"email", "subscriber_type"}),
            frozenset({"email_address", "subscriber_type"}),
            frozenset({"email_address", "type"}),
            frozenset({"email", "type", "creation_date"}),
            frozenset({"email", "unsubscription_date"}),
            frozenset({"email_address", "unsubscription_date"}),
        ],
        _buttondown,
        [("creation_date", "since"), ("subscription_date", "since")],
    ),
)
