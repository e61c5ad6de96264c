"""Themes: what each may bring, what is escaped in them, and errors that name file and line."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from digestbot.channels.renderers import write
from digestbot.rendering import Templates
from digestbot.rendering.base import TemplateError
from digestbot.rendering.from_markdown import to_html
from tests.rendering.making import CASES, CHAT, ENVELOPE, SHIPPED, eleven, templates

THEME = replace(CHAT, theme="mine")


def themed(**files: str) -> Templates:
    own = {f"mine/digest.{end}": text for end, text in files.items()}
    return Templates(ChoiceLoader([DictLoader(own), FileSystemLoader(SHIPPED)]))


def written(name: str, loader: Templates) -> str:
    return write(name, eleven(), THEME, ENVELOPE, templates=loader).parts[0].body.decode()


def test_the_shipped_theme_passes_its_own_check() -> None:
    templates().check()


def test_a_theme_of_markdown_only_gets_html_from_it_and_text_from_the_house() -> None:
    loader = themed(md="# {{ digest.name }}\n\n{% for e in digest.entries %}* {{ e.title }}\n{% endfor %}")
    loader.check("mine")
    html = written("html", loader)
    assert "<h1>Multilingual models</h1>" in html
    assert "<li>&lt;script&gt;alert(1)&lt;/script&gt; &amp; [tricks](javascript:alert(2)) for" in html
    assert html.startswith("<!doctype html>")
    assert written("text", loader) == write("text", eleven(), CHAT, ENVELOPE, templates=loader).parts[0].body.decode()


def test_a_theme_of_text_only_has_the_houses_html() -> None:
    loader = themed(txt="{{ digest.name }}")
    assert written("text", loader) == "Multilingual models\n"
    assert written("html", loader) == write("html", eleven(), CHAT, ENVELOPE, templates=loader).parts[0].body.decode()


def test_macros_includes_and_blocks_escape_once() -> None:
    macro = "{% macro m(x) %}<{{ x }}>{% endmacro %}{% set y %}{{ digest.entries[4].title }}{% endset %}"
    loader = themed(
        html=macro + "{{ m(digest.entries[4].title.text[:8]) }}{{ y }}", md=macro + "{{ m('a_b' ~ '*') }}{{ y }}"
    )
    assert written("html", loader).startswith("<&lt;script&gt;>&lt;script&gt;alert(1)")
    assert written("markdown", loader).startswith("<a\\_b\\*>&lt;script&gt;alert(1)&lt;/script&gt; &amp; \\[tricks\\]")


def test_html_from_markdown_has_no_scripts_pictures_or_odd_links() -> None:
    html = to_html(
        "<script>x</script> <b onclick=x>b</b> ![p](http://evil.example/x.png) [j](javascript:x) [d](data:x) "
        "[m](mailto:a@example.org) [ok](https://ok.example/?a=1&b=2)\n\n<iframe src=x></iframe><style>x</style>"
    )
    assert "<b>b</b>" in html
    assert 'href="mailto:a@example.org"' in html
    assert 'href="https://ok.example/?a=1&amp;b=2"' in html
    for gone in ("script", "onclick", "<img", "data:", "iframe", "style", "x.png"):
        assert gone not in html


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a\n\n{{ digest.nam }}", 3, "no attribute 'nam'"),
        ("a\n{% if %}", 2, "Expected an expression"),
        ("\n\n\n{{ 1 / 0 }}", 4, "division by zero"),
        ("{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("{% for e in digest.entries %}\n{{ e.title|nofilter }}{% endfor %}", 2, "No filter named 'nofilter'"),
        ("{% for e in digest.entries %}\n{{ e.upvotes + 1 }}{% endfor %}", 2, "can only concatenate"),
    ],
)
@pytest.mark.parametrize("end", ["html", "md", "txt"])
def test_f58_a_faulty_template_is_named_with_its_line(
    end: str, text: str, line: int, says: str, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    file = tmp_path / "mine" / f"digest.{end}"
    file.write_text(text, encoding="utf-8")
    loader = Templates(FileSystemLoader([tmp_path, SHIPPED]))
    with pytest.raises(TemplateError) as caught:
        loader.check("mine")
    (problem,) = caught.value.problems
    assert (problem.place, problem.line) == (str(file), line)
    assert says in problem.message


def test_a_missing_theme_and_a_missing_include_are_named() -> None:
    with pytest.raises(TemplateError, match=r"theme 'mine' has no template .add digest.html or digest.md"):
        themed().check("mine")
    with pytest.raises(TemplateError, match=r"mine/digest.md: there is no template 'nope.md'"):
        themed(md="{% include 'nope.md' %}").check("mine")


def test_a_template_cannot_change_the_digest_it_shows() -> None:
    with pytest.raises(TemplateError):
        themed(txt="{{ digest.sections.append(1) }}").check("mine")


def test_the_templates_of_the_working_directory_come_first() -> None:
    own = ChoiceLoader([DictLoader({"default/digest.txt": "mine: {{ digest.name }}"}), FileSystemLoader(SHIPPED)])
    (part,) = write("text", CASES["one"](), CHAT, ENVELOPE, templates=Templates(own)).parts
    assert part.body == b"mine: Multilingual models\n"


def test_nothing_heavy_is_imported_until_a_page_is_asked_for() -> None:
    heavy = "{'jinja2', 'markdown', 'nh3'} & set(sys.modules)"
    code = f"import sys, digestbot.channels.renderers as r; r.renderer_for('slack'); print({heavy})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
