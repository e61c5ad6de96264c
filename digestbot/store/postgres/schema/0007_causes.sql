-- Why a delivery stands as it does is data, and whose it is; what its words said is read by older_words.py.
alter table deliveries
    add column subscription text collate "C",
    add column cause text,
    add column answer text,
    add column possible_duplicate boolean not null default false;
