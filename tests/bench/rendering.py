"""How fast e-mail is written: `python -m tests.bench.rendering [DIGESTS]`, beside Jinja2 and `email.message`.

So many different digests (10,000) of 20 entries each become e-mails: HTML and text, all headers, no DKIM. Once the
subscribers share 200 papers, of which some are far more popular than others (Zipf), each shown for one of four
topics; once (a tenth as many: nothing gets faster with their number) no two digests share a paper.

The other side does the same work on the same digests as most would do it: the same templates in one piece per part,
compiled once, run by plain Jinja2 with autoescape (no sandbox, no fragments), `textwrap` for the lines, the lot into an
`EmailMessage` that encodes itself. What is shown of a paper (its LaTeX made readable, cut, highlighted) is our code
without its memory; how much of the time that is tells "views given", which has it done beforehand, on a tenth of the
digests. Both sides must write the same text and HTML. They take turns, one core each, a tenth of the digests at a
time; what is told is processor time, the medians of those turns.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from unittest import mock

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from digestbot.channels.email.headers import address_of, address_of_sender, headers
from digestbot.channels.renderers import renderer
from digestbot.model.deliveries import Message
from digestbot.model.digests import Counts, Digest, Section
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import Destination
from digestbot.rendering import entry_view
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.filters import marked
from digestbot.rendering.recent_cache import Recent
from digestbot.rendering.subject import subject
from digestbot.rendering.view import DigestView, view
from tests.rendering.making import SHIPPED, digest, entry, templates

ENTRIES, SHARED, TURNS = 20, 200, 10
TOPICS = ("language", "model", "retrieval", "speech")
WORDS = (*TOPICS, *Path(__file__).with_name("rendering.py").read_text(encoding="utf-8").split())  # as good as any
AIM = 5.0


def paper(number: int) -> Paper:
    """One paper with an abstract of some 1,100 characters; every third has letters outside ASCII."""
    chance = random.Random(number)
    words = chance.choices([each for each in WORDS if each.isalpha()], k=170)
    words[20:160:12] = [f"{word}." for word in words[20:160:12]]
    return Paper(
        title=f"{' '.join(words[:9])} {chance.choice(TOPICS)} {number}".capitalize(),
        abstract=" ".join(words).capitalize() + (" — naïve, of course." if number % 3 else "."),
        authors=("Ada Lovelace", "Emmy Noether", f"Zoë {words[3].capitalize()}", words[4].capitalize()),
        organization="Institute of Samples",
        upvotes=number % 97,
        ids={"arxiv": f"2503.{number:05}"},
    )


Job = tuple[Digest, Destination, Envelope]


def jobs(count: int, *, sharing: bool) -> Iterator[Job]:
    chance = random.Random(5)
    known = [paper(number) for number in range(SHARED)] if sharing else []
    popular = [1 / place for place in range(1, SHARED + 1)]
    for number in range(count):
        chosen: dict[int, None] = {}
        while sharing and len(chosen) < ENTRIES:
            chosen.update(dict.fromkeys(chance.choices(range(SHARED), popular, k=ENTRIES)))
        topic = chance.choice(TOPICS)
        # A digest read from the store has papers of its own, not the very objects of another.
        papers = (
            [replace(known[place]) for place in islice(chosen, ENTRIES)]
            if sharing
            else [paper(SHARED + number * ENTRIES + place) for place in range(ENTRIES)]
        )
        section = Section(
            topic, f"Papers on {topic}", tuple(entry(n, each, (topic,), topic) for n, each in enumerate(papers))
        )
        made = digest(section, name=f"Digest {number}", counts=Counts(read=200 + number, found=ENTRIES, shown=ENTRIES))
        made = replace(made, record=replace(made.record, subscription=f"subscription-{number}"))
        to = Destination("email", {"address": f"reader-{number}@example.org"})
        yield made, to, Envelope(f"{number:032x}", "Paper digest <digest@example.org>", "https://digest.example.org")


def wrapped(text: object, first: str = "", rest: str | None = None, columns: int = 78) -> str:
    """Lines of at most so many letters; that a letter may be wider or narrower is not looked at."""
    rest = " " * len(first) if rest is None else rest
    return textwrap.fill(str(text), columns, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


class Straightforward:
    """Jinja2 and `email.message` as most would use them: one template per part, one message object."""

    def __init__(self) -> None:
        self._pages = {"html": self._template("html", escaped=True), "text": self._template("txt", escaped=False)}

    @staticmethod
    def _template(end: str, *, escaped: bool):  # type: ignore[no-untyped-def]  # a template of Jinja2
        environment = Environment(
            loader=FileSystemLoader(SHIPPED),
            autoescape=escaped,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

        def fragment(entry: object, name: str) -> Markup:
            return Markup(environment.get_template(name).render(entry=entry))

        environment.filters |= {"wrap": wrapped, "marked": marked, "fragment": fragment}
        whole = (SHIPPED / f"default/digest.{end}").read_text(encoding="utf-8")
        one = (SHIPPED / f"default/entry.{end}").read_text(encoding="utf-8").split("#}\n", 1)[1]
        one = one.removeprefix('{% import "default/styles.html" as css %}\n')  # the page has done that
        one = one.removesuffix("\n") + '{{ "" }}'  # behind a block the end of the line would not stay
        written, calls = re.subn(rf'{{{{ entry\|fragment\([^)]*"default/entry\.{end}"\) }}}}', lambda _: one, whole)
        assert calls == 1
        return environment.from_string(written)

    def write(self, shown: DigestView, job: Job) -> bytes:
        made, to, envelope = job
        mail = EmailMessage(policy.SMTP)
        head = headers(subject(shown), address_of_sender(envelope), address_of(to), made.record.subscription, envelope)
        for name, value in _split(head):
            mail[name] = value
        text, html = (self._pages[kind].render(digest=shown).strip() + "\n" for kind in ("text", "html"))
        mail.set_content(text)
        mail.add_alternative(html, subtype="html")
        return mail.as_bytes()


def _split(head: str) -> list[tuple[str, str]]:
    lines = head.replace("\r\n ", " ").splitlines()
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


def contents(message: bytes) -> list[str]:
    parts = message_from_bytes(message, policy=policy.default).iter_parts()
    return [str(part.get_content()).replace("\r\n", "\n") for part in parts]


def timed(work: Callable[[Job], object], of: list[Job]) -> float:
    """Milliseconds of processor time for each."""
    start = time.process_time()
    for job in of:
        work(job)
    return (time.process_time() - start) / len(of) * 1e3


def measure(count: int, *, sharing: bool) -> tuple[float, float]:
    """How many times as fast digestbot is as the other side, and as that with its views given."""
    ours, rival = renderer("email", templates()), Straightforward()
    for job in jobs(1, sharing=sharing):  # templates are compiled once
        ours.write(*job)
    without_memory = mock.patch.object(entry_view, "_kept", Recent[EntryView](0))
    times: dict[str, list[float]] = {"digestbot": [], "straightforward": [], "straightforward, views given": []}
    made = jobs(count, sharing=sharing)
    while turn := list(islice(made, max(count // TURNS, 1))):
        times["digestbot"].append(timed(lambda job: ours.write(*job), turn))
        some = turn[:: min(TURNS, len(turn))]
        with without_memory:
            times["straightforward"].append(timed(lambda job: rival.write(view(job[0], job[2]), job), turn))
            ready = {id(job): view(job[0], job[2]) for job in some}
            given = timed(lambda job: rival.write(ready[id(job)], job), some)  # noqa: B023  # called at once
            times["straightforward, views given"].append(given)
            for job in some[:5]:
                message: Message = ours.write(*job)
                assert contents(message.parts[0].body) == contents(rival.write(ready[id(job)], job))
    print(f"\n{count:,} digests of {ENTRIES}, {f'drawn from {SHARED} papers' if sharing else 'no paper shared'}:")
    middle = {name: statistics.median(each) for name, each in times.items()}
    ratios = {
        name: statistics.median(a / b for a, b in zip(each, times["digestbot"], strict=True))
        for name, each in times.items()
    }
    for name, each in middle.items():
        print(f"  {name:30} {each:7.2f} ms a digest  {1000 / each:7.0f} a second  {ratios[name]:5.1f} times")
    return ratios["straightforward"], ratios["straightforward, views given"]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    shared, apart = measure(count, sharing=True), measure(max(count // 10, 1), sharing=False)
    print(f"\naims: {AIM:g} times where papers are shared, 1 where none is")
    print(f"      {shared[0]:.1f} and {apart[0]:.1f}; with its views given {shared[1]:.1f} and {apart[1]:.1f}")
    return int(shared[0] < AIM or apart[0] < 1)


if __name__ == "__main__":
    sys.exit(main())
