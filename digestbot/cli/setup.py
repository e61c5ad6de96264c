"""`init` and `demo`: a working directory of one's own, and a first look without one."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from digestbot.bootstrap import App, shipped
from digestbot.cli.terminal import out, say
from digestbot.digests import open_by_hand
from digestbot.ingest.pipeline import ingest
from digestbot.ingest.sources.files import read_dumps
from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import Problem, UsageError

SAMPLES = Path(__file__).parent / "samples"

_ENV = """\
# digestbot's settings. Secrets live here alone: keep this file to yourself (chmod 600).
# Each line is also an environment variable of the same name, which wins. What is commented out is an example.
# A value is taken as it stands, without quotes: container tools would take them for a part of it. A secret may stand
# in a file of its own: put _FILE behind its name, and the file's path as the value (DIGESTBOT_SMTP_URL_FILE=...).

# The mail server. smtp+starttls:// (port 587), smtps:// (port 465), or smtp:// for one on this machine.
# DIGESTBOT_SMTP_URL=smtp+starttls://user:password@mail.example.org:587
# The From line of mails.
# DIGESTBOT_MAIL_FROM=Paper digest <digest@example.org>

# DKIM signatures: files with private keys in PEM (RSA, Ed25519), the name under which DNS has each one's other
# half, and the domain that signs (unless set, that of DIGESTBOT_MAIL_FROM).
# DIGESTBOT_DKIM_KEY=rsa.pem,ed25519.pem
# DIGESTBOT_DKIM_SELECTOR=r2026,e2026
# DIGESTBOT_DKIM_DOMAIN=example.org

# Destinations by name: this one is destination = "lab" in a subscription. Posts to a webhook are signed when
# its secret is set (Standard Webhooks).
# DIGESTBOT_TO_LAB=https://hooks.slack.com/services/...
# DIGESTBOT_TO_LAB_SECRET=whsec_bGF0ZXIgaXMgYmV0dGVyIHRoYW4gbmV2ZXI=

# Webhooks and sources lead to public addresses only, whatever names are given. Private networks that they may
# lead to (a Mattermost in your house, a server on this machine):
# DIGESTBOT_ALLOW_NETWORKS=192.168.1.0/24,127.0.0.1

# Sources (sources.toml) whose address is a secret: this one is [alerts].
# DIGESTBOT_SOURCE_ALERTS=imaps://user:password@imap.example.org

# Who is told when a digest was not sent, a source is broken or stale, or a dump could not be read: an address,
# or the name of a destination.
# DIGESTBOT_OPERATOR=me@example.org
# Fetched after each good round of `digestbot run`: a watchman elsewhere sees it fall silent.
# DIGESTBOT_HEARTBEAT_URL=https://heartbeat.example.org/...

# Where mail that cannot be delivered comes back to (at most 14 letters before the @; the server must deliver
# bounce+ANYTHING@ too), and where `digestbot run` reads it: a folder of an IMAP server, or a maildir. Addresses that
# are no more, and people who complain, are sent nothing further. Needs DIGESTBOT_SECRET, which signs what comes back.
# DIGESTBOT_BOUNCE_ADDRESS=bounce@example.org
# DIGESTBOT_BOUNCES=imaps://user:password@imap.example.org/Bounces

# A model that may write the line under each title, in the reader's language (gist = "model" and language = "zh" in a
# subscription). It is shown titles and abstracts, and nothing else; how often a day, and how many seconds all digests
# that are opened together wait for it, is bounded.
# DIGESTBOT_MODEL_URL=http://localhost:11434/v1
# DIGESTBOT_MODEL_MODEL=qwen3:8b
# DIGESTBOT_MODEL_KEY=...
# DIGESTBOT_MODEL_CALLS=300
# DIGESTBOT_MODEL_SECONDS=60

# What was planned longer ago than this leaves only by hand (digestbot outbox retry).
# DIGESTBOT_MAX_LATENESS=3 days
# A send whose answer never came may have arrived: it is sent again under the same Message-ID (resend), or kept
# for you to decide (hold).
# DIGESTBOT_ON_UNKNOWN=resend
# How many sends of one kind (mail, Slack, ...) go on at a time: 1 to 16.
# DIGESTBOT_CONCURRENCY=4
# What your mail server allows all workers together: mails a second, and at once.
# DIGESTBOT_SMTP_RATE=20
# DIGESTBOT_SMTP_CONNECTIONS=10
# What `digestbot run` says: for people (plain), or one JSON object a line (json); debug, info, warning or error.
# DIGESTBOT_LOG=json
# DIGESTBOT_LOG_LEVEL=info

