-- +goose NO TRANSACTION
-- What was done with a token.

-- +goose Up
create index concurrently if not exists audit_entries_per_token on audit_entries (token_id, at desc, id desc) where token_id is not null;
