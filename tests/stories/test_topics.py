"""`topics`: the tree on the command line."""

from __future__ import annotations

import json

from tests.stories.commands import SAMPLES, Commands


def test_the_tree_is_walked_from_the_areas_to_a_topic_with_an_example(run: Commands) -> None:
    run("ingest", SAMPLES[0])
    areas = run("topics")
    assert areas.code == 0
    assert {"physics", "health", "artificial-intelligence"} <= {line.split()[0] for line in areas.out.splitlines()}
    told = run("topics", "natural-language-processing")
    assert told.out.startswith("Natural language processing: its tasks and languages\npart of artificial-intelligence")
    assert "\nthe newest: " in told.out
    assert "\nmultilingual" in told.out
    assert 'topics = ["natural-language-processing"]' in told.err


def test_as_json_each_topic_stands_on_a_line_with_its_place_and_its_count(run: Commands) -> None:
    run("ingest", SAMPLES[0])
    lines = [json.loads(line) for line in run("topics", "--json").out.splitlines()]
    topics = {each["name"]: each for each in lines}
    assert len(topics) == len(lines) >= 250
    assert topics["galaxies"]["part_of"] == ["astronomy"]
    found = run("match", "topic:multilingual")
    assert f"{topics['multilingual']['papers']} of " in found.err
    assert topics["multilingual"]["example"]["title"] in found.out
    under = [json.loads(line)["name"] for line in run("topics", "astronomy", "--json").out.splitlines()]
    assert under[0] == "astronomy"
    assert "cosmology" in under


def test_a_topic_that_is_not_there_is_answered_with_the_nearest(run: Commands) -> None:
    ran = run("topics", "astronmy")
    assert ran.code == 2
    assert "there is no topic 'astronmy' (did you mean 'astronomy'?)" in ran.err


def test_topics_of_ones_own_are_walked_and_a_wrong_one_is_told(run: Commands) -> None:
    run.subscribe("topics", '[bad]\nkeywords = ["(x"]\n[good]\nkeywords = ["language model"]\n')
    ran = run("topics")
    assert ran.code == 2
    assert [line.split()[0] for line in ran.out.splitlines()] == ["bad", "good"]
    assert "bad.keywords[0]" in ran.err
