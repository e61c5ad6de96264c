"""`doctor`: everything a bot needs, looked at; quiet, stale and broken told apart, and the mend named."""

from __future__ import annotations

from dataclasses import asdict

import click

from digestbot.bootstrap import App
from digestbot.cli.terminal import out_json, out_row

_COLOURS = {"fine": "green", "warning": "yellow", "stale": "yellow", "broken": "red", "misconfigured": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One finding a line, as JSON.")
@click.option("--offline", is_flag=True, help="Ask nobody outside: no mail server, no DNS, no webhook.")
@click.pass_obj
def doctor(home: str | None, as_json: bool, offline: bool) -> int:
    """What is well, quiet, stale or broken, and the mend.

    Logs in at the mail server and sends nothing; reaches for webhooks and posts nothing. Ends with 0 when nothing is
    worse than stale or warned of, 1 when something is broken, 2 when something is written wrongly.
    """
    from digestbot.runtime.doctor.base import Patient
    from digestbot.runtime.doctor.dns import lookup
    from digestbot.runtime.doctor.examination import HERE, OUTSIDE, examined, exit_code

    findings = []
    with App.open(home, read_only=True) as app:
        for each in examined(Patient(app, lookup), HERE if offline else (*HERE, *OUTSIDE)):
            findings.append(each)
            if as_json:
                out_json(asdict(each))
                continue
            state = click.style(f"{each.state:13}", fg=_COLOURS.get(each.state))
            out_row(f"{each.check}: {each.what}", f"{state} ")
            if each.mend:
                out_row(f"mend: {each.mend}", f"{'':14}")
    return exit_code(findings)