# Where the bot's own pages are reached, and what signs the links that lead there; several secrets separated by
# commas: the first signs, all are accepted.
# DIGESTBOT_PUBLIC_URL=https://digest.example.org
# Where titles are searched for that a dump gives no address of; off: they are no links.
# DIGESTBOT_TITLE_SEARCH=https://scholar.google.com/scholar?q={title}
# DIGESTBOT_SECRET=...
# `digestbot run` serves the pages at this host and port (pip install "digestbot[web]"; a proxy before it brings
# https), and takes the word of these proxies about who the client is.
# DIGESTBOT_LISTEN=127.0.0.1:8080
# DIGESTBOT_TRUSTED_PROXIES=127.0.0.1, ::1
# Probes have an address of their own, so that no flood of the pages holds them up (/live, /ready, /metrics).
# DIGESTBOT_PROBES=127.0.0.1:8081
# What opens the operator's pages there, at /operator: 12 characters or more; without it there are none.
# DIGESTBOT_OPERATOR_PASSWORD=...

# Where papers and the ledger of what was sent are kept: a folder, from this one on, or a PostgreSQL database
# (pip install "digestbot[postgres]"; digestbot migrate takes along what is there).
# DIGESTBOT_STORE=tinydb:data
# DIGESTBOT_STORE=postgresql://user:password@host/database

# DIGESTBOT_HOME, in the environment only, names this folder for commands run elsewhere.
"""


@click.command()
@click.argument("folder", default=".", metavar="[DIR]")
def init(folder: str) -> int:
    """Make a working directory that runs as it is, every setting explained.

    What is there already is left alone.
    """
    home = Path(folder)
    written, kept = [], []
    try:
        (home / "subscriptions").mkdir(parents=True, exist_ok=True)
        files = {home / ".env": _ENV.encode(), home / "sources.toml": (SAMPLES / "sources.toml").read_bytes()}
        for path in sorted(shipped("subscriptions").glob("*.toml*")):
            files[home / "subscriptions" / path.name] = path.read_bytes()
        for path, content in files.items():
            if path.exists():
                kept.append(path)
                continue
            path.touch(mode=0o600 if path.name == ".env" else 0o644)
            path.write_bytes(content)
            written.append(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(Problem(f"cannot be made: {reason}", folder, way_out="choose another folder")) from None
    for path in written:
        out(f"written  {path}")
    for path in kept:
        say(f"kept     {path}")
    cd = "" if folder == "." else f"cd {folder} && "
    say(f"\nNext: {cd}digestbot check, then digestbot ingest DUMP and digestbot send.")
    say("For the ten papers that rise each day, take the .off from the name of subscriptions/trending.toml.off.")
    return 0


@click.command()
@click.argument("folder", default="digestbot-demo", metavar="[DIR]")
def demo(folder: str) -> int:
    """The main job on the sample dumps: no accounts, no network.

    Ingests the samples, makes the digests of three invented subscribers, and names the files written.
    """
    home = Path(folder)
    if home.exists() and not (home / ".demo").exists() and any(home.iterdir()):
        hint = "name another: digestbot demo FOLDER"
        raise UsageError(Problem("is there already and no earlier demo", folder, way_out=hint))
    try:
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(SAMPLES / "demo", home)
        (home / ".demo").touch()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(Problem(f"cannot be made: {reason}", folder, way_out="choose another folder")) from None
    failed = 0
    with App.open(folder) as app:
        dumps = [str(path) for path in sorted(SAMPLES.glob("*.txt"))]
        for each in ingest(dumps, read_dumps, app.store, subscriptions=app.folder.ids, now=app.clock()):
            if each.error:
                raise each.error
            name, merged = Path(each.name).name, each.merged
            counts = f"{merged.new} new, {merged.updated} updated, {merged.duplicate} known"
            say(f"read {name}: {each.found} papers, {counts}")
        for record in open_by_hand(app.wants(), app.store, app.clock()):
            if record is not None:
                say(f"matched for {record.name}: {record.counts.found} of {record.counts.read} papers")
        failed = sum(outcome.state is not DeliveryState.SENT for _, outcome in app.dispatcher.run())
    say("\nThe digests, to be opened in a browser, a mail program or an editor:")
    for path in sorted((home / "digests").rglob("*.*")):
        out(str(path))
    say(
        "\nNext: make a folder of your own with `digestbot init FOLDER`, name your topics in its"
        "\nsubscriptions/, then `digestbot ingest DUMP` and `digestbot send`."
    )
    return 1 if failed else 0
