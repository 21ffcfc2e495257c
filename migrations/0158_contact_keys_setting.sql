-- Whether contacts may make keys, by which their programs read what they see.

-- +goose Up
alter table portal_settings add column contact_keys boolean not null default false;
