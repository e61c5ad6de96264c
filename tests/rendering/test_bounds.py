"""What is bounded: the HTML of a mail, however long the digest; a template, however it is meant."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from digestbot.channels.renderers import write
from digestbot.model.digests import Digest, Section
from digestbot.model.papers import Paper
from digestbot.rendering import Templates
from digestbot.rendering.base import TemplateError
from tests.rendering.hostile import many
from tests.rendering.making import CHAT, ENVELOPE, MAIL, SHIPPED, digest, eleven, entry, templates

HOUSE = templates()
TWICE = "{% set n = namespace(x=['aaaa']) %}{% for a in range(99) %}{% set n.x = %s %}{% endfor %}{{ n.x }}"


def themed(**files: str) -> Templates:
    own = {f"mine/digest.{end}": text for end, text in files.items()}
    return Templates(ChoiceLoader([DictLoader(own), FileSystemLoader(SHIPPED)]))


def long_digest(count: int, abstract: int, title: int) -> Digest:
    papers = [
        Paper(
            title=f"No. {n} " + "<t> " * title,
            abstract="Räther & so. " * (abstract // 13),
            url=f"https://ok.example/{n}",
        )
        for n in range(count)
    ]
    return digest(Section("a", "A", tuple(entry(n, each, ("a",), "no.") for n, each in enumerate(papers))))


@many
@given(st.integers(0, 500), st.sampled_from((0, 300, 60_000)), st.sampled_from((3, 200)))
def test_f56_html_stays_below_100_kb_with_its_foot_and_the_text_has_every_paper(
    count: int, abstract: int, title: int
) -> None:
    of = long_digest(count, min(abstract, 3_000_000 // max(count, 1)), title)
    (page,), (text,) = (write(name, of, MAIL, ENVELOPE, templates=HOUSE).parts for name in ("html", "text"))
    assert len(page.body) < 100_000
    html, plain = page.body.decode(), text.body.decode()
    assert 'href="https://digest.example.org"' in html.rpartition("To change or stop it")[2]
    assert html.endswith("</html>\n")
    there = [n for n in range(count) if f'href="https://ok.example/{n}"' in html]
    assert there == list(range(len(there)))
    assert len(there) == count or f"And {count - len(there):,} more paper" in html
    assert all(f"https://ok.example/{n}\n" in plain for n in range(count))


def test_f56_what_does_not_fit_in_full_is_written_in_short_before_it_is_counted() -> None:
    html = write("html", long_digest(240, 3000, 3), MAIL, ENVELOPE, templates=HOUSE).parts[0].body.decode()
    assert html.count('href="https://ok.example/') == 240
    assert 10 < html.count('<p class="ink" style="margin:0 0 4px;font-size:15px') < 240
    assert "more paper" not in html


def test_a_theme_that_knows_nothing_of_it_says_how_many_are_left_out() -> None:
    loader = themed(html="{% for e in digest.entries %}{{ e.title }}" + "x" * 900 + "{% endfor %}{{ digest.closing }}")
    to = replace(MAIL, theme="mine")
    html = write("html", long_digest(400, 0, 3), to, ENVELOPE, templates=loader).parts[0].body.decode()
    assert len(html) < 100_000
    assert "more papers: the whole as text (to a mail it is attached) has them all" in html


@pytest.mark.parametrize(
    "bomb",
    [
        "{{ 'a' * 10**9 }}", "{{ '%1000000000s'|format('x') }}", "{{ '%*s' % (1000000000, 'x') }}",
        "{{ '{:1000000000}'.format(1) }}", "{{ '{:{}}'.format(1, 1000000000) }}", "{{ 'a'.ljust(10**9) }}",
        "{{ 'a'|center(10**9) }}", "{{ 2**999999999 }}", "{{ lipsum(n=10**6) }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}" + "x" * 100000 + "{% endfor %}",
        TWICE.replace("%s", "n.x ~ n.x"), TWICE.replace("%s", "n.x + n.x"), TWICE.replace("%s", "[n.x, n.x]"),
        "{% set n = namespace(x='a') %}{% for a in range(99) %}{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{{ range(99999)|map('center', 9999)|join }}", "{{ (['a' * 100000] * 1000)|join }}",
        "{{ ('a' * 100000).replace('a', 'b' * 100000) }}", "{% include 'mine/digest.txt' %}",
        "{% for a in range(99999) %}{{ ('ab ' * 100000)|wrap }}{% endfor %}",
        "x" * 100_001, "{{ " + "(" * 2000 + ")" * 2000 + " }}", "{{ " + "1+" * 20000 + "1 }}", "{% if 1 %}" * 500,
        "{% for a in [1] %}" * 30 + "{% endfor %}" * 30, "{{" * 40000,
    ],
)  # fmt: skip
def test_g68_a_template_that_asks_for_too_much_is_stopped_and_named(bomb: str) -> None:
    started = time.process_time()
    with pytest.raises(TemplateError, match=r"mine/digest\.txt"):
        write("text", eleven(), replace(CHAT, theme="mine"), ENVELOPE, templates=themed(txt=bomb))
    assert time.process_time() - started < 2, "about a second of this processor's time, however busy it is"


@pytest.mark.parametrize(
    "bomb",
    [
        "('a\\n' * 200000)|indent(9999)", "('\\t' * 40000).expandtabs(9999)",
        "('a' * 99999).translate({97: 'b' * 9999})",
        "('{0:9999}' * 40000).format(1)", "('%9999s' * 40000) % ((1,) * 40000)",
        "('%(a)s' * 9999) % {'a': 'x' * 99999}",
        "('{0}' * 9999).format('x' * 99999)", "('{0.abstract}' * 40000).format(digest.entries[0])",
        "((digest.entries|map(attribute='abstract')|list) * 9999)|join", "[digest, digest.entries] * 200000",
    ],
)  # fmt: skip
def test_g68_what_would_be_large_is_refused_before_it_is_made(bomb: str) -> None:
    loader = themed(txt="{{ " + bomb + " }}")
    tracemalloc.start()
    try:
        with pytest.raises(TemplateError, match=r"mine/digest\.txt"):
            write("text", eleven(), replace(CHAT, theme="mine"), ENVELOPE, templates=loader)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_a_list_written_by_mistake_shows_no_insides() -> None:
    written = write(
        "text", eleven(), replace(CHAT, theme="mine"), ENVELOPE, templates=themed(txt="{{ digest.entries }}")
    )
    assert written.parts[0].body.startswith(b"(<EntryView>, <EntryView>")


def test_formats_and_paddings_of_use_are_as_in_python() -> None:
    used = "{{ '%s: %5d%%' % ('a', 7) }}|{{ '{}-{:>4}'.format('b', 'c') }}|{{ '%(x)s'|format(x='d') }}|"
    used += "{{ 'e\\nf'|indent(2) }}"
    body = write("text", eleven(), replace(CHAT, theme="mine"), ENVELOPE, templates=themed(txt=used)).parts[0].body
    assert body == b"a:     7%|b-   c|d|e\n  f\n"


@pytest.mark.parametrize("bomb", ["[" * 20000, "![" * 9000, "1. " * 6000, "> " * 3000, "*a_" * 9000])
def test_f52_markdown_that_would_take_minutes_is_refused_and_named(bomb: str) -> None:
    started = time.process_time()
    with pytest.raises(TemplateError, match=r"mine/digest\.md"):
        write("html", eleven(), replace(CHAT, theme="mine"), ENVELOPE, templates=themed(md=bomb))
    assert time.process_time() - started < 1


@pytest.mark.parametrize("bad", ["[", "![", "1. ", "> ", "- ", "*a_", "`", "<", "a 的 "])
def test_f52_a_paper_that_is_a_bomb_of_markdown_is_sent_with_the_others(bad: str) -> None:
    """A theme of Markdown only: its words are escaped, and so open nothing, but for the stars around what matched."""
    flood = bad * (20_000 // len(bad))
    bomb = entry(1, Paper(title=flood, abstract=flood, url="https://ok.example/bomb"), ("a",), "的")
    of = digest(Section("a", "A", (bomb, entry(2, Paper(title="Plain", url="https://ok.example/plain"), ("a",)))))
    own = themed(md=(SHIPPED / "default/digest.md").read_text(encoding="utf-8"))
    page = write("html", of, replace(CHAT, theme="mine"), ENVELOPE, templates=own).parts[0].body.decode()
    assert page.count('href="https://ok.example/') == 2


def test_a_fragment_is_written_once_and_knows_no_number() -> None:
    own = {
        "mine/digest.txt": "{% for e in digest.entries %}{{ e|fragment('mine/one.txt') }} {% endfor %}",
        "mine/one.txt": "{{ entry.number }}",
    }
    loader = Templates(ChoiceLoader([DictLoader(own), FileSystemLoader(SHIPPED)]))
    text = write("text", eleven(), replace(CHAT, theme="mine"), ENVELOPE, templates=loader).parts[0].body
    assert text == b"0 " * 10 + b"0\n"
