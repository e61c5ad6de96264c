-- Paces that all workers keep together.

-- name: next_turn
-- Gives the seconds until the caller's turn; turns of one budget are an interval apart, whoever takes them.
insert into paces (budget, next_at)
values (%(budget)s, clock_timestamp() + %(interval)s)
on conflict (budget) do update set next_at = greatest(paces.next_at, clock_timestamp()) + %(interval)s
returning extract(epoch from next_at - %(interval)s - clock_timestamp())::float8

-- name: take_place
select pg_try_advisory_lock(hashtext(current_schema() || %(budget)s), %(place)s)

-- name: leave_place
select pg_advisory_unlock(hashtext(current_schema() || %(budget)s), %(place)s)

-- name: jobs_in_hand
select count(*) from procrastinate_jobs where queue_name = %(queue)s and status = 'doing'
