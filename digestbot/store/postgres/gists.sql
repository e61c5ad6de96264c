-- What a model wrote of papers.

-- name: lock_gists
select pg_advisory_xact_lock(%s, hashtext(current_schema()))

-- name: take_gists
with free as (
    select wanted.id
    from unnest(%(ids)s::text[]) with ordinality as wanted (id, place)
    left join gists g on g.id = wanted.id
    where g.id is null or (g.text = '' and g.day < %(day)s)
    order by wanted.place
    limit greatest(%(most)s - (select count(*) from gists where day = %(day)s), 0)
)
insert into gists (id, day, text) select id, %(day)s, '' from free
on conflict (id) do update set day = excluded.day
returning id

-- name: put_gists
update gists set text = new.text
from unnest(%s::text[], %s::text[]) as new (id, text)
where gists.id = new.id

-- name: gists
select id, text from gists where id = any(%s::text[]) and text <> ''
