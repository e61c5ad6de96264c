"""Lists of other tools, by values: which tool a head tells, and what each row says of who may be mailed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from digestbot.subscribers.list_tools import Standing, address, column, kept, recognised

MAILCHIMP = "email_address", "member_rating"
LISTMONK = "email", "attributes", "status"
SUBSTACK = "email", "active_subscription"
GHOST = "email", "subscribed_to_emails"
BUTTONDOWN = "email_address", "type"
MAY = datetime(2026, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("email_address member_rating", "Mailchimp"),
        ("email_address optin_time more", "Mailchimp"),
        ("email_address unsub_time", "Mailchimp"),
        ("email_address clean_time", "Mailchimp"),
        ("email attributes status", "listmonk"),
        ("email active_subscription", "Substack"),
        ("email stripe_plan start_date", "Substack"),
        ("email subscribed_to_emails", "Ghost"),
        ("email subscriber_type", "Buttondown"),
        ("email_address subscriber_type", "Buttondown"),
        ("email_address type", "Buttondown"),
        ("email type creation_date", "Buttondown"),
        ("email unsubscription_date", "Buttondown"),
        ("email_address unsubscription_date", "Buttondown"),
        *(
            (head, None)
            for head in ("email_address", "member_rating", "email status", "email attributes", "email type")
        ),
        *((head, None) for head in ("email stripe_plan", "email start_date", "attributes status", "address keywords")),
    ],
)
def test_a_head_tells_the_tool(head: str, name: str | None) -> None:
    found = recognised(head.split())
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("cell", "name"),
    [(" Email Address ", "email_address"), ("E-Mail", "e_mail"), ("Opt-in  Time", "opt_in_time"), ("TAGS", "tags")],
)
def test_a_column_is_known_however_it_is_written(cell: str, name: str) -> None:
    assert column(cell) == name


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"email_address": "a@x.org", "email": "b@x.org"}, "a@x.org"),
        ({"email_address": "", "email": "b@x.org"}, "b@x.org"),
        ({"email": "b@x.org"}, "b@x.org"),
        ({}, ""),
    ],
)
def test_the_address_is_in_either_column(said: dict[str, str], expected: str) -> None:
    assert address(said) == expected


@pytest.mark.parametrize(
    ("head", "said", "standing"),
    [
        (MAILCHIMP, {"confirm_time": "2025-02-03", "optin_time": ""}, None),
        (MAILCHIMP, {"confirm_time": "", "optin_time": "2025-02-03"}, None),
        (MAILCHIMP, {}, None),
        (MAILCHIMP, {"confirm_time": "", "optin_time": ""}, Standing("never agreed, says Mailchimp")),
        (MAILCHIMP, {"confirm_time": ""}, Standing("never agreed, says Mailchimp")),
        (
            MAILCHIMP,
            {"clean_time": "2026-05-06 07:00:00", "unsub_time": "2025-01-01"},
            Standing("bounced, says Mailchimp", "bounced", MAY),
        ),
        *(
            (MAILCHIMP, {"unsub_time": "2026/05/06 07:00:00", "unsub_reason": why}, Standing(told, reason, MAY))
            for why, told, reason in (
                ("NORMAL", "unsubscribed, says Mailchimp", "unsubscribed"),
                ("It is SPAM", "complained, says Mailchimp", "complained"),
                ("Abuse", "complained, says Mailchimp", "complained"),
                ("complaint", "complained, says Mailchimp", "complained"),
            )
        ),
        (MAILCHIMP, {"unsub_time": "soon"}, Standing("unsubscribed, says Mailchimp", "unsubscribed", None)),
        (LISTMONK, {"status": "Enabled"}, None),
        *(
            (
                LISTMONK,
                {"status": status, "updated_at": "2026-05-06T07:00:00Z"},
                Standing(f"{status.lower()} in listmonk", f"{status.lower()} in listmonk", MAY),
            )
            for status in ("Blocklisted", "blacklisted", "disabled")
        ),
        (SUBSTACK, {"email_disabled": "false"}, None),
        (SUBSTACK, {}, None),
        (SUBSTACK, {"email_disabled": "TRUE"}, Standing("turned mail off at Substack", "unsubscribed")),
        (SUBSTACK, {"email_disabled": "1"}, Standing("turned mail off at Substack", "unsubscribed")),
        (SUBSTACK, {"email_disabled": "yes"}, Standing("turned mail off at Substack", "unsubscribed")),
        (SUBSTACK, {"email_disabled": "0"}, None),
        (SUBSTACK, {"email_disabled": "no"}, None),
        (GHOST, {"subscribed_to_emails": "true"}, None),
        (GHOST, {"subscribed_to_emails": "false"}, Standing("not subscribed in Ghost", "unsubscribed")),
        (GHOST, {"subscribed_to_emails": ""}, Standing("not subscribed in Ghost", "unsubscribed")),
        (
            GHOST,
            {"subscribed_to_emails": "true", "deleted_at": "2026-05-06T07:00:00.000Z"},
            Standing("deleted in Ghost", "unsubscribed", MAY),
        ),
        *(
            (BUTTONDOWN, {"type": kind}, None)
            for kind in (
                *("regular", "Premium", "trialed", "unpaid", "gifted", "churning", "churned", "paused", "past due"),
                *("upcoming", "free", "paid", "comped"),
            )
        ),
        (BUTTONDOWN, {"type": "", "subscriber_type": "premium"}, None),
        *(
            (
                BUTTONDOWN,
                {"type": kind, "unsubscription_date": "2026-05-06T07:00:00Z", "undeliverability_date": "2020-01-01"},
                Standing(f"{kind} in Buttondown", reason, MAY),
            )
            for kind, reason in (
                ("unsubscribed", "unsubscribed"),
                ("undeliverable", "bounced"),
                ("complained", "complained"),
                ("blocked", "blocked in Buttondown"),
                ("removed", "removed in Buttondown"),
                ("spammy", "spammy in Buttondown"),
            )
        ),
        (
            BUTTONDOWN,
            {"type": "undeliverable", "undeliverability_date": "2026-05-06 07:00"},
            Standing("undeliverable in Buttondown", "bounced", MAY),
        ),
        (BUTTONDOWN, {"type": "unactivated"}, Standing("never confirmed in Buttondown")),
        (
            BUTTONDOWN,
            {"type": "regular", "unsubscription_date": "2026-05-06 07:00"},
            Standing("unsubscribed, says Buttondown", "unsubscribed", MAY),
        ),
        (
            BUTTONDOWN,
            {"type": "regular", "undeliverability_date": "2026-05-06 07:00"},
            Standing("bounced, says Buttondown", "bounced", MAY),
        ),
    ],
)
def test_what_a_row_says_of_who_may_be_mailed(
    head: tuple[str, ...], said: dict[str, str], standing: Standing | None
) -> None:
    tool = recognised(head)
    assert tool is not None
    assert tool.standing(said) == standing


@pytest.mark.parametrize(
    ("head", "said", "why"),
    [
        (LISTMONK, {"status": "odd"}, "status: what 'odd' means in listmonk is not known; mailed are enabled"),
        (SUBSTACK, {"email_disabled": "maybe"}, "email_disabled: write true or false, not 'maybe'"),
        (GHOST, {"subscribed_to_emails": "2"}, "subscribed_to_emails: write true or false, not '2'"),
        (BUTTONDOWN, {"type": "odd"}, "type: what 'odd' means in Buttondown is not known; mailed are regular, premium"),
        (BUTTONDOWN, {}, "type: what '' means in Buttondown"),
    ],
)
def test_what_nobody_knows_the_meaning_of_is_refused(head: tuple[str, ...], said: dict[str, str], why: str) -> None:
    tool = recognised(head)
    assert tool is not None
    with pytest.raises(ValueError, match="^" + why.replace(".", "\\.")):
        tool.standing(said)


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ({}, None),
        ({"state": "active", "suppressed": ""}, None),
        ({"state": "pending"}, Standing("was never confirmed")),
        ({"state": "left"}, Standing("unsubscribed", "unsubscribed")),
        ({"state": "left", "suppressed": "bounced"}, Standing("bounced", "bounced")),
        ({"state": "active", "suppressed": "bounced"}, Standing("bounced", "bounced")),
        ({"suppressed": "bounced"}, Standing("bounced", "bounced")),
    ],
)
def test_what_our_own_export_says_of_who_may_be_mailed(said: dict[str, str], standing: Standing | None) -> None:
    assert kept(said) == standing


def test_a_state_that_we_never_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^state: 'gone' is none of active, pending and left$"):
        kept({"state": "gone"})


@pytest.mark.parametrize(
    ("head", "said", "told"),
    [
        (MAILCHIMP, {}, "list of Mailchimp"),
        (MAILCHIMP, {"optin_time": "2 May", "confirm_time": ""}, "list of Mailchimp, opted in 2 May"),
        (
            MAILCHIMP,
            {"optin_time": "2 May", "confirm_time": "3 May"},
            "list of Mailchimp, opted in 2 May, confirmed 3 May",
        ),
        (LISTMONK, {"created_at": "2025"}, "list of listmonk, since 2025"),
        (SUBSTACK, {"created_at": "2025", "start_date": ""}, "list of Substack, since 2025"),
        (SUBSTACK, {"start_date": "2024"}, "list of Substack, since 2024"),
        (GHOST, {"created_at": "2025"}, "list of Ghost, since 2025"),
        (BUTTONDOWN, {"creation_date": "2025"}, "list of Buttondown, since 2025"),
        (BUTTONDOWN, {"subscription_date": "2024"}, "list of Buttondown, since 2024"),
    ],
)
def test_when_they_agreed_is_told_as_far_as_the_list_does(
    head: tuple[str, ...], said: dict[str, str], told: str
) -> None:
    tool = recognised(head)
    assert tool is not None
    assert tool.consent(said) == told


def test_a_time_with_a_zone_of_its_own_keeps_it_and_one_without_is_utc() -> None:
    tool = recognised(MAILCHIMP)
    assert tool is not None
    for cell, since in (
        (" 2026-05-06T09:00:00+02:00 ", datetime(2026, 5, 6, 9, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-05-06", datetime(2026, 5, 6, tzinfo=UTC)),
    ):
        standing = tool.standing({"clean_time": cell})
        assert standing is not None
        assert standing.since is not None
        assert (standing.since, standing.since.utcoffset()) == (since, since.utcoffset())
