-- Who joined by the web or an import, and whom nothing is sent to.

create sequence revisions;

create table subscribers (
    id text collate "C" primary key,
    bucket integer not null,
    state text not null,
    wants json not null,
    addresses text[] not null,      -- where its digests go by mail, folded
    added_at timestamptz not null,
    changed_at timestamptz not null,
    revision bigint not null
);
create index subscribers_bucket on subscribers (bucket, state, revision);
create index subscribers_addresses on subscribers using gin (addresses);

create table suppressions (
    address text collate "C" primary key,   -- folded
    reason text not null,
    since timestamptz not null,
    evidence text not null
);
