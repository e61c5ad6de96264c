"""The rows of the tables up to version 6 brought forward, by the words that `store/older.py` knows."""

from __future__ import annotations

from digestbot.store.older import OLD_DOUBT, OLD_WORDS
from digestbot.store.postgres.connection import Connection

VERSION = 7
"""The migration that this belongs to."""
_CASE = "when state = any(%s::text[]) and reason ~ %s then "
_FORWARD = """
update deliveries set
    subscription = split_part(digest, '/', 1),
    cause = case when gone then 'gone' {causes} end,
    answer = case {answers} end,
    possible_duplicate = coalesce(reason ~ %s, false)
"""
_DONE = """
alter table deliveries alter column subscription set not null, drop column gone;
create index deliveries_gone on deliveries ((destination ->> 'channel')) where cause = 'gone';
update digests set record = jsonb_set(record::jsonb, '{slot,by_hand}',
    to_jsonb(strpos(record -> 'slot' ->> 'label', '-to-') > 0))::json
"""


def bring_forward(connection: Connection) -> None:
    """Read what the words said, within the migration's transaction."""
    causes, answers = [], []
    for each in OLD_WORDS:
        fits = [[state.value for state in each.states], each.pattern]
        causes += [*fits, each.cause.value]
        answers += [*fits, each.pattern if "(" in each.pattern else None]
    forward = _FORWARD.format(
        causes=(_CASE + "%s::text ") * len(OLD_WORDS),
        answers=(_CASE + "substring(reason from %s::text) ") * len(OLD_WORDS),
    )
    connection.execute(forward, [*causes, *answers, OLD_DOUBT])
    connection.execute(_DONE)
