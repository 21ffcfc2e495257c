-- A form may have been sent by a contact who comes in by their company's provider
-- alone, and is no person.

-- +goose Up
alter table unsent_forms
    add column contact_id bigint references contacts on delete cascade,
    drop constraint unsent_form_of_somebody,
    add constraint unsent_form_of_somebody check (num_nonnulls(person_id, staff_id, contact_id) = 1) not valid;
