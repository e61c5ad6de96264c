"""BibTeX: strict files, and the ones that programs and people really write."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.model.errors import DumpError
from digestbot.model.partial_date import PartialDate
from tests.readers.kit import Listing, understand


def read(text: str) -> Listing:
    return understand(text.encode(), "refs.bib")


def test_an_entry_becomes_a_paper_with_everything_it_says() -> None:
    paper = read(
        r"""
@Article{doe2020,
  Title     = {{BERT}s at 15\% of $\alpha$: Gr{\"o}bner},
  author    = "Doe, Jane and Ludwig van Beethoven and {Barnes and Noble, Inc.} and Smith, Jr, Bob and others",
  abstract  = {We show
               that.},
  date      = {2020-03-12},
  eprint    = {2003.10078}, archiveprefix = {arXiv}, primaryclass = {cs.CL},
  doi       = {https://doi.org/10.1000/ABC\_d},
  pmid      = 123,
  url       = {http://example.org/a\_b},
}"""
    ).papers[0]
    assert paper.title == "BERTs at 15% of α: Gröbner"
    assert paper.authors == ("Jane Doe", "Ludwig van Beethoven", "Barnes and Noble, Inc.", "Bob Smith Jr")
    assert paper.abstract == "We show that."
    assert paper.published == date(2020, 3, 12)
    assert paper.categories == ("cs.CL",)
    assert paper.ids == {"arxiv": "2003.10078", "doi": "10.1000/abc_d", "pmid": "123"}
    assert paper.url == "http://example.org/a_b"
    assert paper.source == "bibtex"


def test_a_date_is_as_exact_as_its_fields() -> None:
    assert read("@misc{a, title={T}, year=2020}").papers[0].published == PartialDate(2020)
    assert read("@misc{a, title={T}, year=2020, month=mar}").papers[0].published == PartialDate(2020, 3)
    assert read("@misc{a, title={T}, year=2020, month=mar, day={5}}").papers[0].published == date(2020, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "@article(key, title = {One}, year = 2020)",
        '@string{t = "On"}\n@article{key, title = t # "e"}',
        "@article{key,\n title = {One}\n year = {2020}\n}",
        "@article{key,, title = {One},,}",
        "@article{title = {One}, year = {2020}}",
        "@article\n{key,\n title = {One}}",
        "some words\n@comment{title = {No}}\n@article{key, TITLE={One}} @preamble{ {x} }",
        "@article{key, title = {One}, title = {Two}}",
        "@web_page{, title = {One}}",
        "@misc{key, file = {C:\\dir\\}, title = {One}}",
        '@misc{key, title = "O{"}n{"}e"}',
        "%@article{no, title={No}}\n@article{key, title={One}}",
    ],
)
def test_odd_but_whole_entries_are_read(text: str) -> None:
    assert [paper.title.replace('"', "") for paper in read(text).papers] == ["One"]


def test_an_unclosed_brace_costs_nobody_else_his_entry() -> None:
    text = "@misc{a, title={A}}\n@misc{b,\n title={B {lost},\n year={2020}\n}\n@misc{c, title={C}}\n"
    listing = read(text)
    assert [paper.title for paper in listing.papers] == ["A", "B lost", "C"]


def test_an_entry_without_a_title_is_told_with_its_line() -> None:
    listing = read("@misc{a, title={A}}\n\n@misc{b, year={2020}}\n@misc{c, title={C}}")
    assert [paper.title for paper in listing.papers] == ["A", "C"]
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [(3, "unreadable")]


@pytest.mark.parametrize("cut", ["@misc{b, title = {Half a ti", "@misc{b, title = {B},\n  abstract = {It goes"])
def test_an_entry_that_the_files_end_cuts_off_is_incomplete(cut: str) -> None:
    listing = read("@misc{a, title={A}}\n" + cut)
    assert [paper.title for paper in listing.papers] == ["A"]
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [(2, "incomplete")]


def test_ids_are_found_where_people_put_them() -> None:
    text = """
@article{a, title={A}, journal={arXiv preprint arXiv:2111.00396}}
@inproceedings{DBLP:conf/acl/Doe20, title={B}, url={https://aclanthology.org/N19-1001}}
@misc{c, title={C}, howpublished={\\url{https://arxiv.org/abs/hep-th/9901001v2}}}
@article{d, title={D}, biburl={https://dblp.org/rec/journals/corr/abs-1.bib}, eprint={12345}, eprinttype={jstor}}
"""
    assert [dict(paper.ids) for paper in read(text).papers] == [
        {"arxiv": "2111.00396"},
        {"acl": "N19-1001", "dblp": "conf/acl/Doe20"},
        {"arxiv": "hep-th/9901001"},
        {"dblp": "journals/corr/abs-1"},
    ]


def test_a_file_of_nothing_but_strings_is_empty_and_no_failure() -> None:
    listing = read('@string{x = "y"}\n@comment{nothing}')
    assert (list(listing.papers), listing.incomplete) == ([], False)


def test_only_broken_entries_are_a_failure_with_a_place() -> None:
    with pytest.raises(DumpError, match="line 1"):
        read("@article{a, title = {never closed, and so on")


def test_an_entry_without_its_brace_is_not_taken_for_an_empty_file() -> None:
    with pytest.raises(DumpError, match="line 1: an entry without its opening brace"):
        read("@Article,\n  title = {Lamps},\n}\n\n@Comment{jabref-meta: databaseType:bibtex;}\n")
