-- +goose Up
-- Who has answered the offer to add a passkey: it does not come again.
create table passkey_offers (
    id          bigint generated always as identity primary key,
    person_id   bigint constraint passkey_offer_answered unique references persons on delete cascade,
    staff_id    bigint constraint passkey_offer_answered_by_staff unique references staff on delete cascade,
    answered_at timestamptz not null default now(),
    constraint passkey_offer_of_somebody check (num_nonnulls(person_id, staff_id) = 1)
);
