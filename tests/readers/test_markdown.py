"""Papers in Markdown: every way of writing an entry that people and bots use, and nothing that is none."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.readers.formats.markdown import Markdown
from tests.readers.kit import understand

LINK = "[paper](https://arxiv.org/abs/2401.00001v2)"


@pytest.mark.parametrize(
    ("item", "title"),
    [
        (f"- 2024-01-02, **A Bold: Title**, Jane Doe et.al., Paper: {LINK}, Code: **[c](https://x.org)**",
         "A Bold: Title"),
        ("* [A Linked Title](https://arxiv.org/abs/2401.00001) - Jane Doe et al. [[code](https://x.org)]",
         "A Linked Title"),
        (f"- 2024-01-02, **A Bold Title**, Jane Doe et.al., Paper: {LINK}", "A Bold Title"),
        (f"- **BERT**: Pre-training of Things [{LINK}] [[code](https://x.org)]", "BERT: Pre-training of Things"),
        ("* [2023/05] **A Tree** | *Jane Doe, Al Roe* | [[pdf]](https://arxiv.org/pdf/2401.00001.pdf)", "A Tree"),
        (f"1. Scaling Laws for Models. Jared Kaplan, Al Roe. {LINK}", "Scaling Laws for Models"),
        (f"- (ICLR 2021) *An Image is Worth 16x16 Words* [{LINK}]", "An Image is Worth 16x16 Words"),
        ("- [![arXiv](https://img.org/x.svg)](https://arxiv.org/abs/2401.00001) **Zero Reasoners**", "Zero Reasoners"),
        (f'- "Chain of Thought Elicits Reasoning," J. Wei {LINK}', "Chain of Thought Elicits Reasoning"),
        ('+ <a href="https://arxiv.org/abs/2401.00001">An HTML Link</a>', "An HTML Link"),
        ("### [A Heading Paper](https://arxiv.org/abs/2401.00001)", "A Heading Paper"),
        (f"- [x] **A title on\n  two lines** {LINK}", "A title on two lines"),
    ],
)  # fmt: skip
def test_the_title_of_an_entry_is_found(item: str, title: str) -> None:
    (paper,) = understand(f"# Papers\n\n{item}\n".encode(), "papers.md").papers
    assert (paper.title, paper.ids["arxiv"]) == (title, "2401.00001")


def test_date_and_first_author_of_a_bots_entry_are_read() -> None:
    (paper,) = understand(f"- 2024-01-02, **A Title Here**, Jane Doe et.al., Paper: {LINK}\n".encode(), "x.md").papers
    assert (paper.published, paper.authors) == (date(2024, 1, 2), ("Jane Doe",))


def test_tables_are_read_by_their_columns() -> None:
    text = """## Updated on 2024.01.05
|Publish Date|Title|Authors|PDF|Code|
|---|---|---|---|---|
|**2024-01-04**|**A Title \\| with bar**|Jane Doe et.al.|[2401.02413](http://arxiv.org/abs/2401.02413)|null|
||||||
|**2024-01-03**||Al Roe|[2401.02412](http://arxiv.org/abs/2401.02412)|null|

| Paper | Venue |
|:--|:-:|
| [Second Table Title](https://arxiv.org/abs/2401.00003) | ICLR |
| not a paper | - |

| Name | Age |
|---|---|
| Bob | 3 |
"""
    listing = understand(text.encode(), "papers.md")
    assert [(p.title, p.ids["arxiv"], p.published) for p in listing.papers] == [
        ("A Title | with bar", "2401.02413", date(2024, 1, 4)),
        ("Second Table Title", "2401.00003", None),
    ]
    assert listing.papers[0].authors == ("Jane Doe",)
    assert [(piece.kind, piece.line) for piece in listing.skipped] == [("unreadable", 6)]
    assert listing.listed_on == "2024.01.05"


def test_headings_with_labelled_lines_are_papers_with_abstracts() -> None:
    text = """# Daily arXiv

## 1. [First Paper](https://arxiv.org/abs/2401.00010)
**Authors:** Jane Doe, Al Roe

**Abstract:** A sentence
goes on. End.

---
### Second Paper
- **Authors**: Ann Bo, Carl Dee and Eve Fay
- **Published**: 2024-01-03
- **Link**: https://arxiv.org/abs/2401.00011

### Third Paper
[PDF](https://arxiv.org/pdf/2401.00012) | [Abs](https://arxiv.org/abs/2401.00012)

<details><summary>Abstract</summary>

Folded text.

</details>

## About
This page is made by a bot.
"""
    papers = understand(text.encode(), "daily.md").papers
    assert [(p.title, p.abstract, p.authors) for p in papers] == [
        ("First Paper", "A sentence goes on. End.", ("Jane Doe", "Al Roe")),
        ("Second Paper", None, ("Ann Bo", "Carl Dee", "Eve Fay")),
        ("Third Paper", "Folded text.", ()),
    ]
    assert papers[1].published == date(2024, 1, 3)


def test_menus_code_and_other_links_are_no_papers() -> None:
    menu = "- [Home](#home)\n- [Code](https://github.com/a/b)\n"
    text = f"# P\n{menu}```\n- **In Code** {LINK}\n```\n- **One Paper** {LINK}\n"
    assert [paper.title for paper in understand(text.encode(), "x.md").papers] == ["One Paper"]


def test_an_entry_that_is_only_a_link_is_skipped() -> None:
    text = f"# P\n- **One Paper** {LINK}\n- https://arxiv.org/abs/2401.00002\n"
    assert [(p.kind, p.line) for p in understand(text.encode(), "x.md").skipped] == [("unreadable", 3)]


@pytest.mark.parametrize("text", ["- eggs\n- milk\n", "# Diary\n\nSee https://x.org today.\n", "<html><li>x", "a|b\n"])
def test_what_lists_no_papers_is_not_taken_for_it(text: str) -> None:
    assert Markdown().recognises(text) == 0
