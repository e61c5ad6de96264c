"""OpenReview's notes of both APIs; reviews are no papers, and nobody is called Anonymous."""

from __future__ import annotations

import json
from datetime import date

from tests.readers.kit import understand

OLD = {
    "id": "a", "forum": "a", "invitation": "X/-/Submission", "signatures": [], "cdate": 1600000000000,
    "content": {"title": "Old", "authors": ["Jane Doe"], "abstract": "Abs", "keywords": ["k"]},
}  # fmt: skip
NEW = {
    "id": "c", "forum": "c", "invitations": [], "signatures": [], "pdate": None, "cdate": 1700000000000,
    "externalIds": ["arxiv:2401.00001", "dblp:conf/x"],
    "content": {
        "title": {"value": "New"}, "authors": {"value": ["Anonymous"]}, "abstract": {"value": None},
        "primary_area": {"value": "optimization"},
    },
}  # fmt: skip
REVIEW = {"id": "b", "forum": "a", "replyto": "a", "content": {"title": "Official review"}}


def test_both_apis_are_read_and_replies_are_furniture() -> None:
    listing = understand(json.dumps({"notes": [OLD, REVIEW, NEW], "count": 3}).encode(), "notes.json")
    old, new = listing.papers
    assert (old.title, old.abstract, old.authors, old.published) == ("Old", "Abs", ("Jane Doe",), date(2020, 9, 13))
    assert (old.ids["openreview"], old.url) == ("a", "https://openreview.net/forum?id=a")
    assert (new.title, new.abstract, new.authors, new.categories) == ("New", None, (), ("optimization",))
    assert dict(new.ids) == {"arxiv": "2401.00001", "dblp": "conf/x", "openreview": "c"}
    assert [piece.kind for piece in listing.skipped] == ["furniture"]


def test_a_note_without_title_is_skipped_and_no_notes_are_no_failure() -> None:
    listing = understand(json.dumps([{**OLD, "content": {}}, OLD]).encode(), "notes.json")
    assert ([piece.kind for piece in listing.skipped], len(listing.papers)) == (["unreadable"], 1)
    assert list(understand(b'{"notes": [], "count": 0}', "notes.json").papers) == []


def test_the_journal_is_the_venue_where_it_appeared() -> None:
    venues = ("ICLR 2026 poster", "Submitted to ICLR 2026", "ICLR 2026 Conference Withdrawn Submission")
    said = [{"title": {"value": "T"}, "venue": {"value": venue}} for venue in venues]
    notes = [{**NEW, "id": f"n{n}", "forum": f"n{n}", "content": each} for n, each in enumerate(said)]
    listing = understand(json.dumps({"notes": notes}).encode(), "notes.json")
    assert [paper.journal for paper in listing.papers] == ["ICLR 2026 poster", None, None]
