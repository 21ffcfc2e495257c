-- An email that its server took may come back later.

-- +goose Up
alter table emails add column bounced_at timestamptz;
