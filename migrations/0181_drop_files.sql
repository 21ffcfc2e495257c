-- Files that another system puts into the drop folder, by what became of them. Those
-- that were brought in are remembered by their bytes, so that none is twice.

-- +goose Up
create table drop_files (
    id          bigint generated always as identity primary key,
    path        text not null,
    size        bigint not null,
    modified    timestamptz not null,
    seen_at     timestamptz not null default now(), -- since when it is as it is
    state       text not null default 'seen' constraint drop_state check (state in ('seen', 'importing', 'done', 'refused')),
    claimed_at  timestamptz,
    digest      text not null default '',
    report      text not null default '',
    finished_at timestamptz,
    moved_at    timestamptz -- out of the way of the next ones
);
create unique index drop_files_there on drop_files (path) where moved_at is null;
create index drop_files_by_digest on drop_files (digest) where state = 'done';
