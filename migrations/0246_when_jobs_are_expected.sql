-- Who is booked on a day is asked of all visits that begin before its end. When
-- they end stands in the index, too, so that only those of the day are looked at.

-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists jobs_expected_times on jobs (booked_from, booked_until, id) where status in ('booked', 'in progress');
drop index concurrently if exists jobs_expected;
