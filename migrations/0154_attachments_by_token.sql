-- A token of the API brings files. Rows that are there fit: nothing is read to
-- make sure.

-- +goose Up
alter table attachments
    add column uploaded_by_token_id bigint,
    add constraint attachment_token foreign key (uploaded_by_token_id) references tokens not valid,
    drop constraint attachment_one_uploader,
    add constraint attachment_one_uploader check (num_nonnulls(uploaded_by_staff_id, uploaded_by_token_id, uploaded_by_contact_id) = 1) not valid;
