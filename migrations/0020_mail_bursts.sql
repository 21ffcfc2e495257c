-- Whose doing a mail tells of, so that a burst by one contact is told in few.

-- +goose Up
alter table emails add column by_contact_id bigint references contacts;
create index emails_caused_per_contact on emails (by_contact_id, created_at desc) where by_contact_id is not null;
