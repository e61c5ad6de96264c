"""The front door: finds the command, imports only what it needs, and turns errors into lines and exit codes."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from digestbot import __version__
from digestbot.cli.terminal import colours, complain, warn
from digestbot.model.errors import DigestbotError, Problem
from digestbot.platform.system import escape_what_cannot_be_shown

# Command -> (module, what it does). The help page is written from here, so that it imports no command.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Make a working directory of your own: three questions, every setting explained."),
    "demo": ("demo", "The main job on the sample dumps: no accounts, no network."),
    "read": ("read", "Parse dumps: papers found and what was skipped; keeps nothing."),
    "ingest": ("ingest", "Read dumps and merge their papers into the store."),
    "check": ("check", "Settings, subscriptions, topics, templates: every problem at once."),
    "match": ("match", "Papers that answer a rule, with the words that matched."),
    "topics": ("topics", "The tree of topics, with how many stored papers each finds, and an example."),
    "like": ("like", "Papers ranked by likeness to those that somebody likes."),
    "gist": ("gist", "One telling sentence of each abstract, as it would stand in a digest."),
    "explain": ("explain", "Why a paper was, or was not, sent to a subscription."),
    "backtest": ("backtest", "What a subscription would have sent over the stored history."),
    "preview": ("send", "Byte for byte what would go out; nothing changes."),
    "send": ("send", "Send now, by hand, what is new for the subscriptions."),
    "run": ("daemon", "The daemon: sends each digest when it is due."),
    "serve": ("serve", "The web pages: sign-up, preferences, leaving."),
    "worker": ("worker", "One of many workers on a PostgreSQL store: the same stories as jobs."),
    "next-runs": ("daemon", "When each subscription is due next."),
    "doctor": ("doctor", "What is well, quiet, stale or broken, and the mend."),
    "status": ("status", "How it stands: quiet, stale and broken are three things."),
    "migrate": ("migrate", "Take everything from one store to another: TinyDB to PostgreSQL, or back."),
    "subscribers": ("subscribers", "Who is subscribed: list, add, import, export, pause, suppress, forget, audit."),
    "bounces": ("bounces", "Take in mail that came back: failures, complaints, requests to unsubscribe."),
    "outbox": ("outbox", "The ledger's open ends: list, retry, drop, hold."),
    "completion": ("completion", "Let the shell complete commands, subscriptions, topics, formats and ids."),
    "backup": ("backup", "Store and working directory in one file, also while the daemon runs."),
    "restore": ("restore", "Make the store whole again: of its own files, or from a backup."),
}


class LazyGroup(click.Group):
    """Imports a command's module only when that command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command, imported now; None for an unknown one."""
        if name not in COMMANDS:
            return None
        module = import_module(f"digestbot.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest command suggested for a misspelt one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, COMMANDS)
            hint = f"did you mean {near[0]!r}?" if near else "see: digestbot --help"
            raise click.UsageError(f"no such command {name!r} ({hint})", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, written without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"max_content_width": 100})
@click.option("--home", metavar="DIR", help="The working directory (else DIGESTBOT_HOME, else here).")
@click.version_option(__version__, prog_name="digestbot")
@click.pass_context
def cli(ctx: click.Context, home: str | None) -> None:
    """Digests and alerts of new research papers, matched by your own rules.

    A first look: digestbot demo. Your own: digestbot init FOLDER.
    """
    ctx.obj = home
    ctx.color = colours()
    _tell_strangers()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _tell_strangers() -> None:
    """Names in the environment that begin as settings do and are none: told, for nothing comes of them."""
    if any("BOT" in name.upper() or "DIGEST" in name.upper() for name in os.environ):
        from digestbot.platform.settings.names import meant, strangers

        for name in strangers(os.environ):
            warn(str(Problem(f"{name} in the environment is no setting", way_out=meant(name))))


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 something failed, 2 bad usage or bad configuration."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    escape_what_cannot_be_shown()
    try:
        result: Any = cli.main(arguments, prog_name="digestbot", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except DigestbotError as error:
        for problem in error.problems:
            complain(str(problem))
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as shown:  # a group by itself, as `digestbot outbox`
        click.echo(shown.format_message(), err=True)
        return shown.exit_code
    except click.ClickException as error:
        complain(error.format_message())
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        complain("stopped")
        return 130
    except BrokenPipeError:
        # The reader of our pipe (head, less) has seen enough; say nothing and let Python say nothing too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
