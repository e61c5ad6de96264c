"""What is liked reaches the workers: a library of a file, one that the store keeps, and what readers ask more of."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import Paper
from digestbot.store.postgres.store import PostgresStore
from tests.delivery.kit import NOW, configure
from tests.runtime.cluster.kit import all_sent, member, until, worker
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import SmtpServer

SPEECH = "speech recognition of {0} accents, with acoustic transcripts of {0} speakers"
GLASS = "molten glass in a {0} furnace, and the viscosity of {0} silica"
BIRDS = "migration of {0} songbirds, and the plumage of their {0} flocks"
MILLS = "windmills with {0} sails, and the grinding of {0} millstones"
BREAD = "sourdough fermentation of {0} flour, and the crumb of {0} loaves"
WORDS = ("amber", "blue", "crimson", "dun", "emerald", "fawn", "gold", "hazel", "ivory", "jade", "khaki", "lime")


def some(said: str, count: int, after: int = 0) -> list[Paper]:
    """Papers on one matter."""
    return [
        Paper(
            title=f"{said.split()[0].title()} number {n}", abstract=f"We study {said.format(WORDS[n % 12])}. It is {n}."
        )
        for n in range(after, after + count)
    ]


def test_workers_send_what_is_like_a_library_and_what_readers_want_more_of(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.url()
    likes = {"query": None, "feedback": True, "like": {"about": "acoustic speech", "per_week": 800}}
    uploaded = {**likes, "like": {"library": "mine.bib", "per_week": 300}}
    wants = {
        "by-words": likes,
        "by-upload": uploaded,
        "by-press": {**likes, "like": {"papers": ["Loaves"], "per_week": 300}},
    }
    with SmtpServer() as server, PostgresStore(url) as store:
        configure(tmp_path, STORE=url, ALLOW_NETWORKS="127.0.0.1", SMTP_URL=server.url(host="127.0.0.1"))
        liked = tmp_path / "liked.jsonl"
        liked.write_text("".join(json.dumps(each.to_json()) + "\n" for each in some(SPEECH, 6, 900)))
        folder = tmp_path / "subscriptions"
        folder.mkdir()
        (folder / "by-file.toml").write_text(
            'cadence = "instant"\n[like]\nlibrary = "../liked.jsonl"\nper_week = 300\n'
            '[[to]]\nchannel = "email"\naddress = "by-file@example.org"\n'
        )
        store.merge([each for said in (SPEECH, GLASS, BREAD, BIRDS, MILLS) for each in some(said, 60, 100)], now=NOW)
        store.put_library("by-upload", some(SPEECH, 6, 900))
        people = [member(name, **{key: value for key, value in each.items() if value}) for name, each in wants.items()]
        for each in people:
            del each.wants["query"]  # type: ignore[attr-defined]  # a dict, made here
        store.put_subscribers(people)
        names = [*wants, "by-file"]
        store.register(names, now=NOW)
        store.put_opinions([Feedback("by-press", 61 + n, Liking.MORE, NOW) for n in range(5)])
        store.merge([each for said in (SPEECH, GLASS, BREAD) for each in some(said, 2, 4)], now=NOW)
        with worker(tmp_path) as process:
            until(all_sent(store, len(names)))
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        found = {}
        for name in names:
            (record,) = store.digests(name)
            assert {each.rules for each in record.entries} == {("like",)}
            found[name] = {each.paper.title for each in store.logged(e.sequence for e in record.entries).values()}
        assert len(server.mails) == len(names)
    speech = {"Speech number 4", "Speech number 5"}
    assert found == {
        "by-file": speech,
        "by-upload": speech,
        "by-words": speech,
        "by-press": {"Molten number 4", "Molten number 5"},
    }
