"""A library liked by its file, weeks of real papers, a link pressed in a mail: what comes by likeness, end to end."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from digestbot.bootstrap import App
from tests.delivery.kit import Clock, configure
from tests.matching.drawn import CORPUS
from tests.servers.smtp import SmtpServer
from tests.stories.commands import Commands
from tests.web.kit import PUBLIC, SECRET, path_of, read, serving, text_of

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="needs the shared corpus")

READER = "ada@readers.example"
WANTS = f"""
name = "Speech"
cadence = "daily 08:00"
keywords = ['title:"accuracy-diversity trade-off"']

[like]
library = "../liked.bib"
per_week = 140

[[to]]
channel = "email"
address = "{READER}"
"""


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def corpus(first: int, last: int) -> list[dict[str, Any]]:
    """Real papers, from one place of the shared corpus to another."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, first, last)]


def dump(path: Path, papers: list[dict[str, Any]]) -> Path:
    lines = (
        {"title": each["title"], "abstract": each["abstract"], "authors": [], "ids": {"arxiv": each["id"]}}
        for each in papers
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def bibtex(path: Path, papers: list[dict[str, Any]]) -> None:
    plain = re.compile(r"[{}\\@%#$&~^_]")
    entries = (
        f"@article{{k{number},\n  title = {{{plain.sub(' ', each['title'])}}},\n"
        f"  eprint = {{{each['id']}}},\n  archivePrefix = {{arXiv}},\n"
        f"  abstract = {{{plain.sub(' ', each['abstract'])}}}\n}}\n"
        for number, each in enumerate(papers)
    )
    path.write_text("\n".join(entries), encoding="utf-8")


def entries(run: Commands) -> list[dict[str, Any]]:
    """Those that come by likeness in the digest that would be sent now."""
    data = json.loads(run("preview", "speech", "--format", "json").out)["data"]
    (section,) = (each for each in data["sections"] if each["heading"] == "Like what you like")
    return list(section["entries"])


def titles(some: list[dict[str, Any]]) -> list[str]:
    return [each["paper"]["title"] for each in some]


def pages_of(mail: bytes) -> str:
    body = read(mail).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_from_a_library_to_a_pressed_link_to_another_digest(run: Commands, smtp: SmtpServer) -> None:
    liked = [each for each in corpus(0, 4_000) if "speech recognition" in each["title"].lower()][:3]
    bibtex(run.home / "liked.bib", liked)
    store = os.environ.get("DIGESTBOT_STORE", "tinydb:data")
    configure(
        run.home, STORE=store, SMTP_URL=smtp.url(host="127.0.0.1"), MAIL_FROM="digest@papers.example", SECRET=SECRET,
        PUBLIC_URL=PUBLIC, ALLOW_NETWORKS="127.0.0.1,::1",
    )  # fmt: skip
    run("ingest", dump(run.home / "past.jsonl", corpus(4_000, 5_000)))
    run.subscribe("speech", WANTS)
    run("status")
    run("send")  # begins with what comes from now on

    run("ingest", dump(run.home / "first.jsonl", [*corpus(5_000, 5_700), *liked[:3]]))
    shown = run("preview", "speech", "--format", "text").out
    first = entries(run)
    assert len(first) >= 3
    assert all("speech" in json.dumps(each["paper"]).lower() for each in first[:3])
    assert not {each["title"] for each in liked[:3]} & {*titles(first)}, "what is in the library is no news"
    assert run("send", "speech").code == 0
    (mail,) = smtp.mails
    sent = text_of(read(mail.data)).splitlines()
    for line in shown.splitlines():
        if line.startswith(("Like “", "By likeness")):
            assert line in sent, "the preview is what is sent"
    assert titles(first) == [each["paper"]["title"] for each in sent_by_likeness(run)]

    run("ingest", dump(run.home / "second.jsonl", corpus(5_700, 6_400)))
    before = entries(run)
    pressed = press_more(run, smtp, mail.data)
    after = entries(run)
    new = [each for each in after if each["near"] == pressed]
    assert titles(after) != titles(before)
    assert new
    assert not {*titles(new)} & {*titles(before)}, "they come for what was pressed alone"
    explained = run("explain", titles(new)[0], "speech").out
    assert "above the cut" in explained
    assert f"nearest to {pressed!r}" in explained
    assert run("send", "speech").code == 0
    assert titles(after) == [each["paper"]["title"] for each in sent_by_likeness(run)]
    assert f"Like “{pressed}”" in " ".join(text_of(read(smtp.mails[-1].data)).split())


def sent_by_likeness(run: Commands) -> list[dict[str, Any]]:
    """The entries that came by likeness in the digest that was sent last."""
    with App.open(str(run.home), read_only=True) as app:
        record = app.store.digests("speech")[-1]
        papers = app.store.logged(each.sequence for each in record.entries)
        return [
            {"paper": {"title": papers[each.sequence].paper.title}}
            for each in record.entries
            if each.likeness is not None
        ]


def press_more(run: Commands, smtp: SmtpServer, mail: bytes) -> str:
    """Follow the first "more like this" of the mail, which is of what the rule found, and press; the paper's title."""
    link = re.search(r'href="([^"]*/more/[^"]+)"', pages_of(mail))
    assert link is not None
    with serving(run.home, smtp, Clock(datetime.now(UTC))) as served:
        page = served.visitor().press(path_of(link[1]), liking="more")
        assert "Kept" in page.text
        (opinion,) = served.app.store.opinions("speech")
        return served.app.store.logged([opinion.place])[opinion.place].paper.title
