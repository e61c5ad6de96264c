"""What is set, letter by letter: `.env`, the environment, files for secrets; misspelt names; the From line."""

from __future__ import annotations

import dataclasses
from itertools import chain
from pathlib import Path

import pytest

from digestbot.model.errors import UsageError
from digestbot.model.secret import Secret
from digestbot.platform.settings import Settings, load_settings
from digestbot.platform.settings.names import ALL, meant, strangers


def settings(home: Path, text: str, **environ: str) -> Settings:
    (home / ".env").write_text(text, encoding="utf-8")
    return load_settings(home, environ)


@pytest.mark.parametrize("password", ["qu${HOME}ay", "le${et}n", "${}", "$HOME", "${HOME:-x}", "a$$b", "${HOME"])
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_value_is_what_stands_there(
    tmp_path: Path, password: str, quote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    url = f"smtp://ruth:{password}@127.0.0.1:2525"
    found = settings(tmp_path, f"DIGESTBOT_SMTP_URL={quote}{url}{quote}\n").smtp_url
    assert found is not None
    assert found.reveal() == url


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("export DIGESTBOT_SMTP_OAUTH_SCOPE=a b", "a b"),
        ("DIGESTBOT_SMTP_OAUTH_SCOPE = a", "a"),
        ("  DIGESTBOT_SMTP_OAUTH_SCOPE=a", "a"),
        ("DIGESTBOT_SMTP_OAUTH_SCOPE=a#b", "a#b"),
        ("DIGESTBOT_SMTP_OAUTH_SCOPE=a # what follows a blank is a remark", "a"),
        ("DIGESTBOT_SMTP_OAUTH_SCOPE='a # b' # a remark", "a # b"),
        ('DIGESTBOT_SMTP_OAUTH_SCOPE="a # b"', "a # b"),
        ("DIGESTBOT_SMTP_OAUTH_SCOPE=it's", "it's"),
        ("DIGESTBOT_SMTP_OAUTH_SCOPE='it\\'s'", "it's"),
        (r'DIGESTBOT_SMTP_OAUTH_SCOPE="new\table"', r"new\table"),
        (r"DIGESTBOT_SMTP_OAUTH_SCOPE='back\slash\\'", r"back\slash\\"),
        ("DIGESTBOT_SMTP_OAUTH_SCOPE=a=b==", "a=b=="),
        ("DIGESTBOT_SMTP_OAUTH_SCOPE=$(rm -rf x) `id`", "$(rm -rf x) `id`"),
        ("DIGESTBOT_SMTP_OAUTH_SCOPE=%HOME% ${DIGESTBOT_LOG}", "%HOME% ${DIGESTBOT_LOG}"),
    ],
)
@pytest.mark.parametrize("form", ["{}\n", "\ufeff{}\n", "# a remark\r\n\r\n{}\r\nDIGESTBOT_LOG=json\r\n", "{}"])
def test_a_line_is_read_as_it_stands_wherever_it_was_saved(tmp_path: Path, line: str, value: str, form: str) -> None:
    needed = {f"DIGESTBOT_SMTP_OAUTH_{each}": "https://x.example/" for each in ("TOKEN_URL", "CLIENT_ID")}
    (tmp_path / ".env").write_bytes(form.format(line).encode())
    found = load_settings(tmp_path, {**needed, "DIGESTBOT_SMTP_OAUTH_REFRESH_TOKEN": "r"})
    assert found.smtp_oauth_scope == value
    assert found.log == ("json" if "LOG=" in form else "plain")


