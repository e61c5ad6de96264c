-- The ledger.

-- name: register
insert into standings (subscription, first_head, first_seen, cursor, carry)
select distinct subscription, (select coalesce(max(place), 0) from log), %(now)s::timestamptz, null::bigint, '{}'::bigint[]
from unnest(%(subscriptions)s::text[]) as subscription
order by subscription
on conflict do nothing

-- name: register_subscribers
insert into standings (subscription, first_head, first_seen, cursor, carry)
select s.id, (select coalesce(max(place), 0) from log), %(now)s::timestamptz, null, '{}'
from subscribers s
where s.state = 'active' and not exists (select from standings t where t.subscription = s.id)
order by s.id
on conflict do nothing

-- name: standings
select subscription, first_head, first_seen, cursor, carry from standings where subscription = any(%s::text[])

-- name: hold_standings
-- In one order for everybody, so that two who open digests wait for each other and never in a ring.
select subscription, first_head, first_seen, cursor, carry from standings
where subscription = any(%s::text[]) order by subscription for update

-- name: first_standings
-- Of those never registered; who comes second waits here and finds them. They are made right by move_standings.
insert into standings (subscription, first_head, first_seen, cursor, carry)
select new.subscription, new.first_head, new.first_seen, null, '{}'
from unnest(%s::text[], %s::bigint[], %s::timestamptz[]) as new (subscription, first_head, first_seen)
where not exists (select from standings s where s.subscription = new.subscription)
order by new.subscription
on conflict do nothing

-- name: move_standings
update standings set cursor = new.cursor, carry = new.carry::bigint[]
from unnest(%s::text[], %s::bigint[], %s::text[]) as new (subscription, cursor, carry)
where standings.subscription = new.subscription

-- name: delivered
select distinct coalesce(j.key, w.key)
from (select distinct unnest(places) as place from digests where subscription = %s) shown
join log l using (place)
join works w on w.number = l.work
left join works j on j.number = w.joined

-- name: places_of
select l.place, coalesce(j.key, w.key)
from works named
join works w on w.number = coalesce(named.joined, named.number)
    or w.joined = coalesce(named.joined, named.number)
left join works j on j.number = w.joined
join log l on l.work = w.number
where named.key_digest = any(%s::bytea[])

-- name: delivered_of
select d.subscription, shown.place
from digests d, unnest(d.places) as shown (place)
where d.subscription = any(%(subscriptions)s::text[]) and d.upto >= %(first)s
    and d.places && %(places)s::bigint[] and shown.place = any(%(places)s::bigint[])

-- name: keys_there
select key from digests where key = any(%s::text[])

-- name: ids_there
select id from deliveries where id = any(%s::text[])

-- name: copy_digests
copy digests (key, subscription, upto, places, record) from stdin

-- name: copy_deliveries
copy deliveries (id, digest, subscription, destination, state, planned_at, attempts, parts_sent, not_before, lease_until,
    fence, cause, reason, answer, possible_duplicate, done_at) from stdin

-- name: digest
select record from digests where key = %s

-- name: digests
select record from (
    select number, record from digests order by number desc limit %s
) newest order by number

-- name: digests_of
select wanted.subscription, newest.record
from unnest(%(subscriptions)s::text[]) as wanted (subscription),
    lateral (
        select d.number, d.record from digests d
        where d.subscription = wanted.subscription
        order by d.number desc limit %(newest)s
    ) newest
order by newest.number

-- name: give_up_leases
update deliveries set state = 'unknown', lease_until = null, not_before = null, cause = %(cause)s, reason = %(reason)s,
    possible_duplicate = true
where number in (
    select number from deliveries
    where state = 'sending' and lease_until <= %(now)s
    order by number for update skip locked
)

-- name: give_up_leases_of
update deliveries set state = 'unknown', lease_until = null, not_before = null, cause = %(cause)s, reason = %(reason)s,
    possible_duplicate = true
where number in (
    select number from deliveries
    where state = 'sending' and lease_until <= %(now)s and digest = any(%(digests)s::text[])
    order by number for update skip locked
)

