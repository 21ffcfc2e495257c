-- Who was not told, and why: what a contact does not get is kept with its reason,
-- for contacts without an email address, too.

-- +goose Up
alter table emails add column reason text not null default '';
alter table emails drop constraint emails_to_address_check;
alter table emails add constraint email_address check (to_address <> '' or state = 'dropped');

-- What did not arrive, for the office's home.
create index emails_undelivered on emails (created_at desc, id desc) where state = 'failed' or reason <> '';
