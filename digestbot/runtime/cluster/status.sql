-- How the cluster stands.

-- name: workers
select count(*) filter (where last_heartbeat >= now() - %(stalled)s), count(*) filter (where last_heartbeat < now() - %(stalled)s)
from procrastinate_workers

-- name: jobs
select j.queue_name,
    count(*) filter (where status = 'todo'),
    count(*) filter (where status = 'doing'),
    count(*) filter (where status = 'failed'),
    min(e.at) filter (where status in ('todo', 'doing'))
from procrastinate_jobs j
left join lateral (select min(at) as at from procrastinate_events where job_id = j.id) e on true
where status in ('todo', 'doing', 'failed')
group by j.queue_name order by j.queue_name
