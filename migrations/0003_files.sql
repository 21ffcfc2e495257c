-- +goose Up
-- What was sent again, because its answer got lost, is kept once: the nonce is
-- that of the file, made by whoever sends it.
alter table attachments add column nonce text constraint attachment_sent_twice unique;
