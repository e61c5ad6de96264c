-- The audit log, and the erasing of one person.

-- name: note
insert into audit (id, at, who, act, about, detail, reference) values (%s, %s, %s, %s, %s, %s, %s)
on conflict (id) do nothing

-- name: entries
select id, at, who, act, about, detail, reference from (
    select * from audit
    where (%(about)s::text is null or about = %(about)s) and (%(ids)s::text[] is null or id = any(%(ids)s::text[]))
    order by number desc limit %(newest)s
) newest order by number

-- name: naming
select id, at, who, act, about, detail, reference from audit
where about = %(address)s or reference = %(address)s order by number

-- name: put_entry
update audit set about = %s, detail = %s, reference = %s where id = %s

-- name: put_delivery
update deliveries set reason = %s, answer = %s,
    destination = jsonb_set(destination::jsonb, '{options,address}', to_jsonb(%s::text))::json
where id = %s

-- name: rename_digests
update digests set record = jsonb_set(record::jsonb, '{name}', to_jsonb(%s::text))::json
where subscription = any(%s::text[])