-- name: claim
with ready as materialized (
    select number from deliveries
    where state in ('planned', 'deferred', 'unknown') and not_before is null
    order by number limit %(limit)s for update skip locked
), waited as materialized (
    select number from deliveries
    where state in ('planned', 'deferred', 'unknown') and not_before is not null and not_before <= %(now)s
    order by number limit %(limit)s for update skip locked
), taken as (
    select number from (select number from ready union all select number from waited) due
    order by number limit %(limit)s
), claimed as (
    update deliveries d
    set state = 'sending', lease_until = %(until)s, fence = d.fence + 1, attempts = d.attempts + 1
    from taken where d.number = taken.number
    returning d.*
)
select * from claimed order by number

-- name: claim_of
with taken as materialized (
    select number from deliveries
    where state in ('planned', 'deferred', 'unknown') and (not_before is null or not_before <= %(now)s)
        and digest = any(%(digests)s::text[])
    order by number limit %(limit)s for update skip locked
), claimed as (
    update deliveries d
    set state = 'sending', lease_until = %(until)s, fence = d.fence + 1, attempts = d.attempts + 1
    from taken where d.number = taken.number
    returning d.*
)
select * from claimed order by number

-- name: give_up_leases_of_kind
update deliveries set state = 'unknown', lease_until = null, not_before = null, cause = %(cause)s, reason = %(reason)s,
    possible_duplicate = true
where number in (
    select number from deliveries
    where state = 'sending' and lease_until <= %(now)s and destination ->> 'channel' = %(kind)s
    order by number for update skip locked
)

-- name: claim_of_kind
with ready as materialized (
    select number from deliveries
    where state in ('planned', 'deferred', 'unknown') and not_before is null and destination ->> 'channel' = %(kind)s
    order by number limit %(limit)s for update skip locked
), waited as materialized (
    select number from deliveries
    where state in ('planned', 'deferred', 'unknown') and not_before is not null and not_before <= %(now)s
        and destination ->> 'channel' = %(kind)s
    order by number limit %(limit)s for update skip locked
), taken as (
    select number from (select number from ready union all select number from waited) due
    order by number limit %(limit)s
), claimed as (
    update deliveries d
    set state = 'sending', lease_until = %(until)s, fence = d.fence + 1, attempts = d.attempts + 1
    from taken where d.number = taken.number
    returning d.*
)
select * from claimed order by number

-- name: patience_of_kind
-- Who is gone for good, and who asked to be left alone for now.
select * from deliveries where cause = 'gone' and destination ->> 'channel' = %(kind)s
union all
select * from deliveries
where state in ('planned', 'deferred', 'unknown') and not_before > %(now)s and destination ->> 'channel' = %(kind)s
    and state <> 'planned'

-- name: hold_deliveries
select * from deliveries where id = any(%s::text[]) order by number for update

-- name: record
update deliveries d set
    state = new.state, planned_at = new.planned_at, attempts = new.attempts, parts_sent = new.parts_sent,
    not_before = new.not_before, lease_until = new.lease_until, cause = new.cause, reason = new.reason,
    answer = new.answer, possible_duplicate = new.possible_duplicate, done_at = new.done_at
from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::integer[], %s::integer[], %s::timestamptz[],
    %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::timestamptz[])
    as new (id, state, planned_at, attempts, parts_sent, not_before, lease_until, cause, reason, answer,
        possible_duplicate, done_at)
where d.id = new.id

-- name: deliveries
-- Planned anew each time it is asked, so that what is not asked for costs nothing.
select * from deliveries
where (%(digest)s::text is null or digest = %(digest)s)
    and (%(subscriptions)s::text[] is null
        or digest = any(array(select key from digests where subscription = any(%(subscriptions)s))))
    and (%(states)s::text[] is null or state = any(%(states)s))
    and (%(ids)s::text[] is null or id = any(%(ids)s))
    and (%(addresses)s::text[] is null
        or lower((destination -> 'options' ->> 'address') collate "C") = any(%(addresses)s))
order by number

-- name: other_spellings
-- As the index says it.
select distinct lower((destination -> 'options' ->> 'address') collate "C") from deliveries
where (destination -> 'options' ->> 'address') ~ '[^!-~]' or (destination -> 'options' ->> 'address') ~* 'xn--'

-- name: count_deliveries
select state, count(*) from deliveries where state = any(%(states)s::text[]) group by state

-- name: count_digests
select count(*) from digests
