-- +goose NO TRANSACTION
-- What the office counts and lists of all customers is counted in indexes alone.

-- +goose Up
create index concurrently if not exists messages_newest_of_each on messages (at desc, id desc) where newest;
create index concurrently if not exists quotes_by_status_and_end on quotes (status, (coalesce(valid_until, 'infinity'))) include (valid_until);
create index concurrently if not exists customers_in_use on customers (id) where archived_at is null;
create index concurrently if not exists equipment_by_number on equipment (number);
-- The next visits, of which the home shows the first.
create index concurrently if not exists jobs_expected_in_order on jobs (booked_key, id) where status in ('booked', 'in progress');
