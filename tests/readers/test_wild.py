"""What people's folders hold besides exports: recordings of tests, programs, settings, manuals, others' tables."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from digestbot.model.errors import DumpError
from tests.readers.kit import understand

ANSWER = {
    "status": "ok",
    "message-type": "work",
    "message": {
        "DOI": "10.1000/lamp.1",
        "title": ["Lamps: it's dark"],
        "author": [{"given": "Ada", "family": "Lovelace"}],
        "reference-count": 0,
    },
}
PACKED = base64.b64encode(gzip.compress(json.dumps(ANSWER).encode())).decode()
QUOTED = json.dumps(ANSWER).replace("'", "''").replace('"author"', '\n        "author"')
ESCAPED = json.dumps(json.dumps(ANSWER)).replace("10.1000", "10.\\\n        1000")
ASKED = '    body: \'{"title": ["Not this"], "DOI": "10.1000/asked"}\'\n'


@pytest.mark.parametrize(
    "body",
    [
        f"      string: '{QUOTED}'\n",
        f"      string: {ESCAPED}\n",
        f"      string: !!binary |\n        {PACKED[:80]}\n        {PACKED[80:]}\n",
        f"      string: |\n        {json.dumps(ANSWER)}\n",
    ],
    ids=["quoted", "escaped", "packed", "block"],
)
def test_an_answer_that_a_test_recorded_is_read_as_what_it_is(body: str) -> None:
    cassette = (
        f"interactions:\n- request:\n{ASKED}    uri: https://doi.org/10.1000/lamp.1\n  response:\n    body:\n{body}"
        '    headers:\n      Link:\n      - <https://doi.org/10.1000/lamp.1>; rel="canonical"\nversion: 1\n'
    )
    listing = understand(cassette.encode(), "cassette.yaml")
    assert [(p.title, p.authors, p.ids) for p in listing.papers] == [
        ("Lamps: it's dark", ("Ada Lovelace",), {"doi": "10.1000/lamp.1"})
    ]


def test_records_as_python_prints_them_are_read() -> None:
    record = (
        "{{'arxiv_id': 'arXiv:2601.0000{n}', 'title': \"Lamps' light {n}\","
        " 'authors': 'Ada Lovelace', 'abstract': 'We look.'}}\n"
    )
    text = record.format(n=1) + record.format(n=2)
    listing = understand(text.encode(), "papers.jsonl")
    assert [(p.title, p.ids["arxiv"]) for p in listing.papers] == [
        ("Lamps' light 1", "2601.00001"),
        ("Lamps' light 2", "2601.00002"),
    ]


def test_titles_that_stand_alone_in_items_above_their_labels_are_titles() -> None:
    text = (
        "# Lamps\n\n## Latest\n\n"
        "- **Lamps of the northern bay**\n  - Authors: Ada Lovelace, Grace Hopper\n  - Links: [arXiv](https://arxiv.org/abs/2601.00001)\n"
        "- **Ropes that shrink in rain**\n  - Authors: Emmy Noether, Marie Curie\n  - Links: [arXiv](https://arxiv.org/abs/2601.00002)\n"
    )
    listing = understand(text.encode(), "daily.md")
    assert [(p.title, p.authors, p.ids) for p in listing.papers] == [
        ("Lamps of the northern bay", ("Ada Lovelace", "Grace Hopper"), {"arxiv": "2601.00001"}),
        ("Ropes that shrink in rain", ("Emmy Noether", "Marie Curie"), {"arxiv": "2601.00002"}),
    ]


def test_tagged_text_of_ads_has_its_abstract_under_another_tag() -> None:
    text = (
        "%R 2026arXiv260100001L\n%T Lamps in\n  the dark\n%A Lovelace, Ada; Hopper, Grace\n%D 2026/01\n"
        "%J eprint arXiv:2601.00001\n%X 13 pages\n%B We look at\nlamps.\n"
        "%I HTML: http://arxiv.org/abs/2601.00001; DOI: 10.1000/lamp.1\n"
    )
    (paper,) = understand(text.encode(), "tagged.txt").papers
    assert (paper.title, paper.abstract, paper.authors) == (
        "Lamps in the dark",
        "We look at lamps.",
        ("Ada Lovelace", "Grace Hopper"),
    )
    assert paper.ids == {"arxiv": "2601.00001", "doi": "10.1000/lamp.1"}


def test_an_info_file_with_authors_in_brackets_is_read() -> None:
    text = (
        "author: Lovelace, Ada\nauthor_list:\n- {given_name: Ada, surname: Lovelace}\n"
        "doi: 10.1000/lamp.1\ntitle: Lamps in the dark\ntype: article\n"
    )
    (paper,) = understand(text.encode(), "info.yaml").papers
    assert (paper.title, paper.authors, paper.ids) == (
        "Lamps in the dark",
        ("Ada Lovelace",),
        {"doi": "10.1000/lamp.1"},
    )


def test_json_with_authors_as_one_text_keeps_them_though_it_looks_like_csl() -> None:
    record = {
        "type": "article",
        "title": "Lamps in the dark",
        "author": "Lovelace, Ada and Hopper, Grace",
        "author_list": [{"family": "Lovelace", "given": "Ada"}, {"family": "Hopper", "given": "Grace"}],
        "doi": "10.1000/lamp.1",
    }
    (paper,) = understand(json.dumps(record).encode(), "info.json").papers
    assert (paper.authors, paper.ids) == (("Ada Lovelace", "Grace Hopper"), {"doi": "10.1000/lamp.1"})


def test_a_list_of_words_where_answers_have_their_records_hides_no_paper() -> None:
    record = {"title": "Lamps", "abstract": "We look at lamps.", "authors": ["Ada Lovelace"], "collection": ["bay"]}
    assert [p.title for p in understand(json.dumps(record).encode(), "one.json").papers] == ["Lamps"]


def test_a_scholar_alert_in_another_dress_is_not_an_empty_one() -> None:
    text = (
        "From: scholaralerts-noreply@google.com\nSubject: lamps\nContent-Type: text/html\n\n<html><body>"
        '<h3><a href="https://example.org/lamps">Lamps of the northern bay</a></h3><p>lit in 2026</p></body></html>\n'
    )
    with pytest.raises(DumpError, match="no whole paper"):
        understand(text.encode(), "alert.eml")


SETTINGS = """title: Lamp docs
remote_theme: lamps/light
color_scheme: light
plugins: all
callouts:
  note:
    title: Note
    color: green
