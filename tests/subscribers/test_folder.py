"""The folder of subscriptions by values: files, topics, synonyms, libraries and themes, and what is told of them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from digestbot.model.errors import Problem, UsageError
from digestbot.model.papers import Paper
from digestbot.subscribers import library
from digestbot.subscribers.compiled import NOTHING
from digestbot.subscribers.files import Folder, read_folder, read_topics, subscription_files
from digestbot.subscribers.library import NO_LIBRARIES, Libraries, Library, cannot_read, kept_of
from digestbot.subscribers.synonym_file import read_synonyms, synonyms_in
from digestbot.subscribers.themes import theme_problems

TO = '[[to]]\nchannel = "email"\naddress = "ada@example.org"\n'
TOPICS = '[ml]\ntitle = "Machine learning"\nkeywords = ["learning"]\n\n[nlp-all]\nincludes = ["ml"]\nquery = "speech"\n'
Told = list[tuple[str | None, int | None, str, str | None]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of subscriptions beside the topics that came with digestbot."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "topics.toml").write_text(TOPICS)
    (shipped / "synonyms.toml").write_text('synonyms = [["LLM", "large language model"]]\n')
    (tmp_path / "subscriptions").mkdir()
    return tmp_path


def put(home: Path, name: str, text: str) -> Path:
    path = home / "subscriptions" / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def read(home: Path, **options: object) -> Folder:
    return read_folder(home / "subscriptions", home / "shipped" / "topics.toml", **options)  # type: ignore[arg-type]


def told(problems: Collection[Problem]) -> Told:
    return [(each.place, each.line, each.message, each.way_out) for each in problems]


def test_files_are_read_by_name_and_topics_and_synonyms_are_none_of_them(home: Path) -> None:
    for name in ("b", "a", "topics", "synonyms"):
        put(home, name, "")
    (home / "subscriptions" / "notes.txt").write_text("x")
    assert [each.name for each in subscription_files(home / "subscriptions")] == ["a.toml", "b.toml"]
    assert subscription_files(home / "nowhere") == []


def test_a_folder_without_anything_holds_the_shipped_topics(home: Path) -> None:
    found = read(home)
    assert (found.ids, list(found.wants), list(found.problems)) == ([], [], [])
    assert [found.topics.title(each) for each in ("ml", "nlp-all")] == ["Machine learning", "Nlp all"]


def test_each_clause_has_what_stands_above_it(home: Path) -> None:
    put(home, "a", f'topics = ["ml"]\nkeywords = ["moss"]\nquery = "fern"\n{TO}')
    put(home, "b", f'query = "fern"\nquery_name = "Ferns"\n{TO}')
    put(home, "c", f'query = "*"\n{TO}')
    a, b, c = read(home).wants
    assert [above for _, above in a.headings] == ["Moss", "Machine learning", "Your search"]
    assert [above for _, above in b.headings] == ["Ferns"]
    assert [above for _, above in c.headings] == ["All papers"]
    assert (a.allowed, a.library) == (None, None)


def test_who_only_likes_something_finds_nothing_by_rule_and_keeps_to_what_is_required(home: Path) -> None:
    put(home, "a", f'require = ["moss"]\nexclude = ["fern"]\n{TO}[like]\nabout = "x"\n')
    put(home, "b", f'keywords = ["moss"]\n{TO}[like]\nabout = "x"\n')
    put(home, "c", f'topics = ["ml"]\n{TO}[like]\nabout = "x"\n')
    put(home, "d", f'query = "moss"\n{TO}[like]\nabout = "x"\n')
    folder = read(home)
    assert told(folder.problems) == []
    assert [each.rule is NOTHING for each in folder.wants] == [True, False, False, False]
    assert [each.allowed is not None for each in folder.wants] == [True] * 4
    assert folder.wants[0].headings == ()


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        ('require = ["("]\n[like]\nabout = "x"\n', 1),
        ('keywords = ["a"]\nrequire = ["("]\n[like]\nabout = "x"\n', 2),
        ('keywords = ["a", "("]\n', 1),
        ('topics = ["nowhere"]\n', 1),
        ('query = """\nx AND\n("""\n', 3),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_once_with_its_line(home: Path, rules: str, line: int) -> None:
    head, like, tail = rules.partition("[like]")
    put(home, "a", f"{head}{TO}{like}{tail}")
    folder = read(home)
    assert list(folder.wants) == []
    assert [(each.place, each.line) for each in folder.problems] == [("subscriptions/a.toml", line)]


def test_one_wrong_file_keeps_no_other(home: Path) -> None:
    put(home, "a", 'keywords = ["x"\n')
    put(home, "b", f'keywords = ["x"]\n{TO}')
    put(home, "c", "order = 3\n")
    folder = read(home)
    assert folder.ids == ["a", "b", "c"]
    assert [each.subscription.id for each in folder.wants] == ["b"]
    assert {each.place for each in folder.problems} == {"subscriptions/a.toml", "subscriptions/c.toml"}


def test_those_asked_for_are_given_in_that_order_and_what_is_wrong_or_not_there_is_told(home: Path) -> None:
    put(home, "ferns", f'keywords = ["x"]\n{TO}')
    put(home, "moss", f'keywords = ["y"]\n{TO}')
    put(home, "wrong", "x = 1\n")
    put(home, "other", "x = 1\n")
    folder = read(home)
    assert [each.subscription.id for each in folder.asked_for(["moss", "ferns"])] == ["moss", "ferns"]
    assert [each.subscription.id for each in folder.asked_for([])] == ["ferns", "moss"]
    for ids, expected in (
        (["mos"], [("no subscription 'mos'", "did you mean 'moss'?")]),
        (["zzz"], [("no subscription 'zzz'", "there are ferns, moss, other, wrong")]),
    ):
        with pytest.raises(UsageError) as refused:
            folder.asked_for(ids)
        assert [(each.message, each.way_out) for each in refused.value.problems] == expected
    with pytest.raises(UsageError) as refused:
        folder.asked_for(["moss", "wrong"])
    assert {each.place for each in refused.value.problems} == {"subscriptions/wrong.toml"}


def test_where_none_is_right_all_that_is_wrong_is_told(home: Path) -> None:
    put(home, "wrong", f'keywords = ["x"]\norder = "x"\n{TO}')
    with pytest.raises(UsageError) as refused:
        read(home).asked_for([])
    assert [each.message for each in refused.value.problems] == ["order cannot be 'x'"]
    (home / "subscriptions" / "wrong.toml").unlink()
    with pytest.raises(UsageError) as refused:
        read(home).asked_for(["a"])
    assert [each.way_out for each in refused.value.problems] == ["there are none"]


def test_a_folder_without_some_and_one_completed_by_what_was_right_before(home: Path) -> None:
    put(home, "a", f'keywords = ["x"]\n{TO}')
    put(home, "b", f'keywords = ["y"]\n{TO}')
    before = read(home)
    without = before.without([Problem("odd", "subscriptions/b.toml"), Problem("odd", "topics.toml")])
    assert [each.subscription.id for each in without.wants] == ["a"]
    put(home, "a", f'keywords = ["newer"]\n{TO}')
    put(home, "b", "wrong = 1\n")
    now = read(home).completed(before.wants)
    assert [(each.subscription.id, each.subscription.spec.keywords) for each in now.wants] == [
        ("a", ("newer",)),
        ("b", ("y",)),
    ]
    assert [each.subscription.id for each in now.asked_for(["b"])] == ["b"], "as it was before it went wrong"
    put(home, "never", "wrong = 1\n")
    assert [each.subscription.id for each in read(home).completed(before.wants).wants] == ["a", "b"]
    (home / "subscriptions" / "b.toml").unlink()
    assert [each.subscription.id for each in read(home).completed(before.wants).wants] == ["a"]


# topics


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ml]\nkeywrods = []\n", (2, "unknown key 'keywrods'", "did you mean 'keywords'?")),
        (
            "[ml]\nzzz = []\n",
            (2, "unknown key 'zzz'", "known are title, keywords, require, exclude, query, includes"),
        ),
        ('[ml]\nkeywords = "x"\n', (2, "keywords must be a list of texts", 'keywords = ["..."]')),
        ("[ml]\nkeywords = [3]\n", (2, "keywords must be a list of texts", 'keywords = ["..."]')),
        ('[ml]\nincludes = [" "]\n', (2, "includes must be a list of texts", 'includes = ["..."]')),
        ("[ml]\ntitle = 3\n", (2, "title must be a text in quotes", None)),
        ('[ml]\nquery = " "\n', (2, "query must be a text in quotes", None)),
        ("ml = 3\n", (1, "'ml' is no topic", "write [ml] on a line of its own and its keys below")),
    ],
)
def test_what_is_wrong_with_a_table_of_topics(home: Path, text: str, expected: tuple[int, str, str | None]) -> None:
    put(home, "topics", text)
    assert told(read(home).problems) == [("subscriptions/topics.toml", *expected)]


def test_a_topic_of_a_wrong_table_cannot_be_used_and_others_can(home: Path) -> None:
    put(home, "topics", '[ml]\nkeywords = ["x"]\nodd = 1\n[nlp]\nkeywords = ["y"]\n')
    put(home, "a", f'topics = ["ml"]\n{TO}')
    put(home, "b", f'topics = ["nlp"]\n{TO}')
    folder = read(home)
    assert [each.subscription.id for each in folder.wants] == ["b"]
    assert [(each.place, each.line) for each in folder.problems] == [
        ("subscriptions/topics.toml", 3),
        ("subscriptions/a.toml", 1),
    ]


def test_rules_of_topics_are_looked_into_where_one_is_named_or_all_are_asked_for(home: Path) -> None:
    put(home, "topics", '[ml]\nkeywords = ["x", "("]\n[nlp]\nquery = "a AND ("\n')
    assert told(read(home).problems) == []
    found = read(home, every_topic=True).problems
    assert [(each.place, each.line, each.column) for each in found] == [
        ("subscriptions/topics.toml", 2, 19),
        ("subscriptions/topics.toml", 4, 16),
    ]


def test_topics_that_are_no_toml_are_told_and_are_none(home: Path) -> None:
    put(home, "topics", "[ml\n")
    topics, file, problems = read_topics(home / "subscriptions", home / "shipped" / "topics.toml")
    assert (list(topics), file) == ([], None)
    assert [(each.place, each.line) for each in problems] == [("subscriptions/topics.toml", 1)]
    assert len(read(home, every_topic=True).problems) == 1


# synonyms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("synonyms = []\n", []),
        ("", []),
        ("other = 1\n", [(1, "unknown key 'other'", 'synonyms = [["LLM", "large ..."]]')]),
        *(
            (
                f"synonyms = {wrong}\n",
                [(1, "a group of synonyms is a list of two texts or more", '["LLM", "large language model"]')],
            )
            for wrong in ("3", '"x"', '["x"]', '[["x"]]', '[["x", 3]]', '[["x", " "]]')
        ),
    ],
)
def test_what_is_wrong_with_synonyms(home: Path, text: str, expected: list[tuple[int, str, str]]) -> None:
    put(home, "synonyms", text)
    _, problems = read_synonyms(home / "subscriptions", home / "shipped")
    assert told(problems) == [("subscriptions/synonyms.toml", *each) for each in expected]
    if expected:
        with pytest.raises(UsageError, match=expected[0][1]):
            synonyms_in(home / "subscriptions", home / "shipped")
    else:
        synonyms_in(home / "subscriptions", home / "shipped")


def test_a_wrong_group_keeps_no_other(home: Path) -> None:
    put(home, "synonyms", 'synonyms = [["a", "b"], ["x"]]\n')
    put(home, "s", f'query = "~a"\n{TO}')
    folder = read(home)
    assert [each.message for each in folder.problems] == ["a group of synonyms is a list of two texts or more"]
    assert [each.subscription.id for each in folder.wants] == ["s"]


# libraries


def paper(title: str) -> Paper:
    return Paper(title=title, abstract="", url="")


def test_a_library_is_read_when_it_is_asked_for_and_anew_when_it_changed(tmp_path: Path) -> None:
    path, reads = tmp_path / "my.bib", []
    path.write_text("a")

    def told_papers(at: Path) -> list[Paper]:
        reads.append(at)
        return [paper(f"{n} {at.read_text()}") for n in range(len(reads))]

    found = Library.of_file(path, "a.toml: my.bib", told_papers)
    assert reads == []
    assert found.works() is found.works()
    assert reads == [path]
    path.write_text("longer")
    found.works()
    assert len(reads) == 2
    path.unlink()
    with pytest.raises(UsageError, match=r"a\.toml: my\.bib: cannot be read: No such file or directory"):
        found.works()


@pytest.mark.parametrize(("count", "more"), [(2, False), (3, True)])
def test_the_first_papers_of_a_library_count(monkeypatch: pytest.MonkeyPatch, count: int, more: bool) -> None:
    assert library.MOST_LIKED == 5_000
    monkeypatch.setattr(library, "MOST_LIKED", 2)
    found = Library(lambda: 1, lambda: [paper(f"Title number {n}") for n in range(count)])
    assert found.more is False
    found.works()
    assert found.more is more


def test_a_library_is_a_file_or_a_source_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "my.bib").write_text("x")
    mine = Library(lambda: 1, list)
    libraries = Libraries(sources=lambda: {"zotero": mine, "arxiv": None})
    assert libraries.named("zotero", tmp_path, "a.toml") is mine
    assert libraries.named("my.bib", tmp_path, "a.toml") is not mine
    for written, message, way_out in (
        ("arxiv", "the source 'arxiv' brings news, and no library", 'write use = "library" under [arxiv] in sources.'),
        ("my.bi", "there is no file 'my.bi', nor a source of that name", "did you mean 'my.bib'?"),
        ("zoter", "there is no file 'zoter', nor a source of that name", "did you mean 'zotero'?"),
        ("arxi", "there is no file 'arxi', nor a source of that name", "its path begins at the folder of this file"),
        ("no/x", "there is no file 'no/x', nor a source of that name", "its path begins at the folder of this file"),
    ):
        with pytest.raises(UsageError) as refused:
            libraries.named(written, tmp_path, "a.toml")
        (problem,) = refused.value.problems
        assert problem.message == message
        assert (problem.way_out or "").startswith(way_out)
    assert kept_of("zotero") == "source/zotero"
    with pytest.raises(UsageError, match="no library is read here"):
        cannot_read(tmp_path)


def test_a_library_of_a_file_is_told_with_its_line(home: Path) -> None:
    put(home, "a", f'{TO}[like]\nlibrary = "none.bib"\n')
    folder = read(home, libraries=NO_LIBRARIES)
    assert told(folder.problems) == [
        (
            "subscriptions/a.toml",
            5,
            "there is no file 'none.bib', nor a source of that name",
            "its path begins at the folder of this file",
        )
    ]
    (home / "subscriptions" / "my.bib").write_text("x")
    put(home, "a", f'{TO}[like]\nlibrary = "my.bib"\n')
    (one,) = read(home).wants
    assert one.library is not None


# themes


class Templates:
    def __init__(self) -> None:
        self.asked: set[str | None] = set()

    def themes(self) -> list[str]:
        return ["dark", "plain"]

    def problems(self, themes: Collection[str | None]) -> list[Problem]:
        self.asked = set(themes)
        return [Problem("odd", "templates/dark")]


def test_a_theme_that_is_not_there_is_told_at_each_place_that_names_it(home: Path) -> None:
    out = '[[to]]\nchannel = "file"\npath = "out"\n'
    put(home, "a", f'keywords = ["x"]\ntheme = "drak"\n{TO}theme = "dark"\n{out}')
    put(home, "b", f'keywords = ["x"]\n{TO}theme = "zzz"\n{out}')
    put(home, "c", f'keywords = ["x"]\ntheme = "plain"\n{TO}')
    put(home, "d", f'keywords = ["x"]\n{TO}')
    templates = Templates()
    there = "there are dark, plain; one of your own is a folder in templates/"
    assert told(theme_problems(home / "subscriptions", read(home).wants, templates)) == [
        ("subscriptions/a.toml", 2, "unknown theme 'drak'", f"did you mean 'dark'? {there}"),
        ("subscriptions/b.toml", 5, "unknown theme 'zzz'", there),
        ("templates/dark", None, "odd", None),
    ]
    assert templates.asked == {"dark", "plain"}
