"""What settings say against each other, and how lines of `.env` are told wrong: place, line, words, way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from digestbot.model.errors import UsageError
from digestbot.platform.settings import load_settings
from digestbot.platform.settings.names import ALL, in_file, is_known, looks_meant, meant, setting_of, strangers
from digestbot.platform.settings.table import FIELDS

Told = list[tuple[str | None, int | None, str, str | None]]


def told(home: Path, text: str = "", **environ: str) -> Told:
    (home / ".env").write_text(text, encoding="utf-8")
    try:
        load_settings(home, {f"DIGESTBOT_{key}": value for key, value in environ.items()})
    except UsageError as error:
        return [
            (str(each.place).replace(str(home), "HOME"), each.line, each.message, each.way_out)
            for each in error.problems
        ]
    return []


ENV = "HOME/.env"
OAUTH = {
    f"SMTP_OAUTH_{name}": value
    for name, value in {"TOKEN_URL": "https://x.org", "CLIENT_ID": "me", "REFRESH_TOKEN": "r"}.items()
}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            {"OPERATOR": "lab"},
            ("DIGESTBOT_OPERATOR", "is not understood", "write an address, or a name set as DIGESTBOT_TO_<NAME>"),
        ),
        ({"OPERATOR": "lab", "TO_LAB": "https://x.org/h"}, None),
        ({"OPERATOR": "ada@example.org"}, None),
        (
            {"BOUNCE_ADDRESS": "bounce@example.org"},
            (
                "DIGESTBOT_BOUNCE_ADDRESS",
                "cannot be used so",
                "set DIGESTBOT_SECRET too, which signs what comes back",
            ),
        ),
        ({"BOUNCE_ADDRESS": "bounce@example.org", "SECRET": "s" * 32}, None),
        (
            {"DKIM_SELECTOR": "s1"},
            (
                "DIGESTBOT_DKIM_SELECTOR",
                "does not fit the keys",
                "write one selector for each key of DIGESTBOT_DKIM_KEY",
            ),
        ),
        (OAUTH, None),
        ({**OAUTH, "SMTP_URL": "smtp://h"}, None),
        (
            {**OAUTH, "SMTP_URL": "smtp://u:p@h"},
            (
                "DIGESTBOT_SMTP_URL",
                "holds a password, and DIGESTBOT_SMTP_OAUTH_TOKEN_URL is set",
                "take user and password out of the URL, or all of DIGESTBOT_SMTP_OAUTH_... away",
            ),
        ),
        ({"SMTP_URL": "smtp://u:p@h"}, None),
        (
            {"SMTP_OAUTH_CLIENT_ID": "me"},
            (
                "DIGESTBOT_SMTP_OAUTH_CLIENT_ID",
                "is of no use without DIGESTBOT_SMTP_OAUTH_TOKEN_URL, DIGESTBOT_SMTP_OAUTH_REFRESH_TOKEN",
                "set what is missing, or take all of it away",
            ),
        ),
    ],
)
def test_what_settings_say_against_each_other(
    tmp_path: Path, lines: dict[str, str], problem: tuple[str, str, str] | None
) -> None:
    text = "".join(f"DIGESTBOT_{key}={value}\n" for key, value in lines.items())
    expected = []
    if problem is not None:
        key, message, way_out = problem
        line = list(lines).index(key.removeprefix("DIGESTBOT_")) + 1
        expected = [(ENV, line, f"{key} {message}", way_out)]
    assert told(tmp_path, text) == expected


def test_keys_and_authorities_that_are_no_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    text = "DIGESTBOT_DKIM_KEY=none.pem\nDIGESTBOT_DKIM_SELECTOR=s\nDIGESTBOT_CA_FILE="
    key = (ENV, 1, f"DIGESTBOT_DKIM_KEY names {tmp_path}/none.pem, which is no file", "write where the key is")
    hint = "write where the authority's own certificate is, in PEM (-----BEGIN CERTIFICATE-----)"
    for name, why in (
        ("ca.pem", "holds no certificate that can be read"),
        ("no", "cannot be read: No such file or directory"),
    ):
        authority = (ENV, 3, f"DIGESTBOT_CA_FILE names {tmp_path}/{name}, which {why}", hint)
        assert told(tmp_path, f"{text}{name}\n") == [key, authority]


def test_a_value_that_is_none_of_its_kind_is_told_with_its_line_and_what_to_write(tmp_path: Path) -> None:
    assert told(tmp_path, "\n# x\nDIGESTBOT_LOG=loud\n\n\nDIGESTBOT_PUBLIC_URL=x\n") == [
        (ENV, 3, "DIGESTBOT_LOG is not understood", "write one of plain, json"),
        (ENV, 6, "DIGESTBOT_PUBLIC_URL is no URL of pages", "write https://digest.example.org"),
    ]
    (problem,) = told(tmp_path, LOG="lo\x07ud")
    assert problem == (
        "the environment",
        None,
        "DIGESTBOT_LOG holds a line's end, or a letter that cannot be seen",
        "write it on one line, with letters only that can be seen",
    )


def test_lines_of_env_that_are_none_or_misspelt_are_told_and_others_names_are_not(tmp_path: Path) -> None:
    assert told(tmp_path, "OTHER=1\nDIGESTBOT_LOGS=json\n\nDIGESTBOT_LOG='json\n") == [
        (ENV, 2, "unknown setting DIGESTBOT_LOGS", "did you mean DIGESTBOT_LOG?"),
        (ENV, 4, "is no setting that can be read", "write NAME=value; a value that begins with a quote ends with one"),
    ]


def test_an_env_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DIGESTBOT_LOG=\xff\n")
    with pytest.raises(UsageError) as refused:
        load_settings(tmp_path, {})
    (problem,) = refused.value.problems
    assert problem.message.startswith("cannot be read: ")
    assert problem.way_out == "save it as UTF-8 text"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (r"""DIGESTBOT_TO_LAB="https://x.org/a\"b" """, None),
        (r"DIGESTBOT_SMTP_OAUTH_USER='a\nb'", r"a\nb"),
        (r'DIGESTBOT_SMTP_OAUTH_USER="a\tb"', r"a\tb"),
        (r'DIGESTBOT_SMTP_OAUTH_USER="a\"b"', 'a"b'),
        ("DIGESTBOT_SMTP_OAUTH_USER=  spaced  ", "spaced"),
        ("DIGESTBOT_SMTP_OAUTH_USER=", None),
    ],
)
def test_a_value_in_env_is_what_stands_there(tmp_path: Path, line: str, value: str | None) -> None:
    (tmp_path / ".env").write_text(f"{line}\n", encoding="utf-8")
    if "LAB" in line:
        assert len(told(tmp_path, f"{line}\n")) == 1
    elif value is None:
        assert load_settings(tmp_path, {}).smtp_oauth_user is None
    else:
        rest = "".join(f"DIGESTBOT_{key}={text}\n" for key, text in OAUTH.items())
        (tmp_path / ".env").write_text(f"{rest}{line}\n", encoding="utf-8")
        assert load_settings(tmp_path, {}).smtp_oauth_user == value


def test_files_of_secrets_that_are_of_no_use_are_told_with_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "two").write_text("a\nb\n")
    hint = "write in DIGESTBOT_SECRET_FILE where the secret's file is, readable for the user who runs digestbot"
    assert told(tmp_path, "DIGESTBOT_SECRET_FILE=two\n") == [
        ("HOME/two", None, "DIGESTBOT_SECRET_FILE: holds no single line", hint)
    ]
    assert told(tmp_path, "DIGESTBOT_SECRET_FILE=no\n") == [
        ("HOME/no", None, "DIGESTBOT_SECRET_FILE: cannot be read: No such file or directory", hint)
    ]
    assert told(tmp_path, "DIGESTBOT_SECRET_FILE=\n") == []
    (tmp_path / "one").write_text("a" * 32)
    assert told(tmp_path, "DIGESTBOT_SECRET=\nDIGESTBOT_SECRET_FILE=one\n") == []
    assert told(tmp_path, f"DIGESTBOT_SECRET={'b' * 32}\nDIGESTBOT_SECRET_FILE=one\n") == [
        (
            ENV,
            2,
            "DIGESTBOT_SECRET is set, and DIGESTBOT_SECRET_FILE too",
            "take DIGESTBOT_SECRET or DIGESTBOT_SECRET_FILE away",
        )
    ]


def test_a_destination_may_be_named_file(tmp_path: Path) -> None:
    found = load_settings(tmp_path, {"DIGESTBOT_TO_MY_FILE": "https://x.example/hook"})
    assert {name: url.reveal() for name, url in found.destinations.items()} == {"my_file": "https://x.example/hook"}


def test_what_comes_of_other_settings(tmp_path: Path) -> None:
    lines = {**OAUTH, "MAIL_FROM": "Digest <digest@lists.example.org>", "DKIM_DOMAIN": "other.org"}
    for drop, domain, user in (
        ((), "other.org", "digest@lists.example.org"),
        (("DKIM_DOMAIN",), "lists.example.org", "digest@lists.example.org"),
        (("DKIM_DOMAIN", "MAIL_FROM"), "", "digestbot@localhost"),
        ((*OAUTH,), "other.org", None),
    ):
        found = load_settings(tmp_path, {f"DIGESTBOT_{key}": text for key, text in lines.items() if key not in drop})
        assert (found.dkim_domain, found.smtp_oauth_user) == (domain, user)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("DIGESTBOT_LOG", "DIGESTBOT_LOG"),
        ("DIGESTBOT_TO_LAB", "DIGESTBOT_TO_<NAME>"),
        ("DIGESTBOT_TO_", None),
        ("DIGESTBOT_TO_X_TOKEN", "DIGESTBOT_TO_<NAME>_TOKEN"),
        ("DIGESTBOT_TO__TOKEN", "DIGESTBOT_TO_<NAME>"),
        ("DIGESTBOT_TO_X_HEADERS", "DIGESTBOT_TO_<NAME>_HEADERS"),
        ("DIGESTBOT_SOURCE_X", "DIGESTBOT_SOURCE_<NAME>"),
        ("DIGESTBOT_ODD", None),
    ],
)
def test_the_setting_of_a_name(key: str, name: str | None) -> None:
    found = setting_of(key)
    assert (found and found.name) == name
    assert is_known(key) is (name is not None)


def test_a_secret_may_be_named_by_a_file_and_nothing_else_may() -> None:
    assert in_file("DIGESTBOT_SECRET_FILE") == "DIGESTBOT_SECRET"
    assert in_file("DIGESTBOT_TO_LAB_FILE") == "DIGESTBOT_TO_LAB"
    assert [in_file(each) for each in ("DIGESTBOT_SECRET", "DIGESTBOT_LOG_FILE", "DIGESTBOT_CA_FILE")] == [None] * 3
    assert is_known("DIGESTBOT_SECRET_FILE")
    assert meant("DIGESTBOT_SECRET_FIL") == "did you mean DIGESTBOT_SECRET_FILE?"


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("DIGESTBOT_ANYTHING", True),
        ("digestbot_x", True),
        ("DIGSTBOT_SECRET", True),
        ("DIGEST_SECRET", False),
        ("ROBOT_SECRET", False),
        ("MAIL_FROM", False),
    ],
)
def test_what_looks_like_one_of_ours(name: str, looks: bool) -> None:
    assert looks_meant(name) is looks


def test_what_kubernetes_sets_for_a_service_of_our_name_is_no_stranger() -> None:
    of_kubernetes = ["DIGESTBOT_SERVICE_PORT", "DIGESTBOT_SERVICE_PORT_WEB", "DIGESTBOT_PORT_80_UDP_PROTO"]
    assert list(strangers([*of_kubernetes, "DIGESTBOT_PORTS", "DIGESTBOT_SERVICE"])) == [
        "DIGESTBOT_PORTS",
        "DIGESTBOT_SERVICE",
    ]


def test_how_a_row_stands_in_env() -> None:
    assert FIELDS["destinations"].line.startswith("DIGESTBOT_TO_LAB=https://")
    assert FIELDS["log"].line.startswith("DIGESTBOT_LOG=")
    assert [each.name for each in ALL][-1] == "DIGESTBOT_HOME"
