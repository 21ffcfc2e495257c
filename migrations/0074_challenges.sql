-- +goose Up
-- What a browser was asked to prove, until it answers: once, and no other
-- browser in its place.
create table challenges (
    id           bigint generated always as identity primary key,
    purpose      text not null constraint challenge_purpose check (purpose in ('passkey', 'new-passkey')),
    side         text not null constraint challenge_side check (side in ('portal', 'office')),
    person_id    bigint references persons on delete cascade,
    staff_id     bigint references staff on delete cascade,
    value_hash   text not null constraint challenge_taken unique,
    browser_hash text not null,
    created_at   timestamptz not null default now()
);
create index challenges_by_age on challenges (created_at);
create index challenges_per_person on challenges (person_id) where person_id is not null;
create index challenges_per_staff on challenges (staff_id) where staff_id is not null;
