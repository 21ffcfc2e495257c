-- How often contacts took along what they see, for the limit.

-- +goose Up
create table data_takings (
    id         bigint generated always as identity primary key,
    contact_id bigint not null references contacts on delete cascade,
    at         timestamptz not null default now()
);
create index data_takings_newest on data_takings (contact_id, at desc);
