-- What readers think of papers: the last word of a subscription's readers about a place of the log.
create table opinions (
    id text collate "C" primary key,    -- the subscription's with the place
    subscription text collate "C" not null,
    place bigint not null,
    liking text not null,
    at timestamptz not null
);
create index opinions_of on opinions (subscription, place);
