-- +goose NO TRANSACTION

-- +goose Up
create index concurrently if not exists unsent_forms_per_contact on unsent_forms (contact_id, id) where contact_id is not null;
