-- The paper log.

-- name: lock_log
select pg_advisory_xact_lock(%s, hashtext(current_schema()))

-- name: head
select coalesce(max(place), 0) from log

-- name: last_places
select max(l.place) as place
from log l join works w on w.number = l.work
where l.place > %s and l.place <= %s
group by coalesce(w.joined, w.number)
order by place

-- name: at
select l.place, coalesce(j.key, w.key), l.logged_at, l.paper
from log l
join works w on w.number = l.work
left join works j on j.number = w.joined
where l.place = any(%s::bigint[])
order by l.place

-- name: works_by_id
select i.digest, coalesce(w.joined, w.number)
from work_ids i join works w on w.number = i.work
where i.digest = any(%s::bytea[])

-- name: works_by_title
select distinct t.digest, coalesce(w.joined, w.number) as number
from work_titles t join works w on w.number = t.work
where t.digest = any(%s::bytea[])
order by number

-- name: works_by_key
select w.key_digest, coalesce(w.joined, w.number)
from works w
where w.key_digest = any(%s::bytea[])

-- name: works
select w.number, w.key, w.last, w.also_ids, w.also_titles, w.late, l.paper
from works w join log l on l.place = w.last
where w.number = any(%s::bigint[])

-- name: newest
select w.last, w.key, l.logged_at, coalesce(w.late, l.paper)
from works w join log l on l.place = w.last
where w.number = %s

-- name: copy_log
copy log (place, work, logged_at, paper) from stdin

-- name: keep_works
insert into works (number, key, key_digest, last, joined, also_ids, also_titles, late)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (number) do update set
    last = excluded.last, joined = excluded.joined, also_ids = excluded.also_ids,
    also_titles = excluded.also_titles, late = excluded.late

-- name: join_works
-- Whatever had turned out to be one of these goes on with it: one step leads to what a work is by now.
update works set joined = moved.target
from unnest(%s::bigint[], %s::bigint[]) as moved (number, target)
where works.joined = moved.number

-- name: know_ids
insert into work_ids (digest, work)
select distinct on (digest) digest, work
from unnest(%s::bytea[], %s::bigint[]) with ordinality as new (digest, work, place)
order by digest, place
on conflict do nothing

-- name: know_titles
insert into work_titles (digest, work)
select * from unnest(%s::bytea[], %s::bigint[])
on conflict do nothing

-- name: know_schemes
insert into id_schemes (scheme) select unnest(%s::text[]) on conflict do nothing

-- name: schemes
select scheme from id_schemes