@pytest.mark.parametrize("key", [row.name.replace("<NAME>", "DESK") for row in ALL if row.kind.secret])
def test_every_secret_may_stand_in_a_file(tmp_path: Path, key: str) -> None:
    value = "https://user:pa$$word@x.example.org/hook"
    if key == "DIGESTBOT_SMTP_URL":
        value = "smtps://user:pa${HOME}ss@x.example.org"
    elif key.endswith("_HEADERS"):
        value = '{"X-Key": "pa$$word"}'
    elif key.endswith("_TOKEN"):
        value = "pa$$word"
    elif key == "DIGESTBOT_BOUNCES":
        value = "imaps://user:pass@x.example.org"
    (tmp_path / "secret").write_text(value + "\n", encoding="utf-8")
    more = {"TOKEN_URL": "https://x.example.org", "CLIENT_ID": "me", "REFRESH_TOKEN": "r"} if "OAUTH" in key else {}
    rest = "".join(f"DIGESTBOT_SMTP_OAUTH_{name}={text}\n" for name, text in more.items() if not key.endswith(name))
    for found in (
        settings(tmp_path, f"{rest}{key}_FILE=secret\n"),
        settings(tmp_path, rest, **{f"{key}_FILE": "secret"}),
    ):
        fields = [getattr(found, field.name) for field in dataclasses.fields(found)]
        several = (
            each.values() if isinstance(each, dict) else each for each in fields if isinstance(each, dict | tuple)
        )
        held = [*fields, *chain.from_iterable(several)]
        assert value in [each.reveal() for each in held if isinstance(each, Secret)]
        assert not [name for name in (*found.destinations, *found.sources) if name.endswith("_file")]


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"one\ntwo\n", b"\xff\xfe"])
def test_a_secrets_file_of_no_use_is_told_with_both_names(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(UsageError, match=r"secret: DIGESTBOT_TO_DESK_FILE: "):
        settings(tmp_path, "DIGESTBOT_TO_DESK_FILE=secret\n")


def test_a_secret_by_two_ways_is_told_and_the_environment_wins_over_env(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("https://file.example.org", encoding="utf-8")
    with pytest.raises(UsageError, match="DIGESTBOT_TO_A is set, and DIGESTBOT_TO_A_FILE too"):
        settings(tmp_path, "DIGESTBOT_TO_A=https://x.example.org\nDIGESTBOT_TO_A_FILE=secret\n")
    found = settings(tmp_path, "DIGESTBOT_TO_A=https://x.example.org\n", DIGESTBOT_TO_A_FILE="secret")
    assert found.destinations["a"].reveal() == "https://file.example.org"


@pytest.mark.parametrize(
    "value",
    [
        '"The shelf <shelf@example.org>"',
        "'shelf@example.org'",
        "shelf@example.org, desk@example.org",
        "A <shelf@example.org>, B <desk@example.org>",
        "she lf@example.org",
        "The shelf <she lf@example.org>",
        "The shelf <shelf@exam ple.org>",
        "The shelf",
        "The shelf <>",
        "a@b@example.org",
        "The shelf <shelf@example.org> and more",
    ],
)
def test_what_is_no_single_address_is_refused_with_the_way_out(tmp_path: Path, value: str) -> None:
    with pytest.raises(UsageError, match="DIGESTBOT_MAIL_FROM") as refused:
        settings(tmp_path, "", DIGESTBOT_MAIL_FROM=value)
    assert all(each.way_out for each in refused.value.problems)
    assert ("quotes" in str(refused.value)) == (value[0] in "\"'")


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("shelf@example.org", "shelf@example.org"),
        ("The shelf <shelf@example.org>", "The shelf <shelf@example.org>"),
        ("Shelf #4, $2 a copy <shelf@example.org>", '"Shelf #4, $2 a copy" <shelf@example.org>'),
        ('"Shelf, the" <shelf@example.org>', '"Shelf, the" <shelf@example.org>'),
        ("M\u00fcnster <o'neil+x@example.org>", "M\u00fcnster <o'neil+x@example.org>"),
        ("<shelf@example.org>", "<shelf@example.org>"),
    ],
)
def test_a_from_line_is_taken(tmp_path: Path, value: str, line: str) -> None:
    found = settings(tmp_path, "", DIGESTBOT_MAIL_FROM=value)
    assert found.mail_from == line
    assert found.dkim_domain == "example.org"


