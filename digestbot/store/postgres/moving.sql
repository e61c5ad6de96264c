-- A store that is moved, row by row in one spelling. Times and the like are spelt by the codec.

-- name: mark
select other, was_left from marks

-- name: put_mark
insert into marks values (1, %s, %s, %s, %s)
on conflict (number) do update set other = excluded.other, was_left = excluded.was_left,
    message = excluded.message, way_out = excluded.way_out

-- name: take_mark_off
delete from marks

-- name: on_their_way
select count(*) from deliveries where state = 'sending' and lease_until > now()

-- name: log
select l.place, w.key, l.logged_at, l.paper
from log l join works w on w.number = l.work
where l.place > %(after)s order by l.place limit %(limit)s

-- name: works
select w.key, j.key as "into", w.also_ids as ids, w.also_titles as titles, w.late
from works w left join works j on j.number = w.joined
where w.key > %(after)s
    and (w.joined is not null or w.also_ids::text <> '[]' or w.also_titles::text <> '[]' or w.late is not null)
order by w.key limit %(limit)s

-- name: standings
select subscription, first_head, first_seen, cursor, carry from standings
where subscription > %(after)s order by subscription limit %(limit)s

-- name: digests
select number, record from digests where number > %(after)s order by number limit %(limit)s

-- name: deliveries
select * from deliveries where number > %(after)s order by number limit %(limit)s

-- name: subscribers
select id, state, wants, added_at, changed_at, revision from subscribers
where id > %(after)s order by id limit %(limit)s

-- name: suppressions
select address, reason, since, evidence from suppressions
where address > %(after)s order by address limit %(limit)s

-- name: audit
select number, id, at, who, act, about, detail, reference from audit
where number > %(after)s order by number limit %(limit)s

-- name: count_log
select count(*) from log

-- name: count_works
select count(*) from works
where joined is not null or also_ids::text <> '[]' or also_titles::text <> '[]' or late is not null

-- name: count_standings
select count(*) from standings

-- name: count_digests
select count(*) from digests

-- name: count_deliveries
select count(*) from deliveries

-- name: count_subscribers
select count(*) from subscribers

-- name: count_suppressions
select count(*) from suppressions

-- name: count_audit
select count(*) from audit

-- name: numbers
select key, number from works where key_digest = any(%s::bytea[])

-- name: log_works
insert into works (number, key, key_digest, last) values (%s, %s, %s, %s)
on conflict (number) do update set last = excluded.last

-- name: put_works
update works set
    joined = (select j.number from works j where j.key_digest = %(into)s),
    also_ids = %(ids)s, also_titles = %(titles)s, late = %(late)s
where key_digest = %(key)s

-- name: put_standings
insert into standings (subscription, first_head, first_seen, cursor, carry)
values (%(subscription)s, %(first_head)s, %(first_seen)s, %(cursor)s, %(carry)s)
on conflict (subscription) do update set first_head = excluded.first_head, first_seen = excluded.first_seen,
    cursor = excluded.cursor, carry = excluded.carry

-- name: put_deliveries
insert into deliveries (id, digest, subscription, destination, state, planned_at, attempts, parts_sent, not_before,
    lease_until, fence, cause, reason, answer, possible_duplicate, done_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (id) do update set state = excluded.state, planned_at = excluded.planned_at,
    attempts = excluded.attempts, parts_sent = excluded.parts_sent, not_before = excluded.not_before,
    lease_until = excluded.lease_until, fence = excluded.fence, cause = excluded.cause, reason = excluded.reason,
    answer = excluded.answer, possible_duplicate = excluded.possible_duplicate, done_at = excluded.done_at

-- name: put_subscribers
insert into subscribers (id, bucket, state, wants, addresses, added_at, changed_at, revision)
values (%s, %s, %s, %s::json, %s::text[], %s, %s, %s)
on conflict (id) do update set state = excluded.state, wants = excluded.wants, addresses = excluded.addresses,
    added_at = excluded.added_at, changed_at = excluded.changed_at, revision = excluded.revision

-- name: raise_revisions
select setval('revisions', greatest((select max(revision) from subscribers), nextval('revisions')))

-- name: put_suppressions
insert into suppressions (address, reason, since, evidence)
values (%(address)s, %(reason)s, %(since)s, %(evidence)s)
on conflict (address) do update set reason = excluded.reason, since = excluded.since, evidence = excluded.evidence

-- name: put_audit
insert into audit (id, at, who, act, about, detail, reference)
values (%(id)s, %(at)s, %(who)s, %(act)s, %(about)s, %(detail)s, %(reference)s)
on conflict (id) do update set at = excluded.at, who = excluded.who, act = excluded.act, about = excluded.about,
    detail = excluded.detail, reference = excluded.reference

-- name: opinions
select id, subscription, place, liking, at from opinions
where id > %(after)s order by id limit %(limit)s

-- name: count_opinions
select count(*) from opinions

-- name: put_opinions
insert into opinions (id, subscription, place, liking, at)
values (%(id)s, %(subscription)s, %(place)s, %(liking)s, %(at)s)
on conflict (id) do update set liking = excluded.liking, at = excluded.at

-- name: remove_opinions
delete from opinions where id = any(%s::text[])

-- name: gists
select id, day::text as day, text from gists where id > %(after)s order by id limit %(limit)s

-- name: count_gists
select count(*) from gists

-- name: put_gists
insert into gists (id, day, text) values (%(id)s, %(day)s::date, %(text)s)
on conflict (id) do update set day = excluded.day, text = excluded.text
