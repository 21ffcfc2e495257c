-- How the reading of the mailbox gets on, one row.

-- +goose Up
create table mailbox (
    singleton     boolean primary key default true check (singleton),
    looked_at     timestamptz,           -- when it was last seen that nothing waits there
    failing_since timestamptz,
    words         text not null default '',
    name          text not null default '', -- of the folder whose numbers follow
    validity      bigint not null default 0,
    next_number   bigint not null default 0 -- all before it were taken
);
insert into mailbox default values;
