"""What is found, why, and in which order it is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digestbot.matching.base import Reason
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.folded_paper import FoldedPaper
from digestbot.matching.own_terms import OwnTerms
from digestbot.matching.ranking import Evidence, Worth, rank, rise
from digestbot.matching.stretch import find
from digestbot.model.digests import Highlight
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import SortOrder
from digestbot.rules.combine import Combined, combine

TODAY = date(2026, 11, 21)


def logged(*papers: Paper) -> list[LoggedPaper]:
    at = datetime(2026, 11, 20, 8, tzinfo=UTC)
    return [LoggedPaper(n, f"title:{n}", at, paper) for n, paper in enumerate(papers, 1)]


def test_a_paper_is_found_once_with_every_clause_it_answers_and_the_words_that_did() -> None:
    wanted = combine(keywords=["low-resource", "speech"], exclude=["video"])
    papers = logged(
        Paper(title="Speech for Low Resource Languages", abstract="On low-resource speech."),
        Paper(title="Speech in Video", abstract="x"),
        Paper(title="Something Else", abstract="y"),
    )
    (found,) = find(wanted, papers, today=TODAY)
    assert found.labels == ("low-resource", "speech")
    assert {word.casefold() for word in found.words} == {"low resource", "low-resource", "speech"}
    paper = found.logged.paper
    raw = {"title": paper.title, "abstract": paper.abstract or ""}
    shown = [raw[h.field][h.start : h.end] for h in found.highlights]
    assert shown == ["Speech", "Low Resource", "low-resource", "speech"]


def test_highlights_that_overlap_are_joined() -> None:
    wanted = combine(keywords=["language model", "large language"])
    (found,) = find(wanted, logged(Paper(title="A large language model")), today=TODAY)
    assert [(h.start, h.end) for h in found.highlights] == [(2, 22)]


def told(wanted: Combined, paper: Paper) -> list[Worth]:
    return OwnTerms(Evaluator(wanted.rule, TODAY)).told(FoldedPaper(paper))


def order_of(wanted: Combined, *papers: Paper) -> list[str]:
    return [each.logged.paper.title for each in rank(find(wanted, logged(*papers), today=TODAY), SortOrder.RELEVANCE)]


def test_relevance_knows_weights_and_the_title_and_takes_no_account_of_how_rare_a_term_is() -> None:
    wanted = combine(keywords=["speech", "zarma", "agents^5"])
    papers = (
        Paper(title="A", abstract="speech"),
        Paper(title="Speech B"),
        Paper(title="C", abstract="zarma"),
        Paper(title="D", abstract="agents"),
        Paper(title="E", abstract="speech", upvotes=3),
    )
    assert order_of(wanted, *papers) == ["D", "Speech B", "E", "A", "C"]


def test_a_paper_found_by_several_terms_of_a_topic_stands_above_one_that_names_one_often() -> None:
    taxonomy = {"birds": combine(keywords=["heron", "egret", "stork"]).rule.root}
    wanted = combine(topics=["birds"], taxonomy=taxonomy)
    often = Paper(title="Often", abstract="The heron, a heron, this heron, one heron, that heron, no heron.")
    all_of_them = Paper(title="All", abstract="The heron, an egret, this stork, one kiwi, that robin, no raven.")
    assert order_of(wanted, often, all_of_them) == ["All", "Often"]


def test_a_term_counts_more_where_the_abstract_begins_and_less_in_a_long_one() -> None:
    wanted = combine(keywords=["heron"])
    late = Paper(title="Late", abstract="many quiet words about a pond and the reeds around it, and a heron")
    early = Paper(title="Early", abstract="a heron and many quiet words about a pond and the reeds around it")
    longer = Paper(title="Longer", abstract="a heron and many quiet words about a pond" + " and the reeds" * 60)
    assert order_of(wanted, longer, late, early) == ["Early", "Longer", "Late"]


def test_a_paper_whose_abstract_goes_on_about_what_its_title_was_found_by_stands_above_one_that_only_names_it() -> None:
    wanted = combine(keywords=["title:agents", 'title:"self-play"'])
    named = Paper(title="On agents and self-play", abstract="Markets of reagents, and what their sagents ask for.")
    about = Paper(title="On agents or self-play", abstract="Each agent acts. Agents learn by self play.")
    assert order_of(wanted, named, about) == [about.title, named.title]
    terms = told(wanted, about)
    assert {each.term: dict(each.places) for each in terms} == {
        "agents": {"title": 1, "abstract": 2},
        '"self play"': {"title": 1, "abstract": 1},
    }


def test_a_letter_of_its_own_in_a_title_is_no_word_to_look_for_for_ever() -> None:
    wanted = combine(keywords=["title:s"])
    assert order_of(wanted, Paper(title="The s of it", abstract="s and s"))


def test_what_two_rules_ask_for_in_the_same_words_is_counted_once() -> None:
    taxonomy = {"birds": combine(keywords=["heron"]).rule.root}
    paper = logged(Paper(title="A heron"))
    (once,) = find(combine(keywords=["heron"]), paper, today=TODAY)
    (twice,) = find(combine(keywords=["heron"], topics=["birds"], taxonomy=taxonomy), paper, today=TODAY)
    assert once.score == twice.score > 0


def test_the_worth_of_the_terms_makes_the_score_and_a_comparison_adds_nothing() -> None:
    wanted = combine(keywords=["heron", "pond"], require=["upvotes>=1"])
    (found,) = find(wanted, logged(Paper(title="Heron", abstract="heron at a pond", upvotes=1)), today=TODAY)
    terms = told(wanted, found.logged.paper)
    assert [(each.term, dict(each.places)) for each in terms] == [
        ("heron", {"title": 1, "abstract": 1}),
        ("pond", {"abstract": 1}),
    ]
    assert found.score == pytest.approx(sum(each.score for each in terms), abs=1e-6)


def test_orders_by_upvotes_and_by_newest_with_missing_values_last_or_by_when_they_came() -> None:
    wanted = combine(keywords=["x"])
    papers = logged(
        Paper(title="x 1", upvotes=3, published=date(2026, 1, 1)),
        Paper(title="x 2"),
        Paper(title="x 3", upvotes=0, published=date(2026, 11, 21)),
    )
    found = find(wanted, papers, today=TODAY)
    by = {order: [each.logged.sequence for each in rank(found, order)] for order in SortOrder}
    assert by[SortOrder.UPVOTES] == [1, 3, 2]
    assert by[SortOrder.NEWEST] == [3, 2, 1]


def test_a_place_within_another_and_two_that_meet_are_marked_as_they_stand() -> None:
    wanted = combine(keywords=["large language model", "language", "paper"])
    (found,) = find(wanted, logged(Paper(title="A large language model paper")), today=TODAY)
    assert [(h.field, h.start, h.end) for h in found.highlights] == [("title", 2, 22), ("title", 23, 28)]


def ranked(order: SortOrder, *papers: Paper, words: tuple[str, ...] = ("x",)) -> list[str]:
    found = find(combine(keywords=words), logged(*papers), today=TODAY)
    return [each.logged.paper.title for each in rank(found, order)]


def test_no_upvotes_at_all_is_more_than_not_knowing_them() -> None:
    titles = ("x unknown", "x none", "x one")
    papers = [Paper(title=title, upvotes=upvotes) for title, upvotes in zip(titles, (None, 0, 1), strict=True)]
    assert ranked(SortOrder.UPVOTES, *papers) == ["x one", "x none", "x unknown"]
    assert ranked(SortOrder.RELEVANCE, *papers) == ["x one", "x none", "x unknown"]


def test_papers_of_one_day_stand_by_their_worth_then_by_upvotes_then_as_they_came() -> None:
    day = date(2026, 11, 1)
    papers = (
        Paper(title="A", abstract="x", published=day, upvotes=9),
        Paper(title="B", abstract="x", published=day),
        Paper(title="C", abstract="x", published=day),
        Paper(title="x D", published=day),
        Paper(title="E", abstract="x", published=date(2026, 11, 2)),
    )
    assert ranked(SortOrder.NEWEST, *papers) == ["E", "x D", "A", "B", "C"]


def test_equal_upvotes_and_equal_worth_go_on_by_the_newer_day() -> None:
    papers = (
        Paper(title="A", abstract="x", published=date(2026, 11, 1), upvotes=1),
        Paper(title="B", abstract="x", published=date(2026, 11, 2), upvotes=1),
        Paper(title="x C", published=date(2026, 10, 1), upvotes=1),
        Paper(title="D", abstract="x", published=date(2026, 11, 1), upvotes=1),
    )
    assert ranked(SortOrder.UPVOTES, *papers) == ["x C", "B", "A", "D"]
    assert ranked(SortOrder.RELEVANCE, *papers) == ["x C", "B", "A", "D"]


def test_scores_in_numbers() -> None:
    """Written down, for orders depend on it: 3 or 1 by length and place, saturated at 4, times the weight."""
    papers = logged(
        Paper(title="speech"), Paper(title="A", abstract="speech agents"), Paper(title="B", abstract="agents")
    )
    found = find(combine(keywords=["speech", "agents^3"]), papers, today=TODAY)
    in_title = 3 / (0.9 + 0.1 * 1 / 10)
    first, second = 1 / (0.9 + 0.1 * 2 / 170), (1 - 0.7 * 7 / 13) / (0.9 + 0.1 * 2 / 170)
    only = 1 / (0.9 + 0.1 * 1 / 170)
    assert [each.score for each in found] == pytest.approx([
        in_title / (4 + in_title),
        first / (4 + first) + 3 * second / (4 + second),
        3 * only / (4 + only),
    ], abs=1e-6)  # fmt: skip


@pytest.mark.parametrize(
    ("upvotes", "before", "day", "rises"),
    [(12, 2, None, 10.0), (12, 2, date(2026, 11, 18), 5.0), (12, 14, None, 0.0), (None, 0, None, 0.0),
     (31, 0, date(2020, 1, 1), 31 / 31**0.5)],
)  # fmt: skip
def test_how_fast_a_paper_rises(upvotes: int | None, before: int, day: date | None, rises: float) -> None:
    assert rise(Paper(title="A", upvotes=upvotes, published=day), before, TODAY) == pytest.approx(rises)


def test_the_words_of_a_title_are_not_found_at_the_beginning_of_longer_ones() -> None:
    paper = Paper(title="On agents", abstract="An agentic market, agentsy folk.")
    (term,) = told(combine(keywords=["title:agents"]), paper)
    assert dict(term.places) == {"title": 1}


def test_a_paper_of_which_nothing_is_known_does_not_rise() -> None:
    found = find(combine(keywords=["x"]), logged(Paper(title="x 1"), Paper(title="x 2")), today=TODAY)
    assert [each.logged.sequence for each in rank(found, SortOrder.TRENDING, rising={"title:2": 0.5})] == [2, 1]


def test_of_terms_worth_the_same_the_first_by_name_is_told_first() -> None:
    paper = Paper(title="A", categories=("cs.LG", "cs.CL"))
    wanted = combine(keywords=["category:cs.LG", "category:cs.CL"])
    assert [each.term for each in told(wanted, paper)] == ["category:cs.cl", "category:cs.lg"]


def test_a_term_counts_wherever_it_stands_though_the_rule_finds_papers_by_it_in_titles_or_beside_another() -> None:
    wanted = combine(keywords=["title:privacy", "title:leak", '"membership inference" title:attack', "federated"])
    paper = Paper(title="On privacy", abstract="A leak by membership inference; leaks of leaks.")
    assert {each.term: dict(each.places) for each in told(wanted, paper)} == {
        "privacy": {"title": 1},
        "leak": {"abstract": 3},
        '"membership inference"': {"abstract": 1},
    }
    in_passing = Paper(title="Your privacy", abstract="We value it and use cookies; shall you stay with our leaflets?")
    assert order_of(wanted, in_passing, paper) == ["On privacy", "Your privacy"]


def test_nothing_that_a_rule_excludes_counts_and_no_topic_that_the_paper_does_not_answer() -> None:
    birds = combine(keywords=["title:(heron -pond)", "reed"]).rule.root
    fish = combine(keywords=["title:carp"]).rule.root
    wanted = combine(topics=["birds", "fish"], keywords=["lake"], taxonomy={"birds": birds, "fish": fish})
    paper = Paper(title="The heron", abstract="Of a pond, a carp and a reed in the lake.")
    assert [(each.term, dict(each.places)) for each in told(wanted, paper)] == [
        ("heron", {"title": 1}), ("reed", {"abstract": 1}), ("lake", {"abstract": 1}),
    ]  # fmt: skip


def test_a_paper_that_has_only_the_category_stands_below_one_whose_words_speak_for_it() -> None:
    wanted = combine(keywords=["category:cs.CR", "title:privacy", "title:(secret* OR /ciph.r/ OR =TLS)"])
    papers = (
        Paper(title="Lattices", categories=("cs.CR",)),
        Paper(title="Cypher lattices", abstract="A secretive cipher in TLS.", categories=("cs.CR",)),
        Paper(title="Privacy", abstract="x"),
    )
    assert order_of(wanted, *papers) == ["Cypher lattices", "Privacy", "Lattices"]
    assert [each.term for each in told(wanted, papers[1])] == [
        "secret*", "category:cs.cr", "/ciph.r/", "=TLS",
    ]  # fmt: skip


def test_the_heaviest_of_two_weights_of_one_term_holds_in_whatever_topics_they_stand() -> None:
    light, heavy = (combine(keywords=[term]).rule.root for term in ("heron", "title:heron^3"))
    paper = Paper(title="A heron")
    alone = told(combine(topics=["heavy"], taxonomy={"heavy": heavy}), paper)
    for order in (["light", "heavy"], ["heavy", "light"]):
        assert told(combine(topics=order, taxonomy={"light": light, "heavy": heavy}), paper) == alone
    assert told(combine(keywords=["heron", "heron^3", "title:heron^2"]), paper) == alone


@pytest.mark.parametrize(
    ("keywords", "paper", "score"),
    [
        # In the middle of a title of two words: 3 x (1 - 0.3 x 2 / 7) / (0.9 + 0.1 x 2 / 10), saturated at 4.
        (["heron"], Paper(title="A heron"), 3 * (1 - 0.6 / 7) / 0.92 / (4 + 3 * (1 - 0.6 / 7) / 0.92)),
        # Two places in an abstract of 17 words, at 0 and at 30 of 40 letters.
        (["heron"], Paper(title="A", abstract="heron a b c d e f g h i j k l heron o pq"),
         (1 + 1 - 0.7 * 30 / 40) / (0.9 + 0.1 * 16 / 170) / (4 + (1 + 1 - 0.7 * 30 / 40) / (0.9 + 0.1 * 16 / 170))),
        # A category, an author: it is there, whatever its place.
        (["category:cs.LG"], Paper(title="A", categories=("cs.LG",)), 0.2),
        (['author:"Ada Lovelace"'], Paper(title="A", authors=("Ada Lovelace",)), 0.2),
        (["org:heron"], Paper(title="A", organization="Heron Lab"), 0.2),
        # Words near each other, in an abstract of four.
        (['"heron pond"~2'], Paper(title="A", abstract="Pond of the heron"),
         1 / (0.9 + 0.1 * 4 / 170) / (4 + 1 / (0.9 + 0.1 * 4 / 170))),
        # A weight below one, and the greater of two of the same words.
        (["category:cs.LG^0.5"], Paper(title="A", categories=("cs.LG",)), 0.1),
        (["category:cs.LG^3", "category:cs.LG^2"], Paper(title="A", categories=("cs.LG",)), 0.6),
    ],
)  # fmt: skip
def test_what_a_term_is_worth_in_numbers(keywords: list[str], paper: Paper, score: float) -> None:
    (found,) = find(combine(keywords=keywords), logged(paper), today=TODAY)
    assert found.score == pytest.approx(score, abs=1e-6)
    assert found.score == round(found.score, 6)


def test_the_words_found_are_told_each_once_whatever_their_case() -> None:
    wanted = combine(keywords=["heron", "category:cs.LG", "author:Lovelace", "pond"], require=["upvotes>=1"])
    paper = Paper(
        title="Heron", abstract="HERON at a pond", categories=("cs.LG",), authors=("Ada Lovelace",), upvotes=7
    )
    (found,) = find(wanted, logged(paper), today=TODAY)
    assert found.labels == ("heron", "category:cs.LG", "author:Lovelace", "pond")
    assert found.words == ("HERON", "cs.LG", "Ada Lovelace", "pond")


def test_places_that_touch_stay_two() -> None:
    (found,) = find(combine(keywords=["语言", "模型"]), logged(Paper(title="语言模型")), today=TODAY)
    assert [(each.start, each.end) for each in found.highlights] == [(0, 2), (2, 4)]


def test_a_mention_may_be_the_first_word_of_an_abstract_or_its_last() -> None:
    paper = Paper(title="On agents", abstract="Agents trade with reagents, sagents and agent")
    (term,) = told(combine(keywords=["title:agents"]), paper)
    assert dict(term.places) == {"title": 1, "abstract": 2}
    title, abstract = 3 * (1 - 0.3 * 3 / 9) / 0.92, (1 + 1 - 0.7 * 40 / 45) / (0.9 + 0.1 * 7 / 170)
    assert term.score == pytest.approx((title + abstract) / (4 + title + abstract))


def test_a_paper_dated_tomorrow_rises_as_one_of_today() -> None:
    assert rise(Paper(title="A", upvotes=3, published=date(2026, 11, 25)), 1, TODAY) == 2.0


def test_papers_that_rise_alike_stand_by_upvotes_then_by_their_worth() -> None:
    papers = (Paper(title="x 1"), Paper(title="x 2", upvotes=5), Paper(title="C", abstract="x"))
    found = find(combine(keywords=["x"]), logged(*papers), today=TODAY)
    rising = {"title:3": 2.0}
    assert [each.logged.sequence for each in rank(found, SortOrder.TRENDING, rising=rising)] == [3, 2, 1]
    assert [each.logged.sequence for each in rank(found, SortOrder.TRENDING)] == [2, 1, 3]


def test_a_term_that_stands_in_the_abstract_itself_is_counted_as_it_was_found_there() -> None:
    paper = Paper(title="Pond of zebras", abstract="A zebraic pond, zebras in it")
    terms = told(combine(keywords=["zebra*", "pond"]), paper)
    assert [(each.term, dict(each.places)) for each in terms] == [
        ("zebra*", {"title": 1, "abstract": 2}),
        ("pond", {"title": 1, "abstract": 1}),
    ]


def test_rules_that_share_a_paper_give_a_term_each_its_own_weight() -> None:
    paper = FoldedPaper(Paper(title="Speech of speeches"))
    weighed = [
        [round(each.score, 6) for each in OwnTerms(Evaluator(combine(keywords=[term]).rule, TODAY)).told(paper)]
        for term in ("speech", "speech^2", "speech^2", "title:speech")
    ]
    # two places, at the first and the eleventh of 18 letters of three words: 3 x (1 + 1 - 0.3 x 10 / 18) / 0.93 found
    assert weighed == [[0.596529], [1.193059], [1.193059], [0.596529]]


def test_the_texts_found_are_looked_for_once_and_only_where_somebody_asks() -> None:
    asked: list[int] = []

    def reasons() -> list[Reason]:
        asked.append(1)
        return [Reason("speech", "title", "Speech", 0, 6), Reason("ada", "author", "Ada", 0, 3)]

    evidence = Evidence(reasons)
    assert asked == []
    assert evidence.told() == (("Speech", "Ada"), (Highlight("title", 0, 6),))
    assert evidence.told()[0] == ("Speech", "Ada")
    assert asked == [1]
