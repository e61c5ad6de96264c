-- Who joined, and whom nothing is sent to.

-- name: put
insert into subscribers (id, bucket, state, wants, addresses, added_at, changed_at, revision)
values (%s, %s, %s, %s::json, %s::text[], %s, %s, nextval('revisions'))
on conflict (id) do update set
    state = excluded.state, wants = excluded.wants, addresses = excluded.addresses, added_at = excluded.added_at,
    changed_at = excluded.changed_at, revision = excluded.revision

-- name: remove_opinions
delete from opinions where subscription = any(%s::text[])

-- name: remove_libraries
delete from libraries where id = any(%s::text[])

-- name: remove
delete from subscribers where id = any(%s::text[])

-- name: page
select id, state, wants, added_at, changed_at, revision from subscribers
where id > %(after)s order by id limit %(limit)s

-- name: ids_in
-- Sorted by whoever asks: a plan that walks along the ids would walk past all the other buckets.
select id from subscribers where bucket >= %s and bucket < %s

-- name: these
select id, state, wants, added_at, changed_at, revision from subscribers where id = any(%s::text[]) order by id

-- name: ids_at
select id from subscribers where addresses @> array[%s::text]

-- name: count
select state, count(*) from subscribers where bucket >= %s and bucket < %s group by state

-- name: mark
-- Revisions become visible in any order, so that the last one tells nothing; their sum does.
select count(*), coalesce(sum(revision), 0) from subscribers where bucket >= %s and bucket < %s

-- name: suppress
insert into suppressions (address, reason, since, evidence) values (%s, %s, %s, %s) on conflict do nothing

-- name: release
delete from suppressions where address = any(%s::text[])

-- name: suppressions
select address, reason, since, evidence from suppressions order by address

-- name: suppressions_of
select address, reason, since, evidence from suppressions where address = any(%s::text[]) order by address
