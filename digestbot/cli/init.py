"""`init`: a working directory of one's own, made of three answers, and a first digest to look at."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from digestbot.bootstrap import App, shipped
from digestbot.cli.demo import SAMPLES
from digestbot.cli.terminal import complain, out, say
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:
    from digestbot.rules.topics import Topics
    from digestbot.subscribers.starting import Answers, Interests

Answer = TypeVar("Answer")

_HEAD = """\
# digestbot's settings. Secrets live here alone: keep this file to yourself (chmod 600).
# Each line is also an environment variable of the same name, which wins. What is commented out is an example.
# A value is taken as it stands, without quotes: container tools would take them for a part of it. A secret may stand
# in a file of its own: put _FILE behind its name, and the file's path as the value (DIGESTBOT_SMTP_URL_FILE=...).
"""
_WHAT = "What are you interested in? Topics, words, phrases, a file of papers you like; commas between"
_WHERE = "How do you want it? An e-mail address, a webhook's URL (Slack, Discord, ntfy, ...), or a folder"
_WHEN = "When? daily 08:00, weekdays 08:00, weekly mon 08:00, instant"
_SHOWN = 40  # lines of the first digest


def env() -> str:
    """The `.env` of a new working directory: every setting, explained, as a comment."""
    from digestbot.platform.settings.names import ALL

    paragraphs = [_HEAD]
    for row in ALL:
        if row.heading:
            paragraphs.append(f"# == {row.heading} ==\n")
        words = textwrap.wrap(row.words[0].upper() + row.words[1:] + ".", 118)
        paragraphs.append("".join(f"# {line}\n" for line in (*words, row.line)))
    return "\n".join(paragraphs)


@click.command()
@click.argument("folder", required=False, metavar="[DIR]")
@click.option("--interests", metavar="TEXT", help="Topics, words, phrases, a file of papers you like; commas between.")
@click.option("--to", metavar="WHERE", help="An e-mail address, a webhook's URL, or a folder.  [default: out]")
@click.option(
    "--when", metavar="CADENCE", help="daily 08:00, weekly mon 08:00, instant, ...  [default: weekdays 08:00]"
)
@click.option("--timezone", metavar="ZONE", help="Whose hours these are.  [default: this machine's]")
@click.option(
    "--dump",
    "dumps",
    multiple=True,
    metavar="DUMP",
    type=click.Path(),
    help="Take its papers in: the first digest is of them.",
)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.pass_obj
def init(
    home: str | None,
    folder: str | None,
    interests: str | None,
    to: str | None,
    when: str | None,
    timezone: str | None,
    dumps: tuple[str, ...],
    yes: bool,
) -> int:
    """Make a working directory of your own that runs as it is, every setting explained.

    On a terminal three questions are asked: what you are interested in, how you want it, and when; then the first
    digest is shown, of the sample papers or of those of DUMP. Without DIR it is the folder that --home or
    DIGESTBOT_HOME names, else the current one. What is there already is left alone.
    """
    told = {"interests": interests, "to": to, "when": when, "timezone": timezone}
    new = Path(folder or home or os.environ.get("DIGESTBOT_HOME") or ".").expanduser()
    asking = not yes and sys.stdin.isatty() and sys.stderr.isatty()
    answers = None
    if asking or any(told.values()):
        from digestbot.subscribers.starting import FIRST

        first = new / "subscriptions" / f"{FIRST}.toml"
        if not first.exists():
            answers = _answers(told, asking)
        elif any(told.values()):
            raise UsageError(Problem("is there already", str(first), way_out="change it there, or name another folder"))
    kept = _write(new, _files(new, answers))
    if answers is not None or dumps:
        _show_first(new, dumps)
    _next_steps(new, answers, kept, ingested=bool(dumps))
    return 0


def _answers(told: Mapping[str, str | None], asking: bool) -> Answers:
    """What the options tell and, where they do not, a person does. Raises UsageError for a wrong option."""
    from digestbot.model.cadence import parse_cadence
    from digestbot.subscribers.files import TOPICS, read_topics
    from digestbot.subscribers.starting import Answers, arxiv_categories, interests, library_here, recipient

    topics, _, _ = read_topics(shipped("subscriptions"), shipped("subscriptions") / TOPICS)
    wanted = _answer(_WHAT, told["interests"], "", asking, lambda text: interests(text, topics, library_here))
    _tell_understood(wanted, topics)
    to = _answer(_WHERE, told["to"], "out", asking, recipient)
    cadence = _answer(_WHEN, told["when"], "weekdays 08:00", asking, lambda text: parse_cadence(text).text)
    return Answers(wanted, to, cadence, _zone(told["timezone"]), arxiv_categories(wanted, topics))


def _answer(question: str, told: str | None, default: str, asking: bool, read: Callable[[str], Answer]) -> Answer:
    """An answer that can be read: of the option, else of a person, who is asked until it can, else the default."""
    if told is not None or not asking:
        return read(default if told is None else told)
    while True:
        try:
            return read(click.prompt(question, default=default, err=True, show_default=bool(default)))
        except UsageError as error:
            for each in error.problems:
                complain(str(each))


def _tell_understood(wanted: Interests, topics: Topics) -> None:
    """How the interests were taken, and which topics some words may have meant."""
    from digestbot.subscribers.starting import topics_near

    if not wanted:
        say("  the example's: multilingual models, and their evaluation")
    if wanted.topics:
        say(f"  topics: {', '.join(map(topics.title, wanted.topics))}")
    if wanted.library:
        say(f"  papers like those of {wanted.library}")
    for each in wanted.keywords:
        near = topics_near(each, topics)
        say(f"  words: {each}" + (f"   (there are topics: {', '.join(near)})" if near else ""))


def _zone(told: str | None) -> str:
    """The time zone told, else this machine's. Raises UsageError for an unknown one."""
    from zoneinfo import available_timezones

    from tzlocal import get_localzone_name

    from digestbot.model.zones import zone_hint

    known = available_timezones()
    if told is not None and told not in known:
        raise UsageError(Problem(f"unknown time zone {told!r}", way_out=zone_hint(told, known)))
    zone = told or get_localzone_name()
    return zone if zone in known else "UTC"


