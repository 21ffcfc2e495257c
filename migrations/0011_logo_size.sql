-- How large the logo is, so that pages keep its place free while it is on its way.

-- +goose Up

-- Pixels; zero without a logo, and for one that was kept before.
alter table company
    add column logo_width integer not null default 0,
    add column logo_height integer not null default 0;
