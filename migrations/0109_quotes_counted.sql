-- +goose NO TRANSACTION
-- And so is how many quotes there are, and how many of them wait.

-- +goose Up
create index concurrently if not exists quotes_seen on quotes (customer_id, main_contact_id) include (id, site_id, origin, sent_version);
create index concurrently if not exists quotes_open on quotes (customer_id, main_contact_id) include (id, site_id, origin, sent_version, status, valid_until) where status in ('requested', 'draft', 'sent');
drop index concurrently if exists quotes_counted;
