-- Whether emails open what they are about without signing in.

-- +goose Up
alter table portal_settings add column record_links boolean not null default true;
