"""Likeness: what is nearest comes first, and about so many a week pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import hypot, log
from random import Random

import pytest

from digestbot.matching.like.cut import DaySpan, cut, span
from digestbot.matching.like.frequencies import FEW, Frequencies
from digestbot.matching.like.likeness import Interest, Liked, Likeness, vectors
from digestbot.matching.like.past import Past, first_seen, measured_by
from digestbot.matching.like.profile import MOST_WORDS, Profile, centroid
from digestbot.matching.like.terms import counts, spelled, term, text_counts
from digestbot.matching.like.vectors import Vectors, word_id
from digestbot.model.papers import LoggedPaper, Paper

_WORDS = {
    "speech": "speech recognition phoneme speaker accent acoustic transcript dialect pronunciation vowel",
    "glass": "glass furnace molten silica annealing quartz viscosity fracture ceramic kiln",
    "birds": "bird migration plumage nest flock wing songbird habitat feather egg",
}
THEMES = {theme: words.split() for theme, words in _WORDS.items()}


def paper(theme: str, number: int) -> Paper:
    """One of a theme: ten of its words and ten of anything."""
    random = Random(f"{theme} {number}")
    said = random.choices(THEMES[theme], k=10) + [f"w{random.randrange(400)}" for _ in range(10)]
    return Paper(title=f"{theme} {number}", abstract=" ".join(said), ids={"x": f"{theme}{number}"})


PAST = [paper(theme, number) for theme in THEMES for number in range(60)]
TEXTS = [counts(each) for each in PAST]


FREQUENCIES = Frequencies.of(TEXTS)


def interest(liked: Liked) -> Interest:
    return Interest(liked, FREQUENCIES)


def scores(one: Interest, texts: Sequence[Counter[str]]) -> list[float]:
    return one.scores(vectors(FREQUENCIES, texts, asks=one.asks))


def likenesses(one: Interest, papers: Sequence[Paper], least: float = 0.0) -> list[Likeness]:
    texts = [counts(each) for each in papers]
    told = zip(papers, texts, scores(one, texts), strict=True)
    return [one.likeness(paper, text, score, least) for paper, text, score in told]


def test_what_is_like_the_liked_ones_comes_first() -> None:
    one = interest(Liked([paper("speech", 100 + each) for each in range(3)]))
    new = [paper(theme, 200 + each) for theme in THEMES for each in range(5)]
    found = likenesses(one, new)
    best = sorted(zip(new, found, strict=True), key=lambda each: -each[1].score)[:5]
    assert all(each.title.startswith("speech") for each, _ in best)
    for _, how in best:
        assert how.near is not None
        assert how.near.title.startswith("speech")
        assert set(how.words) & {*THEMES["speech"]}


def test_a_text_alone_finds_what_has_its_rarest_words() -> None:
    one = interest(Liked(about="the migration of a songbird"))
    new = [paper("glass", 300), paper("birds", 300), Paper(title="Migration of the songbird")]
    found = likenesses(one, new)
    assert max(zip(found, new, strict=True), key=lambda each: each[0].score)[1] is new[2]
    assert found[2].near is None
    assert [*found[2].words] == ["songbird", "Migration"] or {*found[2].words} == {"songbird", "Migration"}


def test_a_text_counts_beside_papers() -> None:
    alone = interest(Liked([paper("speech", 1)]))
    both = interest(Liked([paper("speech", 1)], "molten glass in a kiln"))
    (glass,) = [counts(paper("glass", 400))]
    assert scores(both, [glass]) > scores(alone, [glass])


def test_a_title_alone_is_not_as_loud_as_a_whole_paper() -> None:
    whole, bare = paper("speech", 1), Paper(title="Molten glass")
    one = interest(Liked([whole, bare]))
    alone = interest(Liked([bare]))
    glass = [counts(Paper(title="Molten glass"))]
    assert scores(alone, glass)[0] == pytest.approx(1.0, abs=0.01)
    assert scores(one, glass)[0] == pytest.approx(1 / 3, abs=0.05)


def test_nothing_in_common_is_no_likeness_whatever_the_cut() -> None:
    one = interest(Liked([paper("speech", 1)]))
    other = Paper(title="Zzz qqq")
    (how,) = likenesses(one, [other], -1.0)
    assert (how.score, how.passes, how.near, how.words) == (0.0, False, None, ())


def test_a_paper_without_a_telling_word_makes_no_interest() -> None:
    assert not interest(Liked([Paper(title="On the of and")]))
    assert not interest(Liked(about="7 of the"))
    assert interest(Liked(about="glass"))


def test_about_so_many_of_the_past_a_week_exceed_the_cut() -> None:
    one = interest(Liked([paper("speech", 100 + each) for each in range(5)]))
    for per_week in (1, 5, 15):
        least = cut(sorted(scores(one, TEXTS), reverse=True), 2.0, per_week)
        assert sum(one.passes(each, least) for each in scores(one, TEXTS)) == 2 * per_week


@pytest.mark.parametrize(
    ("weeks", "per_week", "expected"),
    [(1, 2, 0.3), (2, 1, 0.3), (1, 4, 0.0), (9, 9, 0.0), (0.1, 1, 0.4)],
)
def test_the_cut_is_the_score_that_so_many_exceed(weeks: float, per_week: int, expected: float) -> None:
    assert cut([0.5, 0.4, 0.3, 0.1], weeks, per_week) == expected


def test_weeks_are_told_by_the_days_both_ends_counted() -> None:
    first = date(2026, 1, 1)
    assert span(first + timedelta(each % 14) for each in range(300)) == (2.0, True)
    assert span([first]) == (1 / 7, True)
    assert span([None, None]) == (1.0, False)
    assert span([None, first, first + timedelta(6)]) == (1.0, True)


def test_one_old_paper_in_a_hundred_makes_no_past_long() -> None:
    first = date(2026, 1, 1)
    days = [first + timedelta(each % 7) for each in range(300)]
    assert span([date(1998, 5, 1), *days]).weeks == 1.0


def test_a_log_tells_each_work_once_by_its_first_day_and_what_it_is_now() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    logged = [
        LoggedPaper(1, "a", at, Paper(title="First")),
        LoggedPaper(2, "b", at, Paper(title="Known at the start", baseline=True)),
        LoggedPaper(3, "a", at + timedelta(9), Paper(title="First", abstract="Now whole")),
    ]
    assert first_seen(logged) == [(logged[2], date(2026, 1, 1)), (logged[1], None)]


def test_what_came_in_on_no_day_tells_words_and_no_cut() -> None:
    past = Past.of([(TEXTS[0], date(2026, 1, 1)), (TEXTS[1], None), (TEXTS[2], date(2026, 1, 7))])
    assert past == ([*TEXTS[:3]], [TEXTS[0], TEXTS[2]], (1.0, True))
    assert Past.of([(TEXTS[0], None)]).measured == [TEXTS[0]]


def test_what_the_past_does_not_tell_is_said() -> None:
    assert "fewer than 100" in Past.of([(TEXTS[0], None)]).told
    assert "without days" in Past.of([(TEXTS[0], None)]).told
    dated = Past.of((each, date(2026, 1, 1 + at % 14)) for at, each in enumerate(TEXTS))
    assert dated.told == "measured by 180 past papers over 2.0 weeks"


def test_from_a_hundred_past_papers_on_they_are_not_called_few() -> None:
    few = "measured by 99 past papers over 2.0 weeks: fewer than 100, so that hardly a word is known to be rare"
    assert measured_by(99, DaySpan(2.0, dated=True)) == few
    assert (
        measured_by(1234, DaySpan(1.0, dated=False)) == "measured by 1,234 past papers without days, taken as one week"
    )
    assert measured_by(100, DaySpan(2.0, dated=True)) == "measured by 100 past papers over 2.0 weeks"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("case", "cases"),
        ("analysis", "analyses"),
        ("hypothesis", "hypotheses"),
        ("theory", "theories"),
        ("movie", "movies"),
        ("class", "classes"),
        ("cache", "caches"),
        ("box", "boxes"),
        ("hero", "heroes"),
        ("robot", "robots"),
    ],
)
def test_plural_and_singular_are_one_term(one: str, other: str) -> None:
    assert term(one) == term(other) is not None


def test_what_tells_nothing_is_no_term() -> None:
    assert [each for each in ("the", "results", "7", "2026", "x", "papers") if term(each)] == []
    assert term("is") is None
    assert term("gpt4") == "gpt4"
    assert term("語") == "語"  # a word by itself


def test_words_are_shown_as_the_paper_spells_them() -> None:
    told = Paper(title="Analysis of KUBERNETES", abstract='Our analysis: na\\"{i}ve analysis of Kubernetes, Kubernetes')
    wanted = [each for each in map(term, ("analysis", "kubernetes", "naive")) if each]
    assert spelled(told, wanted) == ["analysis", "Kubernetes", 'na\\"{i}ve']


def test_rare_and_frequent_words_are_left_out_unless_there_are_few_papers() -> None:
    texts = [Counter({f"w{at}": 1, "everywhere": 1, "some": at % 10 == 0}) for at in range(FEW)]
    texts = [+each for each in texts]
    many, few = Frequencies.of(texts), Frequencies.of(texts[:50])
    assert set(many.vector(Counter({"w1": 1, "everywhere": 1, "some": 1, "new": 1}))) == {"some"}
    assert set(few.vector(Counter({"w1": 1, "some": 1, "new": 1}))) == {"w1", "some", "new"}


def test_a_profile_is_small_and_scores_as_its_weights_do() -> None:
    frequencies = Frequencies.of(TEXTS)
    weights = centroid([(frequencies.vector(each), 1.0) for each in TEXTS[:60]])
    profile = Profile.of(weights)
    assert profile.words.nbytes + profile.levels.nbytes <= 5 * MOST_WORDS
    vectors = [frequencies.vector(each) for each in TEXTS]
    heaviest = dict(sorted(weights.items(), key=lambda each: (-each[1], each[0]))[:MOST_WORDS])
    for score, vector in zip(profile.scores(Vectors(vectors)), vectors, strict=True):
        exact = sum(heaviest.get(word, 0.0) * value for word, value in vector.items())
        assert score == pytest.approx(exact, abs=0.01)


def test_no_papers_have_no_scores() -> None:
    profile = Profile.of({"glass": 1.0})
    assert profile.scores(Vectors([])).tolist() == []
    assert profile.scores(Vectors([{}, {}])).tolist() == [0.0, 0.0]
    assert Profile.of({}).scores(Vectors([{"glass": 1.0}])).tolist() == [0.0]
    others = Profile.of({f"w{number}": 1.0 for number in range(20)})
    assert others.scores(Vectors([{"glass": 1.0}])).tolist() == [0.0]


def test_how_often_words_stand_in_papers_is_counted() -> None:
    assert Frequencies.of([Counter(a=2, b=1), Counter(a=1)]) == Frequencies(2, Counter(a=2, b=1), 2.0)
    assert Frequencies.of([]) == Frequencies(0, Counter(), 0.0)


def test_weights_in_numbers() -> None:
    """By TF-IDF, of length 1; a question's words by BM25, which leaves out none; and a paper's for such a question."""
    three = Frequencies(3, {"a": 1, "b": 3}, 4.0)
    a, unknown = (1 + log(2)) * log(4 / 2), log(4)
    length = hypot(a, unknown)
    assert three.vector(Counter(a=2, b=1, c=1)) == pytest.approx({"a": a / length, "c": unknown / length})
    assert three.vector(Counter(b=1)) == {}
    assert Frequencies(3, {"a": 1}).vector(Counter(a=1)) == {"a": 1.0}
    assert three.query(Counter(a=5, c=1)) == pytest.approx({"a": log(1 + 2.5 / 1.5), "c": log(1 + 3.5 / 0.5)})
    assert three.saturated(Counter(a=3, b=5)) == pytest.approx({"a": 6.6 / (3 + 2.1), "b": 11 / (5 + 2.1)})
    assert Frequencies().saturated(Counter(a=3)) == pytest.approx({"a": 6.6 / (3 + 1.2)})


@pytest.mark.parametrize(("papers", "kept"), [(99, {"a", "b", "c", "d", "new"}), (100, {"b", "c"})])
def test_from_a_hundred_papers_on_a_word_of_two_or_of_more_than_a_quarter_tells_nothing(
    papers: int, kept: set[str]
) -> None:
    frequencies = Frequencies(papers, {"a": 2, "b": 3, "c": 25, "d": 26}, 1.0)
    assert frequencies.vector(Counter(a=1, b=1, c=1, d=1, new=1)).keys() == kept


@pytest.mark.parametrize(("others", "weeks"), [(97, 1300 / 7), (98, 1.0)])
def test_of_a_hundred_papers_one_on_each_side_is_set_aside(others: int, weeks: float) -> None:
    first = date(2026, 1, 1)
    days = [first + timedelta(each % 7) for each in range(others)]
    assert span([first - timedelta(399), first + timedelta(900), *days]).weeks == pytest.approx(weeks)


@pytest.mark.parametrize(("score", "least", "passes"), [(0.5, 0.5, False), (0.51, 0.5, True), (0.1, 0.0, True)])
def test_what_passes_is_above_the_cut(score: float, least: float, passes: bool) -> None:
    assert interest(Liked(about="glass")).passes(score, least) is passes


def test_a_text_beside_papers_weighs_as_one_whole_paper() -> None:
    two = Frequencies.of([Counter(glas=1), Counter(bird=1)])
    one = Interest(Liked([Paper(title="Glass", abstract="Glass.")], "bird"), two)
    assert one.scores(vectors(two, [counts(Paper(title=each)) for each in ("Glass", "Bird")], asks=False)) == [0.5, 0.5]


def test_five_words_are_shown_at_most_the_heaviest_first_of_equals_by_the_alphabet() -> None:
    few = Frequencies.of([Counter()])
    text = "Zebra ibis heron gnu fox eagle dingo"
    one = Interest(Liked([Paper(title=f"{text} zebra", abstract=text)]), few)
    (how,) = [one.likeness(each, counts(each), 0.9, 0.5) for each in [Paper(title=text, abstract="zebra")]]
    assert (how.score, how.passes, how.words) == (0.9, True, ("zebra", "dingo", "eagle", "fox", "gnu"))


def test_scores_have_six_digits() -> None:
    one = Interest(Liked([Paper(title="Glass", abstract="Glass, bird")]), Frequencies.of([Counter()]))
    (score,) = one.scores(vectors(Frequencies.of([Counter()]), [counts(Paper(title="Bird"))], asks=False))
    assert score == 0.509869


def test_of_liked_papers_that_share_no_word_none_is_near() -> None:
    one = interest(Liked([Paper(title="Glass", abstract="Kiln")]))
    (how,) = likenesses(one, [Paper(title="Bird", abstract="Nest")])
    assert (how.near, how.words) == (None, ())


def test_a_mean_of_vectors_in_numbers() -> None:
    assert centroid([({"a": 1.0}, 1.0), ({"a": 0.5, "b": 1.0}, 3.0)]) == {"a": 0.625, "b": 0.75}


def test_a_profile_in_numbers() -> None:
    assert Profile.of({}).step == 0.0
    profile = Profile.of({"a": 0.5, "b": 1.0, "c": 0.001, **{f"w{n:03}": 0.25 for n in range(300)}})
    assert (len(profile.words), profile.step) == (256, 1 / 255)
    assert profile.levels.tolist() == [255, 128, *[64] * 254]
    assert profile.weights()[word_id("b")] == pytest.approx(1.0)
    assert word_id("w253") in profile.words
    assert word_id("w254") not in profile.words, "of equals the first by the alphabet"


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("case", "cas"), ("cases", "cas"), ("theories", "theory"), ("movie", "movy"), ("basis", "bas"), ("gas", "gas"),
        ("glass", "glass"), ("virus", "virus"), ("iris", "iris"), ("cars", "car"), ("tree", "tree"), ("nodes", "node"),
        ("axes", "ax"), ("ties", "ty"), ("bus", "bus"), ("gpt2s", "gpt2s"), ("écoles", "écoles"), ("ab", "ab"),
        ("size", "siz"), ("boxes", "box"), ("niche", "nich"), ("wishes", "wish"), ("shoe", "sho"),
    ],
)  # fmt: skip
def test_what_a_word_is_compared_as(word: str, stem: str) -> None:
    assert term(word) == stem


def test_the_longest_text_that_is_read() -> None:
    assert text_counts(f"{'b' * 19_996} kiln") == {"b" * 19_996: 1, "kil": 1}
    assert counts(Paper(title="b" * 19_996, abstract="kiln")) == {"b" * 19_996: 1, "kil": 1}


def test_papers_weighed_at_once_have_the_weights_of_each_by_itself() -> None:
    """An empty one and one without a telling word among them; of two papers with a word, each has its own."""
    three = Frequencies(3, {"a": 1, "b": 3}, 4.0)
    a, unknown = (1 + log(2)) * log(4 / 2), log(4)
    length = hypot(a, unknown)
    texts = [Counter(), Counter(a=2, b=1, c=1), Counter(b=1), Counter(c=7)]
    weighed = vectors(three, texts, asks=False)
    assert Profile.of({"a": 1.0}).scores(weighed).tolist() == pytest.approx([0.0, a / length, 0.0, 0.0])
    assert Profile.of({"b": 1.0}).scores(weighed).tolist() == [0.0, 0.0, 0.0, 0.0]
    assert Profile.of({"c": 1.0}).scores(weighed).tolist() == pytest.approx([0.0, unknown / length, 0.0, 1.0])


def test_no_papers_weighed_at_once_are_no_vectors() -> None:
    assert Profile.of({"a": 1.0}).scores(vectors(Frequencies(3, {"a": 1}), [], asks=False)).tolist() == []


@pytest.mark.parametrize(("least", "places"), [(-1.0, [1, 2]), (0.0, [1, 2]), (0.8, [1]), (1.0, [])])
def test_those_that_pass_are_told_by_their_places(least: float, places: list[int]) -> None:
    two = Frequencies.of([Counter(nest=1), Counter(bird=1)])
    one = Interest(Liked([Paper(title="Nest", abstract="Nest.")]), two)
    known = vectors(two, [Counter(bird=1), Counter(nest=1), Counter(nest=1, bird=1)], asks=False)
    passing = one.passing(known, least)
    assert [place for place, _ in passing] == places
    assert all(score == {1: 1.0, 2: 0.707107}[place] for place, score in passing)
