-- +goose Up
-- A file taken over from a quote to its job is a row of its own on the same
-- stored bytes: who shares, hides or removes one leaves the other as it is.
-- Bytes may only be deleted when no row names them any more.
alter table attachments drop constraint attachments_blob_key_key;
create index attachments_by_blob on attachments (blob_key);
create index attachments_by_web on attachments (web_key) where web_key <> '';
create index attachments_by_thumb on attachments (thumb_key) where thumb_key <> '';

-- The office's list of quotes, by status, by the day the price ends, by who is on it.
create index quotes_by_status on quotes (status, created_at desc, id desc);
create index quotes_by_validity on quotes ((coalesce(valid_until, 'infinity')), id);
create index quote_staff_per_staff on quote_staff (staff_id, quote_id);
