-- +goose Up
-- SHA-256 of a file's bytes, by which the same bytes are known on the same record.
-- Null of files that nobody has compared yet.
alter table attachments add column digest bytea;
