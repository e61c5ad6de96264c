"""Pages that tell of papers, or of nothing of the kind, and list none: manuals, notes of programs, templates."""

from __future__ import annotations

import pytest

from digestbot.model.errors import DumpError
from tests.readers.kit import understand

MANUAL = """<!DOCTYPE html><html><head><title>lamp-run</title></head><body><div><h1>lamp-run</h1>
<p>Lights every lamp. Alert: it does not put them out.</p><h2>See Also</h2><ul><li><a href="/lamp-list.html">lamp list
of all lamps</a></li></ul><p>Joey Lamp</p><a href="https://example.org/edit">Edit this page on Example</a></div>
</body></html>"""
PACKAGE = """<!DOCTYPE html><html><body><div><a href="articles/intro.html">What is the lamps package?</a>
<p>The package gives access to a catalogue of lamps, doi: 10.1000/lamps.1, from the comfort of a terminal.</p></div>
</body></html>"""
FRONT_MATTER = (
    "---\ntitle: lamp-run\nsection: 1\ndescription: lights every lamp\n---\n\n### Synopsis\n\nLights every lamp.\n"
)
SETTINGS = "# Search\n\n## Query rules\n\n- author: the name to look for, in part\n- title: `author:=` is exact\n"
EXPORT = (
    "# Export\n\n- Fetches `https://arxiv.org/html/{arxiv_id}` for the paper, and [DOI](https://www.doi.org/) pages.\n"
)
TEMPLATE = "### [{idx}] [{title}]({url})\n*{authors}*\n\nAbstract: {summary}\n"
RESOURCES = "# Lamps\n\n- [Manual](https://lamps.example.org/manual/lamps.pdf)\n"
PROGRAM = "# Plan\n\n```python\nTitle: str\nAuthors: list[str]\nSummary: str\n```\n"
PROSE = "Lamps of the northern bay and who lights them\n\n" + "Somebody has to light the lamps every evening. " * 12


@pytest.mark.parametrize(
    "text", [MANUAL, PACKAGE, FRONT_MATTER, SETTINGS, EXPORT, TEMPLATE, RESOURCES, PROGRAM, PROSE], ids=lambda t: t[:20]
)
def test_a_page_that_lists_no_papers_is_refused(text: str) -> None:
    with pytest.raises(DumpError):
        understand(text.encode(), "page")


def test_one_name_beside_a_link_says_it_is_a_paper_where_others_are_for_certain() -> None:
    linked = '<table><tr><td><a href="https://click.example.org/f/a/{n}">{title}</a><br>{people}</td></tr></table>'
    one = linked.format(n=1, title="Lamps that nobody lights", people="Ada Lovelace")
    two = linked.format(n=2, title="Buoys that everybody sees", people="Emmy Noether, Grace Hopper")
    listing = understand(f"<html><body><p>Online now</p>{one}{two}</body></html>".encode(), "alert.html")
    assert [paper.title for paper in listing.papers] == ["Lamps that nobody lights", "Buoys that everybody sees"]
    with pytest.raises(DumpError):
        understand(f"<html><body><p>Online now</p>{one}</body></html>".encode(), "alert.html")


def test_links_under_a_heading_of_links_are_not_its_papers_pages() -> None:
    text = "# Lamps\n\n**Authors:** Ada Lovelace, Grace Hopper\n\n## Resources\n\n- [Original paper](https://arxiv.org/abs/2601.00001)\n"
    assert [paper.title for paper in understand(text.encode(), "note.md").papers] == ["Lamps"]
