-- +goose Up
-- The office's inbox: the newest message of each conversation, newest first.
-- What a customer wrote last is unanswered. Notes of staff are no part of it.
alter table messages add column search tsvector not null generated always as (search_vector(text)) stored;
create index messages_newest on messages (at desc, id desc) where not staff_only;
create index messages_search on messages using gin (customer_id, search);
create index messages_per_customer on messages (customer_id, at desc, id desc) where not staff_only;
create index message_reads_per_message on message_reads (message_id);
