-- A message may come as an answer to an email.

-- +goose Up
alter table messages add column by_email boolean not null default false;
