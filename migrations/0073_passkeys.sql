-- +goose Up
-- The passkeys that people and staff sign in with: of each the public half, and
-- how it counts its uses.
create table passkeys (
    id              bigint generated always as identity primary key,
    person_id       bigint references persons on delete cascade,
    staff_id        bigint references staff on delete cascade,
    credential_id   bytea not null constraint passkey_taken unique constraint passkey_id_long check (length(credential_id) between 1 and 1023),
    public_key      bytea not null,
    sign_count      bigint not null default 0,
    backup_eligible boolean not null,
    backed_up       boolean not null,
    name            text not null constraint passkey_name_missing check (name <> '') constraint passkey_name_long check (char_length(name) <= 200),
    created_at      timestamptz not null default now(),
    last_used_at    timestamptz,
    constraint passkey_of_somebody check (num_nonnulls(person_id, staff_id) = 1)
);
create index passkeys_per_person on passkeys (person_id, id) where person_id is not null;
create index passkeys_per_staff on passkeys (staff_id, id) where staff_id is not null;
