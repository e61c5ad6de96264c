-- What people say and look at.

-- name: latest
select * from deliveries where state = any(%(states)s::text[]) order by number desc limit %(newest)s

-- name: pending
select count(*), min(ready_at)
from (
    select greatest(planned_at, case when state = 'sending' then lease_until else not_before end) as ready_at
    from deliveries where state = any(%(states)s::text[])
) open
where ready_at <= %(now)s

-- name: tally
select (done_at at time zone 'UTC')::date, state, count(*) from deliveries where done_at >= %s group by 1, 2

-- name: put_opinion
insert into opinions (id, subscription, place, liking, at)
values (%(id)s, %(subscription)s, %(place)s, %(liking)s, %(at)s)
on conflict (id) do update set liking = excluded.liking, at = excluded.at

-- name: opinions
select subscription, place, liking, at from opinions where subscription = %s order by place

-- name: put_library
insert into libraries (id, mark, papers) values (%(id)s, %(mark)s, %(papers)s)
on conflict (id) do update set mark = excluded.mark, papers = excluded.papers

-- name: remove_library
delete from libraries where id = %s

-- name: library
select papers from libraries where id = %s

-- name: library_mark
select mark from libraries where id = %s
