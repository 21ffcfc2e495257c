-- Forms that came when the session of whoever sent them had ended: they wait,
-- sealed, for the same person to sign in again.

-- +goose Up
create table unsent_forms (
    id         bigint generated always as identity primary key,
    token_hash text not null constraint unsent_form_token unique,
    person_id  bigint references persons on delete cascade,
    staff_id   bigint references staff on delete cascade,
    sealed     bytea not null,
    created_at timestamptz not null default now(),
    constraint unsent_form_of_somebody check (num_nonnulls(person_id, staff_id) = 1)
);
create index unsent_forms_per_person on unsent_forms (person_id, id) where person_id is not null;
create index unsent_forms_per_staff on unsent_forms (staff_id, id) where staff_id is not null;
create index unsent_forms_by_age on unsent_forms (created_at);

-- Who came with a browser last.
create index devices_per_token on devices (token_hash);
