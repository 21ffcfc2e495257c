-- +goose NO TRANSACTION
-- Which email an answer or a delivery report is about.

-- +goose Up
create index concurrently if not exists emails_by_message_id on emails (message_id);
