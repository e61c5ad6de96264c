"""What the values of the model say where nobody told them: each default, as a literal value."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import pytest

from digestbot.model.audit import AuditEntry
from digestbot.model.cadence import Cadence
from digestbot.model.catching_up import Turn
from digestbot.model.deliveries import Delivery, Message, Outcome
from digestbot.model.digests import Counts, DigestRecord, EntryRecord, Likened, Section, Slot
from digestbot.model.errors import Problem
from digestbot.model.papers import Paper
from digestbot.model.subscribers import SubscriberRecord, Suppression
from digestbot.model.subscriptions import Destination, LikeSpec, RuleSpec, Subscription

NOTHING_YET = {"attempts": 0, "parts_sent": 0, "fence": 0, "possible_duplicate": False}
UNTOLD = ("not_before", "lease_until", "cause", "reason", "answer", "done_at")
UNCOUNTED = ("read", "found", "already_sent", "carried_in", "left_out", "shown", "waiting_shown", "let_go", "expired")
UNKNOWN = ("abstract", "author_count", "organization", "journal", "upvotes", "published", "url", "source", "kind")


@pytest.mark.parametrize(
    ("made", "untold"),
    [
        (AuditEntry, {"detail": "", "reference": "", "id": ""}),
        (Cadence, {"monthday": None}),
        (Turn, {"until": None, "passed_over": False}),
        (Message, {"subject": ""}),
        (Delivery, {**NOTHING_YET, **dict.fromkeys(UNTOLD)}),
        (Outcome, {"reason": None, "answer": None, "possible_duplicate": False, "not_before": None}),
        (Slot, {"by_hand": False}),
        (
            EntryRecord,
            {"words": (), "highlights": (), "carried": False, "score": 0.0, "likeness": None, "near": "", "gist": ""},
        ),
        (Counts, dict.fromkeys(UNCOUNTED, 0)),
        (Likened, {"left": 0}),
        (
            DigestRecord,
            {"entries": (), "sections": (), "counts": Counts(), "carry": (), "trend": (), "likened": None}
            | {"brief": False, "gists": True},
        ),
        (Section, {"waiting": False}),
        (Problem, {"place": None, "line": None, "column": None, "way_out": None}),
        (
            Paper,
            {**dict.fromkeys(UNKNOWN), "authors": (), "categories": (), "keywords": (), "ids": {}}
            | {"more_authors": False, "baseline": False},
        ),
        (SubscriberRecord, {"revision": 0}),
        (Suppression, {"evidence": ""}),
        (
            RuleSpec,
            {"keywords": (), "require": (), "exclude": (), "topics": (), "query": None, "query_name": None},
        ),
        (LikeSpec, {"papers": (), "library": None, "about": None, "per_week": 5}),
        (Destination, {"options": {}, "theme": None}),
        (
            Subscription,
            {"max_entries": 20, "order": "relevance", "when_empty": "skip", "first_run_days": None}
            | {"paused": False, "paused_until": None, "catch_up": "merge", "public": False, "feedback": True}
            | {"carry": True, "waiting_share": 0.25, "waiting_days": 14, "thread": "series", "like": None}
            | {"gist": "sentence", "language": "en"},
        ),
    ],
)  # fmt: skip
def test_what_nobody_told(made: type[Any], untold: dict[str, object]) -> None:
    defaults = {
        each.name: each.default if each.default_factory is MISSING else each.default_factory() for each in fields(made)
    }
    assert {name: value for name, value in defaults.items() if value is not MISSING} == untold
