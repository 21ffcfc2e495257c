-- +goose NO TRANSACTION
-- How a contact answers quotes: by the portal, or as staff have written it down.

-- +goose Up
create index concurrently if not exists acceptances_per_contact on acceptances (contact_id, at desc) where contact_id is not null;
