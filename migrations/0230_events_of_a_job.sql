-- A job that is removed, as when an import is undone, is looked for in what
-- happened to quotes: found by an index, not by reading all of it.

-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists quote_events_per_job on quote_events (job_id) where job_id is not null;
