-- A token of the API sends quotes. Rows that are there fit: nothing is read to
-- make sure.

-- +goose Up
alter table quote_versions
    add column sent_by_token_id bigint,
    add constraint version_token foreign key (sent_by_token_id) references tokens not valid,
    add constraint version_sent_by_token check (sent_by_token_id is null or (sent_at is not null and sent_by_id is null)) not valid;
