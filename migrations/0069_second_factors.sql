-- A second factor: digits of an app (RFC 6238), and codes for when the phone is
-- gone. Who has given the first and not yet the second waits without a session.

-- +goose Up
create table second_factors (
    id             bigint generated always as identity primary key,
    person_id      bigint references persons on delete cascade constraint second_factor_of_person unique,
    staff_id       bigint references staff on delete cascade constraint second_factor_of_staff unique,
    sealed         bytea not null,
    -- Null while it is being set up.
    on_since       timestamptz,
    -- The step of the last digits that were right: none is taken twice.
    last_step      bigint not null default 0,
    -- A password was chosen that is too short to stand alone.
    short_password boolean not null default false,
    -- Its person has lost it, and has shown that the address is theirs.
    lost_at        timestamptz,
    created_at     timestamptz not null default now(),
    constraint second_factor_of_somebody check (num_nonnulls(person_id, staff_id) = 1)
);
create index second_factors_lost on second_factors (lost_at) where lost_at is not null;

create table recovery_codes (
    factor_id bigint not null references second_factors on delete cascade,
    code_hash bytea not null,
    used_at   timestamptz,
    primary key (factor_id, code_hash)
);

create table pending_sign_ins (
    id           bigint generated always as identity primary key,
    browser_hash bytea not null constraint pending_sign_in_of_browser unique,
    person_id    bigint references persons on delete cascade,
    staff_id     bigint references staff on delete cascade,
    -- As whom an invitation lets in; null where there is a choice.
    contact_id   bigint references contacts on delete cascade,
    -- Of the account, when the first factor was right: a password changed meanwhile ends it.
    stamp        bigint not null,
    tries        integer not null default 0 constraint pending_sign_in_tries check (tries between 0 and 5),
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    ended_at     timestamptz,
    constraint pending_sign_in_of_somebody check (num_nonnulls(person_id, staff_id) = 1)
);
create index pending_sign_ins_per_person on pending_sign_ins (person_id) where person_id is not null;
create index pending_sign_ins_per_staff on pending_sign_ins (staff_id) where staff_id is not null;
create index pending_sign_ins_by_age on pending_sign_ins (created_at);
