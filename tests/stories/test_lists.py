"""`digestbot subscribers import` of lists as other newsletter tools export them: consent and suppression kept."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.stories.commands import Commands
from tests.stories.test_subscribers import audited, listed, ok, wants, write

CASES = Path(__file__).parents[3] / "shared" / "cases" / "ops" / "lists"
MAILCHIMP = "Email Address,First Name,Last Name,Address,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME"
LISTS = {
    # tool: its list; who is mailed; who is suppressed, and how the reason begins
    "mailchimp": (
        f"{MAILCHIMP},LAST_CHANGED,TAGS\n"
        'ruth@example.org,Ruth,Lowe,"1 Wall St, Bath",4,2025-02-03 09:00:00,2025-02-03 09:02:00,,"""walls"""\n'
        "ona@example.org,Ona,,,1,,,,\n",
        ["ruth@example.org"],
        {},
    ),
    "mailchimp, unsubscribed": (
        f"{MAILCHIMP},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER\n"
        "mei@example.org,Mei,Chan,,2,2025-02-03 09:00:00,,2026-05-06 07:00:00,Walls,7,NORMAL,\n"
        "ivo@example.org,Ivo,Horn,,2,2025-02-03 09:00:00,,2026-05-06 07:00:00,Walls,7,SPAM,\n",
        [],
        {"mei@example.org": "unsubscribed", "ivo@example.org": "complained"},
    ),
    "mailchimp, cleaned": (
        f"{MAILCHIMP},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID\n"
        "mei@example.org,Mei,Chan,,2,2025-02-03 09:00:00,,2026-05-06 07:00:00,Walls,7\nnobody,,,,,,,2026-05-06,,\n",
        [],
        {"mei@example.org": "bounced"},
    ),
    "listmonk": (
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        'u1,ruth@example.org,Ruth,"{""walls"": 3}",enabled,2025-02-03T09:00:00Z,2025-02-03T09:00:00Z\n'
        "u2,mei@example.org,Mei,{},blocklisted,2025-02-03T09:00:00Z,2026-02-03T09:00:00Z\n"
        "u3,ivo@example.org,Ivo,{},disabled,,\n",
        ["ruth@example.org"],
        {"mei@example.org": "blocklisted in listmonk", "ivo@example.org": "disabled in listmonk"},
    ),
    "substack": (
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
        "ruth@example.org,false,,other,false,2025-02-03T09:00:00.000Z,\nmei@example.org,true,,yearly,true,,\n",
        ["ruth@example.org"],
        {"mei@example.org": "unsubscribed"},
    ),
    "substack, its other export": (
        "Email,Name,Stripe plan,Cancel date,Start date,Activity,Type\nruth@example.org,Ruth,,,2025-02-03,3,\n",
        ["ruth@example.org"],
        {},
    ),
    "ghost": (
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"
        "1,ruth@example.org,Ruth,,true,false,,2025-02-03T09:00:00.000Z,,walls,\n"
        "2,mei@example.org,Mei,,false,false,,2025-02-03T09:00:00.000Z,,,\n"
        "3,ivo@example.org,Ivo,,true,false,,2025-02-03T09:00:00.000Z,2026-01-01T09:00:00.000Z,,\n"
        "4,ona@example.org,Ona,,,false,,2025-02-03T09:00:00.000Z,,,\n",
        ["ruth@example.org"],
        dict.fromkeys(("mei@example.org", "ivo@example.org", "ona@example.org"), "unsubscribed"),
    ),
    "buttondown": (
        "email_address,type,creation_date,notes,tags,metadata,unsubscription_date,undeliverability_date\n"
        'ruth@example.org,regular,2025-02-03T09:00:00Z,,walls,"{}",,\n'
        "mei@example.org,unsubscribed,2025-02-03T09:00:00Z,,,{},2026-01-01T00:00:00Z,\n"
        "ivo@example.org,undeliverable,2025-02-03T09:00:00Z,,,{},,2026-01-01T00:00:00Z\n"
        "eve@example.org,spammy,2025-02-03T09:00:00Z,,,{},,\n"
        "ona@example.org,unactivated,2025-02-03T09:00:00Z,,,{},,\n",
        ["ruth@example.org"],
        {
            "mei@example.org": "unsubscribed",
            "ivo@example.org": "bounced",
            "eve@example.org": "spammy in Buttondown",
        },
    ),
    "buttondown, as it was": (
        "email,subscriber_type,creation_date\nruth@example.org,premium,2025-02-03\nmei@example.org,unsubscribed,2025-02-03\n",
        ["ruth@example.org"],
        {"mei@example.org": "unsubscribed"},
    ),
    "our own": (
        "address,keywords,state,suppressed,added\nruth@example.org,moss,active,,\nmei@example.org,moss,left,,\n"
        "ivo@example.org,moss,active,bounced again and again,\nona@example.org,moss,pending,,\n",
        ["ruth@example.org"],
        {"mei@example.org": "unsubscribed", "ivo@example.org": "bounced again and again"},
    ),
    "addresses alone": (
        'ruth@example.org\n\n"Chan, Mei" <mei@example.org>, Ivo Horn <ivo@example.org>; ona@example.org\n',
        ["ruth@example.org", "mei@example.org", "ivo@example.org", "ona@example.org"],
        {},
    ),
}


def suppressed(run: Commands) -> dict[str, str]:
    return {each["addresses"][0]: each["suppressed"]["reason"] for each in listed(run, "--suppressed")}  # type: ignore[index]


@pytest.fixture
def defaults(run: Commands) -> Path:
    return write(run, "walls.toml", 'keywords = ["walls"]\ncadence = "weekly mon 09:00"\nname = "Walls, weekly"\n')


@pytest.mark.parametrize("tool", LISTS)
def test_a_list_is_taken_over_with_who_may_be_mailed_and_who_not(tool: str, run: Commands, defaults: Path) -> None:
    text, mailed, barred = LISTS[tool]
    people = write(run, "list.csv", text)
    would = ok(run("subscribers", "import", people, "--defaults", defaults, "--dry-run")).out
    assert (listed(run), suppressed(run)) == ([], {})
    told = ok(run("subscribers", "import", people, "--defaults", defaults, "--consent", "told by letter")).out
    assert would.splitlines()[-1].startswith(f"{len(mailed)} would be added, ")
    assert told.splitlines()[-1].startswith(f"{len(mailed)} added, ")
    assert sorted(wants(run)) == sorted(mailed)
    assert suppressed(run) == barred
    for address in barred:
        assert f"{address} is left out: " in told
        assert audited(run, address) == [("suppressed", address)]
    assert ok(run("subscribers", "import", people, "--defaults", defaults)).out.splitlines()[-1].startswith("0 added, ")
    assert suppressed(run) == barred


def test_rows_that_say_nothing_want_the_defaults_and_those_who_are_there_keep_what_they_want(
    run: Commands, defaults: Path
) -> None:
    ok(run("subscribers", "add", "ruth@example.org", "--keyword", "moss"))
    before = wants(run)["ruth@example.org"]
    people = write(run, "p.csv", "sep=;\naddress;keywords\nruth@example.org;\nmei@example.org;\nivo@example.org;lime\n")
    ok(run("subscribers", "import", people, "--defaults", defaults))
    found = wants(run)
    assert found["ruth@example.org"] == before
    assert found["mei@example.org"]["keywords"] == ["walls"]  # type: ignore[index]
    assert found["ivo@example.org"]["keywords"] == ["lime"]  # type: ignore[index]
    assert found["ivo@example.org"]["cadence"] == "weekly mon 09:00"  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "email,name,status,attributes\na@x.org,A,enabled,{}\nb@x.org,B,asleep,{}\n",
            "list.csv:3: status: what 'asleep'",
        ),
        ("email,subscribed_to_emails\na@x.org,maybe\n", "list.csv:2: subscribed_to_emails: write true or false"),
        ("email_address,type,creation_date\na@x.org,golden,\n", "list.csv:2: type: what 'golden'"),
        ("Email Address,MEMBER_RATING\nruth,4\n", "list.csv:2: address: 'ruth' is no address"),
        ("Email Address,MEMBER_RATING\nruth@x.org\n", "list.csv:2: has 1 cells, and there are 2 columns"),
        ("ruth@example.org\nmei at example\n", "list.csv:2: address: 'mei at example' is no address"),
        ("address,state\na@x.org,gone\n", "list.csv:2: state: 'gone'"),
    ],
)
def test_a_row_that_is_not_understood_is_named_and_nothing_is_imported(
    text: str, said: str, run: Commands, defaults: Path
) -> None:
    ran = run("subscribers", "import", write(run, "list.csv", text), "--defaults", defaults)
    assert ran.code == 2
    assert said in ran.err
    assert (listed(run), suppressed(run)) == ([], {})


def test_without_defaults_it_says_what_is_missing_and_wrong_defaults_have_their_line(run: Commands) -> None:
    people = write(run, "list.txt", "ruth@example.org\n")
    assert "--defaults FILE" in run("subscribers", "import", people).err
    wrong = write(run, "d.toml", 'keywords = ["walls"]\ncadence = "dayly"\n')
    assert "d.toml:2: cadence" in run("subscribers", "import", people, "--defaults", wrong).err
    assert "d.toml" in run("subscribers", "import", people, "--defaults", run.home / "none" / "d.toml").err


def test_h75_who_left_there_long_ago_and_joined_here_since_stays(run: Commands, defaults: Path) -> None:
    ok(run("subscribers", "add", "mei@example.org", "--keyword", "moss"))
    told = ok(
        run("subscribers", "import", write(run, "u.csv", LISTS["mailchimp, unsubscribed"][0].replace("2026", "2019")))
    )
    assert "joined here since: stays" in told.out
    assert suppressed(run) == {"ivo@example.org": "complained"}


def test_h75_of_two_rows_about_one_address_the_one_that_keeps_it_out_counts(run: Commands, defaults: Path) -> None:
    head, ruth, mei, _ = LISTS["listmonk"][0].splitlines()
    people = write(run, "l.csv", "\n".join((head, ruth.replace("ruth", "mei"), mei)))
    told = ok(run("subscribers", "import", people, "--defaults", defaults)).out
    assert "l.csv:2: mei@example.org is left out: is kept out by line 3" in told
    assert (list(wants(run)), list(suppressed(run))) == ([], ["mei@example.org"])


@pytest.mark.parametrize("form", ["csv", "toml"])
def test_what_is_exported_keeps_others_out_of_another_house_too(form: str, run: Commands, defaults: Path) -> None:
    ok(run("subscribers", "import", write(run, "l.csv", LISTS["buttondown"][0]), "--defaults", defaults))
    ok(run("subscribers", "suppress", "ruth@example.org", "--reason", "asked by phone"))
    barred = suppressed(run)
    exported = write(run, f"out.{form}", ok(run("subscribers", "export", "--form", form)).out)
    ok(run("subscribers", "remove", "ruth@example.org"))
    ok(run("subscribers", "release", *barred, "--reason", "another house"))
    assert suppressed(run) == {}
    ok(run("subscribers", "import", exported))
    assert suppressed(run) == barred
    assert "ruth@example.org" not in wants(run)


def test_consent_is_in_the_audit_log(run: Commands, defaults: Path) -> None:
    ok(run("subscribers", "import", write(run, "m.csv", LISTS["mailchimp"][0]), "--defaults", defaults))
    (entry,) = map(json.loads, run("subscribers", "audit", "--json", "ruth@example.org").out.splitlines())
    assert entry["detail"] == (
        "from m.csv; list of Mailchimp, opted in 2025-02-03 09:00:00, confirmed 2025-02-03 09:02:00"
    )


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not in ../shared/cases/ops/lists")
@pytest.mark.parametrize("path", sorted(CASES.glob("*")), ids=lambda path: path.name)
def test_the_shared_lists_are_taken(path: Path, run: Commands, defaults: Path) -> None:
    ok(run("subscribers", "import", path, "--defaults", defaults))
    with path.open(encoding="utf-8") as file:
        mei_is_there = any("mei@example.org" in cell for row in csv.reader(file) for cell in row)
    kept_out = mei_is_there and path.name != "bare.txt"
    assert ("ruth@example.org" in wants(run)) == (path.name != "mailchimp-unsubscribed.csv")
    assert (list(suppressed(run)) == ["mei@example.org"]) == kept_out
    assert ("mei@example.org" in wants(run)) == (mei_is_there and not kept_out)
