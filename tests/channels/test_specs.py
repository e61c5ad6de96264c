"""What is known of each kind of channel, by values: pace, options, URLs, notices; and answers in full."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from digestbot.channels import Misconfigured, Permanent, Temporary, Unknown
from digestbot.channels.answers import HttpAnswer, refusal, word_ok
from digestbot.channels.base import LeaseLost, Stopped
from digestbot.channels.http import LONGEST_BODY, hide
from digestbot.channels.ntfy.address import place
from digestbot.channels.registry import CHANNELS
from digestbot.channels.spec import Notice, Probe, Reach
from digestbot.model.causes import Cause
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def test_how_fast_each_kind_is_fed() -> None:
    assert {kind: (spec.pace.interval.total_seconds(), spec.pace.depth) for kind, spec in CHANNELS.items()} == {
        "apprise": (3.0, 1),
        "discord": (0.5, 1),
        "email": (0.0, 8),
        "file": (0.0, 8),
        "mattermost": (0.1, 1),
        "ntfy": (5.0, 1),
        "slack": (1.0, 1),
        "teams": (0.25, 1),
        "webhook": (0.0, 2),
    }


def test_by_what_each_kind_is_reached_and_how_it_is_asked_for() -> None:
    urls = {kind for kind, spec in CHANNELS.items() if spec.reach is Reach.URL}
    assert urls == {"apprise", "discord", "mattermost", "ntfy", "slack", "teams", "webhook"}
    assert (CHANNELS["email"].reach, CHANNELS["file"].reach) == (Reach.MAIL, Reach.FOLDER)
    assert CHANNELS["discord"].probe is Probe.ITSELF
    assert CHANNELS["slack"].probe is Probe.FRONT_PAGE


@pytest.mark.parametrize(
    ("kind", "option", "taken", "refused"),
    [
        ("slack", "destination", ["lab", "Lab_2"], ["", "a b", "a-b", "ä"]),
        ("discord", "thread_name", ["x", "x" * 80, "a\nb"], ["", "x" * 81]),
        ("ntfy", "priority", ["1", "5"], ["0", "6", "12", ""]),
        ("ntfy", "tags", ["a", "a-b", "+1", "x" * 40], ["", "a b", "x" * 41]),
    ],
)
def test_what_an_option_may_be(kind: str, option: str, taken: list[str], refused: list[str]) -> None:
    (found,) = [each for each in CHANNELS[kind].options if each.name == option]
    assert [bool(re.fullmatch(found.pattern, each)) for each in (*taken, *refused)] == [
        *(True for _ in taken),
        *(False for _ in refused),
    ]


def test_which_options_must_be_there_and_which_may_be_several() -> None:
    options = [(kind, each) for kind, spec in CHANNELS.items() for each in spec.options]
    assert {f"{kind} {each.name}" for kind, each in options if each.required} == {
        "email address",
        "file path",
        *(f"{kind} destination" for kind in ("apprise", "discord", "mattermost", "ntfy", "slack", "teams", "webhook")),
    }
    assert {f"{kind} {each.name}" for kind, each in options if each.several} == {"file formats", "ntfy tags"}


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://hooks.slack.com/services/T/B/x", "slack"),
        ("https://hooks.slack-gov.com/services/T/B/x", "slack"),
        ("https://discord.com/api/webhooks/1/x", "discord"),
        ("https://ptb.discordapp.com/api/webhooks/1/x", "discord"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x", "teams"),
        ("https://x.webhook.office.com/y", "teams"),
        (f"https://chat.example.org/hooks/{'a1' * 13}", "mattermost"),
        (f"https://chat.example.org/hooks/{'a1' * 12}", None),
        ("https://ntfy.sh/topic", "ntfy"),
        ("https://:tk_abc@push.example.org/topic", "ntfy"),
        ("https://push.example.org/topic", None),
        ("https://hooks.slack.com.evil.org/x", None),
    ],
)
def test_a_kind_is_told_by_its_url(url: str, kind: str | None) -> None:
    found = [name for name, spec in CHANNELS.items() if re.match(spec.url.told_by, url)]
    assert found == ([kind] if kind else [])


def notice(kind: str, text: str = "line one\nline two", **options: str) -> Notice:
    return Notice("It broke", text, Destination(kind, options), "digest@example.org", "key-1")


@pytest.mark.parametrize(("length", "shown"), [(1_500, 1_500), (1_501, 1_501)])
def test_a_notice_is_cut_for_chats(length: int, shown: int) -> None:
    brief = notice("slack", "x" * length).brief
    assert len(brief) == shown
    assert brief.endswith("…") is (length > 1_500)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("slack", {"text": "It broke\nline one\nline two"}),
        ("mattermost", {"text": "It broke\nline one\nline two", "props": {"disable_mentions": True}}),
        ("discord", {"content": "It broke\nline one\nline two", "allowed_mentions": {"parse": []}}),
        ("ntfy", {"title": "It broke", "message": "line one\nline two"}),
    ],
)
def test_a_notice_as_each_kind_has_it(kind: str, body: dict[str, object]) -> None:
    part = CHANNELS[kind].notice(notice(kind))
    assert (part.name, part.content_type, json.loads(part.body)) == ("notice.json", "application/json", body)


def test_a_notice_in_a_forum_opens_a_thread_of_its_subject() -> None:
    made = Notice("S" * 101, "t", Destination("discord", {"thread_name": "x"}), "", "k")
    assert json.loads(CHANNELS["discord"].notice(made).body)["thread_name"] == "S" * 100


# answers


@pytest.mark.parametrize(
    ("status", "detail", "reason"),
    [
        (404, "", "webhook lab answered 404 Not Found"),
        (404, "no_team", "webhook lab answered 404 Not Found: no_team"),
        (599, "", "webhook lab answered 599"),
        (503, "busy", "webhook lab answered 503 Service Unavailable: busy"),
    ],
)
def test_a_refusal_in_words(status: int, detail: str, reason: str) -> None:
    assert refusal(HttpAnswer(status, {}, b""), "webhook lab", NOW, detail).reason == reason


@pytest.mark.parametrize(("status", "too_many"), [(429, True), (408, False), (425, False), (500, False), (503, False)])
def test_only_too_many_is_too_many(status: int, too_many: bool) -> None:
    error = refusal(HttpAnswer(status, {}, b""), "x", NOW)
    assert isinstance(error, Temporary)
    assert (error.too_many, error.retry_after, error.cause) == (too_many, None, Cause.TEMPORARY)


@pytest.mark.parametrize("status", [299, 300, 399, 400, 499])
def test_only_three_hundreds_redirect(status: int) -> None:
    error = refusal(HttpAnswer(status, {}, b""), "x", NOW)
    assert isinstance(error, Permanent)
    assert ("redirects" in error.reason) is (300 <= status < 400)


def test_the_lone_word_ok() -> None:
    for body, whole in ((b"ok", True), (b" ok\n", False)):
        receipt = word_ok(HttpAnswer(200, {}, body, whole), "x")
        assert receipt is not None
        assert receipt.answer == "ok"
    assert word_ok(HttpAnswer(200, {}, b"okay"), "x") is None
    assert word_ok(HttpAnswer(201, {}, b"ok"), "x") is None
    assert word_ok(HttpAnswer(500, {}, b"", whole=False), "x") is None
    with pytest.raises(Unknown, match="x answered 200, and its answer was cut off"):
        word_ok(HttpAnswer(200, {}, b"okay", whole=False), "x")


@pytest.mark.parametrize(
    ("body", "found"), [(b'{"a": 1}', {"a": 1}), (b"[1]", {}), (b"", {}), (b"\xff", {}), (b"[" * 9_999, {})]
)
def test_a_body_as_json(body: bytes, found: dict[str, int]) -> None:
    assert HttpAnswer(200, {}, body).json == found


def test_what_each_error_says_of_itself() -> None:
    assert Temporary("x", timedelta(seconds=3)).cause is Cause.ASKED_FOR_PATIENCE
    assert [Temporary("x", each).too_many for each in (None, timedelta(0), timedelta(1))] == [False, True, True]
    assert Temporary("x", timedelta(0)).cause is Cause.TEMPORARY
    assert (Permanent("x").cause, Permanent("x", disables=True).cause) == (Cause.REFUSED, Cause.GONE)
    assert Misconfigured("x").destination_only is False
    assert str(Stopped()) == "not sent: told to stop before its turn came"
    assert str(LeaseLost()) == "not sent: its lease was over, and another worker may have it"


# URLs


def test_nothing_of_a_url_but_its_host_is_shown() -> None:
    url = Secret("https://user:pass%20word@x.org/abcd/efg/p%C3%A4th?key=value1&b=xyz#frag")
    text = "x.org abcd efg päth value1 key=value1&b=xyz pass word frag user xyz\x07\n tail"
    hidden = "x.org <secret> efg <secret> <secret> <secret> <secret> <secret> <secret> xyz tail"
    assert hide(text, url) == hidden
    assert hide("x" * 301, url) == "x" * 300
    assert LONGEST_BODY == 65_536


@pytest.mark.parametrize(
    ("url", "server", "topic", "authorization"),
    [
        ("https://ntfy.sh/topic", "https://ntfy.sh/", "topic", None),
        ("http://push.example.org:80/a_b-1/", "http://push.example.org:80/", "a_b-1", None),
        ("https://:tk_abc@x.org/t", "https://x.org/", "t", "Bearer tk_abc"),
        ("https://tk_abc@x.org/t", "https://x.org/", "t", "Bearer tk_abc"),
        ("https://ada:p%40ss@x.org/t", "https://x.org/", "t", "Basic YWRhOnBAc3M="),
        ("https://ada@x.org/t", "https://x.org/", "t", "Basic YWRhOg=="),
        (f"https://x.org/{'t' * 64}", "https://x.org/", "t" * 64, None),
    ],
)
def test_what_a_url_of_ntfy_says(url: str, server: str, topic: str, authorization: str | None) -> None:
    found = place(Secret(url), "ntfy lab")
    shown = found.authorization and found.authorization.reveal()
    assert (found.server.reveal(), found.topic.reveal(), shown) == (server, topic, authorization)


@pytest.mark.parametrize(
    "url",
    ["https://x.org/", "https://x.org/a/b", "https://x.org/t?x", "https://x.org/t#x", f"https://x.org/{'t' * 65}"],
)
def test_a_url_without_one_topic_is_none_of_ntfy(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"^ntfy lab: its URL is none of ntfy") as refused:
        place(Secret(url), "ntfy lab")
    assert refused.value.destination_only is True