url: https://example.org
summary: all
"""
PACKAGE = (
    "Package: lamps\nType: Package\nTitle: Light for All\nVersion: 1.0\nDepends: R\nDescription: Lights lamps.\n"
    "License: GPL-3\nURL: https://example.org\nLazyData: true\n"
)
ENTRY = "@article{lamp,\n  title = {Lamps},\n  author = {Lovelace, Ada}\n}\n"
PROGRAM = f"""import os
from lamps import light

# Title: a lamp

def one():
    return '''
{ENTRY}'''

class Lamp:
    def light(self):
        if self.dark:
            return True
"""
MANUAL = f"""# Lamps

Lights lamps, in the evening and at night, and puts them out in the morning when nobody looks.

## Cite

```bibtex
{ENTRY}```

## Thanks

To all who lit the lamps before us.
"""
RESTRUCTURED = """Lamps
=====

Lights lamps, in the evening and at night, and puts them out in the morning when nobody looks.

An entry looks like this::

    @article{lamp,
      title = {Lamps},
      author = {Lovelace, Ada}
    }

.. note:: And nothing else, however long one looks for it in these pages, which are many.
"""
LIBRARY = (
    "# Lamps\n\n"
    + "".join(f"- lights lamp {n}\n- [puts out](https://example.org/{n})\n" for n in range(9))
    + ("- see the [paper](https://example.org/paper.pdf) on lamps that are lit\n")
)
CONFERENCES = "Id,Title,Acronym,Rank\n" + "".join(f"{n},Conference on Lamps {n},COL{n},B\n" for n in range(5))
MARKED_LINES = "title | Lamps of the bay\n" + "blank |\ntext  | We light lamps.\n" * 6
READS = "".join(f"@READ{n}AB [length=9]\nACGT{'ACGT' * 20}\n+\n{'I' * 84}\n" for n in range(4))
GRAPH = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:ex="http://example.org/"><ex:Lamp>'
    "<ex:title>Lamps</ex:title></ex:Lamp></rdf:RDF>"
)


@pytest.mark.parametrize(
    "text",
    [SETTINGS, PACKAGE, PROGRAM, MANUAL, RESTRUCTURED, LIBRARY, CONFERENCES, MARKED_LINES, READS, GRAPH],
    ids=["settings", "package", "program", "manual", "rst", "library", "conferences", "marked", "reads", "graph"],
)
def test_what_is_no_list_of_papers_is_refused(text: str) -> None:
    with pytest.raises(DumpError):
        understand(text.encode(), "file")


CHINESE = """# 精选论文

