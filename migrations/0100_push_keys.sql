-- The pair of keys by which push services know this portal: one row, made when it
-- is needed first. Browsers hand out addresses for this key alone, so it stays.

-- +goose Up
create table push_keys (
    singleton   boolean primary key default true check (singleton),
    public_key  bytea not null,
    private_key bytea not null, -- sealed
    created_at  timestamptz not null default now()
);
