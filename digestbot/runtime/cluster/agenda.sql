-- When each subscriber is to be looked at again.

-- name: due_shards
select part / %(width)s, count(*) from agenda
where due_at <= %(now)s or head < %(head)s
group by 1 order by 1

-- name: due
-- Who has the same rules comes one after the other.
select subscription from agenda
where part >= %(first)s and part < %(stop)s and (due_at <= %(now)s or head < %(head)s)
    and bucket %% %(slices)s = %(slice)s
order by part, subscription

-- name: unseen_buckets
select distinct s.bucket / %(width)s from subscribers s
where s.state = 'active'
    and not exists (select from agenda a where a.subscription = s.id and a.revision = s.revision)
order by 1

-- name: unseen
select s.id from subscribers s
where s.bucket >= %(first)s and s.bucket < %(stop)s and s.state = 'active'
    and not exists (select from agenda a where a.subscription = s.id and a.revision = s.revision)
order by s.id

-- name: put
insert into agenda (subscription, bucket, part, revision, due_at, head)
select * from unnest(%s::text[], %s::integer[], %s::integer[], %s::bigint[], %s::timestamptz[], %s::bigint[])
    as new (subscription, bucket, part, revision, due_at, head)
order by subscription
on conflict (subscription) do update set
    bucket = excluded.bucket, part = excluded.part, revision = excluded.revision, due_at = excluded.due_at,
    head = excluded.head

-- name: forget
delete from agenda where subscription = any(%s::text[])

-- name: kinds_ready
select kind, (
    select count(*) from (
        select from deliveries
        where state in ('planned', 'deferred', 'unknown') and not_before is null and destination ->> 'channel' = kind
        limit %(most)s
    ) ready
) + (
    select count(*) from (
        select from deliveries
        where state in ('planned', 'deferred', 'unknown') and not_before <= %(now)s and destination ->> 'channel' = kind
        limit %(most)s
    ) waited
) + (
    select count(*) from (
        select from deliveries
        where state = 'sending' and lease_until <= %(now)s and destination ->> 'channel' = kind
        limit %(most)s
    ) left_over
)
from unnest(%(kinds)s::text[]) as kind

-- name: with_opinions
select distinct subscription from opinions where subscription = any(%s::text[])

-- name: kinds_out
-- The kinds of which the newest that has failed and waits was planned after any that left; of the newest of each state.
with failing as (
    select distinct on (destination ->> 'channel') destination ->> 'channel' as kind, number, planned_at, reason
    from (
        (select * from deliveries where state = 'deferred' order by number desc limit %(most)s)
        union all
        (select * from deliveries where state = 'unknown' order by number desc limit %(most)s)
        union all
        (select * from deliveries where state = 'planned' order by number desc limit %(most)s)
    ) newest
    where cause = any(%(causes)s::text[])
    order by destination ->> 'channel', planned_at desc
)
select kind, reason from failing
where not exists (
    select from deliveries d
    where d.number > failing.number - %(most)s and d.state = 'sent' and d.destination ->> 'channel' = failing.kind
        and d.done_at >= failing.planned_at
)
order by kind
