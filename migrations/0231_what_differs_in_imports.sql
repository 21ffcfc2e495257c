-- What differs between a thing as it was edited here and as a file says it, shown
-- before somebody chooses which of the two stays.

-- +goose Up
alter table import_things add column differs jsonb not null default '[]';
