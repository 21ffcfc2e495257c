-- +goose Up
-- Set while a mail's text goes to a mail server, so that no second program sends it at the same moment.
alter table emails add column handed_over_at timestamptz;
