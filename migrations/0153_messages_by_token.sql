-- A token of the API writes for the business. Rows that are there fit: nothing is
-- read to make sure.

-- +goose Up
alter table messages
    add column token_id bigint,
    add constraint message_token foreign key (token_id) references tokens not valid,
    drop constraint message_one_author,
    add constraint message_one_author check (num_nonnulls(staff_id, token_id, contact_id) = 1) not valid,
    drop constraint message_staff_note,
    add constraint message_staff_note check (not staff_only or contact_id is null) not valid;
