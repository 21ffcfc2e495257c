-- +goose NO TRANSACTION

-- +goose Up
create index concurrently if not exists messages_conversation_words on messages using gin (conversation_words) where newest;
create index concurrently if not exists messages_of_unknown_words on messages (id) where newest and conversation_words is null;
