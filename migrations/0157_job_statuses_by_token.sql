-- A token of the API moves jobs.

-- +goose Up
alter table job_statuses
    add column token_id bigint,
    add constraint job_status_token foreign key (token_id) references tokens not valid;
