-- +goose NO TRANSACTION
-- How a contact answers visits.

-- +goose Up
create index concurrently if not exists visit_answers_per_contact on visit_answers (contact_id, at desc);
