-- What people like: the papers of each library, packed, for they are only ever read together.
create table libraries (
    id text collate "C" primary key,    -- a subscriber's id, or a name with a /
    mark text not null,                 -- another one whenever the papers are
    papers text not null
);
