-- How long events are kept, in days.

-- +goose Up
alter table retention add column events integer not null default 90 constraint retention_events check (events between 7 and 3650);
