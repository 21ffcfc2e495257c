-- Systems that are told of events, and what became of telling them.

-- +goose Up
create table webhooks (
    id            bigint generated always as identity primary key,
    seal          text not null unique, -- what its secrets are sealed for
    name          text not null constraint webhook_name_missing check (name <> ''),
    address       text not null constraint webhook_address_missing check (address <> ''),
    kinds         text[],   -- null: all, those to come too
    customer_ids  bigint[], -- null: all
    secret        bytea not null,
    old_secret    bytea,    -- signs beside the secret until it is ended
    rotated_at    timestamptz,
    active        boolean not null default true,
    off_why       text not null default '' constraint webhook_off_why check (off_why in ('', 'staff', 'gone', 'failing')),
    off_at        timestamptz,
    begins_at     timestamptz not null default now(), -- it is told of nothing before
    spread_to     bigint not null default 0, -- events up to here have their deliveries
    failures      integer not null default 0, -- without a success in between
    failing_since timestamptz,
    next_at       timestamptz not null default now(), -- nothing new is tried before
    lease         text not null default '', -- of the program that sends now, until leased_until
    leased_until  timestamptz,
    nonce         text,
    version       bigint not null default 1,
    created_at    timestamptz not null default now(),
    constraint webhook_nonce_taken unique (nonce),
    constraint webhook_off check (active = (off_at is null))
);

create table webhook_deliveries (
    id          bigint generated always as identity primary key,
    webhook_id  bigint not null references webhooks on delete cascade,
    event_id    bigint references events on delete cascade, -- null for a test
    number      bigint, -- the event's, of those that are sent in its order
    kind        text not null,
    nonce       text, -- of the press that asked for it
    state       text not null default 'waiting' constraint delivery_state check (state in ('waiting', 'delivered', 'failed', 'skipped')),
    attempts    integer not null default 0,
    created_at  timestamptz not null default now(),
    first_at    timestamptz, -- the first try
    last_at     timestamptz,
    next_at     timestamptz not null default now(),
    finished_at timestamptz,
    duration_ms integer not null default 0,
    status      integer, -- of the answer, null when there was none
    answer      text not null default '', -- its beginning
    words       text not null default '', -- what went wrong without an answer
    sent        text not null default '',
    constraint delivery_once unique (webhook_id, number),
    constraint delivery_pressed_twice unique (webhook_id, nonce),
    constraint delivery_finished check ((finished_at is null) = (state = 'waiting'))
);
create index webhook_deliveries_waiting on webhook_deliveries (webhook_id, number, id) where state = 'waiting';
create index webhook_deliveries_newest on webhook_deliveries (webhook_id, created_at desc, id desc);
create index webhook_deliveries_tried on webhook_deliveries (webhook_id, last_at desc) where last_at is not null;
create index webhook_deliveries_per_event on webhook_deliveries (event_id);
create index webhook_deliveries_by_age on webhook_deliveries (created_at) where event_id is null;
