-- Who did what about whom and when; only ever appended to.
create table audit (
    number bigint generated always as identity primary key,
    id text collate "C" not null unique,
    at timestamptz not null,
    who text not null,
    act text not null,
    about text collate "C" not null,    -- an address, folded, or a subscription
    detail text not null,
    reference text not null
);
create index audit_about on audit (about, number);
