-- Many workers on one store: who is due next, the paces they share, and what the engine of their jobs has.

-- When each subscriber is to be looked at again; made anew from the ledger wherever it is missing or outdated.
create table agenda (
    subscription text collate "C" primary key,
    bucket integer not null,
    part integer not null,          -- of the rules it has: who has the same is in one part
    revision bigint not null,       -- of the record it was worked out from
    due_at timestamptz not null,    -- infinity: not before the record changes
    head bigint                     -- of one without a cadence: it is due when the log has grown beyond
) with (fillfactor = 70);
create index agenda_due on agenda (part, due_at);
create index agenda_instant on agenda (part, head) where head is not null;

-- When the next message may leave, by budget. What a crash of the server forgets is a second's patience.
create unlogged table paces (
    budget text collate "C" primary key,
    next_at timestamptz not null
);

-- Which versions of the engine's own tables are there.
create table engine_versions (
    name text primary key
);

create index deliveries_ready_by_kind on deliveries ((destination ->> 'channel'), number)
    where state in ('planned', 'deferred', 'unknown') and not_before is null;
create index deliveries_waiting_by_kind on deliveries ((destination ->> 'channel'), not_before)
    where state in ('planned', 'deferred', 'unknown') and not_before is not null;
create index deliveries_gone on deliveries ((destination ->> 'channel')) where gone;
