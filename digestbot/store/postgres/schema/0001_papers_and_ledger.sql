-- The paper log and the ledger.

-- Append-only. Places are given under a lock that is held until they can be seen: no reader's cursor
-- passes a place that is still to come.
create table log (
    place bigint primary key,
    work bigint not null,           -- its number
    logged_at timestamptz not null,
    paper json not null             -- json, not jsonb: kept to the byte
);
create index log_work on log (work, place);

-- A work's number is the first place it was logged at.
create table works (
    number bigint primary key,
    key text collate "C" not null,
    key_digest bytea not null unique,   -- keys may be longer than an index takes
    last bigint not null,               -- the last place it was logged at
    joined bigint,                      -- the number of the work that it turned out to be
    also_ids json not null default '[]',
    also_titles json not null default '[]',
    late json                           -- its newest state where that is not worth a place
);
create index works_joined on works (joined) where joined is not null;

create table work_ids (
    digest bytea primary key,
    work bigint not null
);

create table work_titles (
    digest bytea not null,
    work bigint not null,
    primary key (digest, work)
);

create table id_schemes (
    scheme text collate "C" primary key
);

create table standings (
    subscription text collate "C" primary key,
    first_head bigint not null,
    first_seen timestamptz not null,
    cursor bigint,
    carry bigint[] not null
) with (fillfactor = 70);

create table digests (
    number bigint generated always as identity primary key,
    key text collate "C" not null unique,
    subscription text collate "C" not null,
    upto bigint not null,           -- where its window ends: no place it shows is beyond
    places bigint[] not null,       -- of the papers it shows
    record json not null
);
create index digests_subscription on digests (subscription, number, upto);

create table deliveries (
    number bigint generated always as identity primary key,
    id text collate "C" not null unique,
    digest text collate "C" not null,
    destination json not null,
    state text not null,
    planned_at timestamptz not null,
    attempts integer not null,
    parts_sent integer not null,
    not_before timestamptz,
    lease_until timestamptz,
    fence bigint not null,
    reason text,
    done_at timestamptz,
    gone boolean not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
create index deliveries_digest on deliveries (digest);
create index deliveries_ready on deliveries (number)
    where state in ('planned', 'deferred', 'unknown') and not_before is null;
create index deliveries_waiting on deliveries (not_before)
    where state in ('planned', 'deferred', 'unknown') and not_before is not null;
create index deliveries_leased on deliveries (lease_until) where state = 'sending';
-- What did not arrive is looked at often, what did hardly ever.
create index deliveries_open_ends on deliveries (state, number) where state <> 'sent';

-- Why nobody may write to this store: it is being filled from another, or was left for it.
create table marks (
    number integer primary key check (number = 1),
    other text not null,
    was_left boolean not null,
    message text not null,          -- what somebody is told who writes to it
    way_out text not null
);

-- Set off by every change as long as there is a mark; whoever moves the store passes.
create function refuse_marked() returns trigger language plpgsql as $$
declare
    mark record;
begin
    if current_setting('digestbot.moves', true) is distinct from 'yes' then
        select * into strict mark from marks;
        raise exception using errcode = 'DB001', message = mark.message, hint = mark.way_out;
    end if;
    return null;
end
$$;
