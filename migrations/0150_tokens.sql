-- Tokens by which systems use the API, and keys by which contacts read what they
-- see themselves. Of both only the SHA-256 is kept: they are random, and long
-- enough that nobody finds one by trying.

-- +goose Up
create table tokens (
    id            bigint generated always as identity primary key,
    hash          bytea not null constraint token_hash_once unique constraint token_hash check (length(hash) = 32),
    hint          text not null default '',   -- its last characters, by which people tell one from another
    name          text not null constraint token_name_missing check (name <> '') constraint token_name_long check (char_length(name) <= 80),
    source        text not null constraint token_source check (source ~ '^[a-z0-9][a-z0-9-]{0,39}$'), -- under which its external ids are kept
    scopes        text[] not null constraint token_scopes check (cardinality(scopes) > 0),
    all_customers boolean not null default true,
    created_at    timestamptz not null default now(),
    created_by_id bigint not null references staff,
    expires_at    timestamptz,
    used_at       timestamptz,                -- written at most once a minute
    used_from     inet,
    ended_at      timestamptz,
    ended_by_id   bigint references staff,
    version       bigint not null default 1,
    nonce         text constraint token_nonce_taken unique,
    constraint token_ended check ((ended_at is null) = (ended_by_id is null))
);
create index tokens_newest on tokens (created_at desc, id desc);

-- Which customers a token reaches that does not reach all.
create table token_customers (
    token_id    bigint not null references tokens,
    customer_id bigint not null references customers,
    primary key (token_id, customer_id)
);
create index token_customers_per_customer on token_customers (customer_id);

-- What was called with a token, each minute's calls of a kind together.
create table token_calls (
    token_id   bigint not null references tokens,
    minute     timestamptz not null,
    method     text not null,
    route      text not null,
    status     integer not null,
    calls      bigint not null,
    at         timestamptz not null,          -- the last of them, whose address and number in the log follow
    address    inet,
    request_id text not null default '',
    primary key (token_id, minute, method, route, status)
);
create index token_calls_old on token_calls (minute);

-- What was answered to a request with an Idempotency-Key, so that the same one is
-- answered alike and done once. No status: it is being answered.
create table token_answers (
    token_id bigint not null references tokens,
    key      text not null,
    request  bytea not null,                  -- SHA-256 of what was asked
    at       timestamptz not null default now(),
    status   integer,
    headers  jsonb not null default '{}',
    body     bytea not null default '',
    primary key (token_id, key)
);
create index token_answers_old on token_answers (at);

-- A key is its person's as well as its contact's: whoever takes the contact over
-- has none of it.
create table contact_keys (
    id         bigint generated always as identity primary key,
    contact_id bigint not null references contacts,
    person_id  bigint not null references persons on delete cascade,
    hash       bytea not null constraint contact_key_hash_once unique constraint contact_key_hash check (length(hash) = 32),
    hint       text not null default '',
    name       text not null constraint contact_key_name_missing check (name <> '') constraint contact_key_name_long check (char_length(name) <= 80),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    used_at    timestamptz,
    used_from  inet,
    ended_at   timestamptz,
    ended_by   text not null default '' constraint contact_key_ended_by check (ended_by in ('', 'contact', 'staff')),
    nonce      text constraint contact_key_nonce_taken unique,
    constraint contact_key_ended check ((ended_at is null) = (ended_by = ''))
);
create index contact_keys_per_contact on contact_keys (contact_id, created_at desc, id desc);
