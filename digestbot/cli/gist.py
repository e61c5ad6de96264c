"""`gist`: the telling sentence of each abstract."""

from __future__ import annotations

import click

from digestbot.bootstrap import App
from digestbot.cli.papers import PaperInput
from digestbot.cli.terminal import Paged, bold, faint, out, out_json, say


@click.command(cls=Paged)
@click.option(
    "--dump",
    "dumps",
    multiple=True,
    metavar="DUMP",
    type=click.Path(),
    help="The papers of this dump, not of the store.",
)
@click.option("--json", "as_json", is_flag=True, help="One paper a line, as JSON, with its `gist`.")
@click.pass_obj
def gist(home: str | None, dumps: tuple[str, ...], as_json: bool) -> int:
    """One telling sentence of each abstract, as it stands there; of the papers of dumps, or of the store.

    It is chosen by weights learnt from summaries of computer science papers; nothing is written anew.
    """
    from digestbot.rendering.gist import gist as find

    without = 0
    with App.open(home, read_only=True) as app, PaperInput(app, dumps) as papers:
        for paper in papers:
            found = find(paper.abstract, paper.title)
            without += found is None
            papers.bar.give_way()
            if as_json:
                out_json({**paper.to_json(), "gist": found.text if found else None})
            else:
                out(f"{bold(paper.title)}\n    {found.text if found else faint('no abstract')}")
    told = [f"{without} of {papers.read} papers have no abstract"] if without else []
    if told or papers.skipped:
        say("; ".join([*told, *filter(None, [papers.skipped])]))
    return 0
