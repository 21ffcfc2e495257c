-- A version that comes from another system was sent there, by nobody of ours.

-- +goose Up
alter table quote_versions drop constraint version_sent_by, add constraint version_sent_by check (sent_at is not null or sent_by_id is null) not valid;
alter table quote_versions validate constraint version_sent_by;
