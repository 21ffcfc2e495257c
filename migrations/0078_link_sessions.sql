-- Who has pressed the button of a record link looks at that one record, until the
-- link or the session ends.

-- +goose Up
create table link_sessions (
    id         bigint generated always as identity primary key,
    token_hash text not null constraint link_session_token unique,
    link_id    bigint not null references record_links on delete cascade,
    proved_at  timestamptz, -- with a code from the contact's mailbox, or by a browser that has
    words      text not null default '', -- what the last request has to say
    warns      boolean not null default false,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    address    inet,
    browser    text not null default ''
);
create index link_sessions_per_link on link_sessions (link_id, id);
create index link_sessions_by_age on link_sessions (expires_at);
