-- A token of the API sends quotes. Rows that are there fit: nothing is read to
-- make sure.

-- +goose Up
alter table quote_versions
    add column sent_by_token_id bigint,
    add constraint version_token foreign key (sent_by_token_id) references tokens not valid,
    drop constraint version_sent_by,
    add constraint version_sent_by check (num_nonnulls(sent_by_id, sent_by_token_id) = case when sent_at is null then 0 else 1 end) not valid;
