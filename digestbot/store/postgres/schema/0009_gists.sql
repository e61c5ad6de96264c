-- What a model wrote of papers: who takes one asks for it, on one day once.
create table gists (
    id text collate "C" primary key,
    day date not null,      -- on which it was taken last
    text text not null      -- empty until there is one
);
create index gists_day on gists (day);