def _files(new: Path, answers: Answers | None) -> dict[Path, bytes]:
    """What the folder is to hold."""
    settings, sources = env(), (SAMPLES / "sources.toml").read_text(encoding="utf-8")
    subscriptions = {
        path.name: path.read_text(encoding="utf-8") for path in sorted(shipped("subscriptions").glob("*.toml*"))
    }
    if answers is not None:
        from digestbot.subscribers.starting import FIRST, arxiv_source, subscription

        example = f"{FIRST}.toml"
        subscriptions[example] = subscription(subscriptions[example], answers)
        settings += "".join(f"\n{name}={value}\n" for name, value in answers.to.settings.items())
        sources += f"\n{arxiv_source(answers.categories)}" if answers.categories else ""
    texts = {new / ".env": settings, new / "sources.toml": sources}
    texts |= {new / "subscriptions" / name: text for name, text in subscriptions.items()}
    return {path: text.encode() for path, text in texts.items()}


def _write(new: Path, files: Mapping[Path, bytes]) -> list[Path]:
    """Write what is not there yet; those that are there, and stay as they are."""
    kept = []
    try:
        (new / "subscriptions").mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            if path.exists():
                kept.append(path)
                continue
            path.touch(mode=0o600 if path.name == ".env" else 0o644)
            path.write_bytes(content)
            out(f"written  {path}")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(Problem(f"cannot be made: {reason}", str(new), way_out="choose another folder")) from None
    for path in kept:
        say(f"kept     {path}")
    return kept


def _show_first(home: Path, dumps: Sequence[str]) -> None:
    """Show the digest of the dumps' papers, which are taken in; without any, of the samples', kept nowhere."""
    from tempfile import TemporaryDirectory

    from digestbot.ingest.pipeline import ingest
    from digestbot.ingest.sources.files import read_dumps
    from digestbot.platform.settings import Settings

    with TemporaryDirectory() as scratch:
        if dumps:
            app = App.open(str(home))
        else:
            shutil.copytree(home / "subscriptions", Path(scratch) / "subscriptions")
            app = App(Settings(home=Path(scratch)))
            dumps = [str(path) for path in sorted(SAMPLES.glob("*.txt"))]
        with app:
            for each in ingest(dumps, read_dumps, app.store, subscriptions=app.folder.ids, now=app.clock()):
                if each.error:
                    raise each.error
            _show(app)


def _show(app: App) -> None:
    from digestbot.digests import hand_slot, pending
    from digestbot.subscribers.starting import FIRST

    (compiled,) = app.wants([FIRST])
    now = app.clock()
    record = pending(compiled, app.store, hand_slot(compiled.subscription, app.store.head(), now), now)
    if not record.entries:
        say(f"\nOf {record.counts.read} papers at hand none is what you asked for.")
        return
    say(f"\nYour first digest, of {record.counts.read} papers at hand:\n")
    lines = app.writer.preview(record, compiled.subscription, "text").parts[0].body.decode().splitlines()
    out("\n".join(lines[:_SHOWN]))
    if len(lines) > _SHOWN:
        say("...")


def _next_steps(new: Path, answers: Answers | None, kept: Sequence[Path], *, ingested: bool) -> None:
    """The next commands, in their order, each after what has to be done by hand before it."""
    at = "" if new == Path() else f"cd {shlex.quote(str(new))} && "
    say("\nNext:")
    if answers is not None:
        missing = [
            *(each for each in answers.to.needs if not os.environ.get(each)),
            *(answers.to.settings if new / ".env" in kept else ()),
        ]
        if missing:
            say(f"  in {new / '.env'} write {' and '.join(missing)}")
        if answers.categories and new / "sources.toml" not in kept:
            say(f"  {at}digestbot ingest        what arXiv brings in {', '.join(answers.categories)}")
        elif not ingested:
            say(f"  {at}digestbot ingest DUMP   papers in any format; or name sources in sources.toml")
    else:
        say(f"  {at}digestbot check         after you have said in subscriptions/ what you want")
        say(f"  {at}digestbot ingest DUMP   papers in any format; or name sources in sources.toml")
    say(f"  {at}digestbot send          now; or, each time it is due, digestbot run")
    say("For the ten papers that rise each day, take the .off from the name of subscriptions/trending.toml.off.")