@pytest.mark.parametrize("key", ["DIGESTBOT_SECRET", "DIGESTBOT_PUBLIC_URL", "DIGESTBOT_LOG"])
def test_quotes_that_a_container_tool_kept_are_told_of_every_setting(tmp_path: Path, key: str) -> None:
    with pytest.raises(UsageError, match=f"{key} stands in quotes.*take the quotes away"):
        settings(tmp_path, "", **{key: '"value"'})


def test_names_in_the_environment_that_are_none_of_ours() -> None:
    odd = ["DIGESTBOT_SMTP_URLS", "DIGESTBOT_MAILFROM", "DIGESTBOT_LOG_FILE", "DIGETSBOT_SECRET", "digestbot_log"]
    fine = ["DIGESTBOT_SMTP_URL", "DIGESTBOT_SECRET_FILE", "DIGESTBOT_TO_X", "PATH", "DIGESTBOT_HOME", "ROBOT_SECRET"]
    kubernetes = ["DIGESTBOT_SERVICE_HOST", "DIGESTBOT_PORT", "DIGESTBOT_PORT_8080_TCP_ADDR"]
    assert list(strangers([*odd, *fine, *kubernetes])) == sorted(odd)


@pytest.mark.parametrize("value", ["127.0.0.1:65536", "99999", "[::1]:70000"])
def test_a_port_that_cannot_be_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(UsageError, match="DIGESTBOT_LISTEN"):
        settings(tmp_path, f"DIGESTBOT_LISTEN={value}\n")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("TOKEN", "two words"), ("TOKEN", "t\u00f6ken"), ("HEADERS", "X-Key: a"), ("HEADERS", '["X-Key"]'),
        ("HEADERS", '{"X-Key": 1}'),
        ("HEADERS", '{"X Key": "a"}'), ("HEADERS", '{"X-Key": "a\\nb"}'), ("HEADERS", '{"content-type": "text/plain"}'),
        ("HEADERS", '{"Host": "elsewhere.example"}'), ("HEADERS", '{"X-Key": ""}'),
    ],
)  # fmt: skip
def test_what_could_not_be_posted_with_a_webhook_is_refused(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"DIGESTBOT_TO_LAB_{key} (is no token|holds no HTTP headers)"):
        settings(tmp_path, f"DIGESTBOT_TO_LAB=https://x.example\nDIGESTBOT_TO_LAB_{key}={value}\n")


def test_a_destination_may_be_named_token(tmp_path: Path) -> None:
    found = settings(tmp_path, "DIGESTBOT_TO_MY_TOKEN=https://x.example/hook\n")
    assert found.destinations["my_token"].reveal() == "https://x.example/hook"


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("DIGESTBOT_SECRET_FLIE", "DIGESTBOT_SECRET_FILE"),
        (
            "DIGESTBOT_SMTP_CONNECTIONS_FILE",
            "DIGESTBOT_SMTP_CONNECTIONS",
        ),  # no secret: it is never in a file of its own
        ("digestbot_listne", "DIGESTBOT_LISTEN"),
        ("DIGESTBOT_SMTP_PASSWORD_FILE", "DIGESTBOT_OPERATOR_PASSWORD_FILE"),
        ("DIGESTBOT_PROXI_FILE", "DIGESTBOT_PROXY_FILE"),
        ("DIGESTBOT-SECRET", "DIGESTBOT_SECRET"),
        ("DIGESTBOT_STOR", "DIGESTBOT_STORE"),
        ("DIGESTBOT_SECRETS", "DIGESTBOT_SECRET"),
    ],
)
def test_what_a_misspelt_name_was_meant_to_be(written: str, right: str) -> None:
    assert meant(written) == f"did you mean {right}?"


def test_a_name_of_nothing_known_is_told_all_there_are() -> None:
    assert meant("COLOUR").startswith("known are DIGESTBOT_")
