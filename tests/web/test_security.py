"""What strangers try: forged forms, other hosts, large bodies, odd paths; and what every page is sent with."""

from __future__ import annotations

import socket
from collections.abc import Callable

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.kit import Served, Visitor

PATHS = ("/", "/preferences", "/nowhere", "/leave/x", "/confirm/x", "/static/web.css", "/rules/check?rules=(")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_bounds_what_it_may_do(served: Served, path: str) -> None:
    answer = served.visitor().get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["strict-transport-security"]
    assert "server" not in answer.headers
    if "static" not in path:
        assert answer.headers["cache-control"] == "no-store"


def test_a_page_runs_no_script_and_shows_no_style_but_its_own_files(served: Served) -> None:
    for path in (*PATHS[:5], served.subscribe()):
        text = served.visitor().get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert " on" not in "".join(part.split(">")[0] for part in text.split("<")[1:]).replace(" only", "")
        assert text.count("<script") == text.count('<script src="/static/')
        assert 'src="/static/web.js' in text


class TestForgedForms:
    """Another site makes a browser send our forms."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_one_from_another_site_is_refused(self, served: Served, headers: dict[str, str]) -> None:
        visitor = served.visitor(headers=headers)
        assert visitor.join().status_code == 403
        assert list(served.app.store.subscribers()) == []

    def test_one_without_our_token_or_our_cookie_is_refused(self, served: Served) -> None:
        path = served.subscribe()
        theirs = served.visitor()
        theirs.get("/")
        assert theirs.http.post(f"{path}/forget", data={"sure": "yes"}).status_code == 403
        token = theirs.get(path).text.split('name="form_token" value="')[1].split('"')[0]
        victim = served.visitor()
        forged = {"sure": "yes", "form_token": token}
        assert victim.http.post(f"{path}/forget", data=forged).status_code == 403
        victim.get("/")
        assert victim.http.post(f"{path}/forget", data=forged).status_code == 403
        assert len(list(served.app.store.subscribers())) == 1

    def test_one_that_is_a_day_old_is_refused_and_says_the_way_out(self, served: Served) -> None:
        visitor = served.visitor()
        token = visitor.get("/").text.split('name="form_token" value="')[1].split('"')[0]
        served.clock.move(days=1)
        page = visitor.http.post("/join", data={"form_token": token, "address": "a@example.org"})
        assert (page.status_code, "load the page anew" in page.text) == (403, True)

    def test_the_cookie_stays_with_us(self, served: Served) -> None:
        cookie = served.visitor().get("/").headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        behind = served.visitor(headers={"X-Forwarded-Proto": "https"}).get("/").headers["set-cookie"].lower()
        assert "; secure" in behind


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "/https://evil.example", "/preferences?next=//evil.example", "/leave/..//x"],
)
def test_no_answer_leads_to_another_site(served: Served, path: str) -> None:
    served.visitor()
    answer = httpx.get(served.url + path, follow_redirects=False)
    assert "evil" not in answer.headers.get("location", "")
    sent = served.visitor().send("/preferences", {"address": "a@example.org", "next": "//evil.example"})
    assert all("evil" not in each.headers.get("location", "") for each in [*sent.history, sent])


@pytest.mark.parametrize("path", ["/static/..%2fsite.py", "/static/%2e%2e/site.py", "/static/.", "/static/web.css/x"])
def test_no_other_file_is_served(served: Served, path: str) -> None:
    assert httpx.get(served.url + path).status_code == 404


class TestSizes:
    """More than any form holds is not read."""

    def test_a_large_body_is_refused(self, served: Served) -> None:
        answer = served.visitor().http.post("/join", content=b"a" * 100_000)
        assert (answer.status_code, "Too much" in answer.text) == (413, True)

    def test_one_that_hides_its_length_is_refused_too(self, served: Served) -> None:
        chunks = (b"a=%d&" % n + b"x" * 1000 for n in range(1000))
        kind = {"content-type": "application/x-www-form-urlencoded"}
        assert served.visitor().http.post("/join", content=chunks, headers=kind).status_code == 413

    def test_too_many_fields_are_refused(self, served: Served) -> None:
        answer = served.visitor().http.post("/join", data={f"f{n}": "" for n in range(1000)})
        assert answer.status_code in (400, 413)

    def test_a_file_is_refused(self, served: Served) -> None:
        assert served.visitor().http.post("/join", files={"address": b"x"}).status_code in (400, 403)

    @pytest.mark.parametrize("length", ["-1", "abc", "1e9", "99999999999999999999"])
    def test_a_length_that_is_none_is_refused(self, served: Served, length: str) -> None:
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(f"POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\nabc".encode())
            line.settimeout(5)
            assert line.recv(100).split(b" ")[1] in (b"400", b"413")


def test_a_header_cannot_be_written_by_a_form(served: Served) -> None:
    for address in ("a@example.org\r\nBcc: b@example.org", "a@example.org\nX: y", "a@example.org\0", "a@exa mple.org"):
        assert served.visitor().join(address).status_code == 422
    served.visitor().join("a@example.org", name="Ada\r\nBcc: evil@example.org\r\n\r\nBody")
    (mail,) = served.mails(1)
    assert mail["Bcc"] is None
    (record,) = served.app.store.subscribers()
    assert "\n" not in record.wants["name"]


def test_an_international_address_is_welcome(serve: Callable[..., Served]) -> None:
    served = serve()
    assert "Check your mail" in served.visitor().join("ada@bücher.example").text
    served.no_mail_waits()
    assert served.smtp.mails[0].recipient == "ada@xn--bcher-kva.example"


def test_a_fault_of_ours_is_told_without_its_insides(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise RuntimeError("the inside")

    path = served.subscribe()
    monkeypatch.setattr(served.app.store, "subscribers", fault)
    answer = served.visitor().get(path)
    assert answer.status_code == 500
    assert "inside" not in answer.text
    assert "A fault of ours" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_no_log_line_holds_a_token(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    """FAULTS.md 62, 64: whoever reads the logs must not be able to act for a subscriber."""
    caplog.set_level(0)
    path = served.subscribe()
    visitor = served.visitor()
    visitor.get(path)
    visitor.send(path, {"do": "leave"}, "/leave/" + visitor.get(path).text.split("/leave/")[1].split('"')[0])
    served.no_mail_waits()
    token = path.rsplit("/", 1)[1]
    ours = [each for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))]
    assert all(token not in each.getMessage() for each in ours)


FIELDS = ("address", "name", "timezone", "every", "at", "topics", "rules", "exclude", "website", "until", "do", "sure")
odd = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [
        "weekly mon",
        "instant",
        "kept",
        "UTC",
        "08:00",
        '"',
        "/[/",
        "title:",
        "topic:multilingual",
        "\0",
        "ada@example.org",
    ]
)


@given(st.lists(st.tuples(st.sampled_from(FIELDS), odd), max_size=8), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_form_brings_a_fault(
    fuzzed: tuple[Visitor, str], fields: list[tuple[str, str]], data: st.DataObject
) -> None:
    """Every form with anything in it is answered, and never with 500."""
    visitor, path = fuzzed
    forms = ["/join", "/preferences", path, *(f"{path}/{each}" for each in ("pause", "address", "forget"))]
    to = data.draw(st.sampled_from(forms))
    token = visitor.get("/preferences").text.split('name="form_token" value="')[1].split('"')[0]
    sent: dict[str, list[str]] = {"form_token": [token]}
    for name, value in fields:
        if name != "sure" or to != f"{path}/forget":
            sent.setdefault(name, []).append(value)
    answer = visitor.http.post(to, data=sent, follow_redirects=True)
    assert answer.status_code in (200, 403, 404, 422, 429), answer.text
    check = visitor.http.get("/rules/check", params={"rules": "\n".join(value for _, value in fields)})
    assert check.status_code == 200


@pytest.fixture
def fuzzed(served: Served) -> tuple[Visitor, str]:
    path = served.subscribe("fuzz@example.org")
    return served.visitor(), path
