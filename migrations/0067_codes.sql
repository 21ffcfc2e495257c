-- Codes by email: eight digits that somebody types where they asked for them.

-- +goose Up
create table codes (
    id           bigint generated always as identity primary key,
    purpose      text not null constraint code_purpose check (purpose in ('sign-in', 'proof', 'record')),
    -- The browser that asked has the token: without it the digits are worth nothing.
    browser_hash bytea not null constraint code_of_browser unique,
    -- Whom it was asked for, as a hash: one that nobody has looks like any other.
    account      text not null,
    person_id    bigint references persons on delete cascade,
    contact_id   bigint references contacts on delete cascade,
    email        text not null default '',
    about        text not null default '' constraint code_about_long check (char_length(about) <= 200),
    -- Of digits and token together.
    code_hash    bytea not null,
    tries        integer not null default 0 constraint code_tries check (tries between 0 and 5),
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    used_at      timestamptz,
    ended_at     timestamptz,
    constraint code_for_one check (num_nonnulls(person_id, contact_id) <= 1 and (purpose = 'record') = (contact_id is not null))
);
create unique index code_open_per_account on codes (purpose, account) where used_at is null and ended_at is null;
create index codes_per_person on codes (person_id) where person_id is not null;
create index codes_per_contact on codes (contact_id) where contact_id is not null;
create index codes_by_age on codes (created_at);
