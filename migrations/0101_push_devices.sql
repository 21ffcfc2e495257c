-- Browsers that show notifications, each of one person.

-- +goose Up
create table push_devices (
    id            bigint generated always as identity primary key,
    person_id     bigint not null references persons on delete cascade,
    session_id    bigint references sessions on delete set null, -- in which it is signed in now
    browser_hash  text not null default '',                      -- of the cookie that tells it from others, as in devices
    browser       text not null default '',
    endpoint      text not null,                                 -- where its push service takes notifications
    endpoint_hash bytea,                                         -- null once it has ended
    public_key    bytea not null,
    auth_secret   bytea not null,
    created_at    timestamptz not null default now(),
    seen_at       timestamptz not null default now(),            -- when its person was last here with it
    used_at       timestamptz,                                   -- when a notification was last taken for it
    ended_at      timestamptz,
    constraint push_device_ended check ((ended_at is null) = (endpoint_hash is not null) and (ended_at is null or endpoint = ''))
);
create unique index push_device_endpoint on push_devices (endpoint_hash);
create index push_devices_per_person on push_devices (person_id, id);
create index push_devices_per_session on push_devices (session_id) where session_id is not null;
create index push_devices_per_browser on push_devices (browser_hash) where browser_hash <> '';
create index push_devices_ended on push_devices (ended_at) where ended_at is not null;

-- A session that somebody ends takes the notifications of its browser along,
-- whoever ends it, and however. One that has ended of itself does not.
-- +goose StatementBegin
create function push_device_ends() returns trigger language plpgsql as $$
begin
    update push_devices set ended_at = now(), endpoint = '', endpoint_hash = null, public_key = '', auth_secret = '' where session_id = old.id and ended_at is null;
    return old;
end $$;
-- +goose StatementEnd
