-- How a contact answers visits.

-- +goose Up
create index visit_answers_per_contact on visit_answers (contact_id, at desc);
