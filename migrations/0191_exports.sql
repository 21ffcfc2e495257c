-- Exports of everything that Administrators asked for: made behind the page, kept
-- for seven days.

-- +goose Up
create table exports (
    id         bigint generated always as identity primary key,
    kind       text not null constraint export_kind check (kind in ('xlsx', 'csv')),
    files      boolean not null,
    state      text not null default 'waiting' constraint export_state check (state in ('waiting', 'running', 'ready', 'failed', 'removed')),
    asked_at   timestamptz not null default now(),
    asked_by_id bigint references staff,
    asked_by   text not null default '', -- as they were called then
    begun_at   timestamptz,
    ended_at   timestamptz,
    moment     timestamptz, -- of the tables
    done       bigint not null default 0,
    of         bigint not null default 0,
    doing      text not null default '',
    problem    text not null default '',
    blob_key   text not null default '',
    size       bigint not null default 0,
    sum        text not null default '', -- SHA-256
    missing    bigint not null default 0, -- files that storage did not have
    nonce      text constraint export_sent_twice unique,
    constraint export_has_bytes check ((state = 'ready') = (blob_key <> ''))
);
create index exports_newest on exports (asked_at desc, id desc);
create unique index export_one_at_a_time on exports ((true)) where state in ('waiting', 'running');
create index exports_by_blob on exports (blob_key) where blob_key <> '';

-- Who has proved who they are and may download one for a day.
create table export_openings (
    export_id bigint not null references exports on delete cascade,
    staff_id  bigint not null references staff,
    at        timestamptz not null default now(),
    primary key (export_id, staff_id)
);
