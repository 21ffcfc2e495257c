-- Whether contacts can have notifications on their phones.

-- +goose Up
alter table portal_settings add column push boolean not null default true;
