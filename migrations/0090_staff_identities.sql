-- Whom of the staff the business's provider of OpenID Connect knows as whom. The
-- address counts once, when they first come by it; from then on the subject does.

-- +goose Up
create table staff_identities (
    id           bigint generated always as identity primary key,
    staff_id     bigint not null references staff on delete cascade,
    issuer       text not null,
    subject      text not null constraint staff_identity_subject check (subject <> ''),
    created_at   timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    constraint staff_identity_once unique (issuer, subject),
    constraint staff_identity_of_one unique (staff_id, issuer)
);
