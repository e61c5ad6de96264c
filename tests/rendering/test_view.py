"""What a digest shows, before any markup: as literal values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from digestbot.model.digests import Counts, Digest, DigestEntry, EntryRecord, Highlight, Section, Trend
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rendering.base import Envelope
from digestbot.rendering.view import DigestView, view
from tests.rendering.making import DUE, digest

PLAIN = Envelope("d1", title_search=(("", "https://search.example/?q={title}"),))


def one(place: int, paper: Paper | None = None, **record: Any) -> DigestEntry:
    told = {"rules": ("a",), **record}
    return DigestEntry(
        LoggedPaper(place, f"k{place}", DUE, paper or Paper(title=f"T {place}")), EntryRecord(place, **told)
    )


def shown(*entries: DigestEntry, envelope: Envelope = PLAIN, **record: Any) -> DigestView:
    made = digest(Section("a", "Alpha", entries))
    return view(replace(made, record=replace(made.record, **record)), envelope)


def several(*counts: int, **fields: Any) -> Digest:
    """Sections of so many entries each."""
    ends = [sum(counts[:at]) for at in range(len(counts) + 1)]
    sections = [
        Section(chr(97 + at), f"Section {at}", tuple(one(place) for place in range(start, start + count)), at == 2)
        for at, (start, count) in enumerate(zip(ends, counts, strict=False))
    ]
    return digest(*sections, **fields)


def test_entries_are_numbered_through_the_sections_and_each_section_has_its_place() -> None:
    found = view(several(2, 3, 1), PLAIN)
    assert [[each.number for each in section.entries] for section in found.sections] == [[1, 2], [3, 4, 5], [6]]
    told = [(each.anchor, each.heading, each.waiting) for each in found.sections]
    assert told == [("s1", "Section 0", False), ("s2", "Section 1", False), ("s3", "Section 2", True)]


@pytest.mark.parametrize(
    ("counts", "cut", "sections", "titles"),
    [((4, 3), False, 0, 7), ((4, 4), False, 2, 8), ((8,), False, 1, 8), ((8,), True, 0, 0), ((4, 4), True, 2, 0)],
)
def test_from_eight_papers_on_there_is_a_list_of_contents(
    counts: tuple[int, ...], cut: bool, sections: int, titles: int
) -> None:
    found = replace(view(several(*counts), PLAIN), cut=cut)
    assert (len(found.contents), len(found.titles), len(found.entries)) == (sections, titles, sum(counts))


def test_the_words_around_the_papers() -> None:
    counts = Counts(read=9, found=3, shown=2, left_out=1)
    found = shown(one(1), one(2), counts=counts)
    assert (found.name, found.subscription, found.day) == (
        "Multilingual models",
        "multilingual",
        "Wednesday, 5 March 2025",
    )
    assert (found.count, found.lead) == ("2 new papers", "The best 2 of 3 new papers among 9 read.")
    assert (found.nothing, found.note, found.more, found.cut, found.trend) == ("", "", "", False, ())
    assert found.closing == "9 new papers read, 3 of them yours: 2 shown, 1 kept for later."
    assert (
        found.change == "You receive this as “Multilingual models”. To change or stop it, ask whoever sends it to you."
    )
    assert (found.pages, found.unsubscribe, found.archive, found.rest, found.own) == (None, None, None, None, False)


def test_an_empty_digest_says_so_and_a_brief_one_nothing_else() -> None:
    counts = Counts(read=9)
    empty = view(digest(counts=counts, trend=(Trend("a", "A", 3, 2.0),)), PLAIN)
    assert (empty.count, empty.lead, empty.sections) == ("no new papers", "", ())
    assert empty.nothing == "None of the 9 new papers matched this time."
    assert (empty.closing, len(empty.trend)) == ("9 new papers read, 0 of them yours.", 1)
    made = digest(counts=counts, trend=(Trend("a", "A", 3, 2.0),))
    brief = view(replace(made, record=replace(made.record, brief=True)), PLAIN)
    assert (brief.closing, brief.trend, brief.nothing) == ("", (), empty.nothing)


ADDRESSED = replace(
    PLAIN,
    public_url="https://bot.example/",
    unsubscribe_url="https://bot.example/u",
    archive_url="https://bot.example/a",
    waiting_url="https://bot.example/w",
    citation_urls=(("RIS", "https://bot.example/r"),),
)


def test_where_its_links_lead() -> None:
    found = shown(one(1), envelope=ADDRESSED, counts=Counts(left_out=1, shown=1))
    assert (found.pages, found.unsubscribe, found.archive, found.own) == (
        "https://bot.example/",
        "https://bot.example/u",
        "https://bot.example/a",
        False,
    )
    assert [(each.words, each.link) for each in found.links] == [
        ("1 paper waits for a later digest: see it, or have it sent now", "https://bot.example/w"),
        ("RIS", "https://bot.example/r"),
    ]
    assert found.change == "You receive this as “Multilingual models”. To change or stop it:"
    own = shown(one(1), envelope=replace(ADDRESSED, preferences_url="https://bot.example/p"), counts=Counts())
    assert (own.pages, own.own) == ("https://bot.example/p", True)
    assert own.change.startswith("You receive this because you subscribed with this address.")
    assert [each.words for each in own.links] == ["RIS"]
    assert shown(one(1), envelope=replace(PLAIN, waiting_url="javascript:x"), counts=Counts(left_out=1)).links == ()
    assert view(digest(counts=Counts(left_out=2)), ADDRESSED).citations == ()


def test_the_readers_opinions_are_asked_for_by_the_papers_places() -> None:
    envelope = replace(PLAIN, opinions=((2, "https://bot.example/m", "https://bot.example/l"),))
    first, second = shown(one(1), one(2), envelope=envelope).entries
    assert (first.more, first.less) == (None, None)
    assert (second.more, second.less) == ("https://bot.example/m", "https://bot.example/l")


@pytest.mark.parametrize(
    ("name", "subscription", "called"), [("The lab", "lab", "The lab"), (" ", "lab", "lab"), ("", "", "Papers")]
)
def test_what_a_digest_is_called(name: str, subscription: str, called: str) -> None:
    assert shown(name=name, subscription=subscription).name == called


def test_a_section_without_a_heading_is_called_by_its_label() -> None:
    made = digest(Section("label", "", (one(1),)), Section("b", "B", (one(2),)))
    assert [each.heading for each in view(made, PLAIN).sections] == ["label", "B"]


def trend(*rows: tuple[int, float | None]) -> list[tuple[str, str, str, int, int]]:
    found = view(digest(trend=tuple(Trend(f"t{at}", "", *row) for at, row in enumerate(rows))), PLAIN)
    return [(each.heading, each.now, each.before, each.now_share, each.before_share) for each in found.trend]


def test_the_chart_in_numbers() -> None:
    assert trend((1234, 4.5), (0, 0.1), (5, None)) == [("t0", "1,234", "4.5", 100, 1), ("t1", "0", "0.1", 0, 1)]
    assert trend((1, 3.0), (2, 4.0)) == [("t0", "1", "3", 25, 75), ("t1", "2", "4", 50, 100)]
    assert trend((0, 0.5)) == [("t0", "0", "0.5", 0, 100)]
    assert trend((0, 0.0)) == [("t0", "0", "0", 0, 0)]


def test_the_chart_shows_the_eight_topics_with_the_most_papers_now_or_before_in_their_own_order() -> None:
    rows = [(2, 0.0), (1, 0.0), (9, 0.0), (0, 9.0), (3, 0.0), (4, 0.0), (5, 0.0), (6, 0.0), (7, 0.0)]
    assert [each[0] for each in trend(*rows)] == ["t0", "t2", "t3", "t4", "t5", "t6", "t7", "t8"]
    found = view(digest(trend=(Trend("a", "Alpha", 3, 2.5), Trend("b", "Beta", 0, 1.0))), PLAIN)
    assert found.trend_words == "By topic: Alpha: 3 (usually 2.5) · Beta: 0 (usually 1)."
    assert view(digest(), PLAIN).trend_words == ""


def test_everything_that_is_known_of_a_paper() -> None:
    paper = Paper(
        title="Speech", abstract="We speak.", authors=("Ada King",), organization="Lab", journal="Acta", upvotes=1234,
        published=date(2024, 3, 4), url="https://paper.example/1",
    )  # fmt: skip
    (entry,) = shown(one(1, paper, words=("Speech", "speech", "talk"))).entries
    assert entry.meta == ("Ada King", "Lab", "Acta", "4 Mar 2024", "▲ 1,234")
    assert (entry.title.text, entry.link, entry.words) == ("Speech", "https://paper.example/1", "“speech” and “talk”")
    assert entry.anchor == "p8d57e4c1"  # what leads there holds for ever
    assert (entry.gist and entry.gist.text, entry.abstract and entry.abstract.text) == ("We speak.", "We speak.")
    assert (entry.carried, entry.by_model, entry.chips, entry.reason) == (False, False, (), "")


def test_a_paper_of_which_nothing_is_known_but_that_it_is_there() -> None:
    (entry,) = shown(one(1, Paper(title="\x00 ", upvotes=0), carried=True)).entries
    assert (entry.title.text, entry.meta, entry.carried) == ("Untitled", ("▲ 0",), True)
    assert (entry.gist, entry.brief, entry.abstract, entry.whole, entry.words) == (None, None, None, None, "")
    assert entry.link == "https://search.example/?q=Untitled"


def test_two_places_of_an_abstract_are_marked_and_none_of_a_title() -> None:
    paper = Paper(title="ab", abstract="ab ab ab.")
    marks = tuple(Highlight("abstract", at, at + 2) for at in (0, 3, 6))
    found = one(1, paper, highlights=(Highlight("title", 0, 2), Highlight("elsewhere", 0, 1), *marks))
    (entry,) = shown(found).entries
    assert entry.title.hits == ()
    assert [each.hits for each in (entry.gist, entry.abstract) if each] == [((0, 2), (3, 5))] * 2
    (entry,) = view(digest(Section("a", "A", (found,))), PLAIN, marks=None).entries
    assert (entry.title.hits, entry.whole and entry.whole.hits) == (((0, 2),), ((0, 2), (3, 5), (6, 8)))


@pytest.mark.parametrize(
    ("places", "shown_places"),
    [
        (((0, 2), (3, 5), (6, 9), (10, 12)), ((0, 2), (6, 9))),  # "cd" is said by "cde", the later "ab" by the first
        (((3, 5), (10, 12)), ((3, 5), (10, 12))),
        (((0, 2), (3, 5), (13, 15)), ((0, 2), (3, 5))),  # of equals those that stand first
        (((0, 2), (10, 12)), ((0, 2), (10, 12))),
        (((0, 2), (6, 9), (16, 19)), ((0, 2), (6, 9))),  # "CDE" is longer than "ab", and says again what "cde" says
    ],
)
def test_the_longest_phrases_are_marked_and_repetitions_last(
    places: tuple[tuple[int, int], ...], shown_places: tuple[tuple[int, int], ...]
) -> None:
    marks = tuple(Highlight("abstract", *each) for each in places)
    (entry,) = shown(one(1, Paper(title="x", abstract="ab cd cde AB fg CDE."), highlights=marks)).entries
    assert entry.abstract is not None
    assert entry.abstract.hits == shown_places


def test_what_a_model_wrote_says_so_and_is_cut() -> None:
    (entry,) = shown(one(1, Paper(title="A", abstract="We speak."), gist="It is new.")).entries
    assert (entry.gist and entry.gist.text, entry.by_model) == ("AI: It is new.", True)
    (long,) = shown(one(1, Paper(title="A", abstract="We speak."), gist="word " * 200)).entries
    assert long.gist is not None
    assert (len(long.gist.text), long.gist.text[-6:]) == (319, " word…")
    (without,) = shown(one(1, Paper(title="A", abstract="We speak."), gist="It."), gists=False).entries
    assert (without.gist, without.whole and without.whole.text) == (None, "We speak.")


def test_long_titles_gists_and_briefs_are_cut() -> None:
    """Between words where there are any; where there are none, at exactly so many characters."""
    (entry,) = shown(one(1, Paper(title="title " * 60, abstract=f"{'word ' * 100}end."))).entries
    assert entry.gist is not None
    assert entry.brief is not None
    assert (len(entry.title.text), len(entry.gist.text), len(entry.brief.text)) == (300, 240, 110)
    (entry,) = shown(one(1, Paper(title="t" * 400, abstract="w" * 400))).entries
    assert entry.gist is not None
    assert entry.brief is not None
    assert (len(entry.title.text), len(entry.gist.text), len(entry.brief.text)) == (300, 240, 110)


@pytest.mark.parametrize(
    ("rules", "chips"),
    [
        (("a", "b"), ("Beta",)),  # the heading above it says the other
        (("b", "a", "c"), ("Beta", "Gamma rays")),
        (("a", "d", "c"), ("Gamma rays",)),  # the words of the heading are within those of another
        (("c", "b", "unknown"), ("Gamma rays", "Beta")),
        (("e", "b"), ("Beta",)),  # nothing is said by signs
        (("unknown",), ("unknown",)),
    ],
)
def test_which_rules_it_answers_is_told_where_there_are_several(rules: tuple[str, ...], chips: tuple[str, ...]) -> None:
    sections = (("a", "Alpha"), ("b", "Beta"), ("c", "Gamma rays"), ("d", "The alpha, beta test"), ("e", "?!"))
    (entry,) = shown(one(1, rules=rules), sections=sections).entries
    assert entry.chips == chips
    assert entry.reason == " · ".join(chips)


def test_what_comes_by_likeness_says_what_it_is_like() -> None:
    (entry,) = shown(one(1, likeness=0.0, near="Glass", words=("kiln",))).entries
    assert entry.chips == ("Like “Glass”: kiln",)
    (entry,) = shown(one(1, likeness=0.5)).entries
    assert entry.chips == ("Like what you like",)


def test_the_same_paper_for_the_same_rules_is_told_otherwise_beside_one_rule_and_beside_two() -> None:
    one_of_one = shown(one(1, rules=("more",)), sections=(("a", "Alpha"),)).entries
    one_of_two = shown(one(1, rules=("more",)), sections=(("a", "Alpha"), ("b", "Beta"))).entries
    assert [each.chips for each in (*one_of_one, *one_of_two)] == [(), ("more",)]


def test_the_gist_is_the_sentence_that_tells_best() -> None:
    abstract = "Speech is an old thing of the world. We propose a new method for glass kilns."
    (entry,) = shown(one(1, Paper(title="Glass kilns", abstract=abstract))).entries
    assert entry.gist is not None
    assert entry.gist.text == "We propose a new method for glass kilns."


def test_a_message_may_carry_a_note() -> None:
    assert shown(one(1), envelope=replace(PLAIN, note="A preview")).note == "A preview"


def test_words_that_cannot_be_seen_are_not_told() -> None:
    (entry,) = shown(one(1, words=("\x00", "a"))).entries
    assert entry.words == "“a”"


def test_nine_words_are_eight_and_more() -> None:
    (entry,) = shown(one(1, words=tuple("abcdefghi"))).entries
    assert entry.words == "“a”, “b”, “c”, “d”, “e”, “f”, “g” and 2 more"
    (entry,) = shown(one(1, words=tuple("abcdefgh"))).entries
    assert entry.words == "“a”, “b”, “c”, “d”, “e”, “f”, “g” and “h”"


def test_an_entry_is_written_once_for_each_writer() -> None:
    (entry,) = shown(one(1)).entries
    writer, asked = object(), list[int]()

    def write(of: Any) -> str:
        asked.append(of.number)
        return f"written {len(asked)}"

    twin = entry.numbered(5)
    assert [entry.fragment("x", writer, write), twin.fragment("x", writer, write)] == ["written 1"] * 2
    assert entry.fragment("x", object(), write) == "written 2"
    assert entry.fragment("y", writer, write) == "written 3"
    assert asked == [0, 0, 0]
    assert (twin.number, entry.number, twin == entry) == (5, 1, True)


def test_what_is_shown_in_a_word_is_its_kind() -> None:
    assert repr(shown(one(1)).entries) == "(<EntryView>,)"
