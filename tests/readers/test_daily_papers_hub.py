"""Daily Papers from the Hub: the API's answer, and the page with and without the data it carries."""

from __future__ import annotations

import html
import json
from datetime import date

import pytest

from tests.readers.kit import understand

ITEM = {
    "paper": {
        "id": "2401.00001",
        "authors": [{"_id": "1", "name": "Jane Doe", "hidden": False}, {"name": "Al Roe"}],
        "publishedAt": "2024-01-01T00:00:00.000Z",
        "submittedOnDailyAt": "2024-01-02T00:00:00.000Z",
        "title": 'T & "q"',
        "summary": "Two\nlines.",
        "upvotes": 12,
        "organization": {"name": "org", "fullname": "The Org"},
    },
    "publishedAt": "2024-01-02T00:00:00.000Z",
    "title": 'T & "q"',
    "numComments": 1,
}
HEAD = "<!doctype html><html><head><title>Daily Papers - Hugging Face</title></head><body>"
SHOWN = (
    '<article><div>12</div><h3><a href="/papers/2401.00001" class="line-clamp-3">Shown</a></h3>'
    "<div>·<span>5 authors</span></div></article><article><h3></h3></article>"
)


def page(props: object) -> str:
    carried = html.escape(json.dumps(props))
    header = '<div data-target="Header" data-props="{}"></div>'
    return f'{HEAD}{header}<div data-target="DailyPapers" data-props="{carried}">{SHOWN}</div>'


@pytest.mark.parametrize(
    "text", [json.dumps([ITEM]), page({"dailyPapers": [ITEM], "dateString": "2024-01-03"})], ids=["json", "html"]
)
def test_every_field_is_read(text: str) -> None:
    (paper,) = understand(text.encode(), "papers").papers
    assert (paper.title, paper.abstract, paper.authors) == ('T & "q"', "Two lines.", ("Jane Doe", "Al Roe"))
    assert (paper.upvotes, paper.organization, paper.published) == (12, "The Org", date(2024, 1, 1))
    assert (dict(paper.ids), paper.source) == ({"arxiv": "2401.00001"}, "daily-papers")
    assert paper.url == "https://huggingface.co/papers/2401.00001"


def test_a_page_tells_its_day_and_where_it_is_cut_off() -> None:
    text = page({"dateString": "2024-01-03", "dailyPapers": [ITEM, ITEM]})
    assert understand(text.encode(), "papers.html").listed_on == "2024-01-03"
    cut = understand(text[: text.rindex("upvotes")].encode(), "papers.html")
    assert (len(cut.papers), [piece.kind for piece in cut.skipped]) == (1, ["incomplete"])


def test_a_page_without_its_data_gives_what_it_shows() -> None:
    listing = understand(f"{HEAD}<main>{SHOWN}</main></body></html>".encode(), "papers.html")
    (paper,) = listing.papers
    assert (paper.title, paper.author_count, paper.upvotes, paper.abstract) == ("Shown", 5, 12, None)
    assert [piece.kind for piece in listing.skipped] == ["unreadable"]


@pytest.mark.parametrize("text", ["[]", page({"dailyPapers": []})])
def test_a_day_without_papers_is_no_failure(text: str) -> None:
    assert list(understand(text.encode(), "papers").papers) == []