### 1. **[Lamps of the northern bay](https://arxiv.org/abs/2601.00001v1)**
- **评分**: 82/100
- **作者**: Ada Lovelace, Grace Hopper et al.
<details>
<summary>原始摘要</summary>

We light lamps.
</details>

### 2. **[Ropes that shrink in rain](https://arxiv.org/abs/2601.00002v1)**
- **作者**: Emmy Noether
"""
TITLE_BELOW = """# New listings
### Title:
          Lamps of the northern bay
 - **Authors:** Ada Lovelace, Grace Hopper
 - **Arxiv link:** https://arxiv.org/abs/2601.00001
 - **Abstract**
 We light lamps.
### Title: Ropes that shrink in rain
 - **Authors:** Emmy Noether, Marie Curie
 - **Arxiv link:** https://arxiv.org/abs/2601.00002
"""
BOLD_ABOVE = """# Conference

# Lamps

**Lamps of the northern bay**

- Paper(Oral): https://arxiv.org/abs/2601.00001
- Code: https://github.com/lamps/bay

**Ropes that shrink in rain**

- Paper: https://arxiv.org/abs/2601.00002
"""
EMOJI = """# Lamps

* [:scroll:](lamps.pdf) [An O(1) look at lamps](https://example.org/papers/lamps.pdf) by Ada Lovelace
* [:scroll:](ropes.pdf)[Ropes that shrink in rain](https://example.org/papers/ropes.pdf) by Emmy Noether
"""


def told_by(text: str) -> list[tuple[str, tuple[str, ...], str | None]]:
    papers = understand(text.encode(), "page.md").papers
    return [(paper.title, paper.authors, paper.abstract) for paper in papers]


def test_chinese_labels_are_labels() -> None:
    assert told_by(CHINESE) == [
        ("Lamps of the northern bay", ("Ada Lovelace", "Grace Hopper"), "We light lamps."),
        ("Ropes that shrink in rain", ("Emmy Noether",), None),
    ]


def test_a_heading_may_name_the_title_and_leave_it_to_the_next_line() -> None:
    assert told_by(TITLE_BELOW) == [
        ("Lamps of the northern bay", ("Ada Lovelace", "Grace Hopper"), "We light lamps."),
        ("Ropes that shrink in rain", ("Emmy Noether", "Marie Curie"), None),
    ]


def test_a_bold_line_above_a_papers_link_is_its_title_and_not_the_heading() -> None:
    listing = understand(BOLD_ABOVE.encode(), "page.md")
    assert [(paper.title, paper.ids) for paper in listing.papers] == [
        ("Lamps of the northern bay", {"arxiv": "2601.00001"}),
        ("Ropes that shrink in rain", {"arxiv": "2601.00002"}),
    ]


def test_a_picture_by_name_is_no_title() -> None:
    assert [title for title, _, _ in told_by(EMOJI)] == ["An O(1) look at lamps", "Ropes that shrink in rain"]


def test_a_table_of_papers_keeps_those_that_lead_elsewhere() -> None:
    row = "| 1) **{title}** | [Paper]({address}), [Tweet](https://example.org/t) |\n"
    text = "# Week\n\n| **Paper** | **Links** |\n| --- | --- |\n" + "".join(
        row.format(title=title, address=address)
        for title, address in (
            ("Lamps of the northern bay", "https://arxiv.org/abs/2601.00001"),
            ("Ropes that shrink in rain", "https://example.org/ropes"),
        )
    )
    assert [title.removeprefix("1) ") for title, _, _ in told_by(text)] == [
        "Lamps of the northern bay",
        "Ropes that shrink in rain",
    ]


def test_a_table_of_names_is_none_of_papers() -> None:
    text = "# Lamps\n\n| ID | Name | Scope |\n|----|------|-------|\n" + "| L | Lamp of the bay | all |\n" * 3
    with pytest.raises(DumpError):
        understand(text.encode(), "lamps.md")
