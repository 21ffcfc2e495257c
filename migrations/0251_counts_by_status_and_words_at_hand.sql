-- How many jobs there are of each status is counted from an index that has
-- nothing else: equal entries lie together, in the order of the rows, so that a
-- thousand of them are a few pages (117 for all statuses of a million jobs; 1,581
-- from the one in the order of the list).
--
-- What was written lately waits beside an index of words, and every search reads
-- all of it: up to 512 pages, unless told otherwise. With 32, writing a job costs
-- no more, as far as could be measured.

-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists jobs_counted_per_status on jobs (status);
alter index jobs_own_words set (gin_pending_list_limit = 256);
alter index jobs_all_search set (gin_pending_list_limit = 256);
alter index quotes_own_words set (gin_pending_list_limit = 256);
alter index quotes_all_search set (gin_pending_list_limit = 256);
alter index equipment_own_words set (gin_pending_list_limit = 256);
alter index equipment_all_search set (gin_pending_list_limit = 256);
alter index attachments_all_search set (gin_pending_list_limit = 256);
alter index messages_conversation_words set (gin_pending_list_limit = 256);
alter index messages_search set (gin_pending_list_limit = 256);
alter index emails_search set (gin_pending_list_limit = 256);
alter index inbound_emails_search set (gin_pending_list_limit = 256);
alter index customers_search set (gin_pending_list_limit = 256);
alter index customers_called set (gin_pending_list_limit = 256);
alter index contacts_search set (gin_pending_list_limit = 256);
alter index sites_all_search set (gin_pending_list_limit = 256);
alter index audit_entries_search set (gin_pending_list_limit = 256);
