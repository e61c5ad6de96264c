"""The shipped themes, the small chart in them, and the archive's page that needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from lxml import etree, html  # type: ignore[import-untyped]  # lxml ships no types

from digestbot.channels.renderers import write
from digestbot.model.digests import Digest, Trend
from digestbot.rendering.view import view
from tests.rendering.hostile import digests, many
from tests.rendering.making import CASES, CHAT, ENVELOPE, TREND, digest, eleven, templates

THEMES = ("default", "compact", "magazine")
HOUSE = templates()


def page(of: Digest, theme: str = "default", kind: str = "html") -> str:
    (part,) = write(kind, of, replace(CHAT, theme=theme), ENVELOPE, templates=HOUSE).parts
    return part.body.decode()


@pytest.mark.parametrize("theme", THEMES)
def test_a_shipped_theme_passes_its_own_check(theme: str) -> None:
    HOUSE.check(theme)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", ["html", "archive"])
@many
@given(of=digests(most=2))
def test_every_theme_shows_every_paper_once_and_runs_nothing(theme: str, kind: str, of: Digest) -> None:
    root = html.fromstring(page(of, theme, kind))
    shown = view(of, ENVELOPE).entries
    titles = [" ".join(each.text_content().split()) for each in root.iter("h2", "h3", "li")]
    assert all(any(" ".join(entry.title.text.split()) in title for title in titles) for entry in shown)
    links = [each.get("href") for each in root.iter("a")]
    assert {str(entry.link) for entry in shown if entry.link} <= set(links)
    assert all(re.match(r"https?://|#(s\d+|p[0-9a-f]+)$", link) for link in links)
    assert {link[1:] for link in links if link[0] == "#"} <= {each.get("id") for each in root.iter()}
    assert not list(root.iter("script", "img", "link", "iframe", "object"))


@pytest.mark.parametrize("theme", THEMES)
def test_the_chart_is_bars_beside_numbers_in_mail(theme: str) -> None:
    root = html.fromstring(page(eleven(), theme))
    text = " ".join(root.text_content().split())
    for words in ("10 (usually 6.2)", "1 (usually 3)", "0 (usually 1.5)"):
        assert words in text
    bars = [table.get("width") for table in root.iter("table") if table.get("aria-hidden") == "true"]
    assert bars == ["100%", "62%", "10%", "30%", "15%"]
    assert "(usually" not in page(CASES["one"](), theme), "no chart without digests before"
    assert text.index("10 (usually 6.2)") > text.index("Carried over"), "the chart stands below the papers"


@pytest.mark.parametrize("theme", THEMES)
def test_the_archive_draws_the_chart_and_says_it_in_words(theme: str) -> None:
    svg = re.search(r"<svg.*</svg>", page(eleven(), theme, kind="archive"), re.DOTALL)
    assert svg is not None
    root = etree.fromstring(svg[0])
    space = "{http://www.w3.org/2000/svg}"
    assert [rect.get("width") for rect in root.iter(f"{space}rect")] == [
        "65.0%", "40.3%", "6.5%", "19.5%", "0.0%", "9.8%",
    ]  # fmt: skip
    assert "Machine translation: 1 (usually 3)" in root.findtext(f"{space}desc", "")
    assert "Speech <b>&</b> | *sound*" in [text.text for text in root.iter(f"{space}text")]


@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_there_is_no_chart_in_text(kind: str) -> None:
    assert "usual" not in page(eleven(), kind=kind)


def test_there_is_no_chart_before_there_is_anything_to_compare_with() -> None:
    assert view(digest(trend=(Trend("a", "A", 9, None),)), ENVELOPE).trend == ()


def test_the_chart_has_the_eight_topics_of_which_there_are_most() -> None:
    trend = tuple(Trend(str(n), f"Topic {n}", n, 0.04 * n) for n in range(12))
    shown = view(digest(trend=trend), ENVELOPE).trend
    assert [each.heading for each in shown] == [f"Topic {n}" for n in range(4, 12)]
    assert (shown[0].now_share, shown[0].before_share, shown[0].before) == (36, 1, "0.2")
    assert view(digest(trend=(Trend("a", "", 0, 0.0),)), ENVELOPE).trend[0].now_share == 0
    assert TREND[0].before == 6.25


def luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("colour", "ground", "least"),
    [
        ("#1d1b18", "#ffffff", 4.5), ("#615c53", "#ffffff", 4.5), ("#615c53", "#faf5ec", 4.5),
        ("#8f4208", "#faf5ec", 4.5),
        ("#1a4a8f", "#faf5ec", 4.5), ("#1d1b18", "#fde9a3", 4.5), ("#615c53", "#faf9f6", 4.5),
        ("#b1ada4", "#22262c", 4.5), ("#f0a868", "#22262c", 4.5), ("#93bdfb", "#22262c", 4.5),
        ("#fff1c2", "#5c4813", 4.5),
        ("#8f4208", "#ffffff", 3), ("#938b7b", "#ffffff", 3), ("#f0a868", "#1c1f24", 3), ("#7f7b73", "#1c1f24", 3),
    ],
)  # fmt: skip
def test_text_and_bars_stand_out_as_wcag_aa_asks(colour: str, ground: str, least: float) -> None:
    """https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast; the colours are those of the themes."""
    sources = "".join(page(eleven(), theme) for theme in THEMES)
    assert colour in sources
    assert ground in sources
    assert contrast(colour, ground) >= least
