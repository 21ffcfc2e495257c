-- A token of the API records what a customer said elsewhere. Rows that are there
-- fit: nothing is read to make sure.

-- +goose Up
alter table acceptances
    add column recorded_by_token_id bigint,
    add constraint acceptance_token foreign key (recorded_by_token_id) references tokens not valid,
    drop constraint acceptance_recorded,
    add constraint acceptance_recorded check (
        case when way = 'portal' then contact_id is not null and recorded_by_id is null and recorded_by_token_id is null and recorded_at is null
        else num_nonnulls(recorded_by_id, recorded_by_token_id) = 1 and recorded_at is not null and at <= recorded_at and signature_key = '' end) not valid;
