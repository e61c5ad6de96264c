"""A destination whose setting is missing, or wrong for its kind, is told before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from digestbot.model.cadence import parse_cadence
from digestbot.model.subscriptions import Destination, RuleSpec, Subscription
from digestbot.platform.settings import load_settings
from digestbot.subscribers.reachable import unreachable


def told(to: Destination, home: Path, **environment: str) -> list[str]:
    wanted = Subscription("all", "All", "UTC", parse_cadence("instant"), RuleSpec(), (to,))
    settings = load_settings(home, {f"DIGESTBOT_{name}": value for name, value in environment.items()})
    return [f"{each.message}: {each.way_out}" for each in unreachable(wanted, settings)]


def named(kind: str) -> Destination:
    return Destination(kind, {"destination": "lab"})


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("slack", "https://hooks.slack.com/services/T0/B0/x"),
        ("webhook", "http://192.168.1.4/hook"),
        ("apprise", "tgram://1:x/2"),
        ("ntfy", "https://ntfy.sh/a-topic"),
        ("ntfy", "https://:tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2@push.example.org:8443/a_topic/"),
    ],
)
def test_a_right_url_is_reached(tmp_path: Path, kind: str, url: str) -> None:
    assert told(named(kind), tmp_path, TO_LAB=url) == []


def test_a_name_is_the_same_in_any_letters(tmp_path: Path) -> None:
    assert told(Destination("webhook", {"destination": "Lab"}), tmp_path, TO_LAB="https://x.example.org/hook") == []


@pytest.mark.parametrize("kind", ["slack", "discord", "teams", "mattermost", "ntfy", "apprise", "webhook"])
def test_a_missing_url_is_named(tmp_path: Path, kind: str) -> None:
    assert told(named(kind), tmp_path) == [f"{kind} lab has no URL: set DIGESTBOT_TO_LAB in .env"]


def test_a_url_of_another_kind_is_told_without_showing_it(tmp_path: Path) -> None:
    assert told(named("slack"), tmp_path, TO_LAB="tgram://secret/1") == [
        "slack lab has a URL that is none of the web: write the webhook's https:// URL in DIGESTBOT_TO_LAB"
    ]
    for url in (
        "https://ntfy.sh/",
        "https://ntfy.sh/a/secret",
        "ntfy://ntfy.sh/secret",
        "https://ntfy.sh/secret?auth=x",
    ):
        assert told(named("ntfy"), tmp_path, TO_LAB=url) == [
            "ntfy lab has a URL that is none of ntfy: "
            "write https://ntfy.sh/TOPIC, or https://:tk_TOKEN@HOST/TOPIC, in DIGESTBOT_TO_LAB"
        ]


def test_mail_needs_a_server_and_a_folder_nothing(tmp_path: Path) -> None:
    mail = Destination("email", {"address": "ada@example.org"})
    assert told(mail, tmp_path) == ["email ada@example.org needs a mail server: set DIGESTBOT_SMTP_URL in .env"]
    assert told(mail, tmp_path, SMTP_URL="smtp://localhost") == []
    assert told(Destination("file", {"path": "out"}), tmp_path) == []
