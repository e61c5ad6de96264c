"""Every mistake a rule can hold is told with line, column and the way out."""

from __future__ import annotations

import pytest

from digestbot.model.errors import RuleError
from digestbot.rules.ast import Node
from digestbot.rules.parser import parse

TOPICS: dict[str, Node] = {"multilingual": parse("x").root}

# rule, line, column, a piece of the message, a piece of the way out
MISTAKES = [
    ("", 1, 1, "empty rule", "write a word"),
    (" \n ", 2, 2, "empty rule", "write a word"),
    ('a "b c', 1, 3, "quote is never closed", "close it"),
    ('a “b c', 1, 3, "quote is never closed", "close it"),
    ("a (b c", 1, 3, "bracket is never closed", "close it"),
    ("((a) b", 1, 1, "bracket is never closed", "close it"),
    ("a title:(", 1, 9, "bracket is never closed", "close it"),
    ("a b)", 1, 4, "never opened", "leave it out"),
    (")", 1, 1, "never opened", "leave it out"),
    ("a\n  )", 2, 3, "never opened", "leave it out"),
    ("()", 1, 1, "empty group", "leave them out"),
    ("a title:( )", 1, 9, "empty group", "leave them out"),
    ("a AND", 1, 3, "AND has nothing after", "quote it"),
    ("a AND AND b", 1, 3, "AND has nothing after", "quote it"),
    ("(a OR) b", 1, 4, "OR has nothing after", "quote it"),
    ("OR a", 1, 1, "OR has nothing before", "quote it"),
    ("a (AND b)", 1, 4, "AND has nothing before", "quote it"),
    ("NOT", 1, 1, "NOT has nothing after", "quote it"),
    ("a NOT OR b", 1, 3, "NOT has nothing after", "quote it"),
    ("a -", 1, 3, "`-` stands before nothing", "-word"),
    ("a - b", 1, 3, "`-` stands before nothing", "-word"),
    ("(a -)", 1, 4, "`-` stands before nothing", "-word"),
    ("a -NOT b", 1, 3, "- has nothing after", None),
    ("--a", 1, 1, "two dashes", "one `-`"),
    ("title:", 1, 1, "field `title:` stands before nothing", "title:word"),
    ("a title: b", 1, 3, "field `title:` stands before nothing", "right after the colon"),
    ("(title:)", 1, 2, "field `title:` stands before nothing", "title:word"),
    ("title:AND", 1, 1, "field `title:` stands before nothing", "title:word"),
    ("title:topic:multilingual", 1, 1, "field `title:` stands before nothing", None),
    ("title:-x", 1, 1, "`-` goes before the field", None),
    ("id:-x", 1, 1, "`-` goes before the field", None),
    ("title:author:x", 1, 1, "two fields in a row", None),
    ("title:upvotes>5", 1, 7, "field before a comparison", "by itself"),
    ("a\nb titel:x", 2, 3, "`titel` is no field", "did you mean `title:`?"),
    ("Abstarct:x", 1, 1, "is no field", "did you mean `abstract:`?"),
    ("au:x", 1, 1, "is no field", "did you mean `author:`?"),
    ("topics:x", 1, 1, "is no field", "did you mean `topic:`?"),
    ("zzz:x", 1, 1, "is no field", 'search for the words: `"zzz:x"`'),
    ("Attention: all", 1, 1, "is no field", "search for the words"),
    ("titel:=x", 1, 1, "is no field", "did you mean `title:`?"),
    (":x", 1, 1, "a colon with no field before it", None),
    ("http://x.org", 1, 1, "`http` is no field", 'quote an address: `"http://x.org"`'),
    ("upvotes:5", 1, 1, "compared, with no colon", "write `upvotes=5`"),
    ("authors:smith", 1, 1, "compared, with no colon", "author:smith"),
    ("upvtes>5", 1, 1, "nothing that can be compared", "did you mean `upvotes`?"),
    ("year>=2024", 1, 1, "nothing that can be compared", "did you mean `published`?"),
    ("E=mc", 1, 1, "nothing that can be compared", "known: upvotes, authors, published, age"),
    ("zz = 5", 1, 1, "nothing that can be compared", "known: upvotes"),
    (">5", 1, 1, "`>` compares nothing", "a name before it"),
    ("upvotes>", 1, 1, "compares with nothing", "upvotes>5"),
    ('published>"2024"', 1, 1, "compares with nothing", "published>2024-06-01"),
    ("upvotes!=5", 1, 8, "`!=` is no comparison", "write `NOT upvotes=5`"),
    ("upvotes=>5", 1, 8, "`=>` is no comparison", "write `>=`"),
    ("upvotes ≥ 5", 1, 9, "`≥` is no comparison", "write `>=`"),
    ("upvotes==5", 1, 8, "`==` is no comparison", "write `=`"),
    ("upvotes>=five", 1, 1, "`five` is no whole number", "upvotes>=5"),
    ("upvotes>=4.5", 1, 1, "`4.5` is no whole number", None),
    ("published>2024-13-01", 1, 1, "is no date", "2024-06"),
    ("published=2023-02-29", 1, 1, "is no date", "2024-06"),
    ("published=0000", 1, 1, "is no date", "2024-06"),
    ("published>yesterday", 1, 1, "is no date", "age<=7"),
    ("topic:multilingal", 1, 1, "no topic `multilingal`", "did you mean `topic:multilingual`?"),
    ("topic:zzz", 1, 1, "no topic `zzz`", "topics.toml"),
    ("topic: x", 1, 1, "`topic:` stands before nothing", "right after the colon"),
    ("ab*", 1, 1, "prefix `ab*` is too short", "3 or more letters"),
    ("c++*", 1, 1, "too short", "3 or more letters"),
    ("x quan*ize", 1, 7, "`*` goes at the end", "quantiz*"),
    ("title:*", 1, 7, "`*` goes at the end", "quantiz*"),
    ('"a b"*', 1, 6, "`*` goes at the end", "without quotes"),
    ("abc**", 1, 4, "`*` goes at the end", None),
    ('"foo* bar"', 1, 5, "`*` goes at the end", "without quotes"),
    ('"foo bar*"~3', 1, 9, "`*` goes at the end", "without quotes"),
    ("=RAG*", 1, 5, "`*` goes at the end", None),
    ("category:cs.*", 1, 10, "`*` has no place in a category", "`category:cs` finds what is under it"),
    ("id:2401*", 1, 4, "`*` has no place in an id", "regular expression"),
    ('category:"  "', 1, 10, "empty name", "category:cs.CL"),
    ('category:"a b"~2', 1, 15, "`~` goes after a quoted phrase only", None),
    ("a~2", 1, 2, "`~` goes after a quoted phrase only", '"a b"~3'),
    ('"a b" ~2', 1, 7, "`~` goes after a quoted phrase only", '"a b"~3'),
    ('(a OR "a b" ~2)', 1, 13, "`~` goes after a quoted phrase only", '"a b"~3'),
    ('"a b"~', 1, 6, "needs a whole number", '"a b"~3'),
    ('"a b"~x', 1, 6, "needs a whole number", '"a b"~3'),
    ('"a b"~99999', 1, 6, "needs a whole number", '"a b"~3'),
    ("(a b)^2", 1, 6, "a weight cannot stand after a group", "after the terms"),
    ("upvotes>5^2", 1, 10, "a weight cannot stand after a comparison", None),
    ("topic:multilingual^2", 1, 19, "a weight cannot stand after a topic", None),
    ("x ^2", 1, 3, "a weight with no term", "word^2.5"),
    ("^2", 1, 1, "a weight with no term", "word^2.5"),
    ("x^", 1, 2, "a weight is a number", "word^2.5"),
    ("x^0", 1, 2, "above 0", "word^2.5"),
    ("x^-1", 1, 2, "above 0", "word^2.5"),
    ("x^101", 1, 2, "up to 100", "word^2.5"),
    ("x^nan", 1, 2, "a weight is a number", "word^2.5"),
    ("&& x", 1, 1, "no letter and no digit", "did you mean `AND`?"),
    ("x || y", 1, 3, "no letter and no digit", "did you mean `OR`?"),
    ('x "..."', 1, 3, "no letter and no digit", "leave it out"),
    ("!x", 1, 1, "`!` is no operator", "exclude with NOT"),
    ("=", 1, 1, "`=` stands before nothing", "=RAG"),
    ('="a b"', 1, 1, "one word, not a phrase", None),
    ("/abc", 1, 1, "never closed", r"`\/`"),
    ("/usr/bin", 1, 6, "right after a regular expression", "a path goes in quotes"),
    ("/(/", 1, 1, "cannot be used", "RE2"),
    (r"/(a)\1/", 1, 1, "cannot be used", "RE2"),
    ("//", 1, 1, "matches the empty string", None),
    ("x /a*/", 1, 3, "matches the empty string", "`+` for `*`"),
    ("/^$/", 1, 1, "matches the empty string", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "message", "way_out"), MISTAKES)
def test_a_mistake_is_told_with_its_place_and_the_way_out(
    text: str, line: int, column: int, message: str, way_out: str | None
) -> None:
    with pytest.raises(RuleError) as raised:
        parse(text, TOPICS)
    (problem,) = raised.value.problems
    assert message in problem.message
    assert (problem.line, problem.column) == (line, column)
    if way_out:
        assert way_out in (problem.way_out or "")
